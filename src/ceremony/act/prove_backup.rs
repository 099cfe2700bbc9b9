//! `prove-backup`: the card that was loaded from the restored key signs a challenge that the root's certificate verifies.

use super::parameters::{OfRootCard, foreign_card, not_backed_up, root_cards};
use super::test_card::challenge;
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::scene::Scene;
use crate::model::evidence::Evidence;
use crate::model::name::{CardName, RootName};
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Backup, Card, Contract, Fact, Hand, Memory, Root, Source, Undo};

pub(super) static KIND: Kind = Kind {
    name: "prove-backup",
    read: |step, source| {
        step.parameters(source).map(|OfRootCard { root, card }| Box::new(ProveBackup { root, card }) as _)
    },
    examples: |organization| {
        root_cards(organization)
            .filter(|of| !organization.is_card_only(&of.root))
            .map(|OfRootCard { root, card }| Box::new(ProveBackup { root, card }) as Box<dyn Act>)
            .collect()
    },
};

/// The act.
pub struct ProveBackup {
    root: RootName,
    card: CardName,
}

impl Act for ProveBackup {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::Hand(self.card.clone(), Hand::Here),
                Fact::Card(self.card.clone(), Card::Loaded),
                Fact::Backup(self.root.clone(), Backup::Sealed),
                Fact::Memory(self.root.clone(), Memory::Held),
                Fact::Source(self.root.clone(), Source::Restored),
            ],
            leaves: vec![
                Fact::Card(self.card.clone(), Card::InService),
                Fact::Root(self.root.clone(), Root::Kept),
                Fact::Backup(self.root.clone(), Backup::Proved),
            ],
            undo: Undo::Harmless,
            minutes: 3,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::PinHolder, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        let faults = not_backed_up(&self.root, organization, "it has no backup that could be proved");
        if faults.is_empty() { foreign_card(&self.root, &self.card, organization) } else { faults }
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![format!("The certificate that was made when root {} was drawn verifies it.", self.root)]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        challenge(scene, &self.root, &self.card, "proof of the backup")?;
        scene.dialogue.tell(&format!("The backup of root {} is proved: card {} holds it.", self.root, self.card));
        // One line says both, that the card is in service and that the backup is proved: no cut falls between them.
        scene.note(Evidence::BackupProved { root: self.root.clone(), card: self.card.clone() })
    }
}
