//! A signer's certificate: untrusted bytes, then the checked type.

use std::time::SystemTime;

use sequoia_openpgp::Cert;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{KeyRole, PublicParts, UnspecifiedRole};
use sequoia_openpgp::policy::Policy;
use sequoia_openpgp::types::{KeyFlags, RevocationStatus};

use super::error::Error;
use super::known::bounded;
use super::recipient::Recipient;
use super::{fingerprint_of, policy, strength};
use crate::model::fingerprint::Fingerprint;
use crate::model::roster::KeyKind;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// One public v4 certificate from outside: within all limits, but not judged.
pub struct UntrustedCertificate(Cert);

impl UntrustedCertificate {
    /// Reads armored or binary bytes. Whatever is not one certificate of key, user ID and signature packets of sane sizes
    /// ends before the library's parser sees it.
    ///
    /// # Errors
    /// What the bytes are instead; all under REQUEST-2.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        bounded(bytes).map(Self)
    }

    pub(super) fn of(cert: Cert) -> Self {
        Self(cert)
    }

    /// The primary key's fingerprint, which its bytes give.
    ///
    /// # Errors
    /// Never: the key is v4.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        fingerprint_of(&self.0.fingerprint())
    }

    /// Judges the certificate as of `now`, to encrypt to it.
    ///
    /// # Errors
    /// As [`Recipient::judge`].
    pub fn judge_to_encrypt(&self, now: Timestamp) -> Result<Recipient, Error> {
        Recipient::judge(&self.0, now)
    }

    /// Judges the certificate as of `now`: not revoked, alive, strong, bound by current hashes, able to sign.
    ///
    /// # Errors
    /// The first of these that does not hold; all under REQUEST-2.
    pub fn judge(self, now: Timestamp) -> Result<SignerCertificate, Error> {
        let cert = self.0;
        let primary = cert.primary_key().component();
        let fingerprint = fingerprint_of(&primary.fingerprint())?;
        let made = Timestamp::try_from(primary.creation_time()).unwrap_or(Timestamp(u32::MAX));
        let signing = judge_at(&cert, now)?;
        let user_ids = user_ids(&cert, &policy::strict(now), now);
        let expires = expiry(&cert, now);
        Ok(SignerCertificate { cert, fingerprint, made, expires, signing, user_ids, judged: now })
    }
}

/// A certificate that was good at the moment it was judged.
pub struct SignerCertificate {
    pub(super) cert: Cert,
    fingerprint: Fingerprint,
    made: Timestamp,
    expires: Option<Timestamp>,
    signing: Vec<Key<PublicParts, UnspecifiedRole>>,
    user_ids: Vec<String>,
    judged: Timestamp,
}

impl SignerCertificate {
    /// The primary key's fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// When the primary key was made.
    #[must_use]
    pub fn made(&self) -> Timestamp {
        self.made
    }

    /// When the certificate ends by itself, if ever.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// When it was judged.
    #[must_use]
    pub fn judged(&self) -> Timestamp {
        self.judged
    }

    /// The keys that may sign data.
    #[must_use]
    pub fn signing(&self) -> &[Key<PublicParts, UnspecifiedRole>] {
        &self.signing
    }

    /// Each key that may sign data, and of what kind it is.
    #[must_use]
    pub fn kinds(&self) -> Vec<(Fingerprint, KeyKind)> {
        // Whatever else there is was refused as too weak.
        let kind = |key: &Key<PublicParts, UnspecifiedRole>| {
            Some((fingerprint_of(&key.fingerprint()).ok()?, strength::kind(key)?))
        };
        self.signing.iter().filter_map(kind).collect()
    }

    /// The valid user IDs, raw: escape them with [`Shown`] before anybody sees them.
    #[must_use]
    pub fn user_ids(&self) -> &[String] {
        &self.user_ids
    }

    /// Demands that `user_id` is one of the certificate's valid user IDs, letter by letter, and deceives nobody.
    ///
    /// # Errors
    /// [`Error::UserIdNotPlain`], [`Error::BoundBySha1`], [`Error::UserId`].
    pub fn must_have(&self, user_id: &str) -> Result<(), Error> {
        let shown = Shown::new(user_id);
        if shown.as_str() != user_id {
            return Err(Error::UserIdNotPlain(shown));
        }
        if self.user_ids.iter().any(|have| have == user_id) {
            return Ok(());
        }
        let with_sha1 = user_ids(&self.cert, &policy::with_sha1(self.judged), self.judged);
        if with_sha1.iter().any(|have| have == user_id) {
            return Err(Error::BoundBySha1 { part: "the user ID" });
        }
        // Two that look the same are told apart by their code points.
        let has: Vec<String> = self.user_ids.iter().map(|have| Shown::spelled(have).to_string()).collect();
        Err(Error::UserId { wanted: Shown::spelled(user_id), has: Shown::new(&has.join("\", \"")) })
    }
}

