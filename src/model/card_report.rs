//! What was found when a model of card was tested.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::hash::Hash;
use super::timestamp::Timestamp;

/// The only version of a report's form.
pub const FORMAT: u32 = 1;

/// What stands for a firmware that the card does not tell.
pub const UNTOLD: &str = "untold";

/// A model of card, by what a card says of itself: cards that say the same are of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CardModel {
    /// The maker's number, in four hex digits (OpenPGP card 3.4.1, 4.2.1).
    pub manufacturer: String,
    /// The maker's name, for people.
    pub maker: String,
    /// The version of the OpenPGP application: `3.4`.
    pub application: String,
    /// The version of the firmware, `5.7.1`, or [`UNTOLD`].
    pub firmware: String,
    /// Its extended capabilities (4.4.3.7), each in words.
    pub capabilities: Vec<String>,
    /// The algorithms that it announces for its SIG slot (4.4.3.11); none where it has no list.
    pub algorithms: Option<Vec<String>>,
}

impl CardModel {
    /// What differs from another model, in a word; none when it is the same. Names of makers are keyrite's own and do not count.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        if self.manufacturer != other.manufacturer {
            Some("maker")
        } else if self.application != other.application {
            Some("application")
        } else if self.firmware != other.firmware {
            Some("firmware")
        } else if self.capabilities != other.capabilities {
            Some("capabilities")
        } else if self.algorithms != other.algorithms {
            Some("algorithms")
        } else {
            None
        }
    }

    /// A name for its files: `yubico-3.4-5.7.1`.
    #[must_use]
    pub fn file_name(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
        format!("{}-{}-{}", self.maker, self.application, self.firmware).chars().map(plain).collect()
    }
}

impl fmt::Display for CardModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, OpenPGP application {}, firmware {}", self.maker, self.application, self.firmware)
    }
}

/// A report of one test of one card, which stands for its model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CardReport {
    /// [`FORMAT`].
    pub version: u32,
    /// The model.
    pub model: CardModel,
    /// The serial of the card that was tested.
    pub serial: String,
    /// keyrite, its version and build.
    pub program: String,
    /// SHA-256 of keyrite's file.
    pub binary: Hash,
    /// When the test began.
    pub tested: Timestamp,
    /// The head of the journal that was written beside the report.
    pub journal: Hash,
    /// Every check, in the order in which they were made.
    pub checks: Vec<Check>,
}

/// A check and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Check {
    /// What was checked.
    pub check: What,
    /// With which kind of key, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// What came of it.
    pub outcome: Found,
    /// How long the card took, in milliseconds.
    pub milliseconds: u64,
    /// More in words: why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// As it should be.
    Passed,
    /// The card does not have it, and says so.
    Absent,
    /// Not as it should be.
    Failed,
    /// Not done, because something before it failed.
    Skipped,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Absent => "absent",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        })
    }
}

macro_rules! checks {
    ($($(#[doc = $doc:literal])+ $name:ident = $words:literal,)+) => {
        /// What is checked of a card.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum What { $($(#[doc = $doc])+ $name,)+ }

        impl What {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }

        impl fmt::Display for What {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $words,)+ })
            }
        }
    };
}

checks! {
    /// A key is generated in SIG; fingerprint and creation time are kept without power.
    Generate = "generate a key",
    /// The generated key signs; the signature verifies and is counted.
    SignGenerated = "sign with it",
    /// A key is written into SIG; fingerprint and creation time are kept without power.
    Import = "write a key",
    /// The key that was written signs; the signature verifies and is counted.
    SignImported = "sign with the written key",
    /// DEC and AUT are as they were before the keys.
    OtherSlots = "leave the other slots alone",
    /// The PINs of a new card become others, which a key is generated and signs under.
    SetPins = "set user PIN, admin PIN and reset code",
    /// A wrong user PIN is refused and costs one try; the right one gives it back.
    WrongUserPin = "refuse a wrong user PIN",
    /// The same for the admin PIN.
    WrongAdminPin = "refuse a wrong admin PIN",
    /// The same for the reset code.
    WrongResetCode = "refuse a wrong reset code",
    /// A blocked user PIN signs nothing, and the reset code sets a new one.
    UnblockByResetCode = "unblock by the reset code",
    /// The same under the admin PIN.
    UnblockByAdminPin = "unblock by the admin PIN",
    /// Each code is changed once more, and the new ones hold.
    ChangeCodes = "change user PIN, admin PIN and reset code",
    /// GET CHALLENGE gives randomness, never the same.
    Random = "give randomness",
    /// Cardholder name and URL are kept.
    Label = "keep its label",
    /// After a factory reset the card is as it was at first.
    Reset = "return to its factory state",
}

