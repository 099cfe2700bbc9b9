//! What kinds of keys roots and the records key can be.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of key. In files: `ed25519`, `nist-p256`, `rsa4096`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Ed25519, as OpenPGP's algorithm 22.
    Ed25519,
    /// ECDSA on NIST P-256.
    NistP256,
    /// ECDSA on NIST P-384.
    NistP384,
    /// ECDSA on NIST P-521.
    NistP521,
    /// RSA with a modulus of 2048 bits: too short for a key of this organization.
    Rsa2048,
    /// RSA with a modulus of 3072 bits.
    Rsa3072,
    /// RSA with a modulus of 4096 bits.
    Rsa4096,
}

impl Algorithm {
    /// Every one.
    pub const ALL: &[Self] =
        &[Self::Ed25519, Self::NistP256, Self::NistP384, Self::NistP521, Self::Rsa2048, Self::Rsa3072, Self::Rsa4096];

    /// The bits of the modulus; none for what is on a curve.
    #[must_use]
    pub fn modulus(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(2048),
            Self::Rsa3072 => Some(3072),
            Self::Rsa4096 => Some(4096),
            Self::Ed25519 | Self::NistP256 | Self::NistP384 | Self::NistP521 => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "Ed25519",
            Self::NistP256 => "NIST P-256",
            Self::NistP384 => "NIST P-384",
            Self::NistP521 => "NIST P-521",
            Self::Rsa2048 => "RSA-2048",
            Self::Rsa3072 => "RSA-3072",
            Self::Rsa4096 => "RSA-4096",
        })
    }
}
