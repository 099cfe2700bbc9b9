//! `replace-set`: a fresh process restores the root from the new shares; from then on they are in force, and the old ones are not.

use super::noted::{self, Row};
use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind};
use crate::ceremony::restoring::{self, Restored};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::name::RootName;
use crate::model::organization::{Organization, Root};
use crate::model::role::{Role, Seat};
use crate::model::room::{Clock, Contract, Fact, Memory, People, Reshare, Source, Undo};
use crate::paper::Blank;

pub(super) static KIND: Kind = Kind {
    name: "replace-set",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(ReplaceSet { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(ReplaceSet { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct ReplaceSet {
    root: RootName,
}

impl Act for ReplaceSet {
    fn name(&self) -> &'static str {
        KIND.name
    }

    /// What the new shares give is compared with what the old ones gave, byte for byte: that is still in memory.
    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::Clock(Clock::Confirmed),
                Fact::People(People::Present),
                Fact::Memory(self.root.clone(), Memory::Held),
                Fact::Source(self.root.clone(), Source::Restored),
                Fact::Reshare(self.root.clone(), Reshare::Sealed),
            ],
            leaves: vec![Fact::Reshare(self.root.clone(), Reshare::Replaced)],
            undo: Undo::Irreversible,
            minutes: 10,
        }
    }

    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        let backup = organization.roots.get(&self.root).and_then(Root::backup);
        let custodians = backup.map(|backup| (Role::Custodian, backup.threshold));
        [(Role::Leader, 1), (Role::Witness, 1)].into_iter().chain(custodians).collect()
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        not_backed_up(&self.root, organization, "it has no shares")
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        let backup = organization.roots.get(&self.root).and_then(Root::backup);
        let threshold = backup.map_or(0, |backup| backup.threshold);
        vec![
            format!("{threshold} custodians give their new shares."),
            "A new process that knows nothing else opens the new message with them: the root must be the same."
                .to_owned(),
            "Then the new set is in force, and no old sheet is taken any more.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![
            vec![Blank::new("share set in force from now on"), Blank::new("share set that is out of force")],
            noted::ends(&format!("root {}", self.root)),
        ]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let tending = scene.history().current.tending.get(&self.root);
        let sealed = tending.and_then(|tending| tending.resealed.clone());
        let sealed = sealed.ok_or_else(|| CeremonyError::Bug(format!("root {} was not sealed anew", self.root)))?;
        let old = restoring::in_force(scene, &self.root)?.set;
        let Restored { secret, shares } = restoring::restore(scene, &self.root, &sealed, None)?;
        if scene.held.get(&self.root).is_none_or(|held| **held != *secret) {
            return Err(CeremonyError::NotTheRoot { root: self.root.to_string() });
        }
        drop(secret);
        scene.dialogue.tell(&format!("Set {} restores root {}.", sealed.set, self.root));
        let words = format!("Set {} of root {} is in force from here on, and set {old} is not.", sealed.set, self.root);
        for role in [Role::Witness, Role::Leader] {
            scene.confirm(Seat::first(role), &words, None)?;
        }
        // One line: no cut leaves two sets in force, or none.
        scene.note(Evidence::SetReplaced { root: self.root.clone(), old, new: sealed.set, shares })
    }
}
