//! What is known in public of one set of shares: it goes to the register, and a single share is checked against it without
//! bringing any two together.

use crate::model::evidence::Sealed;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::BackupError;
use super::passphrase::{ALPHABET, symbol};
use super::share::{Quorum, Share};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::name::RootName;
use crate::model::role::Seat;
use crate::model::timestamp::Timestamp;

/// The longest statement that is read: sixteen shares take a quarter of it.
const LARGEST: usize = 16 * 1024;

/// The longest share, in bytes: 200 lines on its sheet, and far more than a passphrase needs.
pub const LONGEST_SHARE: u16 = 1600;

/// The id of one set: eight symbols of the passphrases' alphabet, so that sheets of different sets are never mixed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId([u8; 8]);

/// Not a set id.
#[derive(Debug, thiserror::Error)]
#[error("not a set id of 8 characters without 0, 1, I and O")]
pub struct NotASetId;

impl SetId {
    /// The id that these random bytes give.
    #[must_use]
    pub fn draw(random: [u8; 8]) -> Self {
        Self(random.map(symbol))
    }

    /// As text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for SetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|symbol| write!(f, "{}", char::from(*symbol)))
    }
}

impl FromStr for SetId {
    type Err = NotASetId;

    fn from_str(text: &str) -> Result<Self, NotASetId> {
        let id: [u8; 8] = text.to_ascii_uppercase().into_bytes().try_into().map_err(|_| NotASetId)?;
        if id.iter().all(|symbol| ALPHABET.contains(symbol)) { Ok(Self(id)) } else { Err(NotASetId) }
    }
}

impl Serialize for SetId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SetId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a set is, before anything was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Set {
    /// Its id.
    pub id: SetId,
    /// Rehearsal or production.
    pub mode: Mode,
    /// The root.
    pub root: RootName,
    /// The root's fingerprint.
    pub fingerprint: Fingerprint,
    /// What the message holds.
    pub content: Sealed,
    /// When it was sealed.
    pub made: Timestamp,
    /// When its first drill is due; none for a revocation certificate, which is opened once, to be used, nor in statements
    /// of older sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill_by: Option<Timestamp>,
}

impl Set {
    /// What is wrong with the date of its drill.
    fn wrong_drill(&self) -> Option<String> {
        let by = self.drill_by?;
        match self.content {
            Sealed::Revocation => {
                Some("`set.drill-by` is there, and no drill opens a revocation certificate".to_owned())
            }
            Sealed::Key => (by <= self.made).then(|| format!("`set.drill-by` is {by}, not after `set.made`")),
        }
    }
}

/// One share in the statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The share's number.
    pub number: u8,
    /// Who holds it.
    pub holder: Seat,
    /// SHA-256 of its bytes: what `sha256sum share.003` says.
    pub sha256: Hash,
}

/// A set of shares, in public.
///
/// Publishing the SHA-256 of each share gives nothing away that the sealed message does not. A share of a threshold of two or
/// more is uniformly random in every one of its bytes (272 bits for a passphrase's 34), so nobody guesses one from its hash.
/// Who has all shares but one of a quorum could use the missing share's hash to test guesses at the passphrase, of which 2^140
/// are equally likely; the sealed message, which is no secret either, already lets everybody do that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", rename_all = "kebab-case")]
pub struct SetStatement {
    format: Format,
    share_bytes: u16,
    message_sha256: Hash,
    set: Set,
    quorum: Quorum,
    share: Vec<Entry>,
}

/// The one form there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "keyrite-share-set-1")]
    One,
}

/// A statement as it stands in a file.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    format: Format,
    share_bytes: u16,
    message_sha256: Hash,
    set: Set,
    quorum: Quorum,
    share: Vec<Entry>,
}

impl TryFrom<Written> for SetStatement {
    type Error = BackupError;

