//! What was seen of the workstation, and how fit that leaves it.

use serde::{Deserialize, Serialize};

/// How fit: the colour as a word, for those who read aloud and those who do not see colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colour {
    /// Green: as it should be.
    Fit,
    /// Yellow: people should know.
    Note,
    /// Red: no production on such a machine.
    Unfit,
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Fit => "fit",
            Self::Note => "note",
            Self::Unfit => "unfit",
        })
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Finding {
    /// What was looked at: `network.interfaces`.
    pub id: String,
    /// How fit that is.
    pub colour: Colour,
    /// What was seen, in words that are read aloud.
    pub words: String,
}
