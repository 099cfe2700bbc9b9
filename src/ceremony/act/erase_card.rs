//! `erase-card`: a card in service is reset, and its key goes, while the root in memory was just restored from its backup.

use super::noted::{self, Row};
use super::parameters::{OfRootCard, foreign_card, not_backed_up, root_cards};
use super::reset_card::reset;
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::name::{CardName, RootName};
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Backup, Card, Clock, Contract, Fact, Hand, Memory, People, Source, Undo};

pub(super) static KIND: Kind = Kind {
    name: "erase-card",
    read: |step, source| {
        step.parameters(source).map(|OfRootCard { root, card }| Box::new(EraseCard { root, card }) as _)
    },
    examples: |organization| {
        root_cards(organization)
            .filter(|of| !organization.is_card_only(&of.root))
            .map(|OfRootCard { root, card }| Box::new(EraseCard { root, card }) as Box<dyn Act>)
            .collect()
    },
};

/// The act.
pub struct EraseCard {
    root: RootName,
    card: CardName,
}

impl Act for EraseCard {
    fn name(&self) -> &'static str {
        KIND.name
    }

    /// Not a word in a record, but the root itself, restored by a fresh process, says that the key on the card is not the last
    /// one (CARD-4).
    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::Clock(Clock::Confirmed),
                Fact::People(People::Present),
                Fact::Hand(self.card.clone(), Hand::Here),
                Fact::Card(self.card.clone(), Card::InService),
                Fact::Backup(self.root.clone(), Backup::Proved),
                Fact::Memory(self.root.clone(), Memory::Held),
                Fact::Source(self.root.clone(), Source::Restored),
            ],
            leaves: vec![Fact::Card(self.card.clone(), Card::Blank)],
            undo: Undo::Irreversible,
            minutes: 3,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::CardKeeper, 1), (Role::Witness, 1)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        if organization.records.card == self.card {
            return vec![format!(
                "card {} holds the records key, which has no backup: it is never erased. It signs as long as its user PIN is \
                 known, and unblock-card sets a new one",
                self.card
            )];
        }
        let faults =
            not_backed_up(&self.root, organization, "its card is the only place where it is, and is never erased");
        if faults.is_empty() { foreign_card(&self.root, &self.card, organization) } else { faults }
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![
            format!("Card {} is reset to its factory state: its key goes, and so do its PINs.", self.card),
            format!("Root {} is in memory, restored from its backup, and goes onto the card again.", self.root),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![noted::serial(&self.card, "compared with the card by")]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        // What it is to be afterwards it must be able to be, while its key is still there.
        let (expected, wanted) = (scene.expected(&self.card)?, scene.organization.settings(&self.card));
        scene.session(&expected, |guarded| guarded.require_settable(&wanted))?;
        let question =
            format!("Card {} is erased. Root {} was restored from its backup just now.", self.card, self.root);
        let serial = scene.card_record(&self.card)?.serial.clone();
        scene.confirm(
            Seat::first(Role::Witness),
            &format!("{question} Its serial is {serial}, as printed on it."),
            None,
        )?;
        scene.confirm_serial(Seat::first(Role::CardKeeper), &self.card, &question)?;
        reset(scene, &self.card)?;
        scene.dialogue.tell(&format!("Card {} is empty, and has the PINs of a new card.", self.card));
        Ok(())
    }
}
