//! The card guard: what is expected of a card, checked against its survey before anything else happens.

use std::ops::RangeInclusive;

use super::error::{CardError, Which};
use super::kdf::CodeForm;
use super::serial::Serial;
use super::survey::{Slot, Survey};
use crate::model::code::Code;
use crate::model::fingerprint::Fingerprint;
use crate::model::mode::Mode;
use crate::model::name::CardName;

/// What the register says of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its name in the inventory.
    pub card: CardName,
    /// Its serial; none for a card that is taken into the inventory now.
    pub serial: Option<Serial>,
    /// Without a serial: the cards that it is not, because they are in the inventory already.
    pub not: Vec<Serial>,
    /// What is in the SIG slot.
    pub key: ExpectedKey,
    /// How many signatures the transcripts explain; none where nothing is known of the card yet.
    pub counter: Option<RangeInclusive<u32>>,
    /// Whether its holders have set its PINs, the reset code among them. A reset takes that away (4.3.4, 7.2.17), and with it
    /// every PIN but the maker's.
    pub pinned: bool,
    /// The code whose last try its holders dare, in words that they typed (CARD-3).
    pub last_try: Option<Code>,
    /// How it takes its codes, where a session just before this one has asked; otherwise this one does.
    pub form: Option<CodeForm>,
}

/// What should be in the SIG slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedKey {
    /// Whatever it is, half a key too: for a survey, and for what follows a cut.
    Any,
    /// No key.
    Empty,
    /// This key, whole.
    Fingerprint(Fingerprint),
}

impl Expected {
    /// A card of which only the name is known.
    #[must_use]
    pub fn any(card: CardName) -> Self {
        Self {
            card,
            serial: None,
            not: Vec::new(),
            key: ExpectedKey::Any,
            counter: None,
            pinned: false,
            last_try: None,
            form: None,
        }
    }

    /// Whether any new card will do, which the inventory does not know.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.serial.is_none() && self.key == ExpectedKey::Empty
    }

    /// The same card, just reset.
    pub(super) fn blank(&self) -> Self {
        Self { key: ExpectedKey::Empty, counter: None, pinned: false, form: None, ..self.clone() }
    }

    /// How errors call it, as long as nothing was read from it.
    pub(super) fn which(&self) -> Which {
        Which { name: self.card.clone(), serial: self.serial }
    }

    /// Whether the cardholder's name has to be read: a card with the key that this register knows is of its own mode.
    pub(super) fn wants_holder(&self) -> bool {
        !matches!(self.key, ExpectedKey::Fingerprint(_))
    }

    /// CARD-1, CARD-2 and MODE-1, in the order in which a mistake is best understood.
    pub(super) fn check(&self, mode: Mode, survey: &Survey, which: &Which) -> Result<(), CardError> {
        self.check_serial(survey, which)?;
        self.check_mode(mode, survey, which)?;
        self.check_key(survey, which)?;
        match &self.counter {
            Some(explained) if !explained.contains(&survey.signatures) => {
                Err(CardError::Counter { card: which.clone(), expected: explained.clone(), found: survey.signatures })
            }
            // No try is spent on finding out: a card without a reset code is none whose PINs were set here.
            _ if self.pinned && survey.tries.reset_code == 0 => Err(CardError::PinsGone { card: which.clone() }),
            _ => Ok(()),
        }
    }

    /// CARD-3: a PIN is checked only while a mistake leaves a try, or when people dare the last one.
    ///
    /// # Errors
    /// [`CardError::BlockedPin`], [`CardError::LastTry`].
    pub fn check_tries(&self, pin: Code, left: u8) -> Result<(), CardError> {
        check_tries(pin, left, self.last_try, &self.which())
    }

    fn check_serial(&self, survey: &Survey, which: &Which) -> Result<(), CardError> {
        match self.serial {
            Some(serial) if serial != survey.serial => {
                Err(differs(which, "serial", serial.to_string(), survey.serial.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// MODE-1. A card shows what it was made for: by its manufacturer, by the mark that [`super::GuardedCard`] writes into its
    /// cardholder name before a rehearsal's key, and by a key that this register knows.
    fn check_mode(&self, mode: Mode, survey: &Survey, which: &Which) -> Result<(), CardError> {
        let refuse = |reason| Err(CardError::Mode { card: which.clone(), mode, reason });
        let is_mark =
            |name: &str| [Mode::Rehearsal, Mode::DressRehearsal].into_iter().any(|mode| mode.mark() == Some(name));
        let is_marked = survey.holder.as_deref().is_some_and(is_mark);
        match mode {
            Mode::Production if survey.serial.is_test() => refuse("it is a test card"),
            Mode::Production if is_marked => refuse("it carries the mark of a rehearsal"),
            Mode::Rehearsal if !survey.serial.is_test() => refuse("it is not a test card"),
            Mode::DressRehearsal if self.wants_holder() && survey.slot != Slot::Empty && !is_marked => {
                refuse("it holds a key and does not carry the mark of a rehearsal")
            }
            _ => Ok(()),
        }
    }

    fn check_key(&self, survey: &Survey, which: &Which) -> Result<(), CardError> {
        let none = || "no key".to_owned();
        match (self.key, &survey.slot) {
            (ExpectedKey::Any, _) | (ExpectedKey::Empty, Slot::Empty) => Ok(()),
            (_, Slot::Orphan { cause }) => Err(CardError::Orphan { card: which.clone(), cause: *cause }),
            (ExpectedKey::Empty, Slot::Complete { fingerprint, .. }) => {
                Err(differs(which, "key", none(), fingerprint.groups()))
            }
            (ExpectedKey::Fingerprint(expected), Slot::Empty) => Err(differs(which, "key", expected.groups(), none())),
            (ExpectedKey::Fingerprint(expected), Slot::Complete { fingerprint, .. }) if expected != *fingerprint => {
                Err(differs(which, "key", expected.groups(), fingerprint.groups()))
            }
            (ExpectedKey::Fingerprint(_), Slot::Complete { .. }) => Ok(()),
        }
    }
}

fn differs(which: &Which, what: &'static str, expected: String, found: String) -> CardError {
    CardError::Identity { card: which.clone(), what, expected, found }
}

/// As [`Expected::check_tries`], of a card that was read.
pub(super) fn check_tries(pin: Code, left: u8, dared: Option<Code>, which: &Which) -> Result<(), CardError> {
    match left {
        0 => Err(CardError::BlockedPin { card: which.clone(), pin }),
        1 if dared != Some(pin) => Err(CardError::LastTry { card: which.clone(), pin }),
        _ => Ok(()),
    }
}
