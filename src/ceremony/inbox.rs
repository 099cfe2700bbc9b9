//! The requests of one ceremony, from the bundle to the approval.

use super::CeremonyError;
use super::act::Outside;
use super::releases;
use super::rosters;
use super::scene::Scene;
use crate::model::history::{DelegationRecord, History};
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::roster::Roster;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::delegation::{self, Batch, Change, InForce, Policy, Request, Review, UntrustedRequest};
use crate::workstation::bundle::Bundle;
use crate::workstation::clock;

/// How the file of a request is called in a bundle.
pub const ENDING: &str = ".request.asc";

/// What came in.
#[derive(Default)]
pub struct Inbox {
    /// The bundle, read once: what is verified, shown and signed is one copy in memory.
    pub bundle: Option<Bundle>,
    /// What is read aloud. Certifying uses it up.
    pub reviews: Option<Batch>,
}

impl Inbox {
    /// Verifies every request in the bundle for `root`.
    ///
    /// # Errors
    /// As [`verified`].
    pub fn requests(scene: &Scene<'_>, root: &RootName) -> Result<Vec<Request>, CeremonyError> {
        let bundle = scene.inbox.bundle.as_ref().ok_or(CeremonyError::NoBundle)?;
        let (organization, history) = (scene.organization, scene.history());
        let (ceremony, now) = (history.ceremony(), scene.opened()?);
        verified(bundle, organization, root, Present { history, ceremony, now, roster: rosters::now(scene)? })
    }
}

/// What requests are held against.
pub struct Present<'a> {
    history: &'a History,
    /// The ceremony that answers them; empty before it is opened.
    ceremony: &'a str,
    now: Timestamp,
    /// What the organization has agreed to.
    roster: Roster,
}

impl<'a> Present<'a> {
    /// Before a ceremony begins, or goes on.
    ///
    /// # Errors
    /// When the machine has no time, or nobody said who is a signer.
    pub fn before(outside: &Outside<'a>, bundle: &Bundle) -> Result<Self, CeremonyError> {
        let roster = rosters::before(outside, bundle)?;
        let Outside { history, is_open, .. } = outside;
        let (ceremony, now) = match history.current.opened.filter(|_| *is_open) {
            Some(opened) => (history.ceremony(), opened),
            None => ("", clock::now()?),
        };
        Ok(Self { history, ceremony, now, roster })
    }
}

/// Verifies every request in a bundle for `root`.
///
/// # Errors
/// The first request that is not acceptable, a bundle that brings no roster and no release either, and REQUEST-3 for one that was answered in an earlier ceremony.
pub fn verified(
    bundle: &Bundle,
    organization: &Organization,
    root: &RootName,
    present: Present<'_>,
) -> Result<Vec<Request>, CeremonyError> {
    let policy = policy(organization, &present, root)?;
    let mut requests: Vec<Request> = Vec::new();
    for (name, bytes) in bundle.ending(ENDING) {
        let request = judged(name, bytes, &policy, &present)?;
        if requests.iter().any(|other| other.id() == request.id()) {
            return Err(CeremonyError::Twice { file: Shown::new(name), id: request.id().to_string() });
        }
        requests.push(request);
    }
    if requests.is_empty() && bundle.file(rosters::NAME).is_none() && !releases::brings(bundle) {
        return Err(CeremonyError::NoRequests(ENDING));
    }
    Ok(requests)
}

/// One request, held against the present.
fn judged(name: &str, bytes: &[u8], policy: &Policy, present: &Present<'_>) -> Result<Request, CeremonyError> {
    let at = |now| UntrustedRequest::parse(name, bytes).and_then(|request| request.verify(policy, now));
    let request = match at(present.now) {
        // What this ceremony signs bears its opening's date: it cannot vouch for a later key.
        Err(_) if !present.ceremony.is_empty() && at(clock::now()?).is_ok() => {
            return Err(CeremonyError::AfterOpening { file: Shown::new(name), opened: present.now });
        }
        judged => judged.map_err(|error| in_file(name, error))?,
    };
    let answered = |d: &&DelegationRecord| d.request == *request.id() && d.ceremony != present.ceremony;
    match present.history.delegations.iter().find(answered) {
        Some(earlier) => {
            Err(CeremonyError::Answered { id: request.id().to_string(), ceremony: earlier.ceremony.clone() })
        }
        None => Ok(request),
    }
}

/// Holds one request against the present outside of any ceremony, as the ceremony that is to answer it will; and says what it would
/// change.
///
/// # Errors
/// As [`verified`].
pub fn foreseen(history: &History, roster: Roster, name: &str, bytes: &[u8]) -> Result<Review, CeremonyError> {
    foreseen_at(history, roster, name, bytes, clock::now()?)
}

fn foreseen_at(
    history: &History,
    roster: Roster,
    name: &str,
    bytes: &[u8],
    now: Timestamp,
) -> Result<Review, CeremonyError> {
    let claimed = claimed(name, bytes)?.claims().root.clone();
    let organization = roster.organization.clone();
    let unknown = || CeremonyError::NoRoot { root: Shown::new(claimed.as_str()) };
    let root_key = history.roots.get(&claimed).ok_or_else(unknown)?.fingerprint;
    let policy = Policy { organization, root: claimed.clone(), root_key, roster: roster.clone(), policy_uri: None };
    let present = Present { history, ceremony: "", now, roster };
    let request = judged(name, bytes, &policy, &present)?;
    let before = before(history, "", &claimed, &request.text().signer, now);
    Ok(Review::new(Change::new(request, before, None, now)))
}

/// What a request claims to be: nothing of it is verified.
///
/// # Errors
/// When it is no request.
pub fn claimed(name: &str, bytes: &[u8]) -> Result<UntrustedRequest, CeremonyError> {
    UntrustedRequest::parse(name, bytes).map_err(|error| in_file(name, error))
}

/// Says in which file; what is no TOML says so itself, with its line.
fn in_file(name: &str, error: delegation::Error) -> CeremonyError {
    match error {
        delegation::Error::Text(_) => error.into(),
        error => CeremonyError::Request { file: Shown::new(name), error },
    }
}

/// The organization's policy, as requests are held against it.
fn policy(organization: &Organization, present: &Present<'_>, root: &RootName) -> Result<Policy, CeremonyError> {
    let record = present.history.roots.get(root);
    let record = record.ok_or_else(|| CeremonyError::Bug(format!("no root {root} in a linted script")))?;
    Ok(Policy {
        root_key: record.fingerprint,
        organization: organization.name.clone(),
        root: root.clone(),
        roster: present.roster.clone(),
        policy_uri: organization.policy_uri.clone(),
    })
}

/// The signer's delegation in force when this ceremony was opened. Those of this very ceremony do not count, so that a
/// review done again after a cut says the same.
pub fn in_force(scene: &Scene<'_>, root: &RootName, signer: &str, now: Timestamp) -> Option<InForce> {
    before(scene.history(), scene.history().ceremony(), root, signer, now)
}

/// The signer's delegation in force, apart from those of a ceremony.
fn before(history: &History, ceremony: &str, root: &RootName, signer: &str, now: Timestamp) -> Option<InForce> {
    history
        .delegations
        .iter()
        .rev()
        .find(|d| d.root == *root && d.signer == signer && d.ceremony != ceremony && now < d.expires)
        .map(|d| InForce {
            fingerprint: d.fingerprint,
            user_id: d.user_id.clone(),
            scope: d.scope.clone(),
            vouches: d.vouches.clone(),
            until: d.expires,
        })
}

#[cfg(test)]
#[path = "inbox_tests.rs"]
mod tests;
