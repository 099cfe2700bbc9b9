//! Certificates of the organization's own keys: drawn roots, and keys that live on a card.
//!
//! The structure is the one that gpg 2.2 and sq were measured to accept: a v4 primary key, a direct-key signature (RFC
//! 9580 5.2.1.10), and one user ID with its binding (5.2.1.6). Both signatures say the same, because gpg reads expiry and
//! flags from the user ID and sequoia from either.

use std::time::SystemTime;

use keyrite_locked::Locked;
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::packet::key::{PrimaryRole, PublicParts};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::NotationDataFlags;
use sequoia_openpgp::packet::{Key, Packet, UserID};
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{
    CompressionAlgorithm, Features, HashAlgorithm, KeyServerPreferences, SignatureType, SymmetricAlgorithm,
};
use sequoia_openpgp::{Cert, Result as LibraryResult};

use super::error::Error;
use super::known::Certificate;
use super::material::{self, SecretKey};
use super::profile::Profile;
use super::{fingerprint_of, notation};
use crate::model::algorithm::Algorithm;
use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;

/// The notation that names the records key in a root's direct-key signature.
pub(in crate::trust) const RECORDS_NOTATION: &str = "records-key";

/// A root that was just drawn. No `Debug`: it holds the secret key.
pub struct DrawnRoot {
    /// The public certificate.
    pub certificate: Certificate,
    /// The transferable secret key (RFC 9580 10.2), binary, not encrypted: it is sealed as a whole.
    pub secret: Locked,
}

impl DrawnRoot {
    /// The root's fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.certificate.fingerprint()
    }
}

/// Draws a root from a `secret`: for Ed25519 a seed of 32 bytes (RFC 8032 5.1.5), for ECDSA a scalar, big-endian and as long as
/// the curve's order. The same secret, profile and moment give the same key.
///
/// # Errors
/// [`Error::Library`] for a secret that is none of such a key, and for RSA, which is [`generate`]d; [`Error::Memory`].
pub fn draw(algorithm: Algorithm, secret: &Locked, profile: &Profile, now: Timestamp) -> Result<DrawnRoot, Error> {
    drawn_from(material::of_secret(algorithm, secret, now)?, profile, now)
}

/// A root from the library's own generator: RSA keys, whose primes nobody draws by hand.
///
/// # Errors
/// [`Error::Library`] and [`Error::Memory`].
pub fn generate(algorithm: Algorithm, profile: &Profile, now: Timestamp) -> Result<DrawnRoot, Error> {
    drawn_from(material::generated(algorithm, now)?, profile, now)
}

/// The root that `key` is, with its certificate.
fn drawn_from(key: SecretKey, profile: &Profile, now: Timestamp) -> Result<DrawnRoot, Error> {
    let mut signer = key.clone().into_keypair().map_err(Error::library)?;
    let certificate = certificate(key.parts_as_public(), profile, now, &mut signer)?;
    let (with_secret, _) = certificate.cert().clone().insert_packets(Packet::from(key)).map_err(Error::library)?;
    let tsk = with_secret.as_tsk();
    // Serialized straight into locked pages: a Vec would leave copies behind as it grows.
    let mut secret = Locked::zeroed(tsk.serialized_len())?;
    let written = tsk.serialize_into(&mut secret).map_err(Error::library)?;
    secret.truncate(written);
    Ok(DrawnRoot { certificate, secret })
}

