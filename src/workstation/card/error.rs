//! Everything that can go wrong with a card.

use std::fmt;
use std::ops::RangeInclusive;

use keyrite_locked::LockError;
use openpgp_card::ocard::StatusBytes;

use super::absence::{self, Absence};
use super::serial::Serial;
use super::survey::OrphanCause;
use crate::model::algorithm::Algorithm;
use crate::model::code::Code;
use crate::model::control::Control;
use crate::model::fault::{Class, Fault};
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::model::shown::Shown;

/// The card that an error is about: the organization's name for it and, once it was read, its serial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// The name in the inventory.
    pub name: CardName,
    /// What the card in the reader says; before that, nothing.
    pub serial: Option<Serial>,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "card {}", self.name)?;
        self.serial.map_or(Ok(()), |serial| write!(f, " ({serial})"))
    }
}

/// A card refused, failed, or was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// CARD-5: faults that its maker has published.
    #[error("{card} is not fit for its key: {}", absence::listed(advisories))]
    Advised {
        /// The card.
        card: Which,
        /// Each advisory, and what is broken.
        advisories: Vec<String>,
    },
    /// A signature that the card made does not verify.
    #[error("{card} made a signature that does not verify with its own public key")]
    BadSignature {
        /// The card.
        card: Which,
    },
    /// No try is left.
    #[error("{card}: its {pin} is blocked")]
    BlockedPin {
        /// The card.
        card: Which,
        /// Which PIN.
        pin: Code,
    },
    /// CARD-2.
    #[error("{card} has made {found} signatures, and the records explain {}", range(expected))]
    Counter {
        /// The card.
        card: Which,
        /// What the transcripts explain.
        expected: RangeInclusive<u32>,
        /// What the card says.
        found: u32,
    },
    /// A signer that failed once.
    #[error("{card} failed at a signature, and makes no other one in this session")]
    Halted {
        /// The card.
        card: Which,
    },
    /// CARD-1.
    #[error("{card} is not the expected one: its {what} is {found}, and {expected} was expected")]
    Identity {
        /// The card.
        card: Which,
        /// What differs.
        what: &'static str,
        /// As it should be.
        expected: String,
        /// As it is.
        found: String,
    },
    /// A text that the card has no room for.
    #[error("{card}: its {what} must be of at most {max} printable ASCII characters")]
    Label {
        /// The card.
        card: Which,
        /// Which text.
        what: &'static str,
        /// The longest.
        max: usize,
    },
    /// CARD-3.
    #[error("{card}: one try is left for its {pin}, and it was not taken")]
    LastTry {
        /// The card.
        card: Which,
        /// Which PIN.
        pin: Code,
    },
    /// No locked memory.
    #[error(transparent)]
    Memory(#[from] LockError),
    /// MODE-1.
    #[error("{card} does not belong in a {mode}: {reason}")]
    Mode {
        /// The card.
        card: Which,
        /// The mode of this ceremony.
        mode: Mode,
        /// Why not.
        reason: &'static str,
    },
    /// The card is not there, or not to be had.
    #[error("{card} is not at hand: {reason}")]
    NoCard {
        /// The card.
        card: Which,
        /// Why not.
        reason: Absence,
    },
    /// No randomness for the salts of KDF.
    #[error("{card}: the kernel gave no salts for its codes")]
    NoSalt {
        /// The card.
        card: Which,
    },
    /// The card does not know the PIN that it was just given.
    #[error("{card}: its new {pin} is not the one that was chosen")]
    NotChosen {
        /// The card.
        card: Which,
        /// Which PIN.
        pin: Code,
    },
    /// What was written is not what the card says afterwards.
    #[error("{card} did not keep what was written: {what}")]
    NotKept {
        /// The card.
        card: Which,
        /// What differs.
        what: &'static str,
    },
    /// CARD-4, as far as the card itself tells.
    #[error("{card} holds a key, and a key is never written over")]
    Occupied {
        /// The card.
        card: Which,
    },
    /// A key without the data that belongs to it: what a cut leaves behind.
    #[error("{card} holds half a key: {cause}")]
    Orphan {
        /// The card.
        card: Which,
        /// What is missing.
        cause: OrphanCause,
    },
    /// CARD-1: a card whose PINs are no longer those that its holders set.
    #[error("{card} has no reset code any more, and its holders set one: somebody reset it, or blocked the code")]
    PinsGone {
        /// The card.
        card: Which,
    },
    /// A PIN that the card cannot take.
    #[error("{card}: the {pin} must be of {min} to {max} bytes")]
    PinLength {
        /// The card.
        card: Which,
        /// Which PIN.
        pin: Code,
        /// The shortest.
        min: usize,
        /// The longest.
        max: usize,
    },
    /// A defect of keyrite.
    #[error("{card}: the journal permits something else than to {act}")]
    Permit {
        /// The card.
        card: Which,
        /// What was about to happen.
        act: &'static str,
    },
    /// An answer that is none.
    #[error("{card} gave a malformed answer when {act}: {detail}")]
    Protocol {
        /// The card.
        card: Which,
        /// What was asked of it.
        act: &'static str,
        /// What is wrong with the answer.
        detail: Shown,
    },
    /// The reader failed, or the way to it.
    #[error("{card}: the reader failed when {act}: {detail}")]
    Reader {
        /// The card.
        card: Which,
        /// What was asked of it.
        act: &'static str,
        /// What the reader says.
        detail: Shown,
    },
    /// Pulled.
    #[error("{card} was removed when {act}")]
    Removed {
        /// The card.
        card: Which,
        /// What was asked of it.
        act: &'static str,
    },
    /// More signatures than the journal permits.
    #[error("{card}: the journal permits {items} signatures, and so many were asked for")]
    Spent {
        /// The card.
        card: Which,
        /// How many were permitted.
        items: u32,
    },
    /// The card said no.
    #[error("{card} refused when {act}: {status}")]
    Status {
        /// The card.
        card: Which,
        /// What was asked of it.
        act: &'static str,
        /// Its answer.
        status: StatusBytes,
    },
    /// Half way through a reset.
    #[error("{card} was reset only half way and holds no key any more")]
    Terminated {
        /// The card.
        card: Which,
    },
    /// CARD-1: a card and its copy.
    #[error("{card} is not the only one of its serial: there is one each in {}", absence::listed(readers))]
    Twins {
        /// The card.
        card: Which,
        /// Where cards of this serial are.
        readers: Vec<Shown>,
    },
    /// CARD-5, as far as the card itself tells.
    #[error("{card} cannot hold {algorithm} in SIG")]
    Unable {
        /// The card.
        card: Which,
        /// Which one.
        algorithm: Algorithm,
    },
    /// CARD-5, as far as the card itself tells.
    #[error("{card} cannot be set up as organization.toml wants it: {what}")]
    Unsettable {
        /// The card.
        card: Which,
        /// Why not.
        what: &'static str,
    },
    /// An algorithm that the card, or keyrite, does not have.
    #[error("{card}: {algorithm} is not supported")]
    Unsupported {
        /// The card.
        card: Which,
        /// Which one.
        algorithm: String,
    },
    /// A key that everybody could break.
    #[error("{card}: the key is weak: {reason}")]
    WeakKey {
        /// The card.
        card: Which,
        /// Why.
        reason: &'static str,
    },
    /// CARD-5: the organization wants to know that the card made its key, and does not.
    #[error("{card} does not prove that it generated its key: {why}")]
    Unattested {
        /// The card.
        card: Which,
        /// Why not.
        why: String,
    },
    /// A wrong PIN.
    #[error("{card}: wrong {pin}")]
    WrongPin {
        /// The card.
        card: Which,
        /// Which PIN.
        pin: Code,
        /// Tries that are left.
        left: u8,
    },
}

