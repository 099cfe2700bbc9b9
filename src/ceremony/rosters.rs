//! The roster in force, and one that comes in.

use super::CeremonyError;
use super::act::Outside;
use super::scene::Scene;
use crate::format::place::Source;
use crate::format::roster;
use crate::model::day::Day;
use crate::model::evidence::Artefact;
use crate::model::hash::Hash;
use crate::model::history::History;
use crate::model::roster::Roster;
use crate::model::timestamp::Timestamp;
use crate::trust::delegation::RosterReview;
use crate::workstation::bundle::Bundle;
use crate::workstation::register::Register;

/// How a roster is called in a bundle.
pub const NAME: &str = "roster.toml";

/// A roster that a bundle brings.
pub struct Incoming {
    /// What it says.
    pub roster: Roster,
    /// The file.
    pub bytes: Vec<u8>,
    /// Its SHA-256.
    pub sha256: Hash,
}

/// The roster that the transcripts say is in force, from the register.
///
/// # Errors
/// When the file is not the recorded one.
pub fn in_force(register: &Register, history: &History) -> Result<Option<Roster>, CeremonyError> {
    let Some((_, artefact)) = &history.roster else { return Ok(None) };
    Ok(Some(read(&artefact.path, &register.read(artefact)?)?))
}

/// The roster in a bundle, when it is another than the one in force.
///
/// # Errors
/// When it is no roster.
pub fn incoming(bundle: &Bundle, in_force: Option<&Artefact>) -> Result<Option<Incoming>, CeremonyError> {
    let Some(bytes) = bundle.file(NAME) else { return Ok(None) };
    let sha256 = Hash::of(bytes);
    if in_force.is_some_and(|artefact| artefact.sha256 == sha256) {
        return Ok(None);
    }
    Ok(Some(Incoming { roster: read(NAME, bytes)?, bytes: bytes.to_vec(), sha256 }))
}

/// What requests will be held against when a ceremony has taken in what its bundle brings.
///
/// # Errors
/// [`CeremonyError::NoRoster`].
pub fn before(outside: &Outside<'_>, bundle: &Bundle) -> Result<Roster, CeremonyError> {
    let artefact = outside.history.roster.as_ref().map(|(_, artefact)| artefact);
    match incoming(bundle, artefact)? {
        Some(incoming) => Ok(incoming.roster),
        None => in_force(outside.register, outside.history)?.ok_or(CeremonyError::NoRoster),
    }
}

/// What requests are held against in the room.
///
/// # Errors
/// [`CeremonyError::NoRoster`].
pub fn now(scene: &Scene<'_>) -> Result<Roster, CeremonyError> {
    in_force(scene.register, scene.history())?.ok_or(CeremonyError::NoRoster)
}

/// What a roster file would change, outside of any ceremony. The organization is the one that the roster in force names; of a first
/// roster, its own.
///
/// # Errors
/// When it is no roster, or not the next one.
pub fn review_of(
    register: &Register,
    history: &History,
    name: &str,
    bytes: &[u8],
    now: Timestamp,
) -> Result<RosterReview, CeremonyError> {
    let (in_force, roster) = (in_force(register, history)?, read(name, bytes)?);
    let organization = in_force.as_ref().map_or(&roster.organization, |in_force| &in_force.organization);
    Ok(RosterReview::new(organization, in_force.as_ref(), &roster, Hash::of(bytes), Day::of(now))?)
}

/// The roster in a file, as one that will be carried in.
///
/// # Errors
/// When it is no roster.
pub fn read(name: &str, bytes: &[u8]) -> Result<Roster, CeremonyError> {
    Ok(roster::read(&Source::new(name, bytes)?)?)
}

/// Every roster that was in force: when delegations were withdrawn by leaving somebody out.
pub struct Withdrawals(Vec<(Timestamp, Roster)>);

impl Withdrawals {
    /// Reads all rosters of a register, in their order.
    ///
    /// # Errors
    /// When a file is not the recorded one.
    pub fn read(register: &Register, history: &History) -> Result<Self, CeremonyError> {
        let read = |(taken, artefact): &(Timestamp, Artefact)| -> Result<_, CeremonyError> {
            Ok((*taken, read(&artefact.path, &register.read(artefact)?)?))
        };
        Ok(Self(history.rosters.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// From when on no roster had this signer with this user ID any more; none while the roster in force has them.
    #[must_use]
    pub fn of(&self, signer: &str, user_id: &str) -> Option<Timestamp> {
        let has = |roster: &Roster| {
            let found = roster.signers.iter().find(|(name, _)| name.as_str() == signer);
            found.is_some_and(|(_, found)| found.user_ids.contains(user_id))
        };
        self.0.iter().rev().take_while(|(_, roster)| !has(roster)).last().map(|(taken, _)| *taken)
    }
}
