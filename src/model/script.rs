//! The head of a ceremony script, and its steps.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::StepId;
use super::role::Role;

/// What a ceremony is for: decides in which room it begins and in which it must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What is done to cards in service: their PINs, and what they hold.
    CardService,
    /// New delegations under an existing root.
    Delegation,
    /// A new share set of a root's backup in place of the one before it.
    Reshare,
    /// A root's backup is tried.
    RestoreDrill,
    /// The organization's first records key and a root.
    RootGeneration,
}

impl Kind {
    /// What it is for, in a sentence for those who come together for it.
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::CardService => "Cards that the organization has are served: their codes, and what they hold.",
            Self::Delegation => "A root vouches for the keys of release engineers, who may sign until a date.",
            Self::Reshare => {
                "The shares of a root's backup are made anew, with another passphrase; the old ones are destroyed before everybody."
            }
            Self::RestoreDrill => {
                "The backup of a root is tried: whether the people and papers that should restore it still do."
            }
            Self::RootGeneration => {
                "The organization gets a root: the key that all its signatures hang on. What is done here once is relied on for years."
            }
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CardService => "card-service",
            Self::Delegation => "delegation",
            Self::Reshare => "reshare",
            Self::RestoreDrill => "restore-drill",
            Self::RootGeneration => "root-generation",
        })
    }
}

/// The part of a script above its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What it is for.
    pub kind: Kind,
    /// Its title, as read aloud.
    pub title: String,
    /// How many people each role needs.
    pub roles: BTreeMap<Role, u8>,
}

/// A step's words; its act follows in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// As it is called aloud.
    pub id: StepId,
    /// Who acts.
    pub who: Role,
    /// What the leader reads.
    pub say: String,
}
