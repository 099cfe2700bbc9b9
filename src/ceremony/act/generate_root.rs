//! `generate-root`: a card generates the root that it alone will have (custody rule 3).

use super::noted::{self, Row};
use super::parameters::{OfRootCard, foreign_card, root_cards, unknown_root};
use super::{Act, Kind};
use crate::ceremony::generating::{self, Planned};
use crate::ceremony::{CeremonyError, qr, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::name::{CardName, RootName};
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Card, Clock, Contract, Fact, Hand, Machine, Profile, Root, Undo};

pub(super) static KIND: Kind = Kind {
    name: "generate-root",
    read: |step, source| {
        step.parameters(source).map(|OfRootCard { root, card }| Box::new(GenerateRoot { root, card }) as _)
    },
    examples: |organization| {
        root_cards(organization)
            .filter(|of| organization.is_card_only(&of.root))
            .map(|OfRootCard { root, card }| Box::new(GenerateRoot { root, card }) as Box<dyn Act>)
            .collect()
    },
};

/// The act.
pub struct GenerateRoot {
    root: RootName,
    card: CardName,
}

impl Act for GenerateRoot {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::Machine(Machine::Checked),
                Fact::Clock(Clock::Confirmed),
                Fact::Hand(self.card.clone(), Hand::Here),
                Fact::Card(self.card.clone(), Card::Pinned),
                // Its certificate names the records key.
                Fact::Card(organization.records.card.clone(), Card::InService),
                Fact::Profile(self.root.clone(), Profile::Tried),
                Fact::Root(self.root.clone(), Root::Absent),
            ],
            leaves: vec![Fact::Root(self.root.clone(), Root::Drawn), Fact::Card(self.card.clone(), Card::Loaded)],
            undo: Undo::Harmless,
            minutes: 5,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::PinHolder, 2), (Role::AdminHolder, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        match organization.roots.get(&self.root) {
            None => unknown_root(&self.root, organization),
            Some(_) if !organization.is_card_only(&self.root) => {
                vec![format!(
                    "root {} is backed-up: it is drawn where it can be sealed, which draw-keys does",
                    self.root
                )]
            }
            Some(_) => foreign_card(&self.root, &self.card, organization),
        }
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![
            format!("Card {} draws root {} itself and signs its certificate.", self.card, self.root),
            "There is no other copy of it, and there never will be.".to_owned(),
            "The fingerprint is shown and read aloud.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![noted::fingerprint(&format!("root {}", self.root))]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let (root, card) = (self.root.clone(), self.card.clone());
        let planned = Planned {
            card: card.clone(),
            root: Some(root.clone()),
            algorithm: scene.root(&root)?.algorithm,
            profile: scene.root_profile(&root)?,
        };
        let path = |fingerprint| format!("{}/certificate.asc", Scene::root_folder(&self.root, fingerprint));
        let fingerprint = generating::generate(scene, &planned, path, |fingerprint, certificate| {
            Evidence::RootGenerated { root, card, fingerprint, certificate }
        })?;
        scene.dialogue.tell(&format!("Root {} has the fingerprint", self.root));
        scene.dialogue.tell(&format!("    {}", fingerprint.groups()));
        qr::show(scene.dialogue, &self.root, fingerprint);
        Ok(())
    }
}
