//! Bundles looked at outside of any ceremony: what one claims, and whether a ceremony, or whoever published the one before, would
//! take it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::inbox;
use super::releases::{self, Arrived, Present};
use super::rosters;
use super::{CeremonyError, copies};
use crate::format::signers::{self, Signers};
use crate::format::{manifest, past_releases};
use crate::model::history::History;
use crate::model::name::CeremonyName;
use crate::model::past_releases::PastReleases;
use crate::model::shown::Shown;
use crate::trust::delegation::{Review, RosterReview};
use crate::trust::openpgp::detached::KnownSigner;
use crate::trust::openpgp::{Certificate, signed_text};
use crate::workstation::bundle::{Bundle, SignedBundle};
use crate::workstation::clock;
use crate::workstation::register::Register;

pub use copies::ENDING as CERTIFICATE;

/// Whether a folder is a bundle that left the room: only these are signed.
#[must_use]
pub fn is_outgoing(folder: &Path) -> bool {
    folder.join(manifest::SIGNATURE).symlink_metadata().is_ok()
}

/// What an incoming bundle would do.
pub struct Foreseen {
    /// What its roster would change, when it brings another than the one in force.
    pub roster: Option<RosterReview>,
    /// Its requests, with their files.
    pub requests: Vec<(String, Review)>,
    /// Its releases.
    pub releases: Arrived,
}

/// Holds an incoming bundle against a register as the next delegation will: its roster, its requests under that, its releases.
///
/// # Errors
/// What the ceremony would refuse.
pub fn foreseen(register: &Register, history: &History, bundle: &Bundle) -> Result<Foreseen, CeremonyError> {
    let now = clock::now()?;
    let in_force = history.roster.as_ref().map(|(_, artefact)| artefact);
    let incoming = rosters::incoming(bundle, in_force)?;
    let review = match &incoming {
        Some(incoming) => Some(rosters::review_of(register, history, rosters::NAME, &incoming.bytes, now)?),
        None => None,
    };
    let roster = match incoming {
        Some(incoming) => incoming.roster,
        None => rosters::in_force(register, history)?.ok_or(CeremonyError::NoRoster)?,
    };
    let (mut requests, mut ids) = (Vec::new(), BTreeSet::new());
    for (file, bytes) in bundle.ending(inbox::ENDING) {
        let review = inbox::foreseen(history, roster.clone(), file, bytes)?;
        let id = review.change().request().id().clone();
        if !ids.insert(id.clone()) {
            return Err(CeremonyError::Twice { file: Shown::new(file), id: id.to_string() });
        }
        requests.push((file.to_owned(), review));
    }
    let present = Present {
        organization: &roster.organization,
        register,
        history,
        // No script says yet which of them is asked.
        roots: history.roots.keys().collect(),
        ceremony: releases::named(history.ceremony())?,
        now,
    };
    let arrived = present.arrived(bundle)?;
    if requests.is_empty() && bundle.file(rosters::NAME).is_none() && !releases::brings(bundle) {
        return Err(CeremonyError::NoRequests(inbox::ENDING));
    }
    Ok(Foreseen { roster: review, requests, releases: arrived })
}

/// An outgoing bundle whose files are those that one key signed.
pub struct Sealed {
    /// Its files.
    pub bundle: Bundle,
    /// Its manifest.
    pub manifest: Vec<u8>,
    /// The key that signed it: the records key, as far as the bundle itself says so.
    pub records: Certificate,
    /// Its delegations.
    pub signers: Signers,
    /// Its list of past releases.
    pub releases: Option<PastReleases>,
}

impl Sealed {
    /// Reads an outgoing bundle, and verifies its signatures by the key in its own `records.asc`. Whether that is the organization's
    /// records key, the bundle cannot say.
    ///
    /// # Errors
    /// BUNDLE-1 for other files than it lists, BUNDLE-2 when another key signed it, RELEASE-8 when another key signed its list.
    pub fn read(folder: &Path) -> Result<Self, CeremonyError> {
        let SignedBundle { bundle, manifest, signature } = SignedBundle::read(folder)?;
        let refuse = |what: String| CeremonyError::Outgoing { folder: Shown::new(&folder.to_string_lossy()), what };
        let file = |name: &str| bundle.file(name).ok_or_else(|| refuse(format!("it has no {name}")));
        let bytes = file("records.asc")?;
        let records = KnownSigner::parse(bytes).and_then(|key| Certificate::parse(bytes, key.fingerprint()));
        let records = records.map_err(|error| refuse(format!("records.asc: {error}")))?;
        signed_text::verify_detached(&manifest, &signature, &records, clock::now()?)
            .map_err(|error| refuse(format!("{}: {error}", manifest::SIGNATURE)))?;
        let signers = signers::read(signers::NAME, file(signers::NAME)?)?;
        if signers.records != records.fingerprint() {
            return Err(refuse(format!("{} names another records key than records.asc is", signers::NAME)));
        }
        let list = match (bundle.file(past_releases::NAME), bundle.file(past_releases::SIGNATURE)) {
            (None, None) => None,
            (Some(list), Some(signature)) => Some(releases::list_of(past_releases::NAME, list, signature, &records)?),
            _ => return Err(refuse("it has a list of past releases or its signature, and not both".to_owned())),
        };
        Ok(Self { bundle, manifest, records, signers, releases: list })
    }

    /// Whether it follows an older bundle of the same organization: signed by the same key, by a later ceremony, and with all past
    /// releases of that one.
    ///
    /// # Errors
    /// BUNDLE-2 when it does not, RELEASE-8 when its list lost something.
    pub fn follows(&self, folder: &Path, older: &Self) -> Result<(), CeremonyError> {
        let refuse = |what: String| CeremonyError::Outgoing { folder: Shown::new(&folder.to_string_lossy()), what };
        let (own, other) = (self.records.fingerprint(), older.records.fingerprint());
        if own != other {
            return Err(refuse(format!("{own} signed it, and {other} the one before")));
        }
        let (own, other) = (&self.signers, &older.signers);
        if own.organization != other.organization {
            let (own, other) = (Shown::new(&own.organization), Shown::new(&other.organization));
            return Err(refuse(format!("it is of \"{own}\", and the one before of \"{other}\"")));
        }
        if (number(&own.ceremony), own.as_of) < (number(&other.ceremony), other.as_of) {
            return Err(refuse(format!("it is of ceremony {}, and the other one of {}", own.ceremony, other.ceremony)));
        }
        let lost = |what: String| CeremonyError::PastReleases { file: Shown::new(past_releases::NAME), what };
        let kept: BTreeMap<_, _> =
            self.releases.iter().flat_map(|list| &list.releases).map(|kept| (&kept.release, kept)).collect();
        for release in older.releases.iter().flat_map(|list| &list.releases) {
            if kept.get(&release.release) != Some(&release) {
                return Err(lost(format!("release {} is not in it as it was in the list before", release.release)));
            }
        }
        Ok(())
    }
}

/// The number that a ceremony's name begins with; one without counts as older than any.
fn number(ceremony: &CeremonyName) -> u32 {
    ceremony.as_str().split('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
#[path = "carried_tests.rs"]
mod tests;