/// The certificate of a key that lives elsewhere, usually on a card: two signatures by `signer`. Made anew for the same
/// key at a later time, it extends the expiry.
///
/// # Errors
/// [`Error::WrongSigner`] when `signer` holds another key, [`Error::NotYet`] for a key made after `now`, and
/// [`Error::Signing`].
pub fn certificate(
    key: &Key<PublicParts, PrimaryRole>,
    profile: &Profile,
    now: Timestamp,
    signer: &mut dyn Signer,
) -> Result<Certificate, Error> {
    must_be(signer, fingerprint_of(&key.fingerprint())?)?;
    let created = Timestamp::try_from(key.creation_time()).unwrap_or(Timestamp(u32::MAX));
    if created > now {
        return Err(Error::NotYet { what: "the key", at: created });
    }
    let direct = said(SignatureType::DirectKey, key, profile, now).and_then(|b| name_records(b, profile));
    let direct = direct.map_err(Error::library)?.sign_direct_key(signer, key).map_err(Error::signing)?;
    let user_id = UserID::from(profile.user_id.as_str());
    let binding = said(SignatureType::PositiveCertification, key, profile, now)
        .and_then(|builder| builder.set_primary_userid(true))
        .map_err(Error::library)?
        .sign_userid_binding(signer, key, &user_id)
        .map_err(Error::signing)?;
    let packets = [Packet::from(key.clone()), direct.into(), user_id.into(), binding.into()];
    Certificate::of(Cert::from_packets(packets.into_iter()).map_err(Error::library)?)
}

/// What both self-signatures say.
fn said(
    typ: SignatureType,
    key: &Key<PublicParts, PrimaryRole>,
    profile: &Profile,
    now: Timestamp,
) -> LibraryResult<SignatureBuilder> {
    let builder = SignatureBuilder::new(typ)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(SystemTime::from(now))?
        .set_key_flags(profile.purpose.flags())?
        .set_key_expiration_time(key, Some(SystemTime::from(now.plus(profile.validity))))?
        // Left to itself the library announces SEIPDv2, which gpg 2.2 cannot read.
        .set_features(Features::empty().set_seipdv1())?
        .set_preferred_symmetric_algorithms(vec![SymmetricAlgorithm::AES256, SymmetricAlgorithm::AES128])?
        .set_preferred_hash_algorithms(vec![HashAlgorithm::SHA512, HashAlgorithm::SHA256])?
        .set_preferred_compression_algorithms(vec![CompressionAlgorithm::Uncompressed])?
        .set_key_server_preferences(KeyServerPreferences::empty().set_no_modify())?;
    match &profile.policy_uri {
        Some(uri) => builder.set_policy_uri(uri),
        None => Ok(builder),
    }
}

/// Noncritical: a verifier that does not know the notation must not void the signature for it.
fn name_records(builder: SignatureBuilder, profile: &Profile) -> LibraryResult<SignatureBuilder> {
    match profile.records {
        Some(records) => builder.set_notation(
            notation(RECORDS_NOTATION),
            records.to_string(),
            NotationDataFlags::empty().set_human_readable(),
            false,
        ),
        None => Ok(builder),
    }
}

/// Refuses a signer that holds another key than `expected`.
pub(super) fn must_be(signer: &dyn Signer, expected: Fingerprint) -> Result<(), Error> {
    let found = fingerprint_of(&signer.public().fingerprint())?;
    if found == expected { Ok(()) } else { Err(Error::WrongSigner { expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, NOW, YEAR};
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_key() {
        let one = testing::root(1);
        let again = testing::root(1);
        let other = testing::root(2);
        assert_eq!(one.fingerprint(), again.fingerprint());
        assert_ne!(one.fingerprint(), other.fingerprint());
    }

    #[test]
    fn a_seed_of_another_length_is_no_seed() {
        let short = Locked::copy_of(&[7; 31]).expect("locked memory");
        assert!(draw(Algorithm::Ed25519, &short, &Profile::root("Root", YEAR), NOW).is_err());
    }

    #[test]
    fn another_key_may_not_sign_the_certificate() {
        let (one, other) = (testing::root(1), testing::root(2));
        let mut signer = testing::signer(&other);
        let refused = certificate(one.certificate.key(), &Profile::root("Root", YEAR), NOW, &mut signer);
        assert!(matches!(refused, Err(Error::WrongSigner { .. })));
    }
}
