//! `prove-drill`: the drill card, loaded with the root that was restored, signs a challenge that the root's certificate verifies.

use super::noted::{self, Row};
use super::parameters::{OfRoot, drilled, no_drill_card};
use super::test_card::challenge;
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, restoring, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::name::RootName;
use crate::model::organization::{Organization, Root};
use crate::model::role::Role;
use crate::model::room::{Card, Contract, Drill, Fact, Hand, Memory, Source, Undo};

pub(super) static KIND: Kind = Kind {
    name: "prove-drill",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(ProveDrill { root }) as _),
    examples: |organization| {
        drilled(organization).map(|root| Box::new(ProveDrill { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct ProveDrill {
    root: RootName,
}

impl Act for ProveDrill {
    fn name(&self) -> &'static str {
        KIND.name
    }

    /// The card stays one that is loaded: in service it would be a card of the root.
    fn contract(&self, organization: &Organization) -> Contract {
        let mut needs = vec![
            Fact::Memory(self.root.clone(), Memory::Held),
            Fact::Source(self.root.clone(), Source::Restored),
            Fact::Drill(self.root.clone(), Drill::Drawn),
        ];
        let card = organization.roots.get(&self.root).and_then(Root::drill_card);
        needs.extend(
            card.iter()
                .flat_map(|card| [Fact::Hand((*card).clone(), Hand::Here), Fact::Card((*card).clone(), Card::Loaded)]),
        );
        let leaves = vec![Fact::Drill(self.root.clone(), Drill::Proved)];
        Contract { needs, leaves, undo: Undo::Harmless, minutes: 3 }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::PinHolder, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        no_drill_card(&self.root, organization)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![
            format!("The certificate that was made when root {} was drawn verifies it.", self.root),
            "The signature says that it is a drill, so it can serve for nothing else.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![noted::ends(&format!("root {}", self.root))]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let Some(card) = scene.root(&self.root)?.drill_card().cloned() else {
            return Err(CeremonyError::Bug(format!("root {} has no drill card", self.root)));
        };
        let set = restoring::in_force(scene, &self.root)?.set;
        challenge(scene, &self.root, &card, "drill of the backup")?;
        scene.dialogue.tell(&format!("The backup of root {} restores: card {card} signed with it.", self.root));
        scene.note(Evidence::DrillProved { root: self.root.clone(), card, set })
    }
}
