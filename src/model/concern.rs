//! What makers have published of a card's faults, and what that means for the key the card is for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The advisories that were compared with a card, as a transcript records them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Compared {
    /// When the list was last looked up, `2026-11-22`.
    pub looked_up: String,
    /// Those of this card's maker and firmware.
    pub concerns: Vec<Concern>,
}

/// An advisory, and what it means here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Concern {
    /// Its name: `YSA-2024-03`.
    pub advisory: String,
    /// What it means for the key that this card is for.
    pub bearing: Bearing,
}

/// What an advisory means for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bearing {
    /// The card is of an affected kind, and so is the key.
    Breaks,
    /// The key is of an affected kind, and the card does not tell whether it is.
    Unknown,
    /// The card is of an affected kind, and the key is not.
    Spares,
}

impl fmt::Display for Bearing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Breaks => "concerns this key",
            Self::Unknown => "may concern this key",
            Self::Spares => "is not known to concern this key",
        })
    }
}
