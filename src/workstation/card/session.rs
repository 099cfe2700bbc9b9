//! One session with one card: opened, surveyed, guarded, worked with, and left without power.

use card_backend::CardBackend;
use openpgp_card::ocard::{OpenPGP, StatusBytes};

use super::client::{self, Client};
use super::error::{CardError, Which};
use super::guard::Expected;
use super::guarded::GuardedCard;
use super::line::Line;
#[cfg(feature = "pcsc")]
use super::portrait::Portrait;
use super::recording::{Recording, SharedTap};
use super::reset::ACTIVATE;
use super::survey::Survey;
use crate::model::event::Intent;
use crate::model::mode::Mode;
use crate::workstation::journal::Permit;

/// A backend, as the client takes it.
pub(super) type Backend = Box<dyn CardBackend + Send + Sync>;

/// What is done with a card.
pub(super) type Work<'w> = &'w mut dyn FnMut(&mut GuardedCard<'_>) -> Result<(), CardError>;

/// SELECT by the application's name (7.2.1).
pub(super) const SELECT: [u8; 12] = [0x00, 0xa4, 0x04, 0x00, 0x06, 0xd2, 0x76, 0x00, 0x01, 0x24, 0x01, 0x00];

/// A backend for a session, with a tap on it where there is one.
pub(super) fn tapped(backend: impl CardBackend + Send + Sync + 'static, tap: Option<&SharedTap>) -> Backend {
    match tap {
        Some(tap) => Box::new(Recording::new(backend, tap.clone())),
        None => Box::new(backend),
    }
}

/// Runs a session. Dropping the backend ends it: that cuts the power, whatever `work` did and however it ended.
pub(super) fn run(backend: Backend, mode: Mode, expected: &Expected, work: Work<'_>) -> Result<(), CardError> {
    let which = expected.which();
    let (line, notes) = Line::new(backend);
    let line: Backend = Box::new(line);
    let mut card = client::call(&which, "opening it", || OpenPGP::new(line))?;
    let tx = client::call(&which, "opening it", || card.transaction())?;
    let mut client = Client::new(tx, notes, which);
    let survey = Survey::read(&mut client, expected.wants_holder())?;
    expected.check(mode, &survey, &client.which)?;
    work(&mut GuardedCard::new(client, mode, survey, expected))
}

/// Looks at a card, whatever it is, and reads alone.
#[cfg(feature = "pcsc")]
pub(super) fn portrait(backend: Backend, which: &Which) -> Result<Portrait, CardError> {
    let (line, notes) = Line::new(backend);
    let line: Backend = Box::new(line);
    let mut card = client::call(which, "opening it", || OpenPGP::new(line))?;
    let tx = client::call(which, "opening it", || card.transaction())?;
    Portrait::read(&mut Client::new(tx, notes, which.clone()))
}

/// Ends a reset that was cut off between TERMINATE DF and ACTIVATE FILE. In that state a card answers nothing but SELECT
/// and ACTIVATE (7.2.17), not even with its serial; nothing on it can be lost any more.
pub(super) fn revive(backend: &mut Backend, expected: &Expected, permit: &Permit) -> Result<(), CardError> {
    const ACT: &str = "ending a reset";
    let which = Which { name: expected.card.clone(), serial: None };
    if !matches!(permit.intent(), Intent::ResetCard { card } if *card == which.name) {
        return Err(CardError::Permit { card: which, act: "reset it" });
    }
    let selected = client::call(&which, ACT, || {
        let mut tx = backend.transaction(None)?;
        let selected = status(&tx.transmit(&SELECT, 256)?);
        if selected == StatusBytes::TerminationState {
            return Ok(status(&tx.transmit(&ACTIVATE, 256)?));
        }
        Ok(selected)
    })?;
    match selected {
        StatusBytes::Ok => Ok(()),
        status => Err(CardError::Status { card: which, act: ACT, status }),
    }
}

/// What an answer ends with.
pub(super) fn status(answer: &[u8]) -> StatusBytes {
    match answer {
        [.., sw1, sw2] => StatusBytes::from((*sw1, *sw2)),
        _ => StatusBytes::NoPreciseDiagnosis,
    }
}
