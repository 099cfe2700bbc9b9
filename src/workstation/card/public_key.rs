//! Public keys, as cards give them and as OpenPGP has them.

use openpgp_card::ocard::algorithm::{AlgorithmAttributes, Curve as CardCurve};
use openpgp_card::ocard::crypto::{EccPub, EccType, PublicKeyMaterial};
use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, PublicParts};
use sequoia_openpgp::packet::{Key, Packet};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::MarshalInto;
use sequoia_openpgp::types::{Curve, PublicKeyAlgorithm};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;

/// The public half of a card's key, v4 (RFC 9580 5.5.2.2); stored as the hex of its packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Box<Key<PublicParts, PrimaryRole>>);

impl PublicKey {
    /// The packet.
    #[must_use]
    pub fn key(&self) -> &Key<PublicParts, PrimaryRole> {
        &self.0
    }

    /// Its fingerprint; all zero for a version other than 4, which [`PublicKey`] never is.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.0.fingerprint().as_bytes().try_into().unwrap_or_default())
    }

    /// The OpenPGP key for what a card says. `None` for curves and encodings that keyrite has no use for.
    pub(super) fn from_card(material: &PublicKeyMaterial, created: Timestamp) -> Option<Self> {
        let (algorithm, mpis) = match material {
            PublicKeyMaterial::R(rsa) => (
                PublicKeyAlgorithm::RSAEncryptSign,
                mpi::PublicKey::RSA { e: mpi::MPI::new(rsa.v()), n: mpi::MPI::new(rsa.n()) },
            ),
            PublicKeyMaterial::E(ecc) => elliptic(ecc)?,
        };
        Key4::new(created, algorithm, mpis).ok().map(|key| Self(Box::new(key.into())))
    }
}

impl From<Key<PublicParts, PrimaryRole>> for PublicKey {
    fn from(key: Key<PublicParts, PrimaryRole>) -> Self {
        Self(Box::new(key))
    }
}

fn elliptic(ecc: &EccPub) -> Option<(PublicKeyAlgorithm, mpi::PublicKey)> {
    let AlgorithmAttributes::Ecc(attributes) = ecc.algo() else {
        return None;
    };
    let ecdsa = |curve: Curve, length: usize| {
        let q = ecc.data();
        (attributes.ecc_type() == EccType::ECDSA && q.len() == length && q.first() == Some(&0x04))
            .then(|| (PublicKeyAlgorithm::ECDSA, mpi::PublicKey::ECDSA { curve, q: mpi::MPI::new(q) }))
    };
    match attributes.curve() {
        // Algorithm 22 and not 27: cards and gpg 2.2 know no other. Some cards give the point with OpenPGP's 0x40 prefix.
        CardCurve::Ed25519 => {
            let point: [u8; 32] = match ecc.data() {
                [0x40, point @ ..] if point.len() == 32 => point.try_into().ok()?,
                point => point.try_into().ok()?,
            };
            let q = mpi::MPI::new_compressed_point(&point);
            Some((PublicKeyAlgorithm::EdDSA, mpi::PublicKey::EdDSA { curve: Curve::Ed25519, q }))
        }
        CardCurve::NistP256r1 => ecdsa(Curve::NistP256, 65),
        CardCurve::NistP384r1 => ecdsa(Curve::NistP384, 97),
        CardCurve::NistP521r1 => ecdsa(Curve::NistP521, 133),
        _ => None,
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let packet = Packet::from((*self.0).clone()).to_vec().map_err(serde::ser::Error::custom)?;
        serializer.collect_str(&sequoia_openpgp::fmt::hex::encode(packet))
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = sequoia_openpgp::fmt::hex::decode(&text).map_err(serde::de::Error::custom)?;
        match Packet::from_bytes(&bytes) {
            Ok(Packet::PublicKey(key @ Key::V4(_))) => Ok(Self(Box::new(key))),
            _ => Err(serde::de::Error::custom("not the packet of a v4 public key")),
        }
    }
}
