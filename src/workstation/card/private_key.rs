//! A private key, as the card client uploads it (Cardholder private key template, 4.4.3.12).
//!
//! MPIs lose their leading zeros, and the card wants numbers of full length: without padding, one of 256 keys is refused
//! or, worse, taken for another one.

use openpgp_card::Error;
use openpgp_card::ocard::algorithm::Curve as CardCurve;
use openpgp_card::ocard::crypto::{CardUploadableKey, EccKey, EccType, PrivateKeyMaterial, RSAKey};
use openpgp_card::ocard::data::{Fingerprint, KeyGenerationTime};
use sequoia_openpgp::crypto::mpi::{MPI, ProtectedMPI, PublicKey as PublicNumbers, SecretKeyMaterial as SecretNumbers};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PrimaryRole, SecretKeyMaterial, SecretParts};
use sequoia_openpgp::types::Curve;
use zeroize::Zeroizing;

type Secret = Zeroizing<Vec<u8>>;

/// A key to upload.
pub(super) struct Upload<'k> {
    pub(super) key: &'k Key<SecretParts, PrimaryRole>,
    pub(super) fingerprint: [u8; 20],
    pub(super) created: u32,
}

impl CardUploadableKey for Upload<'_> {
    fn private_key(&self) -> Result<PrivateKeyMaterial, Error> {
        let SecretKeyMaterial::Unencrypted(secret) = self.key.secret() else {
            return Err(Error::UnsupportedAlgo("a key under a passphrase".to_owned()));
        };
        secret
            .map(|secret| material(self.key.mpis(), secret))
            .ok_or_else(|| Error::UnsupportedAlgo(self.key.pk_algo().to_string()))
    }

    fn timestamp(&self) -> KeyGenerationTime {
        self.created.into()
    }

    fn fingerprint(&self) -> Result<Fingerprint, Error> {
        Ok(self.fingerprint.into())
    }
}

/// `None` for what keyrite does not write to cards.
fn material(public: &PublicNumbers, secret: &SecretNumbers) -> Option<PrivateKeyMaterial> {
    match (public, secret) {
        (PublicNumbers::EdDSA { curve: Curve::Ed25519, q }, SecretNumbers::EdDSA { scalar }) => {
            // The public key goes with its 0x40 prefix; opcard stores it unchecked, so sign a test after the import.
            Some(elliptic(&CardCurve::Ed25519, EccType::EdDSA, padded(scalar, 32)?, q))
        }
        (PublicNumbers::ECDSA { curve, q }, SecretNumbers::ECDSA { scalar }) => {
            let (curve, length) = match curve {
                Curve::NistP256 => (CardCurve::NistP256r1, 32),
                Curve::NistP384 => (CardCurve::NistP384r1, 48),
                Curve::NistP521 => (CardCurve::NistP521r1, 66),
                _ => return None,
            };
            Some(elliptic(&curve, EccType::ECDSA, padded(scalar, length)?, q))
        }
        (PublicNumbers::RSA { e, n }, SecretNumbers::RSA { d, p, q, u }) => rsa(e, n, [d, p, q, u]),
        _ => None,
    }
}

/// Big-endian, with leading zeros; `None` when the number is longer than that.
fn padded(number: &ProtectedMPI, length: usize) -> Option<Secret> {
    // `value_padded` would cut a longer number off.
    (number.value().len() <= length).then(|| Secret::new(number.value_padded(length).to_vec()))
}

struct Elliptic {
    oid: Vec<u8>,
    kind: EccType,
    private: Secret,
    public: Vec<u8>,
}

fn elliptic(curve: &CardCurve, kind: EccType, private: Secret, public: &MPI) -> PrivateKeyMaterial {
    let key = Elliptic { oid: curve.oid().to_vec(), kind, private, public: public.value().to_vec() };
    PrivateKeyMaterial::E(Box::new(key))
}

impl EccKey for Elliptic {
    fn oid(&self) -> &[u8] {
        &self.oid
    }

    fn private(&self) -> &[u8] {
        &self.private
    }

