//! A detached signature, from outside.

use std::time::SystemTime;

use sequoia_openpgp::crypto::hash::Context;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::{Key, Signature};
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _};
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};
use sequoia_openpgp::{Cert, Fingerprint, KeyHandle};

use super::verdict::No;
use crate::model::control::Control;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::{self, only_signature, strict};

/// One v4 signature, within bounds; nothing of it is verified.
pub struct UntrustedSignature(Signature);

impl UntrustedSignature {
    /// Reads armored or binary bytes.
    ///
    /// # Errors
    /// What the bytes are instead of one signature.
    pub fn parse(bytes: &[u8]) -> Result<Self, openpgp::Error> {
        only_signature(bytes).map(Self)
    }

    /// Over which hash it is.
    #[must_use]
    pub fn algorithm(&self) -> HashAlgorithm {
        self.0.hash_algo()
    }

    /// When it says that it was made.
    #[must_use]
    pub fn made(&self) -> Option<Timestamp> {
        self.0.signature_creation_time().and_then(|at| Timestamp::try_from(at).ok())
    }

    /// The key that it names, as people write it.
    pub(super) fn issuer(&self) -> String {
        let mut issuers = self.0.get_issuers();
        // The fingerprint says more than the key ID.
        issuers.sort_by_key(|issuer| matches!(issuer, KeyHandle::KeyID(_)));
        issuers.first().map_or_else(|| "that it does not name".to_owned(), ToString::to_string)
    }

    /// Whether it names this key, and no other.
    pub(super) fn names(&self, key: &Fingerprint) -> bool {
        let (issuers, handle) = (self.0.get_issuers(), KeyHandle::from(key));
        !issuers.is_empty() && issuers.iter().all(|issuer| issuer.aliases(&handle))
    }

    /// The key of `cert` that it names.
    pub(super) fn key(&self, cert: &Cert) -> Option<Key<PublicParts, UnspecifiedRole>> {
        cert.keys().map(|key| key.key().clone()).find(|key| self.names(&key.fingerprint()))
    }

    /// Its form, its hash, and its dates as of `now`. Gives when it was made.
    pub(super) fn judge(&self, now: Timestamp) -> Result<Timestamp, No> {
        let no = |words: &str| Err(No::new(Control::ReleaseSigned, words));
        if self.0.typ() != SignatureType::Binary {
            return no("the signature is not one over a file");
        }
        if strict(now).signature(&self.0, HashAlgoSecurity::CollisionResistance).is_err() {
            let hash = self.algorithm();
            return no(&format!(
                "the signature is over {hash}, or says something that keyrite does not know: it proves nothing"
            ));
        }
        let Some(made) = self.made() else { return no("the signature has no date") };
        if made > now {
            return no(&format!("the signature is dated {made}, which is in the future"));
        }
        if self.0.signature_expiration_time().is_some_and(|end| end <= SystemTime::from(now)) {
            return no("the signature has an end, which is past");
        }
        Ok(made)
    }

    /// Whether `key` made it, over what `context` has read.
    pub(super) fn verify(&self, key: &Key<PublicParts, UnspecifiedRole>, context: &Context) -> bool {
        context.algo() == self.algorithm() && self.0.verify_hash(key, context.clone()).is_ok()
    }
}
