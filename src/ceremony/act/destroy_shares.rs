//! `destroy-shares`: every sheet of the set that was replaced is destroyed before witnesses, or named as missing (custody rule 11).

use super::noted::Row;
use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind};
use crate::backup::statement::SetStatement;
use crate::ceremony::sealing::{holders, sheet_name};
use crate::ceremony::{CeremonyError, restoring, scene::Scene};
use crate::model::evidence::{Evidence, Sealed};
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Contract, Fact, Memory, People, Reshare, Undo};
use crate::paper::Blank;

pub(super) static KIND: Kind = Kind {
    name: "destroy-shares",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(DestroyShares { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(DestroyShares { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct DestroyShares {
    root: RootName,
}

impl Act for DestroyShares {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::People(People::Present),
                Fact::Memory(self.root.clone(), Memory::Empty),
                Fact::Reshare(self.root.clone(), Reshare::Replaced),
            ],
            leaves: vec![Fact::Reshare(self.root.clone(), Reshare::Over)],
            undo: Undo::Irreversible,
            minutes: 10,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Witness, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        not_backed_up(&self.root, organization, "it has no shares")
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![
            "Each old sheet is named, laid on the table, and destroyed before everybody; so is every copy of it."
                .to_owned(),
            "Sheets that nobody brought are named too.".to_owned(),
            "Are as many missing as open the old message, the root must be rotated.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![vec![
            Blank::new("old shares destroyed, by their numbers"),
            Blank::new("old shares missing, by their numbers"),
        ]]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let old = scene.root_record(&self.root)?.care.replaced.last().cloned();
        let old = old.ok_or_else(|| CeremonyError::Bug(format!("root {} has no old set", self.root)))?;
        let statement = restoring::statement(scene, &old)?;
        let missing = self.destroy(scene, &statement, &old.set)?;
        let gone = listed((1..=statement.quorum().shares()).filter(|share| !missing.contains(share)));
        let words =
            format!("Of set {}, destroyed here: {gone}. Missing: {}.", old.set, listed(missing.iter().copied()));
        for seat in Seat::all(Role::Witness, 2) {
            scene.confirm(seat, &words, None)?;
        }
        let threshold = statement.quorum().threshold();
        let (root, set, count) = (self.root.clone(), old.set, missing.len());
        scene.note(Evidence::SharesAccounted { root: root.clone(), set: set.clone(), threshold, missing })?;
        if count >= usize::from(threshold) {
            // On record before it is said: the same command goes on behind it, to the minutes.
            return Err(CeremonyError::AtLarge { root, set, missing: count, threshold });
        }
        Ok(())
    }
}

impl DestroyShares {
    /// Sees to one sheet after the other, and gives the numbers of those that nobody brought. What a run before a cut saw
    /// destroyed is not asked for again.
    fn destroy(&self, scene: &mut Scene<'_>, statement: &SetStatement, set: &str) -> Result<Vec<u8>, CeremonyError> {
        let copied = scene.root_record(&self.root)?.care.copied.get(set).cloned().unwrap_or_default();
        if !copied.is_empty() {
            scene.dialogue.tell(&format!("Encrypted copies were made of {}.", listed(copied.into_iter())));
            scene.dialogue.tell("Their holders delete them. Nobody can see that they are gone.");
        }
        let mut missing = Vec::new();
        for seat in holders(Sealed::Key, statement.quorum().shares()) {
            let share = seat.number;
            let tending = scene.history().current.tending.get(&self.root);
            if tending.is_some_and(|tending| tending.destroyed.contains(&share)) {
                continue;
            }
            let name = sheet_name(&self.root, statement, share);
            if scene.ask(|room| room.destroy(seat, &name))? {
                scene.note(Evidence::ShareDestroyed { root: self.root.clone(), set: set.to_owned(), share })?;
            } else {
                scene.dialogue.tell(&format!("Share {share} of set {set} is missing."));
                missing.push(share);
            }
        }
        Ok(missing)
    }
}

/// Numbers in words.
fn listed(numbers: impl Iterator<Item = u8>) -> String {
    let numbers: Vec<String> = numbers.map(|number| format!("share {number}")).collect();
    if numbers.is_empty() { "none".to_owned() } else { numbers.join(", ") }
}
