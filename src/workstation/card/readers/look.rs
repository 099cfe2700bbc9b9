//! Looking into every reader.

use std::time::Duration;

use card_backend::{CardBackend, SmartcardError};
use openpgp_card::ocard::StatusBytes;
use openpgp_card::ocard::data::ApplicationIdentifier;
use pcsc::{Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State};

use super::super::absence::{Absence, Holds, Place};
use super::super::contained::contained;
use super::super::serial::Serial;
use super::super::session::{SELECT, status};
use super::choice::Found;
use super::opened::Opened;
use crate::model::shown::Shown;

/// GET DATA for the application identifier (DO 4F, 4.4.1).
const GET_AID: [u8; 5] = [0x00, 0xca, 0x00, 0x4f, 0x00];

/// Every reader, with its card opened where it can be.
pub(super) fn into_all() -> Result<Vec<Found<Opened>>, Absence> {
    let unreachable = |error: Error| Absence::Unreachable(Shown::new(&error.to_string()));
    let context = Context::establish(Scope::User).map_err(unreachable)?;
    let readers = match context.list_readers_owned() {
        Ok(readers) if !readers.is_empty() => readers,
        Ok(_) | Err(Error::NoReadersAvailable) => return Err(Absence::NoReader),
        Err(error) => return Err(unreachable(error)),
    };
    let mut states: Vec<ReaderState> =
        readers.into_iter().map(|reader| ReaderState::new(reader, State::UNAWARE)).collect();
    // Whoever says to know nothing is answered at once.
    context.get_status_change(Duration::ZERO, &mut states).map_err(unreachable)?;
    Ok(states.iter().map(|state| into(&context, state)).collect())
}

fn into(context: &Context, state: &ReaderState) -> Found<Opened> {
    let (holds, card) = match open(context, state) {
        Ok(mut card) => (what_is(&mut card), Some(card)),
        Err(holds) => (holds, None),
    };
    Found { place: Place { reader: Shown::from_bytes(state.name().to_bytes()), holds }, card }
}

/// Opens the card and resets it: whoever talked to it before may have left a PIN verified.
fn open(context: &Context, state: &ReaderState) -> Result<Opened, Holds> {
    let failed = |error: Error| match error {
        Error::NoSmartcard | Error::RemovedCard => Holds::Nothing,
        Error::SharingViolation => Holds::Held,
        error => Holds::Silent(Shown::new(&error.to_string())),
    };
    if !state.event_state().contains(State::PRESENT) {
        return Err(Holds::Nothing);
    }
    // Exclusive: in a shared session, another program could use the PIN between the last command and the reset.
    let mut card = context.connect(state.name(), ShareMode::Exclusive, Protocols::ANY).map_err(failed)?;
    card.reconnect(ShareMode::Exclusive, Protocols::ANY, Disposition::ResetCard).map_err(failed)?;
    // It parses what the reader says of its features.
    match contained(|| Opened::new(context, state, card)) {
        Some(Ok(card)) => Ok(card),
        Some(Err(error)) => Err(Holds::Silent(Shown::new(&error.to_string()))),
        None => Err(Holds::Silent(Shown::new("its reader gives malformed answers"))),
    }
}

fn what_is(card: &mut Opened) -> Holds {
    match contained(|| ask(card)) {
        Some(Ok(holds)) => holds,
        Some(Err(SmartcardError::NotTransacted)) => Holds::Nothing,
        Some(Err(error)) => Holds::Silent(Shown::new(&error.to_string())),
        None => Holds::Silent(Shown::new("it gives malformed answers")),
    }
}

fn ask(card: &mut Opened) -> Result<Holds, SmartcardError> {
    let mut tx = card.transaction(None)?;
    match status(&tx.transmit(&SELECT, 256)?) {
        StatusBytes::Ok | StatusBytes::OkBytesAvailable(_) => {}
        StatusBytes::TerminationState => return Ok(Holds::Terminated),
        _ => return Ok(Holds::Foreign),
    }
    let answer = tx.transmit(&GET_AID, 256)?;
    let id = match answer.as_slice() {
        [id @ .., 0x90, 0x00] => ApplicationIdentifier::try_from(id).ok(),
        _ => None,
    };
    Ok(match id {
        Some(id) => Holds::Card(Serial { manufacturer: id.manufacturer(), number: id.serial() }),
        None => Holds::Silent(Shown::new("it has no serial")),
    })
}