    fn try_from(written: Written) -> Result<Self, BackupError> {
        let Written { format, share_bytes, message_sha256, set, quorum, share } = written;
        if !(1..=LONGEST_SHARE).contains(&share_bytes) {
            let reason = format!("`share-bytes` is {share_bytes}; it must be 1 to {LONGEST_SHARE}");
            return Err(BackupError::Statement(reason));
        }
        if !share.iter().map(|entry| entry.number).eq(1..=quorum.shares()) {
            let reason = format!("`share` must list the shares 1 to {} in this order", quorum.shares());
            return Err(BackupError::Statement(reason));
        }
        if let Some(reason) = set.wrong_drill() {
            return Err(BackupError::Statement(reason));
        }
        Ok(Self { format, share_bytes, message_sha256, set, quorum, share })
    }
}

impl SetStatement {
    /// The statement of a set just made: `shares` and `holders` in the order of their numbers.
    ///
    /// # Errors
    /// When shares, holders and quorum do not fit together.
    pub fn new(
        set: Set,
        quorum: Quorum,
        message: &[u8],
        shares: &[Share],
        holders: &[Seat],
    ) -> Result<Self, BackupError> {
        if holders.len() != shares.len() {
            let reason = format!("{} holders for {} shares", holders.len(), shares.len());
            return Err(BackupError::Statement(reason));
        }
        let len = shares.first().map_or(0, |share| share.bytes().len());
        if let Some(other) = shares.iter().find(|share| share.bytes().len() != len) {
            return Err(BackupError::ShareLength(other.number()));
        }
        let share_bytes = u16::try_from(len).map_err(|_| BackupError::Statement("shares too long".into()))?;
        let entry = |(share, holder): (&Share, &Seat)| Entry {
            number: share.number(),
            holder: *holder,
            sha256: Hash::of(share.bytes()),
        };
        let share = shares.iter().zip(holders).map(entry).collect();
        Self::try_from(Written {
            format: Format::One,
            share_bytes,
            message_sha256: Hash::of(message),
            set,
            quorum,
            share,
        })
    }

    /// Reads a statement from the register.
    ///
    /// # Errors
    /// When it is not in the strict form; an unknown key is an error.
    pub fn from_toml(text: &str) -> Result<Self, BackupError> {
        if text.len() > LARGEST {
            return Err(BackupError::Statement(format!("longer than {LARGEST} bytes")));
        }
        toml::from_str(text).map_err(|error| BackupError::Statement(error.message().into()))
    }

    /// The statement for the register. The same statement always gives the same text.
    ///
    /// # Errors
    /// Never, as far as is known: names, numbers and hashes all have a form in TOML.
    pub fn to_toml(&self) -> Result<String, BackupError> {
        toml::to_string(self).map_err(|error| BackupError::Statement(error.to_string()))
    }

    /// What the set is.
    #[must_use]
    pub fn set(&self) -> &Set {
        &self.set
    }

    /// How many shares there are and how many restore.
    #[must_use]
    pub fn quorum(&self) -> Quorum {
        self.quorum
    }

    /// The SHA-256 of the sealed message, armor and all.
    #[must_use]
    pub fn message(&self) -> Hash {
        self.message_sha256
    }

    /// How many bytes each share has.
    #[must_use]
    pub fn share_len(&self) -> usize {
        self.share_bytes.into()
    }

    /// The shares and their holders.
    #[must_use]
    pub fn shares(&self) -> &[Entry] {
        &self.share
    }

    /// What the statement says of share `number`.
    ///
    /// # Errors
    /// When the set has no such share.
    pub fn entry(&self, number: u8) -> Result<&Entry, BackupError> {
        self.share.iter().find(|entry| entry.number == number).ok_or(BackupError::ShareNumber(number))
    }

    /// Whether `share` is the one that was handed out. Needs no other share.
    ///
    /// # Errors
    /// When the set has no such share, or its SHA-256 differs.
    pub fn check_share(&self, share: &Share) -> Result<&Entry, BackupError> {
        let entry = self.entry(share.number())?;
        if Hash::of(share.bytes()) == entry.sha256 { Ok(entry) } else { Err(BackupError::ShareWrong(share.number())) }
    }

    /// Whether `message` is the sealed message of this set, comments and all.
    ///
    /// # Errors
    /// When its SHA-256 differs.
    pub fn check_message(&self, message: &[u8]) -> Result<(), BackupError> {
        if Hash::of(message) == self.message_sha256 { Ok(()) } else { Err(BackupError::WrongMessage) }
    }
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;
