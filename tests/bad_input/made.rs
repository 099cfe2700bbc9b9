//! Certificates that no tool makes, made packet by packet.

use std::time::{Duration, SystemTime};

use keyrite::model::timestamp::Timestamp;
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, Packet, Signature, UserID};
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};
use sequoia_openpgp::{Cert, Result};

use crate::signers::{Signer, now};

/// A minute ago.
pub(crate) fn made() -> SystemTime {
    SystemTime::from(Timestamp(now().0 - 60))
}

/// A new Ed25519 key.
pub(crate) fn primary() -> Key<SecretParts, PrimaryRole> {
    let mut key: Key4<SecretParts, PrimaryRole> =
        Key4::generate_ecc(true, sequoia_openpgp::types::Curve::Ed25519).unwrap();
    key.set_creation_time(made()).unwrap();
    key.into()
}

/// The same for a subkey.
pub(crate) fn subkey() -> Key<SecretParts, SubordinateRole> {
    let mut key: Key4<SecretParts, SubordinateRole> =
        Key4::generate_ecc(true, sequoia_openpgp::types::Curve::Ed25519).unwrap();
    key.set_creation_time(made()).unwrap();
    key.into()
}

pub(crate) fn pair(key: &Key<SecretParts, PrimaryRole>) -> KeyPair {
    key.clone().into_keypair().unwrap()
}

/// How a self-signature begins.
pub(crate) fn builder(typ: SignatureType, hash: HashAlgorithm, flags: KeyFlags) -> SignatureBuilder {
    SignatureBuilder::new(typ)
        .set_hash_algo(hash)
        .set_signature_creation_time(made())
        .and_then(|builder| builder.set_key_flags(flags))
        .and_then(|builder| builder.set_key_validity_period(Duration::from_secs(365 * 86_400)))
        .unwrap()
}

/// The binding of a user ID to a key, by this hash.
pub(crate) fn binding(
    key: &Key<SecretParts, PrimaryRole>,
    user_id: &UserID,
    hash: HashAlgorithm,
    flags: KeyFlags,
) -> Signature {
    let builder = builder(SignatureType::PositiveCertification, hash, flags);
    builder.sign_userid_binding(&mut pair(key), key.parts_as_public(), user_id).unwrap()
}

/// A certificate of a key and Anna's user ID, and more.
pub(crate) fn certificate(
    key: &Key<SecretParts, PrimaryRole>,
    hash: HashAlgorithm,
    flags: KeyFlags,
    more: Vec<Packet>,
) -> Cert {
    let user_id = UserID::from("anna (rehearsal) <anna@example.org>");
    let signature = binding(key, &user_id, hash, flags);
    let packets = [Packet::from(key.clone()), user_id.into(), signature.into()].into_iter().chain(more);
    Cert::from_packets(packets).unwrap()
}

/// Anna, with this certificate.
pub(crate) fn anna_with(cert: Cert) -> Signer {
    Signer { cert, ..crate::anna() }
}

/// Public packets: what a certificate is without its secrets.
pub(crate) fn public(cert: &Cert) -> Vec<u8> {
    cert.clone().strip_secret_key_material().to_vec().unwrap()
}

/// A packet of a new form, with a length of five octets (RFC 9580 4.2.1.3).
pub(crate) fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0xc0 | tag, 255][..], &length, body].concat()
}

/// The packets of a certificate, one by one.
pub(crate) fn packets(cert: &Cert) -> Result<Vec<Vec<u8>>> {
    cert.clone().strip_secret_key_material().into_packets().map(|packet| packet.to_vec()).collect()
}
