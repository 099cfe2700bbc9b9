//! Where cards are found.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::absence::Absence;
use super::error::{CardError, Which};
use super::guard::Expected;
use super::guarded::GuardedCard;
use super::recording::SharedTap;
use super::session::{self, Backend};
use super::virtual_card::VirtualBackend;
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::model::shown::Shown;
use crate::workstation::journal::Permit;

/// The readers of a workstation.
///
/// A session lasts as long as the closure. The card is opened and guarded anew each time, so nothing that was checked is
/// older than the session, and it is without power afterwards, so no PIN stays verified while people talk.
pub trait Rack {
    /// Opens the expected card, runs the guard, and does `work`.
    ///
    /// # Errors
    /// When there is no card, when it is not the expected one (CARD-1, CARD-2, MODE-1), and those of `work`.
    fn with(
        &mut self,
        expected: &Expected,
        work: &mut dyn FnMut(&mut GuardedCard<'_>) -> Result<(), CardError>,
    ) -> Result<(), CardError>;

    /// Ends a reset that was cut off half way ([`CardError::Terminated`]); changes nothing on another card.
    /// Of `expected`, name and serial count.
    ///
    /// # Errors
    /// When `permit` is not for resetting this card; when there is no card; when the card is not the expected one, or
    /// not blank, afterwards.
    fn revive(&mut self, expected: &Expected, permit: &Permit) -> Result<(), CardError>;
}

/// [`Rack::with`] for work that gives something back.
pub trait RackExt: Rack {
    /// Opens the expected card, runs the guard, and gives what `work` gives.
    ///
    /// # Errors
    /// As [`Rack::with`].
    fn session<T>(
        &mut self,
        expected: &Expected,
        work: impl FnOnce(&mut GuardedCard<'_>) -> Result<T, CardError>,
    ) -> Result<T, CardError> {
        let mut work = Some(work);
        let mut result = None;
        self.with(expected, &mut |card| {
            if let Some(work) = work.take() {
                result = Some(work(card)?);
            }
            Ok(())
        })?;
        // A rack that says it did the work and did not.
        result.ok_or(CardError::Permit { card: expected.which(), act: "leave the work undone" })
    }
}

impl<R: Rack + ?Sized> RackExt for R {}

/// Virtual cards, each behind the socket of its own process.
pub struct VirtualRack {
    mode: Mode,
    sockets: BTreeMap<CardName, PathBuf>,
    tap: Option<SharedTap>,
}

impl VirtualRack {
    /// A rack for `mode` with these sockets.
    #[must_use]
    pub fn new(mode: Mode, sockets: BTreeMap<CardName, PathBuf>) -> Self {
        Self { mode, sockets, tap: None }
    }

    /// The same rack, with `tap` on every session.
    #[must_use]
    pub fn tapped(self, tap: SharedTap) -> Self {
        Self { tap: Some(tap), ..self }
    }

    fn open(&self, name: &CardName) -> Result<Backend, CardError> {
        let missing = |reason: &str| {
            let card = Which { name: name.clone(), serial: None };
            CardError::NoCard { card, reason: Absence::Unplugged(Shown::new(reason)) }
        };
        let socket = self.sockets.get(name).ok_or_else(|| missing("this rack has no reader for it"))?;
        let backend = VirtualBackend::connect(socket)
            .map_err(|error| missing(&format!("{error} (reader {})", socket.display())))?;
        Ok(session::tapped(backend, self.tap.as_ref()))
    }
}

impl Rack for VirtualRack {
    fn with(
        &mut self,
        expected: &Expected,
        work: &mut dyn FnMut(&mut GuardedCard<'_>) -> Result<(), CardError>,
    ) -> Result<(), CardError> {
        session::run(self.open(&expected.card)?, self.mode, expected, work)
    }

    fn revive(&mut self, expected: &Expected, permit: &Permit) -> Result<(), CardError> {
        session::revive(&mut self.open(&expected.card)?, expected, permit)?;
        self.with(&expected.blank(), &mut |_| Ok(()))
    }
}
