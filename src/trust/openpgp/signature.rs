//! One signature over data: read, judged, verified.

use std::time::SystemTime;

use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, Packet, Signature};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _};
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};

use super::certificate::{SignerCertificate, signing_keys};
use super::cleartext::Cleartext;
use super::error::Error;
use super::known::Certificate;
use super::packets::{SIGNATURE, walk};
use super::{armor, fingerprint_of, policy};
use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;

/// The one v4 signature in armored or binary `bytes`.
pub(in crate::trust) fn only(bytes: &[u8]) -> Result<Signature, Error> {
    let binary = armor::binary(Kind::Signature, bytes)?;
    let packets = walk(&binary, &[SIGNATURE])?;
    let [packet] = packets.as_slice() else {
        return Err(Error::SignatureCount { count: packets.len() });
    };
    if packet.body.first() != Some(&4) {
        return Err(Error::SignatureKind { what: "version" });
    }
    match Packet::from_bytes(&binary) {
        Ok(Packet::Signature(signature)) => Ok(signature),
        _ => Err(Error::SignatureKind { what: "form" }),
    }
}

/// Signs `data` (for a text signature: already in canonical form) and gives the armored signature.
pub(super) fn make(
    typ: SignatureType,
    data: &[u8],
    now: Timestamp,
    signer: &mut dyn sequoia_openpgp::crypto::Signer,
) -> Result<Vec<u8>, Error> {
    let signature = SignatureBuilder::new(typ)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(SystemTime::from(now))
        .map_err(Error::library)?
        .sign_message(signer, data)
        .map_err(Error::signing)?;
    let packet = Packet::from(signature).to_vec().map_err(Error::library)?;
    armor::enarmor(Kind::Signature, &[], &packet)
}

/// Type, hash and dates of `signature`, as of `at`.
fn judge(signature: &Signature, typ: SignatureType, at: Timestamp) -> Result<Timestamp, Error> {
    if signature.typ() != typ {
        return Err(Error::SignatureKind { what: "type" });
    }
    policy::strict(at)
        .signature(signature, HashAlgoSecurity::CollisionResistance)
        .map_err(|_| Error::SignatureKind { what: "hash or critical subpacket" })?;
    let made = signature.signature_creation_time().and_then(|t| Timestamp::try_from(t).ok());
    let made = made.ok_or(Error::SignatureKind { what: "date" })?;
    if made > at {
        return Err(Error::NotYet { what: "the signature", at: made });
    }
    if signature.signature_expiration_time().is_some_and(|end| end <= SystemTime::from(at)) {
        return Err(Error::SignatureKind { what: "expiry" });
    }
    Ok(made)
}

/// Verifies with whichever of `keys` the signature names. Gives that key's fingerprint.
fn verify(
    signature: &Signature,
    data: &[u8],
    keys: &[Key<PublicParts, UnspecifiedRole>],
    expected: Fingerprint,
) -> Result<Fingerprint, Error> {
    let issuers = signature.get_issuers();
    let named = |key: &&Key<PublicParts, UnspecifiedRole>| {
        issuers.iter().any(|issuer| issuer.aliases(sequoia_openpgp::KeyHandle::from(key.fingerprint())))
    };
    let key = keys.iter().find(named).ok_or(Error::AnotherKey { expected })?;
    signature.verify_message(key, data).map_err(|_| Error::BadSignature)?;
    fingerprint_of(&key.fingerprint())
}

/// Verifies a signature by `certificate` that was good when it was made: a key that expired since still counts, a key
/// revoked as compromised does not (RFC 9580 5.2.3.31).
pub(super) fn verify_known(
    certificate: &Certificate,
    signature: &Signature,
    typ: SignatureType,
    data: &[u8],
    at: Timestamp,
) -> Result<(), Error> {
    let made = judge(signature, typ, at)?;
    let keys = signing_keys(certificate.cert(), &policy::strict(at), made);
    verify(signature, data, &keys, certificate.fingerprint()).map(|_| ())
}

/// When a detached signature says that it was made, and that it is one that counts: its type, its hash, its dates as of
/// `at`.
pub(super) fn date(signature: &Signature, at: Timestamp) -> Result<Timestamp, Error> {
    judge(signature, SignatureType::Binary, at)
}

/// Verifies a detached signature by a key of `cert` that could sign at `made`.
pub(super) fn verify_at(
    cert: &sequoia_openpgp::Cert,
    signature: &Signature,
    data: &[u8],
    made: Timestamp,
    expected: Fingerprint,
) -> Result<(), Error> {
    verify(signature, data, &signing_keys(cert, &policy::strict(made), made), expected).map(|_| ())
}

/// Verifies that a key of `certificate`, alive when it was judged, signed `data`.
pub(super) fn verify_by(certificate: &SignerCertificate, signature: &Signature, data: &[u8]) -> Result<(), Error> {
    verify(signature, data, certificate.signing(), certificate.fingerprint()).map(|_| ())
}

/// Verifies that the keys of `certificate`, alive when it was judged, signed `message`. Gives the key that did.
pub(crate) fn verify_text_signature(
    certificate: &SignerCertificate,
    message: &Cleartext,
    now: Timestamp,
) -> Result<Fingerprint, Error> {
    let signature = only(message.signature())?;
    judge(&signature, SignatureType::Text, now)?;
    verify(&signature, &message.canonical(), certificate.signing(), certificate.fingerprint())
}
