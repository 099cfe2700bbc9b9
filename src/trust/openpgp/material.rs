//! Secret keys: from bytes that were drawn for them, and from the library's own generator.
//!
//! All are v4 (RFC 9580 5.5.2.2), Ed25519 as legacy algorithm 22: cards and gpg 2.2 know no 27.

use std::time::SystemTime;

use keyrite_locked::Locked;
use ossl::OsslContext;
use ossl::pkey::{EvpPkey, PkeyData};
use sequoia_openpgp::crypto::mpi::{MPI, PublicKey, SecretKeyMaterial};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{Key4, KeyParts, PrimaryRole, SecretParts};
use sequoia_openpgp::types::{Curve, PublicKeyAlgorithm};

use super::error::Error;
use crate::model::algorithm::Algorithm;
use crate::model::timestamp::Timestamp;

/// A key that signs.
pub type SecretKey = Key<SecretParts, PrimaryRole>;

/// The key of a drawn `secret`: for Ed25519 a seed of 32 bytes (RFC 8032 5.1.5), for ECDSA a scalar from 1 to n - 1, big-endian
/// and as long as n (FIPS 186-5 6.2). The same secret and moment give the same key.
///
/// # Errors
/// [`Error::Library`] for RSA, for zero, and for a secret of another length; [`Error::Memory`].
pub(super) fn of_secret(algorithm: Algorithm, secret: &Locked, made: Timestamp) -> Result<SecretKey, Error> {
    let (curve, template) = match algorithm {
        Algorithm::Ed25519 => {
            let key = Key4::import_secret_ed25519(secret, SystemTime::from(made)).map_err(Error::library)?;
            return Ok(key.into());
        }
        Algorithm::NistP256 => (Curve::NistP256, P256),
        Algorithm::NistP384 => (Curve::NistP384, P384),
        Algorithm::NistP521 => (Curve::NistP521, P521),
        Algorithm::Rsa2048 | Algorithm::Rsa3072 | Algorithm::Rsa4096 => return Err(not_drawn()),
    };
    let public = PublicKey::ECDSA { curve, q: MPI::new(&public_point(template, secret)?) };
    let secret = SecretKeyMaterial::ECDSA { scalar: secret[..].into() };
    let key = Key4::with_secret(SystemTime::from(made), PublicKeyAlgorithm::ECDSA, public, secret.into());
    key.map(Key::from).map_err(Error::library)
}

/// A key from the library's own generator: roots on RSA, throwaway keys, and what tests a card.
///
/// # Errors
/// [`Error::Library`].
pub fn generated(algorithm: Algorithm, made: Timestamp) -> Result<SecretKey, Error> {
    let key = match algorithm {
        Algorithm::Ed25519 => Key4::generate_ecc(true, Curve::Ed25519),
        Algorithm::NistP256 => Key4::generate_ecc(true, Curve::NistP256),
        Algorithm::NistP384 => Key4::generate_ecc(true, Curve::NistP384),
        Algorithm::NistP521 => Key4::generate_ecc(true, Curve::NistP521),
        Algorithm::Rsa2048 => Key4::generate_rsa(2048),
        Algorithm::Rsa3072 => Key4::generate_rsa(3072),
        Algorithm::Rsa4096 => Key4::generate_rsa(4096),
    };
    let mut key = key.map_err(Error::library)?;
    key.set_creation_time(SystemTime::from(made)).map_err(Error::library)?;
    Ok(key.into())
}

/// The algorithm of a key; none for one that keyrite makes no keys of.
pub(super) fn algorithm_of<P: KeyParts>(key: &Key<P, PrimaryRole>) -> Option<Algorithm> {
    match key.mpis() {
        PublicKey::EdDSA { curve: Curve::Ed25519, .. } => Some(Algorithm::Ed25519),
        PublicKey::ECDSA { curve: Curve::NistP256, .. } => Some(Algorithm::NistP256),
        PublicKey::ECDSA { curve: Curve::NistP384, .. } => Some(Algorithm::NistP384),
        PublicKey::ECDSA { curve: Curve::NistP521, .. } => Some(Algorithm::NistP521),
        PublicKey::RSA { n, .. } => Algorithm::ALL.iter().copied().find(|one| one.modulus() == Some(n.bits())),
        _ => None,
    }
}

fn not_drawn() -> Error {
    Error::library(sequoia_openpgp::Error::InvalidArgument("RSA keys are not drawn from bytes".to_owned()).into())
}