impl CardError {
    /// Whether putting in, taking out or freeing a card at the readers is all that it takes to try again: nothing was asked
    /// of any card yet but what it is.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NoCard { reason, .. } if reason.is_at_the_readers())
    }
}

/// `5`, or `5 to 7`.
fn range(of: &RangeInclusive<u32>) -> String {
    if of.start() == of.end() { of.start().to_string() } else { format!("{} to {}", of.start(), of.end()) }
}

impl Fault for CardError {
    fn class(&self) -> Class {
        match self {
            Self::Advised { .. }
            | Self::Counter { .. }
            | Self::Identity { .. }
            | Self::LastTry { .. }
            | Self::Mode { .. }
            | Self::Occupied { .. }
            | Self::Orphan { .. }
            | Self::PinsGone { .. }
            | Self::Spent { .. }
            | Self::Twins { .. }
            | Self::Unable { .. }
            | Self::Unattested { .. }
            | Self::Unsettable { .. } => Class::Refused,
            Self::Label { .. }
            | Self::PinLength { .. }
            | Self::Unsupported { .. }
            | Self::WeakKey { .. }
            | Self::WrongPin { .. } => Class::Input,
            Self::Permit { .. } => Class::Bug,
            _ => Class::Machine,
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::Advised { .. } | Self::Unable { .. } | Self::Unattested { .. } | Self::Unsettable { .. } => {
                Some(Control::CardSound)
            }
            Self::Counter { .. } => Some(Control::CardCounter),
            Self::Identity { .. } | Self::Orphan { .. } | Self::PinsGone { .. } | Self::Twins { .. } => {
                Some(Control::CardIdentity)
            }
            Self::LastTry { .. } => Some(Control::CardLastTry),
            Self::Mode { .. } => Some(Control::ModeApart),
            Self::Occupied { .. } => Some(Control::CardErase),
            Self::Permit { .. } | Self::Spent { .. } => Some(Control::JournalFirst),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Advised { .. } | Self::Unable { .. } => {
                "take another card; docs/cards.md says which, and how to replace one"
            }
            Self::BadSignature { .. } => "do not use this card; retire it and take the next one",
            Self::BlockedPin { pin: Code::User, .. } => "the reset code or the admin PIN sets a new user PIN",
            Self::BlockedPin { pin: Code::Reset, .. } => "the admin PIN sets a new user PIN, and a new reset code",
            Self::BlockedPin { pin: Code::Admin, .. } => {
                "the card still signs with its user PIN; only a reset, which deletes the key, gives it an admin PIN again"
            }
            Self::Counter { expected, found, .. } if found > expected.end() => {
                "stop here: somebody used the card outside of a ceremony, or this register is stale, older than the card; look for a newer copy, or rebuild one with keyrite register recover; if none explains the card, only a recovery ceremony by the quorum of custodians goes on from here"
            }
            Self::Counter { .. } => {
                "stop here: the card is older than the register, as after a reset; compare its serial with the minutes"
            }
            Self::Identity { .. } => "take the card with the right serial, or correct the inventory in a ceremony",
            Self::LastTry { pin: Code::User, .. } => {
                "nothing is lost: give this ceremony up (keyrite ceremony abandon), and have a new user PIN set with card-unblock.toml; docs/runbooks/card-pins.md"
            }
            Self::LastTry { pin: Code::Reset, .. } => {
                "nothing is lost; docs/runbooks/card-pins.md says which other code helps"
            }
            Self::LastTry { .. } => {
                "a successful use of the right PIN elsewhere, or a reset of the card, gives the tries back"
            }
            Self::Memory(_) => "raise the limit of locked memory: ulimit -l",
            Self::Mode { .. } => {
                "cards of rehearsals and of production are kept apart: take the other card, or reset this one"
            }
            Self::NoCard { reason, .. } => reason.hint(),
            Self::NotChosen { pin: Code::Admin, .. } => "keep the card: it still signs with its user PIN",
            Self::NotChosen { .. } => {
                "a half was typed with something behind it: set the user PIN once more, under the admin PIN"
            }
            Self::NotKept { .. } => "reset the card and begin again with it, or take another one",
            Self::Occupied { .. } => "reset the card in a ceremony, if the key may go",
            Self::Orphan { .. } | Self::Terminated { .. } => {
                "reset the card and write the key again; nothing else is lost"
            }
            Self::PinsGone { .. } => {
                "it is empty and nothing is lost; find out who had it. The same command resets it and sets its PINs anew"
            }
            Self::Status { act: "signing", .. } => {
                "a card that wants to be touched refuses when nobody does while it blinks; resume, and touch it"
            }
            Self::Removed { .. } => "insert the card and resume; nothing is lost",
            Self::Twins { .. } => {
                "stop here: makers give a serial once, so one of these cards is a copy; find out where each comes from"
            }
            Self::Unsupported { .. } => "take another card; docs/cards.md says which, and how to replace one",
            Self::Unattested { .. } => {
                "take another card or, if it is a new kind of a known maker's, a newer keyrite: docs/cards.md"
            }
            Self::Unsettable { .. } => {
                "take a card that can, or change [cards] or pin-each-signature in organization.toml before the day"
            }
            Self::WrongPin { left, .. } => return Some(tries_left(*left)),
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

fn tries_left(left: u8) -> String {
    let tries = match left {
        1 => "one try is left: find out what is wrong first",
        _ => "both holders can enter their halves again, here and never at a shell",
    };
    format!("{tries}; {left} left on the card, and the right PIN gives all of them back")
}