/// The keys of `cert` that may sign data at `now`, or why it must not be certified.
fn judge_at(cert: &Cert, now: Timestamp) -> Result<Vec<Key<PublicParts, UnspecifiedRole>>, Error> {
    must_be_in_force(cert, now)?;
    let (strict, with_sha1) = (policy::strict(now), policy::with_sha1(now));
    let signing = signing_keys(cert, &strict, now);
    signing.iter().try_for_each(must_be_strong)?;
    if signing.is_empty() {
        let by_sha1 = !signing_keys(cert, &with_sha1, now).is_empty();
        return Err(if by_sha1 { Error::BoundBySha1 { part: "the signing key" } } else { Error::NoSigningKey });
    }
    Ok(signing)
}

/// Made already, not revoked, bound by current hashes, alive, and strong in its primary key.
pub(in crate::trust) fn must_be_in_force(cert: &Cert, now: Timestamp) -> Result<(), Error> {
    let primary = cert.primary_key().component();
    let made = Timestamp::try_from(primary.creation_time()).unwrap_or(Timestamp(u32::MAX));
    if made > now {
        return Err(Error::NotYet { what: "the key", at: made });
    }
    must_be_strong(primary)?;
    let moment = SystemTime::from(now);
    let (strict, with_sha1) = (policy::strict(now), policy::with_sha1(now));
    // Also a revocation by SHA-1 is one: gpg heeds it. A designated revoker's, which cannot be checked here, counts too.
    if !matches!(cert.revocation_status(&with_sha1, moment), RevocationStatus::NotAsFarAsWeKnow) {
        return Err(Error::Revoked);
    }
    if cert.with_policy(&strict, moment).is_err() {
        let bound = cert.with_policy(&with_sha1, moment).is_ok();
        return Err(if bound { Error::BoundBySha1 { part: "the primary key" } } else { Error::Unbound });
    }
    match expiry(cert, now).filter(|at| *at <= now) {
        Some(at) => Err(Error::Expired { at }),
        None => Ok(()),
    }
}

/// The keys that `policy` lets sign data at `now`: alive, flagged for it, with a back signature (RFC 9580 5.2.1.9) when
/// they are subkeys, and not revoked by whatever hash.
pub(super) fn signing_keys(cert: &Cert, policy: &dyn Policy, now: Timestamp) -> Vec<Key<PublicParts, UnspecifiedRole>> {
    keys_for(&KeyFlags::empty().set_signing(), cert, policy, now)
}

/// The keys that `policy` lets do one of these things at `now`: alive, and not revoked by whatever hash.
pub(super) fn keys_for(
    flags: &KeyFlags,
    cert: &Cert,
    policy: &dyn Policy,
    now: Timestamp,
) -> Vec<Key<PublicParts, UnspecifiedRole>> {
    let moment = SystemTime::from(now);
    let with_sha1 = policy::with_sha1(now);
    let revoked: Vec<_> =
        cert.keys().with_policy(&with_sha1, moment).revoked(true).map(|key| key.key().fingerprint()).collect();
    cert.keys()
        .with_policy(policy, moment)
        .alive()
        .revoked(false)
        .key_flags(flags)
        .filter(|key| !revoked.contains(&key.key().fingerprint()))
        .map(|key| key.key().clone())
        .collect()
}

fn must_be_strong<R: KeyRole>(key: &Key<PublicParts, R>) -> Result<(), Error> {
    not_weak(key, strength::weakness(key))
}

/// The weakness of a key as an error.
pub(super) fn not_weak<R: KeyRole>(key: &Key<PublicParts, R>, weakness: Option<String>) -> Result<(), Error> {
    match weakness {
        None => Ok(()),
        Some(reason) => {
            let fingerprint = fingerprint_of(&key.fingerprint())?;
            Err(Error::Weak { fingerprint, reason: Shown::new(&reason) })
        }
    }
}

/// When the primary key ends, as of `now`.
pub(super) fn expiry(cert: &Cert, now: Timestamp) -> Option<Timestamp> {
    let strict = policy::strict(now);
    let valid = cert.with_policy(&strict, SystemTime::from(now)).ok()?;
    let at = valid.primary_key().key_expiration_time()?;
    Some(Timestamp::try_from(at).unwrap_or(Timestamp(u32::MAX)))
}

/// The user IDs that `policy` holds for valid and that are UTF-8.
pub(super) fn user_ids(cert: &Cert, policy: &dyn Policy, now: Timestamp) -> Vec<String> {
    let Ok(valid) = cert.with_policy(policy, SystemTime::from(now)) else {
        return Vec::new();
    };
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).ok();
    valid.userids().revoked(false).filter_map(|user_id| text(user_id.userid().value())).collect()
}
