//! The requests of one ceremony, from the bundle to the approval.

use super::CeremonyError;
use super::act::Outside;
use super::rosters;
use super::scene::Scene;
use crate::model::history::{DelegationRecord, History};
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::roster::Roster;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::delegation::{self, Batch, InForce, Policy, Request, UntrustedRequest};
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
        verified(bundle, root, Present { organization, history, ceremony, now, roster: rosters::now(scene)? })
    }
}

/// What requests are held against.
pub struct Present<'a> {
    organization: &'a Organization,
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
        let Outside { organization, history, is_open, .. } = outside;
        let (ceremony, now) = match history.current.opened.filter(|_| *is_open) {
            Some(opened) => (history.ceremony(), opened),
            None => ("", clock::now()?),
        };
        Ok(Self { organization, history, ceremony, now, roster })
    }
}

/// Verifies every request in a bundle for `root`.
///
/// # Errors
/// The first request that is not acceptable, and REQUEST-3 for one that was answered in an earlier ceremony.
pub fn verified(bundle: &Bundle, root: &RootName, present: Present<'_>) -> Result<Vec<Request>, CeremonyError> {
    let policy = policy(&present, root)?;
    let mut requests: Vec<Request> = Vec::new();
    for (name, bytes) in bundle.ending(ENDING) {
        let at = |now| UntrustedRequest::parse(name, bytes).and_then(|request| request.verify(&policy, now));
        let request = match at(present.now) {
            // What this ceremony signs bears its opening's date: it cannot vouch for a later key.
            Err(_) if !present.ceremony.is_empty() && at(clock::now()?).is_ok() => {
                return Err(CeremonyError::AfterOpening { file: Shown::new(name), opened: present.now });
            }
            judged => judged.map_err(|error| in_file(name, error))?,
        };
        let answered = |d: &&DelegationRecord| d.request == *request.id() && d.ceremony != present.ceremony;
        if let Some(earlier) = present.history.delegations.iter().find(answered) {
            let (id, ceremony) = (request.id().to_string(), earlier.ceremony.clone());
            return Err(CeremonyError::Answered { id, ceremony });
        }
        if requests.iter().any(|other| other.id() == request.id()) {
            return Err(CeremonyError::Twice { file: Shown::new(name), id: request.id().to_string() });
        }
        requests.push(request);
    }
    if requests.is_empty() {
        return Err(CeremonyError::NoRequests(ENDING));
    }
    Ok(requests)
}

/// Says in which file; what is no TOML says so itself, with its line.
fn in_file(name: &str, error: delegation::Error) -> CeremonyError {
    match error {
        delegation::Error::Text(_) => error.into(),
        error => CeremonyError::Request { file: Shown::new(name), error },
    }
}

/// The organization's policy, as requests are held against it.
fn policy(present: &Present<'_>, root: &RootName) -> Result<Policy, CeremonyError> {
    let record = present.history.roots.get(root);
    let record = record.ok_or_else(|| CeremonyError::Bug(format!("no root {root} in a linted script")))?;
    Ok(Policy {
        root_key: record.fingerprint,
        organization: present.organization.name.clone(),
        root: root.clone(),
        roster: present.roster.clone(),
        policy_uri: present.organization.policy_uri.clone(),
    })
}

/// The signer's delegation in force when this ceremony was opened. Those of this very ceremony do not count, so that a
/// review done again after a cut says the same.
pub fn in_force(scene: &Scene<'_>, root: &RootName, signer: &str, now: Timestamp) -> Option<InForce> {
    let ceremony = scene.history().ceremony();
    scene
        .history()
        .delegations
        .iter()
        .rev()
        .find(|d| d.root == *root && d.signer == signer && d.ceremony != ceremony && now < d.expires)
        .map(|d| InForce {
            fingerprint: d.fingerprint,
            user_id: d.user_id.clone(),
            scope: d.scope.clone(),
            until: d.expires,
        })
}