/// The public point of a scalar, uncompressed (SEC 1 2.3.3), by OpenSSL: the library computes with it too, but has no call for
/// this. OpenSSL computes the point of a private key that comes without one (`d2i_PrivateKey(3)`), in constant time.
fn public_point(template: &[u8], scalar: &Locked) -> Result<Vec<u8>, Error> {
    let failed = |error: ossl::Error| Error::library(error.into());
    // The last byte of the template is the length of the scalar that follows.
    if template.last().copied().map(usize::from) != Some(scalar.len()) {
        let message = format!("a scalar of {} bytes", scalar.len());
        return Err(Error::library(sequoia_openpgp::Error::InvalidArgument(message).into()));
    }
    let mut der = Locked::zeroed(template.len() + scalar.len())?;
    let (head, tail) = der.split_at_mut(template.len());
    head.copy_from_slice(template);
    tail.copy_from_slice(scalar);
    let context = OsslContext::new_lib_ctx_checked().map_err(failed)?;
    let key = EvpPkey::from_der(&context, &der).map_err(failed)?;
    let point = match key.export_public().map_err(failed)? {
        PkeyData::Ecc(mut data) => data.pubkey.take(),
        _ => None,
    };
    // 04, x and y: anything else is no point of this curve.
    point.filter(|point| point.first() == Some(&4) && point.len() == 1 + 2 * scalar.len()).ok_or_else(|| {
        Error::library(sequoia_openpgp::Error::InvalidOperation("no point for a scalar".to_owned()).into())
    })
}

/// A private key in PKCS #8 (RFC 5958 2, RFC 5915 3) up to its scalar: version 0, ecPublicKey, the curve, version 1.
#[rustfmt::skip]
const P256: &[u8] = &[
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20,
];
/// As above.
#[rustfmt::skip]
const P384: &[u8] = &[
    0x30, 0x4e, 0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22,
    0x04, 0x37, 0x30, 0x35, 0x02, 0x01, 0x01, 0x04, 0x30,
];
/// As above.
#[rustfmt::skip]
const P521: &[u8] = &[
    0x30, 0x60, 0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23,
    0x04, 0x49, 0x30, 0x47, 0x02, 0x01, 0x01, 0x04, 0x42,
];

#[cfg(test)]
mod tests {
    use super::super::testing::NOW;
    use super::*;

    const CURVES: [(Algorithm, usize); 3] =
        [(Algorithm::NistP256, 32), (Algorithm::NistP384, 48), (Algorithm::NistP521, 66)];

    fn locked(bytes: &[u8]) -> Locked {
        Locked::copy_of(bytes).expect("locked memory")
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
        (0..hex.len()).step_by(2).map(digits).collect()
    }

    fn point_of(key: &SecretKey) -> String {
        match key.mpis() {
            PublicKey::ECDSA { q, .. } => hex(q.value()),
            _ => panic!("not on a curve"),
        }
    }

    /// The keys of RFC 6979 A.2.5 to A.2.7.
    #[test]
    fn a_scalar_has_the_point_that_the_rfc_says() {
        let cases = [
            (
                Algorithm::NistP256,
                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
                "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e\
                 9f5177a3c294d4462299",
            ),
            (
                Algorithm::NistP384,
                "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
                "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc138015d9b72d7d\
                 57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
            ),
            (
                Algorithm::NistP521,
                "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67\
                 db89ec0c08b0e996b83538",
                "0401894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d38ffa16d\
                 2bd761dcac474b9a2f5023a400493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34a8280\
                 08b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5",
            ),
        ];
        for (algorithm, scalar, point) in cases {
            let key = of_secret(algorithm, &locked(&bytes(scalar)), NOW).expect("a key");
            assert_eq!(point_of(&key), point, "{algorithm}");
            assert_eq!(algorithm_of(&key), Some(algorithm));
        }
    }

    /// A scalar that begins with zeros loses them in the packet, and nothing else.
    #[test]
    fn a_scalar_that_begins_with_zeros_is_the_same_scalar() {
        use sequoia_openpgp::crypto::Signer as _;
        use sequoia_openpgp::types::HashAlgorithm::SHA512;
        for (algorithm, length) in CURVES {
            let mut short = vec![0; length];
            short[length - 9..].copy_from_slice(b"test only");
            let key = of_secret(algorithm, &locked(&short), NOW).expect("a key");
            let signature = key.clone().into_keypair().expect("a pair").sign(SHA512, &[7; 64]).expect("signed");
            key.parts_as_public().verify(&signature, SHA512, &[7; 64]).expect("the halves fit");
        }
    }

    #[test]
    fn what_is_no_scalar_gives_no_key() {
        for (algorithm, length) in CURVES {
            for wrong in [vec![0; length], vec![1; length - 1], vec![1; length + 1], Vec::new()] {
                assert!(of_secret(algorithm, &locked(&wrong), NOW).is_err(), "{algorithm} {}", wrong.len());
            }
        }
        assert!(of_secret(Algorithm::Rsa3072, &locked(&[1; 32]), NOW).is_err());
        assert!(of_secret(Algorithm::Ed25519, &locked(&[1; 31]), NOW).is_err());
    }

    #[test]
    fn a_generated_key_is_of_the_algorithm_that_was_asked_for() {
        // Longer RSA keys take seconds; ceremonies generate them, in tests/algorithms.
        let is_quick = |one: &Algorithm| one.modulus().is_none_or(|bits| bits == 2048);
        for algorithm in Algorithm::ALL.iter().copied().filter(is_quick) {
            let (one, other) = (generated(algorithm, NOW).expect("a key"), generated(algorithm, NOW).expect("a key"));
            assert_eq!(algorithm_of(&one), Some(algorithm));
            assert_eq!(one.creation_time(), SystemTime::from(NOW));
            assert_ne!(one.fingerprint(), other.fingerprint(), "{algorithm}");
        }
    }
}
