//! Which cards may be tested at all.

use crate::ceremony::CeremonyError;
use crate::model::history::History;
use crate::model::name::CardName;
use crate::workstation::card::{Portrait, Serial};

/// Demands that a card is blank, and that the register, where one was named, does not know it: a test deletes all that is on it.
///
/// # Errors
/// CARD-4: [`CeremonyError::NotBlank`], [`CeremonyError::Registered`].
pub fn to_test(portrait: &Portrait, history: Option<&History>) -> Result<(), CeremonyError> {
    let serial = portrait.survey.serial;
    if let Some((card, state)) = history.and_then(|history| known(serial, history)) {
        return Err(CeremonyError::Registered { serial, card, state });
    }
    match portrait.used() {
        Some(what) => Err(CeremonyError::NotBlank { serial, what }),
        None => Ok(()),
    }
}

/// What the register calls the card with this serial, and what it says of it.
pub(super) fn known(serial: Serial, history: &History) -> Option<(CardName, String)> {
    let serial = serial.to_string();
    let (card, record) = history.cards.iter().find(|(_, record)| record.serial == serial)?;
    Some((card.clone(), record.state.to_string()))
}
