//! A used card back to its factory state, outside of any ceremony.

use std::path::Path;

use super::scratch::{self, RESET};
use crate::ceremony::CeremonyError;
use crate::model::event::{Event, Intent, Outcome};
use crate::model::name::CardName;
use crate::workstation::card::{CardError, Expected, Rack, RackExt as _, Serial};

/// What the card is called in its journal.
const NAME: &str = "returned";

/// What a reset needs.
pub struct Resetting<'a> {
    /// The readers.
    pub rack: &'a mut dyn Rack,
    /// The card, which [`super::to_reset`] let pass.
    pub serial: Serial,
    /// Whether a reset of it was cut off half way, so that it answers nothing.
    pub is_half: bool,
    /// A new folder for the journal.
    pub folder: &'a Path,
    /// keyrite's own file.
    pub keyrite: &'a Path,
}

/// Resets it, and reads it again.
///
/// # Errors
/// When the folder is there already; when the card is another one, is cut off, or is not blank afterwards.
pub fn reset(resetting: Resetting<'_>) -> Result<(), CeremonyError> {
    let Resetting { rack, serial, is_half, folder, keyrite } = resetting;
    let mut scratch = scratch::begin(folder, RESET, &format!("Reset of card {serial}"), keyrite)?;
    let card: CardName = NAME.parse().map_err(|_| CeremonyError::Bug("a name that is none".to_owned()))?;
    scratch.present(&card, serial)?;
    let expected = Expected { serial: Some(serial), ..Expected::any(card.clone()) };
    let permit = scratch.journal.intend(Intent::ResetCard { card })?;
    // What was cut off goes on with ACTIVATE FILE; the rest of it was done.
    let done =
        if is_half { rack.revive(&expected, &permit) } else { rack.session(&expected, |card| card.reset(&permit)) };
    done.and_then(|()| rack.session(&expected, |card| Ok(card.portrait()?.used())))
        .map_err(|error| cut(serial, error))
        .and_then(|used| {
            used.map_or(Ok(()), |what| {
                Err(CeremonyError::NotReset { serial, words: format!("after its reset {what}") })
            })
        })?;
    scratch.journal.close(permit, Outcome::Done { signatures: 0 })?;
    Ok(scratch.journal.append(Event::Finished)?)
}

fn cut(serial: Serial, error: CardError) -> CeremonyError {
    match error {
        CardError::Removed { .. } | CardError::Reader { .. } | CardError::Terminated { .. } => {
            CeremonyError::ResetCut { serial, error: Box::new(error) }
        }
        other => other.into(),
    }
}
