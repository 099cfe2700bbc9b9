//! Real cards, in the readers that pcscd serves (docs/decisions/0024-pcsc.md).
//!
//! | file | what |
//! | --- | --- |
//! | `look` | every reader, what is in it, and the cards opened |
//! | `choice` | which of them is the expected one; calls nobody |
//! | `opened` | a card in a reader, until its session ends |

mod choice;
mod look;
mod opened;

use choice::{Choice, Found};
use opened::Opened;

use super::absence::{Absence, Holds};
use super::error::{CardError, Which};
use super::guard::Expected;
use super::guarded::GuardedCard;
use super::portrait::Seen;
use super::rack::Rack;
use super::recording::SharedTap;
use super::session;
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::workstation::journal::Permit;

/// The card readers of this machine.
///
/// Every session looks into all readers anew, and has all cards for itself while it looks: a card that another program
/// uses cannot be told from others. Those that are not the expected one are closed before the work begins. A card is
/// reset when it is opened and when it is closed, so no verified PIN comes in or goes out.
pub struct ReaderRack {
    mode: Mode,
    tap: Option<SharedTap>,
}

impl ReaderRack {
    /// The readers, for `mode`.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self { mode, tap: None }
    }

    /// The same readers, with `tap` on every session.
    #[must_use]
    pub fn tapped(self, tap: SharedTap) -> Self {
        Self { tap: Some(tap), ..self }
    }
}

impl ReaderRack {
    /// Looks into every reader: what is there, and what each card says of itself without any PIN. It reads alone, but resets each
    /// card, as every session does. `called` is what errors call a card.
    ///
    /// # Errors
    /// When there is no reader, or no way to any.
    pub fn look(&self, called: &CardName) -> Result<Vec<Seen>, Absence> {
        let seen = |Found { place, card }: Found<Opened>| {
            let portrait = match (&place.holds, card) {
                (Holds::Card(serial), Some(card)) => {
                    let which = Which { name: called.clone(), serial: Some(*serial) };
                    Some(session::portrait(session::tapped(card, self.tap.as_ref()), &which))
                }
                _ => None,
            };
            Seen { place, portrait }
        };
        Ok(look::into_all()?.into_iter().map(seen).collect())
    }
}

fn choose(expected: &Expected) -> Result<Choice<Opened>, CardError> {
    let found = look::into_all().map_err(|reason| CardError::NoCard { card: expected.which(), reason })?;
    choice::choose(found, expected)
}

impl Rack for ReaderRack {
    /// As [`Rack::with`]. A card in termination state does not say which one it is: [`CardError::Terminated`] when the
    /// expected card is not there, exactly one such card is, and nothing else could be it.
    fn with(
        &mut self,
        expected: &Expected,
        work: &mut dyn FnMut(&mut GuardedCard<'_>) -> Result<(), CardError>,
    ) -> Result<(), CardError> {
        match choose(expected)? {
            Choice::Card(card) => session::run(session::tapped(card, self.tap.as_ref()), self.mode, expected, work),
            Choice::Terminated(_) => Err(CardError::Terminated { card: expected.which() }),
        }
    }

    fn revive(&mut self, expected: &Expected, permit: &Permit) -> Result<(), CardError> {
        let (Choice::Card(card) | Choice::Terminated(card)) = choose(expected)?;
        session::revive(&mut session::tapped(card, self.tap.as_ref()), expected, permit)?;
        self.with(&expected.blank(), &mut |_| Ok(()))
    }
}
