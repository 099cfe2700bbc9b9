//! Keys that are refused whichever card made them.

use sequoia_openpgp::crypto::mpi;

/// The smallest modulus that is accepted.
const RSA_BITS_MIN: usize = 2048;

/// y of the points of order 1, 2, 4 and 8 on edwards25519, little-endian, and their encodings that are not reduced; the
/// sign of x is left out. (RFC 8032 5.1.7; the list of libsodium's `ge25519_has_small_order`.)
const LOW_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    edge(0x01, 0x00, 0x00),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    edge(0xec, 0xff, 0x7f),
    edge(0xed, 0xff, 0x7f),
    edge(0xee, 0xff, 0x7f),
];

/// First byte, thirty in the middle, last byte.
const fn edge(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// Why a public key is weak; `None` when nothing is known against it.
pub(super) fn weakness(key: &mpi::PublicKey) -> Option<&'static str> {
    match key {
        mpi::PublicKey::RSA { e, n } => weak_rsa(e.value(), n),
        mpi::PublicKey::EdDSA { q, .. } => {
            let mut y: [u8; 32] = q.value().strip_prefix(&[0x40])?.try_into().ok()?;
            y[31] &= 0x7f;
            LOW_ORDER.contains(&y).then_some("its point is of low order")
        }
        _ => None,
    }
}

fn weak_rsa(e: &[u8], n: &mpi::MPI) -> Option<&'static str> {
    if e != [1, 0, 1] {
        Some("its public exponent is not 65537")
    } else if n.bits() < RSA_BITS_MIN {
        Some("its modulus is shorter than 2048 bits")
    } else if !n.bits().is_multiple_of(8) || n.value().last().is_none_or(|last| last % 2 == 0) {
        Some("its modulus is not the product of two primes of half its length")
    } else if is_roca(n.value()) {
        Some("its modulus was made by a generator known to be broken (ROCA, CVE-2017-15361)")
    } else {
        None
    }
}

/// Moduli of Infineon's broken generator are a power of 65537 modulo each small prime (Nemec et al., CCS 2017, 3.1). Another
/// modulus passes all of these by chance once in 2^27.
fn is_roca(n: &[u8]) -> bool {
    const PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
        109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES.iter().all(|prime| {
        let rest = n.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        (0..*prime).any(|_| {
            power = power * 65537 % prime;
            power == rest
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sequoia_openpgp::types::Curve;

    fn rsa(e: &[u8], n: &[u8]) -> mpi::PublicKey {
        mpi::PublicKey::RSA { e: mpi::MPI::new(e), n: mpi::MPI::new(n) }
    }

    #[test]
    fn weak_rsa_keys_have_a_reason() {
        let mut n = [0xc5; 256];
        assert_eq!(weakness(&rsa(&[1, 0, 1], &n)), None);
        assert!(weakness(&rsa(&[3], &n)).is_some_and(|reason| reason.contains("exponent")));
        assert!(weakness(&rsa(&[1, 0, 1], &n[..128])).is_some_and(|reason| reason.contains("2048")));
        n[0] = 0x45;
        assert!(weakness(&rsa(&[1, 0, 1], &n)).is_some_and(|reason| reason.contains("2048")));
        // 1 is 65537 to the power 0 modulo every prime, and so is 1 plus a multiple of all of them.
        assert!(is_roca(&[1]) && is_roca(&[1, 0, 1]) && !is_roca(&[1, 0, 3]));
    }

    #[test]
    fn low_order_points_are_refused_with_either_sign() {
        for mut y in LOW_ORDER {
            for sign in [0, 0x80] {
                y[31] |= sign;
                let q = mpi::MPI::new_compressed_point(&y);
                assert!(weakness(&mpi::PublicKey::EdDSA { curve: Curve::Ed25519, q }).is_some());
            }
        }
        let q = mpi::MPI::new_compressed_point(&[9; 32]);
        assert_eq!(weakness(&mpi::PublicKey::EdDSA { curve: Curve::Ed25519, q }), None);
    }
}
