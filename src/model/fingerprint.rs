//! OpenPGP v4 fingerprints.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::hash::{from_hex, grouped};

/// A v4 fingerprint (RFC 9580 5.5.4.2); shown and stored as 40 upper-case hex digits. Cards know no other version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 20]);

/// Not 40 hex digits.
#[derive(Debug, thiserror::Error)]
#[error("not an OpenPGP v4 fingerprint of 40 hex digits")]
pub struct NotAFingerprint;

impl Fingerprint {
    /// In groups of four, as gpg prints it and as it is read aloud.
    #[must_use]
    pub fn groups(&self) -> String {
        grouped(&self.to_string())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    fn from_str(text: &str) -> Result<Self, NotAFingerprint> {
        let plain: String = text.chars().filter(|c| *c != ' ').collect();
        from_hex(&plain).map(Self).ok_or(NotAFingerprint)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
