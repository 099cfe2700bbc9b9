//! Which keys are strong enough, and what they are called.

use sequoia_openpgp::crypto::mpi::{MPI, PublicKey};
use sequoia_openpgp::packet::{Key, key};
use sequoia_openpgp::types::Curve;

use crate::model::roster::KeyKind;

/// The low-order points of Curve25519 in Edwards form, without the sign bit: a signature by one verifies for any text.
const LOW_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    with_first(1, 0, 0),
    hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    with_first(0xec, 0xff, 0x7f),
    with_first(0xed, 0xff, 0x7f),
    with_first(0xee, 0xff, 0x7f),
];

const fn with_first(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut out = [middle; 32];
    out[0] = first;
    out[31] = last;
    out
}

const fn hex(text: &str) -> [u8; 32] {
    const fn digit(byte: u8) -> u8 {
        if byte <= b'9' { byte - b'0' } else { byte - b'a' + 10 }
    }
    let (text, mut out, mut at) = (text.as_bytes(), [0; 32], 0);
    while at < 32 {
        out[at] = digit(text[2 * at]) * 16 + digit(text[2 * at + 1]);
        at += 1;
    }
    out
}

/// The algorithm as people say it: `RSA 4096`, `Ed25519`, `NIST P-384`.
pub(super) fn name<P: key::KeyParts, R: key::KeyRole>(key: &Key<P, R>) -> String {
    match key.mpis() {
        PublicKey::RSA { n, .. } => format!("RSA {}", n.bits()),
        PublicKey::EdDSA { curve, .. } | PublicKey::ECDSA { curve, .. } | PublicKey::ECDH { curve, .. } => {
            curve.to_string()
        }
        _ => key.pk_algo().to_string(),
    }
}

/// Of what kind a signing key is; none for one that is accepted in no case.
pub(super) fn kind<P: key::KeyParts, R: key::KeyRole>(key: &Key<P, R>) -> Option<KeyKind> {
    match key.mpis() {
        PublicKey::RSA { .. } => Some(KeyKind::Rsa),
        PublicKey::EdDSA { curve: Curve::Ed25519, .. } | PublicKey::Ed25519 { .. } => Some(KeyKind::Ed25519),
        PublicKey::Ed448 { .. } => Some(KeyKind::Ed448),
        PublicKey::ECDSA { curve: Curve::NistP256, .. } => Some(KeyKind::NistP256),
        PublicKey::ECDSA { curve: Curve::NistP384, .. } => Some(KeyKind::NistP384),
        PublicKey::ECDSA { curve: Curve::NistP521, .. } => Some(KeyKind::NistP521),
        _ => None,
    }
}

/// Why `key` must not sign for us, when it must not.
pub(super) fn weakness<P: key::KeyParts, R: key::KeyRole>(key: &Key<P, R>) -> Option<String> {
    match key.mpis() {
        PublicKey::RSA { n, e } => weakness_of_rsa(n, e),
        PublicKey::EdDSA { curve: Curve::Ed25519, q } => q
            .decode_point(&Curve::Ed25519)
            .map_or(Some("not a point"), |(point, _)| low_order(point))
            .map(str::to_owned),
        PublicKey::Ed25519 { a } => low_order(a).map(str::to_owned),
        PublicKey::ECDSA { curve: Curve::NistP256 | Curve::NistP384 | Curve::NistP521, .. }
        | PublicKey::Ed448 { .. } => None,
        _ => Some(format!("{} is not accepted for signing", name(key))),
    }
}

/// Why nothing must be encrypted to `key`, when nothing must. A point of low order gives no shared secret: the library refuses it
/// when it encrypts.
pub(super) fn weakness_in_hiding<P: key::KeyParts, R: key::KeyRole>(key: &Key<P, R>) -> Option<String> {
    match key.mpis() {
        PublicKey::RSA { n, e } => weakness_of_rsa(n, e),
        PublicKey::ECDH { curve: Curve::Cv25519 | Curve::NistP256 | Curve::NistP384 | Curve::NistP521, .. }
        | PublicKey::X25519 { .. }
        | PublicKey::X448 { .. } => None,
        _ => Some(format!("{} is not accepted for encrypting", name(key))),
    }
}