    fn public(&self) -> &[u8] {
        &self.public
    }

    fn ecc_type(&self) -> EccType {
        self.kind
    }
}

struct Rsa {
    e: Vec<u8>,
    n: Vec<u8>,
    p: Secret,
    q: Secret,
    /// 1/q mod p.
    pq: Secret,
    /// d mod (p - 1).
    dp1: Secret,
    /// d mod (q - 1).
    dq1: Secret,
}

/// OpenPGP has u = 1/p mod q (RFC 9580 5.5.5.1), cards have 1/q mod p: the primes change places.
fn rsa(e: &MPI, n: &MPI, [d, p, q, u]: [&ProtectedMPI; 4]) -> Option<PrivateKeyMaterial> {
    let half = n.value().len().div_ceil(2);
    let (p, q) = (padded(q, half)?, padded(p, half)?);
    let key = Rsa {
        e: e.value().to_vec(),
        n: n.value().to_vec(),
        pq: padded(u, half)?,
        dp1: modulo(d.value(), &minus_one(&p)),
        dq1: modulo(d.value(), &minus_one(&q)),
        p,
        q,
    };
    Some(PrivateKeyMaterial::R(Box::new(key)))
}

impl RSAKey for Rsa {
    fn e(&self) -> &[u8] {
        &self.e
    }

    fn p(&self) -> &[u8] {
        &self.p
    }

    fn q(&self) -> &[u8] {
        &self.q
    }

    fn pq(&self) -> &[u8] {
        &self.pq
    }

    fn dp1(&self) -> &[u8] {
        &self.dp1
    }

    fn dq1(&self) -> &[u8] {
        &self.dq1
    }

    fn n(&self) -> &[u8] {
        &self.n
    }
}

/// A prime minus one: primes are odd, so nothing is borrowed.
fn minus_one(prime: &[u8]) -> Secret {
    let mut less = Secret::new(prime.to_vec());
    if let Some(last) = less.last_mut() {
        *last &= 0xfe;
    }
    less
}

/// `number` mod `by`, big-endian, as long as `by`: schoolbook division, bit by bit. It runs once for each import, on a
/// machine without a network, so it need not be fast, nor of constant time.
fn modulo(number: &[u8], by: &[u8]) -> Secret {
    // One byte more than `by`, for the doubling.
    let mut rest = Secret::new(vec![0; by.len() + 1]);
    for byte in number {
        for bit in (0..8).rev() {
            let mut carry = byte >> bit & 1;
            for digit in rest.iter_mut().rev() {
                (*digit, carry) = (*digit << 1 | carry, *digit >> 7);
            }
            subtract_if_not_less(&mut rest, by);
        }
    }
    rest.remove(0);
    rest
}

/// `rest` is one byte longer than `by`.
fn subtract_if_not_less(rest: &mut [u8], by: &[u8]) {
    let is_less = rest.first() == Some(&0) && rest.get(1..).is_some_and(|rest| rest < by);
    if is_less {
        return;
    }
    let mut borrow = false;
    for (digit, other) in rest.iter_mut().rev().zip(by.iter().rev().chain(std::iter::once(&0))) {
        let (less, under) = digit.overflowing_sub(*other);
        let (less, under_again) = less.overflowing_sub(u8::from(borrow));
        (*digit, borrow) = (less, under || under_again);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn modulo_is_the_remainder(number: u128, by in 1..=u64::MAX) {
            let rest = modulo(&number.to_be_bytes(), &by.to_be_bytes());
            let expected = u64::try_from(number % u128::from(by)).expect("less than by");
            prop_assert_eq!(rest.to_vec(), expected.to_be_bytes().to_vec());
        }
    }

    #[test]
    fn numbers_get_their_zeros_back_and_are_never_cut() {
        let short = ProtectedMPI::from(vec![0, 0, 7]);
        assert_eq!(padded(&short, 4).expect("fits").as_slice(), [0, 0, 0, 7]);
        assert!(padded(&ProtectedMPI::from(vec![1, 2, 3]), 2).is_none());
    }
}
