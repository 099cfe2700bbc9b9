//! What a request would change: the present state against the state after it.

use super::policy::days;
use super::request::Request;
use crate::model::domain::Domain;
use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;

/// A delegation that the register holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// The certified key.
    pub fingerprint: Fingerprint,
    /// The certified user ID.
    pub user_id: String,
    /// What it covers.
    pub scope: String,
    /// Where the signer vouches for others.
    pub vouches: Option<Domain>,
    /// When it ends.
    pub until: Timestamp,
}

/// How the new key's fingerprint was compared with its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Who compared it.
    pub by: String,
    /// Over which channel: `in person`, `video call`.
    pub channel: String,
}

/// The request against the present.
pub struct Change {
    pub(super) request: Request,
    pub(super) before: Option<InForce>,
    pub(super) compared: Option<Comparison>,
    pub(super) now: Timestamp,
    pub(super) until: Timestamp,
}

/// What the change is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// The signer has no delegation.
    New,
    /// The same key goes on.
    Renewal,
    /// Another key than before.
    OtherKey,
}

impl Change {
    /// Sets `request` against `before`, the signer's delegation that is in force at `now`, if any. The end of the new
    /// delegation is fixed here, so that the review names the very moment that is signed.
    #[must_use]
    pub fn new(request: Request, before: Option<InForce>, compared: Option<Comparison>, now: Timestamp) -> Self {
        let until = now.plus(days(request.text().lifetime_days));
        Self { request, before, compared, now, until }
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// When the delegation would end.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    pub(super) fn sort(&self) -> Sort {
        match &self.before {
            None => Sort::New,
            Some(before) if before.fingerprint == self.request.certificate().fingerprint() => Sort::Renewal,
            Some(_) => Sort::OtherKey,
        }
    }
}
