//! What people approved, and what comes of it.

use sequoia_openpgp::crypto::Signer;

use super::change::Change;
use super::error::Error;
use crate::model::hash::Hash;
use crate::model::name::RequestId;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::certification::{self, Terms};
use crate::trust::openpgp::{self, Certificate};

/// A change whose review was confirmed by its hash. Made by [`super::Batch::approve`] alone; not `Clone`, and certifying
/// uses it up, so one approval gives one delegation.
pub struct Approved {
    change: Change,
    review: Hash,
}

/// A delegation that was signed, and verified from its bytes.
#[derive(Debug, Clone)]
pub struct Artefact {
    /// The signer's certificate with the root's certification, binary.
    pub certificate: Vec<u8>,
    /// What the certification says.
    pub terms: Terms,
    /// The request it answers.
    pub request: RequestId,
    /// The hash that people confirmed.
    pub review: Hash,
}

impl Approved {
    pub(super) fn new(change: Change, review: Hash) -> Self {
        Self { change, review }
    }

    /// The hash that people confirmed; the subject of the journal's intent.
    #[must_use]
    pub fn review(&self) -> Hash {
        self.review
    }

    /// The approved change.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// How many signatures the card will make.
    #[must_use]
    pub fn items(&self) -> u32 {
        1
    }

    /// What the certification will say: also what one that an earlier process left on the disk must say.
    #[must_use]
    pub fn terms(&self, ceremony: &str, now: Timestamp) -> Terms {
        let Change { request, until, .. } = &self.change;
        Terms {
            signer: request.certificate().fingerprint(),
            user_ids: vec![request.text().user_id.clone()],
            scope: request.text().scope.clone(),
            vouches: request.text().vouches.clone(),
            ceremony: ceremony.to_owned(),
            request: request.sha256(),
            created: now,
            until: *until,
            policy_uri: request.policy_uri().map(str::to_owned),
        }
    }

    /// Lets `root`'s key in `signer` certify what was approved: a throwaway key first, then exactly one signature, then the
    /// judge. The delegation ends when the review says, whatever time passed since.
    ///
    /// # Errors
    /// [`Error::OutOfTime`] when `now` lies before the review or not before the end; [`Error::Certify`], also for
    /// another root than the review names.
    pub fn certify(
        self,
        root: &Certificate,
        ceremony: &str,
        now: Timestamp,
        signer: &mut dyn Signer,
    ) -> Result<Artefact, Error> {
        let Change { request, now: reviewed, until, .. } = &self.change;
        if now < *reviewed || now >= *until {
            return Err(Error::OutOfTime { reviewed: *reviewed, until: *until, now });
        }
        let (expected, found) = (request.root_key(), root.fingerprint());
        if found != expected {
            return Err(Error::Certify(openpgp::Error::WrongSigner { expected, found }));
        }
        let terms = self.terms(ceremony, now);
        let certificate =
            certification::certify(root, request.certificate(), &terms, signer).map_err(Error::Certify)?;
        Ok(Artefact { certificate, terms, request: request.id().clone(), review: self.review })
    }
}
