//! A signer's detached signature, judged at the moment at which it was made.
//!
//! A delegation ends and keys expire: what was signed before stays signed. Only "compromised" voids everything a key ever signed
//! (RFC 9580 5.2.3.31), since whoever has it can write any date.

use std::time::SystemTime;

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::types::{RevocationStatus, RevocationType};
use sequoia_openpgp::{Cert, KeyHandle};

use super::error::Error;
use super::known::bounded;
use super::{fingerprint_of, policy, signature};
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// All that is known of a signer's certificate: as ceremonies certified it, and what came in of it since.
pub struct KnownSigner {
    cert: Cert,
    fingerprint: Fingerprint,
}

impl KnownSigner {
    /// Reads armored or binary bytes within bounds; nothing is judged.
    ///
    /// # Errors
    /// What the bytes are instead.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let cert = bounded(bytes)?;
        let fingerprint = fingerprint_of(&cert.fingerprint())?;
        Ok(Self { cert, fingerprint })
    }

    /// The fingerprint of the certificate.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Takes in another copy of the same certificate: later self-signatures, and revocations.
    ///
    /// # Errors
    /// [`Error::Library`] for another certificate.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.cert = self.cert.clone().merge_public(other.cert).map_err(Error::library)?;
        Ok(())
    }
}

/// A detached signature of an acceptable kind that nobody verified yet.
pub struct Detached {
    signature: Signature,
    made: Timestamp,
    at: Timestamp,
}

impl Detached {
    /// Reads exactly one signature, armored or binary, over a file (RFC 9580 5.2.1.1), by a hash that collides with nothing, and not
    /// after `at`.
    ///
    /// # Errors
    /// [`Error::NotYet`] for one from the future, and what else it is instead.
    pub fn parse(bytes: &[u8], at: Timestamp) -> Result<Self, Error> {
        let signature = signature::only(bytes)?;
        let made = signature::date(&signature, at)?;
        Ok(Self { signature, made, at })
    }

    /// When it says that it was made.
    #[must_use]
    pub fn made(&self) -> Timestamp {
        self.made
    }

    /// The key that it names, or that it names none.
    #[must_use]
    pub fn issuer(&self) -> Shown {
        let issuers = self.signature.get_issuers();
        Shown::new(
            &issuers.first().map_or_else(|| "a key that it does not name".to_owned(), |key| format!("key {key:X}")),
        )
    }

    /// Whether it names a key of this certificate.
    #[must_use]
    pub fn names(&self, signer: &KnownSigner) -> bool {
        signer.cert.keys().any(|key| self.is_named(&KeyHandle::from(key.key().fingerprint())))
    }

    fn is_named(&self, key: &KeyHandle) -> bool {
        self.signature.get_issuers().iter().any(|issuer| issuer.aliases(key))
    }

    /// Whether the certificate, or the key of it that is named, is revoked for a reason that voids all that it signed. A revoker's
    /// word that cannot be checked here counts too.
    #[must_use]
    pub fn is_void(&self, signer: &KnownSigner) -> bool {
        let (policy, moment) = (policy::with_sha1(self.at), SystemTime::from(self.at));
        let hard = |status: RevocationStatus<'_>| match status {
            RevocationStatus::Revoked(signatures) => signatures.iter().any(|one| is_hard(one)),
            RevocationStatus::CouldBe(_) => true,
            RevocationStatus::NotAsFarAsWeKnow => false,
        };
        let mut keys =
            signer.cert.keys().subkeys().filter(|key| self.is_named(&KeyHandle::from(key.key().fingerprint())));
        hard(signer.cert.revocation_status(&policy, moment))
            || keys.any(|key| hard(key.revocation_status(&policy, moment)))
    }

    /// Verifies it over `data` by a key of this certificate that could sign when it did: alive, flagged for it, bound by current
    /// hashes, and not revoked by then.
    ///
    /// # Errors
    /// [`Error::Revoked`], [`Error::AnotherKey`], [`Error::BadSignature`].
    pub fn verify(&self, signer: &KnownSigner, data: &[u8]) -> Result<(), Error> {
        let moment = SystemTime::from(self.made);
        // A subkey says nothing of the revocation of its certificate.
        if !matches!(
            signer.cert.revocation_status(&policy::with_sha1(self.made), moment),
            RevocationStatus::NotAsFarAsWeKnow
        ) {
            return Err(Error::Revoked);
        }
        signature::verify_at(&signer.cert, &self.signature, data, self.made, signer.fingerprint)
    }
}

/// Whether a revocation voids what was signed before it; one without a reason does (RFC 9580 5.2.3.31).
fn is_hard(revocation: &Signature) -> bool {
    revocation.reason_for_revocation().is_none_or(|(reason, _)| reason.revocation_type() == RevocationType::Hard)
}
