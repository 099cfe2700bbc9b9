//! `bag-sheets`: the sheets that a drill took out go into new bags, and the next drill gets its date.

use super::noted::Row;
use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, restoring, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::name::RootName;
use crate::model::organization::{Organization, Root};
use crate::model::role::{Role, Seat};
use crate::model::room::{Contract, Drill, Fact, Memory, People, Undo};
use crate::model::shown::Shown;
use crate::paper::Blank;

pub(super) static KIND: Kind = Kind {
    name: "bag-sheets",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(BagSheets { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(BagSheets { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// The act.
pub struct BagSheets {
    root: RootName,
}

impl Act for BagSheets {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::People(People::Present),
                Fact::Memory(self.root.clone(), Memory::Empty),
                Fact::Drill(self.root.clone(), Drill::Erased),
            ],
            leaves: vec![Fact::Drill(self.root.clone(), Drill::Over)],
            undo: Undo::Harmless,
            minutes: 5,
        }
    }

    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        let backup = organization.roots.get(&self.root).and_then(Root::backup);
        backup.map(|backup| (Role::Custodian, backup.threshold)).into_iter().collect()
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        not_backed_up(&self.root, organization, "it has no sheets")
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        let every = organization.roots.get(&self.root).and_then(Root::drill_every);
        let next = every.map(|every| format!("The next drill is due in {} days.", every.as_secs() / SECONDS_A_DAY));
        let bags = "Each sheet that was used goes into a new bag; its custodian reads the number aloud.".to_owned();
        [Some(bags), next].into_iter().flatten().collect()
    }

    fn blanks(&self, organization: &Organization) -> Vec<Row> {
        let backup = organization.roots.get(&self.root).and_then(Root::backup);
        let bag = |_| vec![Blank::new("share"), Blank::wide("number of its new bag", 2)];
        (0..backup.map_or(0, |backup| backup.threshold)).map(bag).collect()
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let set = restoring::in_force(scene, &self.root)?.set;
        let tending = scene.history().current.tending.get(&self.root).cloned().unwrap_or_default();
        for share in tending.used.into_iter().filter(|share| !tending.bagged.contains_key(share)) {
            let bag = self.bag(scene, share)?;
            scene.note(Evidence::SheetBagged { root: self.root.clone(), set: set.clone(), share, bag })?;
        }
        let every = scene.root(&self.root)?.drill_every();
        let every = every.ok_or_else(|| CeremonyError::Bug(format!("root {} has no backup", self.root)))?;
        let next = scene.opened()?.plus(every);
        scene.dialogue.tell(&format!("The next drill of root {} is due by {}.", self.root, next.date()));
        scene.note(Evidence::DrillHeld { root: self.root.clone(), set, next })
    }
}

impl BagSheets {
    /// The number of a new bag, which no other sheet of this root is in.
    fn bag(&self, scene: &mut Scene<'_>, share: u8) -> Result<String, CeremonyError> {
        let seat = Seat { role: Role::Custodian, number: share };
        let what = format!("share {share} of root {}", self.root);
        loop {
            let number = scene.ask(|room| room.bag_number(seat, &what))?;
            let bags = &scene.root_record(&self.root)?.care.bags;
            // Its own last number too: that bag was opened.
            match bags.iter().find(|(_, bag)| **bag == number).map(|(other, _)| *other) {
                None => return Ok(number),
                Some(other) => scene.dialogue.tell(&format!(
                    "Bag {} was recorded for share {other} already. A bag that was opened is not used again.",
                    Shown::new(&number)
                )),
            }
        }
    }
}
