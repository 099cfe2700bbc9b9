//! The roster: who is a release engineer, on which conditions, and what may be delegated to whom. Reviewed policy, no secret.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::day::Day;
use super::domain::Domain;
use super::name::{ConditionName, RootName, SignerName};

/// What a roster file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Whose it is.
    pub organization: String,
    /// One more than that of the roster before it: an old one is never taken for a new one.
    pub serial: u32,
    /// What holds for every delegation.
    pub policy: SignerPolicy,
    /// What a signer must have, by name.
    pub conditions: BTreeMap<ConditionName, Condition>,
    /// Who is a signer.
    pub signers: BTreeMap<SignerName, Signer>,
}

/// What holds for every delegation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerPolicy {
    /// The longest delegation, in days.
    pub longest: u32,
    /// From what age a request is too old to be answered, in days.
    pub stale: u32,
    /// Of which kinds signing keys may be.
    pub algorithms: BTreeSet<KeyKind>,
    /// Where a signer's key may be kept, as its request says.
    pub kept: BTreeSet<Kept>,
}

/// What kind a signing key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// ECDSA on NIST P-256.
    NistP256,
    /// ECDSA on NIST P-384.
    NistP384,
    /// ECDSA on NIST P-521.
    NistP521,
    /// RSA of 3072 bits or more.
    Rsa,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Ed25519, Self::Ed448, Self::NistP256, Self::NistP384, Self::NistP521, Self::Rsa];

    /// As it stands in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Ed448 => "ed448",
            Self::NistP256 => "nist-p256",
            Self::NistP384 => "nist-p384",
            Self::NistP521 => "nist-p521",
            Self::Rsa => "rsa",
        }
    }
}

/// Where a signer keeps their key. They say so themselves: nobody can see it from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// On a card or token that does not give it out.
    Card,
    /// In a file under a passphrase.
    File,
}

impl Kept {
    /// As it stands in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::File => "file",
        }
    }
}

/// What a signer must have, in the organization's own words: `member of the organization on the source host`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What it is.
    pub what: String,
    /// How many days after it was looked at it is looked at again.
    pub recheck_days: u32,
}

/// A release engineer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Since when.
    pub since: Day,
    /// Their user IDs: what stands in a certificate must be one of these, letter by letter.
    pub user_ids: BTreeSet<String>,
    /// What may be delegated to them: for each root, the scopes.
    pub may: BTreeMap<RootName, BTreeSet<String>>,
    /// Where they may vouch for others without a ceremony: for each root, the domain.
    pub vouches: BTreeMap<RootName, Domain>,
    /// The conditions that somebody saw to be met.
    pub met: BTreeMap<ConditionName, Met>,
}

/// That a condition is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// What shows it.
    pub evidence: String,
    /// Who looked.
    pub by: String,
    /// When.
    pub on: Day,
    /// Until when that is good.
    pub recheck: Day,
}

/// Why a signer may not have a delegation now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmet {
    /// Nobody saw that the condition is met.
    Never(ConditionName),
    /// It was to be looked at again by this day.
    Overdue(ConditionName, Day),
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never(condition) => write!(f, "nobody saw that condition {condition} is met"),
            Self::Overdue(condition, by) => write!(f, "condition {condition} was to be looked at again by {by}"),
        }
    }
}

impl Roster {
    /// The conditions that do not bear out a delegation on `day`.
    #[must_use]
    pub fn unmet(&self, signer: &Signer, day: Day) -> Vec<Unmet> {
        let judge = |name: &ConditionName| match signer.met.get(name) {
            None => Some(Unmet::Never(name.clone())),
            Some(met) if met.recheck < day => Some(Unmet::Overdue(name.clone(), met.recheck)),
            Some(_) => None,
        };
        self.conditions.keys().filter_map(judge).collect()
    }
}
