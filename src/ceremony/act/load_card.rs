//! `load-card`: the root in memory is written to a card.

use super::noted::{self, Row};
use super::parameters::{OfRootCard, foreign_card, not_backed_up, root_cards};
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::scene::Scene;
use crate::model::event::{Intent, Outcome};
use crate::model::name::{CardName, RootName};
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Backup, Card, Contract, Fact, Hand, Memory, Undo};
use crate::trust::openpgp::secret::SecretRoot;

pub(super) static KIND: Kind = Kind {
    name: "load-card",
    read: |step, source| {
        step.parameters(source).map(|OfRootCard { root, card }| Box::new(LoadCard { root, card }) as _)
    },
    examples: |organization| {
        root_cards(organization)
            .filter(|of| !organization.is_card_only(&of.root))
            .map(|OfRootCard { root, card }| Box::new(LoadCard { root, card }) as Box<dyn Act>)
            .collect()
    },
};

/// The act.
pub struct LoadCard {
    root: RootName,
    card: CardName,
}

impl Act for LoadCard {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::Hand(self.card.clone(), Hand::Here),
                Fact::Card(self.card.clone(), Card::Pinned),
                // A root that only a card knows dies with the card.
                Fact::Revocation(self.root.clone(), Backup::Sealed),
                Fact::Backup(self.root.clone(), Backup::Sealed),
                Fact::Memory(self.root.clone(), Memory::Held),
            ],
            leaves: vec![Fact::Card(self.card.clone(), Card::Loaded)],
            undo: Undo::Irreversible,
            minutes: 4,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Operator, 1), (Role::AdminHolder, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        let faults = not_backed_up(&self.root, organization, "only the card that generated it can have it");
        // For a drill it goes onto the drill card too.
        let is_drill = organization.roots.get(&self.root).is_some_and(|root| root.drill_card() == Some(&self.card));
        if faults.is_empty() && !is_drill { foreign_card(&self.root, &self.card, organization) } else { faults }
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![format!("Root {} goes into the SIG slot of card {}.", self.root, self.card)]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![noted::ends(&format!("root {}", self.root))]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let fingerprint = scene.root_record(&self.root)?.fingerprint;
        // On a line of its own: it is read aloud.
        scene.dialogue.tell(&format!("    {}", fingerprint.groups()));
        let question = format!("Root {} with this fingerprint goes onto card {}.", self.root, self.card);
        scene.confirm(Seat::first(Role::Operator), &question, None)?;
        let secret = {
            let held = scene.held.get(&self.root);
            let held = held.ok_or_else(|| CeremonyError::Bug(format!("root {} is not in memory", self.root)))?;
            SecretRoot::parse(held)?
        };
        let expected = scene.expected(&self.card)?;
        let (card, root) = (self.card.clone(), self.root.clone());
        let intent = Intent::ImportKey { card, root, fingerprint };
        let ((), permit) =
            scene.change(&expected, &intent, |guarded, permit, admin| guarded.import(permit, secret.key(), admin))?;
        scene.journal.close(permit, Outcome::Done { signatures: 0 })?;
        scene.dialogue.tell(&format!("Card {} holds root {}.", self.card, self.root));
        Ok(())
    }
}
