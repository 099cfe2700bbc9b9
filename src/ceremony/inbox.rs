//! The requests of one ceremony, from the bundle to the approval.

use super::CeremonyError;
use super::scene::Scene;
use crate::model::name::RootName;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::delegation::{self, Batch, InForce, Policy, Request, UntrustedRequest};
use crate::workstation::bundle::Bundle;

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
    /// The first request that is not acceptable, and REQUEST-3 for one that was answered in an earlier ceremony.
    pub fn requests(scene: &Scene<'_>, root: &RootName) -> Result<Vec<Request>, CeremonyError> {
        let bundle = scene.inbox.bundle.as_ref().ok_or(CeremonyError::NoBundle)?;
        let (policy, now) = (policy(scene, root)?, scene.opened()?);
        let mut requests: Vec<Request> = Vec::new();
        for (name, bytes) in bundle.ending(ENDING) {
            let request = UntrustedRequest::parse(name, bytes)
                .and_then(|request| request.verify(&policy, now))
                .map_err(|error| in_file(name, error))?;
            let ceremony = scene.history().ceremony();
            let answered =
                |d: &&crate::model::history::DelegationRecord| d.request == *request.id() && d.ceremony != ceremony;
            if let Some(earlier) = scene.history().delegations.iter().find(answered) {
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
}

/// Says in which file; what is no TOML says so itself, with its line.
fn in_file(name: &str, error: delegation::Error) -> CeremonyError {
    match error {
        delegation::Error::Text(_) => error.into(),
        error => CeremonyError::Request { file: Shown::new(name), error },
    }
}

/// The organization's policy, as requests are held against it.
fn policy(scene: &Scene<'_>, root: &RootName) -> Result<Policy, CeremonyError> {
    let days = |duration: std::time::Duration| u32::try_from(duration.as_secs() / 86_400).unwrap_or(u32::MAX);
    let delegation = &scene.organization.delegation;
    Ok(Policy {
        root_key: scene.root_record(root)?.fingerprint,
        organization: scene.organization.name.clone(),
        root: root.clone(),
        roster: delegation.signers.clone(),
        max_lifetime_days: days(delegation.longest),
        max_age_days: days(delegation.stale),
        policy_uri: scene.organization.policy_uri.clone(),
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
