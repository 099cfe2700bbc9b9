//! A signer's signature over a file that was read.

use std::time::SystemTime;

use sequoia_openpgp::armor;
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::crypto::hash::Context;
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{self, Packet};
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{Curve, HashAlgorithm, SignatureType};

use super::signature::UntrustedSignature;
use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::{Error, SignerCertificate, enarmor, fingerprint_of};

/// The key of a certificate that signs releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its own fingerprint.
    pub fingerprint: Fingerprint,
    /// The hash that it signs. SHA-256 is what manifests have, so a file is hashed once for both; but gpg takes no shorter hash
    /// than the order of a curve.
    pub hash: HashAlgorithm,
}

/// The key that is meant by a fingerprint: that of a signing key, or that of the certificate when it has one signing key alone.
///
/// # Errors
/// [`Error::AnotherKey`] when the certificate has no such key; [`Error::NoSigningKey`] when it has several, and none was named.
pub fn signing_key(certificate: &SignerCertificate, named: Fingerprint) -> Result<Key, Error> {
    let mut keys = Vec::new();
    for key in certificate.signing() {
        let hash = match key.mpis() {
            PublicKey::ECDSA { curve: Curve::NistP384, .. } => HashAlgorithm::SHA384,
            PublicKey::ECDSA { curve: Curve::NistP521, .. } | PublicKey::Ed448 { .. } => HashAlgorithm::SHA512,
            _ => HashAlgorithm::SHA256,
        };
        keys.push(Key { fingerprint: fingerprint_of(&key.fingerprint())?, hash });
    }
    match (keys.iter().find(|key| key.fingerprint == named), keys.as_slice()) {
        (Some(key), _) => Ok(*key),
        (None, [only]) if certificate.fingerprint() == named => Ok(*only),
        (None, _) if certificate.fingerprint() == named => Err(Error::NoSigningKey),
        _ => Err(Error::AnotherKey { expected: named }),
    }
}

impl Key {
    /// Its public part in the certificate.
    ///
    /// # Errors
    /// [`Error::AnotherKey`] for another certificate than the key's.
    pub fn public(self, certificate: &SignerCertificate) -> Result<packet::Key<PublicParts, UnspecifiedRole>, Error> {
        let is_it =
            |key: &&packet::Key<_, _>| fingerprint_of(&key.fingerprint()).is_ok_and(|it| it == self.fingerprint);
        certificate.signing().iter().find(is_it).cloned().ok_or(Error::AnotherKey { expected: self.fingerprint })
    }
}

/// Signs what `context` has read, and gives the armored signature.
///
/// # Errors
/// [`Error::Signing`].
pub fn sign(context: &Context, now: Timestamp, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
    let signature = SignatureBuilder::new(SignatureType::Binary)
        .set_signature_creation_time(SystemTime::from(now))
        .map_err(Error::library)?
        .sign_hash(signer, context.clone())
        .map_err(Error::signing)?;
    enarmor(armor::Kind::Signature, &[], &Packet::from(signature).to_vec().map_err(Error::library)?)
}

/// Verifies a signature that was just made: by this key of the certificate, over what `context` has read.
///
/// # Errors
/// What is wrong with it.
pub fn verify(
    signature: &[u8],
    context: &Context,
    certificate: &SignerCertificate,
    key: Key,
    now: Timestamp,
) -> Result<(), Error> {
    let signature = UntrustedSignature::parse(signature)?;
    let expected = key.fingerprint;
    signature.judge(now).map_err(|_| Error::SignatureKind { what: "type, hash or date" })?;
    let mut named = certificate.signing().iter().filter(|key| signature.names(&key.fingerprint()));
    match named.find(|key| fingerprint_of(&key.fingerprint()).is_ok_and(|found| found == expected)) {
        Some(key) if signature.verify(key, context) => Ok(()),
        Some(_) => Err(Error::BadSignature),
        None => Err(Error::AnotherKey { expected }),
    }
}
