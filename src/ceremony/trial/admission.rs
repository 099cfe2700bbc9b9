//! Which cards may be tested or reset at all.

use crate::ceremony::CeremonyError;
use crate::model::history::History;
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::model::room;
use crate::workstation::card::{Portrait, Serial, Survey};

/// Demands that the register, where one was named, does not know a card: a test deletes all that is on it.
///
/// # Errors
/// CARD-4: [`CeremonyError::Registered`].
pub fn to_be_unknown(serial: Serial, history: Option<&History>) -> Result<(), CeremonyError> {
    match history.and_then(|history| known(serial, history)) {
        Some((card, state)) => Err(CeremonyError::Registered { serial, card, state }),
        None => Ok(()),
    }
}

/// Demands that a card is blank, as for a test it must be.
///
/// # Errors
/// CARD-4: [`CeremonyError::NotBlank`].
pub fn to_test(portrait: &Portrait) -> Result<(), CeremonyError> {
    let serial = portrait.survey.serial;
    match portrait.used() {
        Some(what) => Err(CeremonyError::NotBlank { serial, what }),
        None => Ok(()),
    }
}

/// Demands that the register, where one was named, knows of nothing that lives on a card.
///
/// # Errors
/// CARD-4: [`CeremonyError::StillUsed`].
pub fn to_reset(serial: Serial, history: Option<&History>) -> Result<(), CeremonyError> {
    let Some(history) = history else { return Ok(()) };
    let Some((card, record)) = history.cards.iter().find(|(_, record)| record.serial == serial.to_string()) else {
        return Ok(());
    };
    let is_open = history.current.open.values().any(|intent| intent.card() == card);
    let what = match record.state {
        // As it came: a reset changes nothing of what is recorded.
        room::Card::Blank | room::Card::Retired | room::Card::Unknown if !is_open => return Ok(()),
        room::Card::InService if history.records.as_ref().is_some_and(|(key, _)| record.holds == Some(*key)) => {
            StillUsed::Records
        }
        room::Card::InService => StillUsed::Root,
        _ => StillUsed::Ceremony,
    };
    Err(CeremonyError::StillUsed { serial, card: card.clone(), state: record.state.to_string(), what })
}

/// What a card is still needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StillUsed {
    /// It holds a root.
    Root,
    /// It holds the records key.
    Records,
    /// A ceremony is at work on it.
    Ceremony,
}

/// The mode in which a card may be worked on outside of ceremonies, whatever was done to it before: that of its kind (MODE-1).
#[must_use]
pub fn mode_of(survey: &Survey) -> Mode {
    let is_mark = |name: &str| [Mode::Rehearsal, Mode::DressRehearsal].iter().any(|mode| mode.mark() == Some(name));
    match &survey.holder {
        _ if survey.serial.is_test() => Mode::Rehearsal,
        Some(name) if is_mark(name) => Mode::DressRehearsal,
        _ => Mode::Production,
    }
}

/// What the register calls the card with this serial, and what it says of it.
pub(super) fn known(serial: Serial, history: &History) -> Option<(CardName, String)> {
    let serial = serial.to_string();
    let (card, record) = history.cards.iter().find(|(_, record)| record.serial == serial)?;
    Some((card.clone(), record.state.to_string()))
}
