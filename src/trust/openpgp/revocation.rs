//! The hard revocation certificate, made at a key's birth and kept by other holders.
//!
//! "Compromised" voids everything the key ever signed (RFC 9580 5.2.3.31). It carries no date in the future: gpg would take
//! such a key for revoked at once.

use std::time::SystemTime;

use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::cert::CertRevocationBuilder;
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation, SignatureType};

use super::error::Error;
use super::known::Certificate;
use super::root::must_be;
use super::{armor, signature};
use crate::model::timestamp::Timestamp;

/// Makes the revocation certificate of `certificate`, armored as gpg does it, with a warning in its comments.
///
/// # Errors
/// [`Error::WrongSigner`], [`Error::Signing`].
pub fn revoke(certificate: &Certificate, now: Timestamp, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
    must_be(signer, certificate.fingerprint())?;
    let signature = CertRevocationBuilder::new()
        .set_reason_for_revocation(
            ReasonForRevocation::KeyCompromised,
            b"made in advance; released when the key is lost",
        )
        .and_then(|builder| builder.set_signature_creation_time(now.into()))
        .map_err(Error::library)?
        .build(signer, certificate.cert(), HashAlgorithm::SHA512)
        .map_err(Error::signing)?;
    let comments = [
        "This is a revocation certificate. Importing it ends the key for good:".to_owned(),
        certificate.fingerprint().groups(),
        format!("Made on {}, to be released only when the key is lost or compromised.", now.date()),
    ];
    armor::enarmor(Kind::PublicKey, &comments, &Packet::from(signature).to_vec().map_err(Error::library)?)
}

/// Whether `bytes` are exactly one hard revocation of `certificate` by its own key, not after `at`.
///
/// # Errors
/// [`Error::Known`] around the reason.
pub fn verify(bytes: &[u8], certificate: &Certificate, at: Timestamp) -> Result<(), Error> {
    check(bytes, certificate, at).map_err(|error| Error::Known(Box::new(error)))
}

fn check(bytes: &[u8], certificate: &Certificate, at: Timestamp) -> Result<(), Error> {
    let signature = signature::only(&armor::binary(Kind::PublicKey, bytes)?)?;
    if signature.typ() != SignatureType::KeyRevocation {
        return Err(Error::SignatureKind { what: "type" });
    }
    if signature.hash_algo() != HashAlgorithm::SHA512 {
        return Err(Error::SignatureKind { what: "hash" });
    }
    if signature.reason_for_revocation().map(|(reason, _)| reason) != Some(ReasonForRevocation::KeyCompromised) {
        return Err(Error::SignatureKind { what: "reason" });
    }
    if signature.signature_creation_time().is_none_or(|made| made > SystemTime::from(at)) {
        return Err(Error::SignatureKind { what: "date" });
    }
    let key = certificate.key();
    signature.verify_primary_key_revocation(key, key).map_err(|_| Error::BadSignature)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, NOW};
    use super::*;

    #[test]
    fn a_revocation_fits_its_own_key_only() {
        let (root, other) = (testing::root(1), testing::root(2));
        let revocation = revoke(&root.certificate, NOW, &mut testing::signer(&root)).expect("revocation");
        verify(&revocation, &root.certificate, NOW).expect("verifies");
        assert!(verify(&revocation, &other.certificate, NOW).is_err());
        assert!(verify(&revocation, &root.certificate, Timestamp(NOW.0 - 1)).is_err());
        assert!(verify(&root.certificate.bytes().expect("bytes"), &root.certificate, NOW).is_err());
        assert!(revoke(&root.certificate, NOW, &mut testing::signer(&other)).is_err());
    }
}
