//! `draw-lots`: in a drill, a lot says in which order custodians are asked for their shares.

use super::noted::Row;
use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind};
use crate::ceremony::randomness::Randomness;
use crate::ceremony::restoring;
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::entropy::{Label, PER_NUMBER, lots};
use crate::model::evidence::Evidence;
use crate::model::name::RootName;
use crate::model::organization::{Organization, Root};
use crate::model::role::Role;
use crate::model::room::{Backup, Card, Contract, Drill, Fact, Hand, Memory, People, Undo};
use crate::model::shown::Shown;
use crate::paper::Blank;

pub(super) static KIND: Kind = Kind {
    name: "draw-lots",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(DrawLots { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(DrawLots { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct DrawLots {
    root: RootName,
}

impl Act for DrawLots {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let records = &organization.records.card;
        Contract {
            needs: vec![
                Fact::People(People::Present),
                // It gives randomness, too.
                Fact::Hand(records.clone(), Hand::Here),
                Fact::Card(records.clone(), Card::InService),
                Fact::Backup(self.root.clone(), Backup::Proved),
                Fact::Memory(self.root.clone(), Memory::Empty),
                Fact::Drill(self.root.clone(), Drill::NotBegun),
            ],
            leaves: vec![Fact::Drill(self.root.clone(), Drill::Drawn)],
            undo: Undo::Harmless,
            minutes: 3,
        }
    }

    /// The lot may fall on any custodian.
    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        let shares = organization.roots.get(&self.root).and_then(Root::backup).map(|backup| backup.shares);
        let custodians = shares.map(|shares| (Role::Custodian, shares));
        [(Role::Leader, 1), (Role::Witness, 2)].into_iter().chain(custodians).collect()
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        not_backed_up(&self.root, organization, "it has no backup that could be tried")
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![
            "The machine draws in which order custodians are asked. Nobody chose them.".to_owned(),
            "Who is not here, or does not have their share, is passed over, and that is recorded.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![vec![Blank::new("share set"), Blank::wide("numbers of the custodians, in the order of the lot", 2)]]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let sealed = restoring::in_force(scene, &self.root)?;
        let statement = restoring::statement(scene, &sealed)?;
        let shares = statement.quorum().shares();
        let random = Randomness::gather(scene)?;
        let bytes = random.draw(&Label::DrillLots(&self.root), usize::from(shares) * PER_NUMBER)?;
        let order = lots(shares, &bytes);
        // It is recorded before anybody sees it: nobody stops here to draw once more.
        scene.note(Evidence::LotsDrawn { root: self.root.clone(), set: sealed.set, order: order.clone() })?;
        scene.dialogue.tell("The lot says in which order custodians are asked for their shares:");
        for (place, number) in (1..).zip(&order) {
            let bag = scene.root_record(&self.root)?.care.bags.get(number);
            let bag = bag.map_or("no drill recorded a bag".to_owned(), |bag| format!("bag {}", Shown::new(bag)));
            scene.dialogue.tell(&format!("    {place}. custodian {number}, share {number}: {bag}"));
        }
        let threshold = statement.quorum().threshold();
        scene.dialogue.tell(&format!("{threshold} of them are needed. Bags are compared, and opened now."));
        Ok(())
    }
}
