//! Who does what in the room.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The part a person plays in a ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Holds one half of a root card's admin PIN and reset code.
    AdminHolder,
    /// Brings the cards and takes them away.
    CardKeeper,
    /// Holds one share of a root's sealed backup.
    Custodian,
    /// Reads the script aloud.
    Leader,
    /// Types.
    Operator,
    /// Holds one half of a card's user PIN.
    PinHolder,
    /// Holds one share of the sealed revocation certificate.
    RevocationHolder,
    /// Watches, and compares the clock.
    Witness,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AdminHolder => "admin-holder",
            Self::CardKeeper => "card-keeper",
            Self::Custodian => "custodian",
            Self::Leader => "leader",
            Self::Operator => "operator",
            Self::PinHolder => "pin-holder",
            Self::RevocationHolder => "revocation-holder",
            Self::Witness => "witness",
        })
    }
}

/// One of the people who share a role: `custodian 3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seat {
    /// The role.
    pub role: Role,
    /// Counted from 1.
    pub number: u8,
}

impl Seat {
    /// The first, or only, holder of a role.
    #[must_use]
    pub const fn first(role: Role) -> Self {
        Self { role, number: 1 }
    }

    /// All `count` seats of a role, in order.
    pub fn all(role: Role, count: u8) -> impl Iterator<Item = Self> {
        (1..=count).map(move |number| Self { role, number })
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.role, self.number)
    }
}
