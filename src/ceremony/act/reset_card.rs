//! Mends a card that an act left half written: back to the factory state. No script names it.

use super::Act;
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::event::{Intent, Outcome};
use crate::model::name::CardName;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Card, Contract, Fact, Hand, Undo};
use crate::workstation::card::CardError;

/// The act. Its contract admits a spoiled card only: a card that holds something is never reset by it (CARD-4).
pub struct ResetCard {
    card: CardName,
}

impl ResetCard {
    /// For a card.
    #[must_use]
    pub fn of(card: CardName) -> Self {
        Self { card }
    }
}

impl Act for ResetCard {
    fn name(&self) -> &'static str {
        "reset-card"
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![Fact::Hand(self.card.clone(), Hand::Here), Fact::Card(self.card.clone(), Card::Spoiled)],
            leaves: vec![Fact::Card(self.card.clone(), Card::Blank)],
            undo: Undo::Irreversible,
            minutes: 3,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::CardKeeper, 1)]
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![format!("Card {} was cut off half way. It is reset to its factory state.", self.card)]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let question = format!("Card {} holds nothing that is needed and is reset.", self.card);
        scene.confirm_serial(Seat::first(Role::CardKeeper), &self.card, &question)?;
        reset(scene, &self.card)
    }
}

/// Resets a card. Whether what it holds may go is the caller's question (CARD-4).
pub(in crate::ceremony) fn reset(scene: &mut Scene<'_>, card: &CardName) -> Result<(), CeremonyError> {
    let expected = scene.expected(card)?;
    let permit = scene.journal.intend(Intent::ResetCard { card: card.clone() })?;
    match scene.session(&expected, |guarded| guarded.reset(&permit)) {
        Err(CeremonyError::Card(CardError::Terminated { .. })) => scene.rack.revive(&expected, &permit)?,
        other => other?,
    }
    Ok(scene.journal.close(permit, Outcome::Done { signatures: 0 })?)
}
