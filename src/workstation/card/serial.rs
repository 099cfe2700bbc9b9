//! The number that a card has from its maker.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::hash::from_hex;

/// Manufacturer and serial number out of the application identifier (4.2.1); shown and stored as `FFFF:0A0B0C0D`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial {
    /// The manufacturer, as registered with the FSF Europe.
    pub manufacturer: u16,
    /// The number, unique for the manufacturer.
    pub number: u32,
}

/// Not `FFFF:0A0B0C0D`.
#[derive(Debug, thiserror::Error)]
#[error("not a card's serial such as 0006:0A0B0C0D")]
pub struct NotASerial;

impl Serial {
    /// Whether this is a card for tests: 0x0000 and 0xFFFF are given to no maker (4.2.1).
    #[must_use]
    pub fn is_test(self) -> bool {
        matches!(self.manufacturer, 0x0000 | 0xffff)
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}:{:08X}", self.manufacturer, self.number)
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Serial {
    type Err = NotASerial;

    fn from_str(text: &str) -> Result<Self, NotASerial> {
        let (manufacturer, number) = text.split_once(':').ok_or(NotASerial)?;
        Ok(Self {
            manufacturer: from_hex(manufacturer).map(u16::from_be_bytes).ok_or(NotASerial)?,
            number: from_hex(number).map(u32::from_be_bytes).ok_or(NotASerial)?,
        })
    }
}

impl Serialize for Serial {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Serial {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        let serial = Serial { manufacturer: 6, number: 0x0a0b_0c0d };
        assert_eq!(serial.to_string(), "0006:0A0B0C0D");
        assert_eq!(serial.to_string().parse::<Serial>().expect("own output"), serial);
        for wrong in ["", "0006", "00060A0B0C0D", "6:0A0B0C0D", "0006:A0B0C0D", "0006:0A0B0C0D:", "+006:0A0B0C0D"] {
            assert!(wrong.parse::<Serial>().is_err(), "{wrong}");
        }
        assert!(!serial.is_test() && Serial { manufacturer: 0xffff, number: 0 }.is_test());
    }
}