fn weakness_of_rsa(n: &MPI, e: &MPI) -> Option<String> {
    match n.bits() {
        3072..=8192 if e.value() != [1, 0, 1] => Some("RSA with an exponent other than 65537".to_owned()),
        3072..=8192 => is_roca(n.value()).then(|| "RSA key made by a faulty card (ROCA)".to_owned()),
        bits => Some(format!("RSA {bits}, where 3072 to 8192 bits are accepted")),
    }
}

fn low_order(point: &[u8]) -> Option<&'static str> {
    let mut point: [u8; 32] = match point.try_into() {
        Ok(point) => point,
        Err(_) => return Some("not a point"),
    };
    point[31] &= 0x7f;
    LOW_ORDER.contains(&point).then_some("a point of low order")
}

/// The test of Nemec et al., "The Return of Coppersmith's Attack" (CVE-2017-15361): modulo each of these primes, such a
/// modulus is a power of 65537. An honest one passes for all of them with a chance of about 2^-27.
fn is_roca(modulus: &[u8]) -> bool {
    const PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];
    PRIMES.iter().all(|&prime| {
        let rest = modulus.iter().fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % prime);
        let mut power = 1;
        (0..prime).any(|_| {
            power = power * (65537 % prime) % prime;
            power == rest
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sequoia_openpgp::crypto::mpi::MPI;
    use sequoia_openpgp::packet::key::Key4;
    use sequoia_openpgp::types::PublicKeyAlgorithm;

    fn ed25519(point: [u8; 32]) -> Option<String> {
        let key: Key4<key::PublicParts, key::PrimaryRole> =
            Key4::import_public_ed25519(&point, std::time::UNIX_EPOCH).expect("packet");
        weakness(&Key::from(key))
    }

    #[test]
    fn low_order_points_are_weak_with_either_sign() {
        for mut point in LOW_ORDER {
            assert!(ed25519(point).is_some(), "{point:02x?}");
            point[31] |= 0x80;
            assert!(ed25519(point).is_some(), "{point:02x?}");
        }
        assert_eq!(ed25519([0x58; 32]), None);
    }

    #[test]
    fn rsa_is_judged_by_length_exponent_and_origin() {
        let rsa = |n: &[u8], e: &[u8]| {
            let mpis = PublicKey::RSA { e: MPI::new(e), n: MPI::new(n) };
            let key: Key4<key::PublicParts, key::PrimaryRole> =
                Key4::new(std::time::UNIX_EPOCH, PublicKeyAlgorithm::RSAEncryptSign, mpis).expect("packet");
            weakness(&Key::from(key))
        };
        assert_eq!(rsa(&[0xb5; 384], &[1, 0, 1]), None);
        assert!(rsa(&[0xb5; 256], &[1, 0, 1]).is_some_and(|why| why.contains("2048")));
        assert!(rsa(&[0xb5; 384], &[3]).is_some_and(|why| why.contains("exponent")));
        // 65537^192 has the shape that the faulty cards give, if not the length of two primes.
        let mut modulus = vec![1];
        for _ in 0..191 {
            let shifted = [modulus.as_slice(), &[0, 0]].concat();
            let added = [&[0, 0], modulus.as_slice()].concat();
            let mut carry = 0_u16;
            modulus = shifted
                .iter()
                .zip(&added)
                .rev()
                .map(|(a, b)| {
                    let sum = u16::from(*a) + u16::from(*b) + carry;
                    carry = sum >> 8;
                    (sum & 0xff) as u8
                })
                .collect();
            modulus.reverse();
        }
        assert!(is_roca(&modulus));
        assert!(!is_roca(&[0xb5; 384]));
    }
}