impl Check {
    /// What was checked, in words.
    #[must_use]
    pub fn name(&self) -> String {
        self.algorithm.as_ref().map_or_else(|| self.check.to_string(), |kind| format!("{}: {kind}", self.check))
    }
}

impl CardReport {
    /// Why this report does not speak for its model, for a key of `algorithm`: none when it does.
    #[must_use]
    pub fn fault(&self, algorithm: &str) -> Option<String> {
        let bad = |check: &&Check| matches!(check.outcome, Found::Failed | Found::Skipped);
        if let Some(check) = self.checks.iter().find(bad) {
            return Some(format!("a check failed: {}", check.name()));
        }
        let is_missing = |what: &&What| {
            let of_key = matches!(what, What::Generate | What::SignGenerated | What::Import | What::SignImported);
            let is_it =
                |check: &&Check| check.check == **what && (!of_key || check.algorithm.as_deref() == Some(algorithm));
            // A card may have no GET CHALLENGE; nothing else that a ceremony needs may be absent.
            let will_do = |check: &Check| check.outcome == Found::Passed || **what == What::Random;
            !self.checks.iter().find(is_it).is_some_and(will_do)
        };
        What::ALL.iter().find(is_missing).map(|what| format!("a check is missing: {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report in which everything passed.
    fn good() -> CardReport {
        let of_key =
            |what: What| matches!(what, What::Generate | What::SignGenerated | What::Import | What::SignImported);
        let check = |what: &What| Check {
            check: *what,
            algorithm: of_key(*what).then(|| "Ed25519".to_owned()),
            outcome: Found::Passed,
            milliseconds: 12,
            words: None,
        };
        let model = CardModel {
            manufacturer: "0006".to_owned(),
            maker: "Yubico".to_owned(),
            application: "3.4".to_owned(),
            firmware: "5.7.1".to_owned(),
            capabilities: vec!["key import".to_owned()],
            algorithms: Some(vec!["Ed25519".to_owned()]),
        };
        CardReport {
            version: FORMAT,
            model,
            serial: "0006:0A0B0C0D".to_owned(),
            program: "keyrite 0".to_owned(),
            binary: Hash::of(b"program"),
            tested: Timestamp(1_795_258_797),
            journal: Hash::of(b"journal"),
            checks: What::ALL.iter().map(check).collect(),
        }
    }

    #[test]
    fn a_report_speaks_for_its_model_when_everything_passed() {
        assert_eq!(good().fault("Ed25519"), None);
        let mut without = good();
        for check in without.checks.iter_mut().filter(|check| check.check == What::Random) {
            check.outcome = Found::Absent;
        }
        assert_eq!(without.fault("Ed25519"), None);
    }

    #[test]
    fn whatever_failed_or_is_missing_is_said() {
        for at in 0..What::ALL.len() {
            let what = What::ALL[at];
            for outcome in [Found::Failed, Found::Skipped] {
                let mut report = good();
                report.checks[at].outcome = outcome;
                assert!(report.fault("Ed25519").unwrap().contains(&what.to_string()), "{what}");
            }
            let mut report = good();
            report.checks[at].outcome = Found::Absent;
            assert_eq!(report.fault("Ed25519").is_some(), what != What::Random, "{what}");
            report.checks.remove(at);
            assert_eq!(report.fault("Ed25519").unwrap(), format!("a check is missing: {what}"));
        }
        assert_eq!(good().fault("NIST P-256").unwrap(), "a check is missing: generate a key");
    }

    #[test]
    fn models_differ_by_what_cards_say() {
        let model = good().model;
        assert_eq!(model.difference(&CardModel { maker: "Yubico AB".to_owned(), ..model.clone() }), None);
        assert_eq!(model.file_name(), "yubico-3.4-5.7.1");
        let other = CardModel { firmware: UNTOLD.to_owned(), ..model.clone() };
        assert_eq!(model.difference(&other), Some("firmware"));
        let other = CardModel { algorithms: None, ..model.clone() };
        assert_eq!(model.difference(&other), Some("algorithms"));
        let other = CardModel { capabilities: Vec::new(), manufacturer: "000F".to_owned(), ..model.clone() };
        assert_eq!(model.difference(&other), Some("maker"));
    }
}
