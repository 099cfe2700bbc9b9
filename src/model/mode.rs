//! Rehearsal, dress rehearsal, production.

use serde::{Deserialize, Serialize};

/// How much a ceremony counts (custody rule 13). What one mode made, another refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Virtual cards, a scripted cast, everything marked.
    Rehearsal,
    /// Real cards and people, everything marked, cards reset at the end.
    DressRehearsal,
    /// The real thing.
    Production,
}

impl Mode {
    /// What stands in every user ID and on every page of this mode: nothing in production.
    #[must_use]
    pub fn mark(self) -> Option<&'static str> {
        match self {
            Self::Rehearsal => Some("REHEARSAL, NOT FOR USE"),
            Self::DressRehearsal => Some("DRESS REHEARSAL, NOT FOR USE"),
            Self::Production => None,
        }
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rehearsal => "rehearsal",
            Self::DressRehearsal => "dress rehearsal",
            Self::Production => "production",
        })
    }
}
