//! The card that is tested, its journal, and the checks so far.

use std::time::{Duration, Instant};

use keyrite_locked::Locked;

use super::scratch::Scratch;
use crate::ceremony::{CeremonyError, cards};
use crate::model::algorithm::Algorithm;
use crate::model::card_report::{CardModel, Check, Found, What};
use crate::model::code::Code;
use crate::model::event::{Event, Intent, Outcome};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::name::CardName;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp;
use crate::trust::openpgp::challenge::Challenge;
use crate::workstation::WorkstationError;
use crate::workstation::card::{
    CardError, Expected, ExpectedKey, GuardedCard, Holding, PublicKey, Rack, RackExt as _, Serial, SlotView,
};
use crate::workstation::clock;
use crate::workstation::journal::Permit;
use crate::workstation::randomness;

/// What the card is called in its journal.
const NAME: &str = "tested";

/// Why a check did not pass.
pub(super) enum Halt {
    /// The card did something else than it should: in words.
    Failed(String),
    /// It refused a code as wrong: tries that are left, and the words.
    Wrong(u8, String),
    /// It refused a code as blocked: in words.
    Blocked(String),
    /// The card was cut off.
    Cut(CardError),
    /// The test cannot go on.
    Stop(CeremonyError),
}

impl From<CardError> for Halt {
    fn from(error: CardError) -> Self {
        match error {
            CardError::Memory(error) => Self::Stop(error.into()),
            CardError::Removed { .. }
            | CardError::NoCard { .. }
            | CardError::Reader { .. }
            | CardError::Terminated { .. }
            | CardError::Twins { .. } => Self::Cut(error),
            CardError::WrongPin { left, .. } => Self::Wrong(left, error.to_string()),
            CardError::BlockedPin { .. } => Self::Blocked(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<CeremonyError> for Halt {
    fn from(error: CeremonyError) -> Self {
        match error {
            CeremonyError::Card(error) => error.into(),
            other => Self::Stop(other),
        }
    }
}

impl From<WorkstationError> for Halt {
    fn from(error: WorkstationError) -> Self {
        Self::Stop(error.into())
    }
}

/// A PIN of a test: no secret, and gone with the reset at the end.
pub(super) fn secret(pin: &str) -> Result<Locked, Halt> {
    Locked::copy_of(pin.as_bytes()).map_err(|error| Halt::Stop(error.into()))
}

/// What became of a change that failed, as far as anybody has to know of a card that is reset anyway.
fn unchanged(error: &CardError) -> Outcome {
    let reason = error.to_string();
    match error {
        CardError::WrongPin { .. } | CardError::BlockedPin { .. } | CardError::LastTry { .. } => {
            Outcome::Undone { signatures: 0, reason }
        }
        _ => Outcome::Spoiled { reason },
    }
}

/// What a card is before its test.
pub(super) struct Looked {
    pub(super) model: CardModel,
    pub(super) slots: Vec<SlotView>,
    /// What kinds of keys it may hold.
    pub(super) algorithms: Vec<(Algorithm, Holding)>,
}

/// The bench.
pub(super) struct Bench<'a> {
    rack: &'a mut dyn Rack,
    scratch: Scratch,
    card: CardName,
    serial: Serial,
    tell: &'a mut dyn FnMut(&str),
    begun: Timestamp,
    checks: Vec<Check>,
    /// The key that is on the card, and how often it signed.
    key: Option<(Fingerprint, u32)>,
    /// How long the card took for what the present check is about.
    pub(super) took: Duration,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        rack: &'a mut dyn Rack,
        mut scratch: Scratch,
        serial: Serial,
        tell: &'a mut dyn FnMut(&str),
    ) -> Result<Self, CeremonyError> {
        let card: CardName = NAME.parse().map_err(|_| CeremonyError::Bug("a name that is none".to_owned()))?;
        scratch.present(&card, serial)?;
        let (begun, took) = (clock::now()?, Duration::ZERO);
        Ok(Self { rack, scratch, card, serial, tell, begun, checks: Vec::new(), key: None, took })
    }

    pub(super) fn tell(&mut self, line: &str) {
        (self.tell)(line);
    }

    /// Looks at the card before anything is done to it.
    pub(super) fn look(&mut self) -> Result<Looked, CeremonyError> {
        let looked = self.session(|card| {
            let mut algorithms = Vec::new();
            for algorithm in Algorithm::ALL {
                algorithms.push((*algorithm, card.abilities(*algorithm)?.holds));
            }
            Ok((card.portrait()?.slots.to_vec(), algorithms))
        });
        let (slots, mut algorithms) = looked.map_err(|error| self.cut(error))?;
        let (model, _) = self.session(|card| card.model()).map_err(|error| self.cut(error))?;
        algorithms.retain(|(_, holds)| *holds != Holding::No);
        Ok(Looked { model, slots, algorithms })
    }

    fn cut(&self, error: CardError) -> CeremonyError {
        CeremonyError::TestCut { serial: self.serial, error: Box::new(error) }
    }

    fn expected(&self) -> Expected {
        let (key, counter) = match self.key {
            Some((fingerprint, signatures)) => (ExpectedKey::Fingerprint(fingerprint), signatures..=signatures),
            None => (ExpectedKey::Empty, 0..=0),
        };
        Expected { serial: Some(self.serial), key, counter: Some(counter), ..Expected::any(self.card.clone()) }
    }

    /// A session with the card, which has to hold what this test put on it, and to have counted what it signed.
    pub(super) fn session<T>(
        &mut self,
        work: impl FnOnce(&mut GuardedCard<'_>) -> Result<T, CardError>,
    ) -> Result<T, CardError> {
        let expected = self.expected();
        self.rack.session(&expected, work)
    }

    /// Changes the card. The journal knows before the card does; a cut leaves the intent open.
    pub(super) fn change<T>(
        &mut self,
        intent: Intent,
        work: impl FnOnce(&mut GuardedCard<'_>, &Permit) -> Result<T, CardError>,
    ) -> Result<T, Halt> {
        let signatures = u32::from(matches!(intent, Intent::Sign { .. }));
        let permit = self.scratch.journal.intend(intent)?;
        let begun = Instant::now();
        let result = self.session(|card| work(card, &permit));
        self.took = begun.elapsed();
        match result {
            Ok(value) => {
                self.scratch.journal.close(permit, Outcome::Done { signatures })?;
                Ok(value)
            }
            Err(error) => {
                let outcome = unchanged(&error);
                let halt = Halt::from(error);
                if !matches!(halt, Halt::Cut(_)) {
                    self.scratch.journal.close(permit, outcome)?;
                }
                Err(halt)
            }
        }
    }

    /// A check: done, told and put down.
    pub(super) fn check(
        &mut self,
        check: What,
        algorithm: Option<Algorithm>,
        work: impl FnOnce(&mut Self) -> Result<Found, Halt>,
    ) -> Result<Found, CeremonyError> {
        self.took = Duration::ZERO;
        let (outcome, words) = match work(self) {
            Ok(outcome) => (outcome, None),
            Err(Halt::Failed(words) | Halt::Wrong(_, words) | Halt::Blocked(words)) => (Found::Failed, Some(words)),
            Err(Halt::Cut(error)) => return Err(self.cut(error)),
            Err(Halt::Stop(error)) => return Err(error),
        };
        self.put_down(check, algorithm, outcome, words);
        Ok(outcome)
    }

    /// A check that cannot be done, because one before it failed.
    pub(super) fn skip(&mut self, check: What, algorithm: Option<Algorithm>) {
        self.took = Duration::ZERO;
        self.put_down(check, algorithm, Found::Skipped, None);
    }

    fn put_down(&mut self, check: What, algorithm: Option<Algorithm>, outcome: Found, words: Option<String>) {
        let milliseconds = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
        let algorithm = algorithm.map(|algorithm| algorithm.to_string());
        let check = Check { check, algorithm, outcome, milliseconds, words };
        let why = check.words.as_ref().map_or(String::new(), |words| format!(": {words}"));
        self.tell(&format!("{:<8} {milliseconds:>6} ms  {}{why}", outcome.to_string(), check.name()));
        self.checks.push(check);
    }

    // --- what checks do --------------------------------------------------------------------------------------------------------

    pub(super) fn to_set_pins(&self) -> Intent {
        Intent::SetPins { card: self.card.clone() }
    }

    /// Leave to set a code under another one.
    pub(super) fn to_change(&self, code: Code, by: Code) -> Intent {
        Intent::ChangeCode { card: self.card.clone(), code, by, tries: 0 }
    }

    pub(super) fn to_reset(&self) -> Intent {
        Intent::ResetCard { card: self.card.clone() }
    }

    /// Generates a key in the empty SIG slot, and sees whether all of it is kept without power.
    pub(super) fn generate(&mut self, algorithm: Algorithm, admin: &str) -> Result<Found, Halt> {
        let (admin, created) = (secret(admin)?, clock::now()?);
        let intent = Intent::GenerateKey { card: self.card.clone(), root: None };
        let key = self.change(intent, |card, permit| card.generate(permit, algorithm, created, &admin))?;
        self.kept(PublicKey::from(key).fingerprint())
    }

    /// The same with a key that is written to it.
    pub(super) fn import(&mut self, algorithm: Algorithm, admin: &str) -> Result<Found, Halt> {
        let (admin, created) = (secret(admin)?, clock::now()?);
        let bug = |what: &str| Halt::Stop(CeremonyError::Bug(what.to_owned()));
        // From the library's own generator: it is of no other use.
        let key = openpgp::generated(algorithm, created).map_err(CeremonyError::from)?;
        let fingerprint = PublicKey::from(key.parts_as_public().clone()).fingerprint();
        let root = NAME.parse().map_err(|_| bug("a name that is none"))?;
        let intent = Intent::ImportKey { card: self.card.clone(), root, fingerprint };
        self.change(intent, |card, permit| card.import(permit, &key, &admin))?;
        self.kept(fingerprint)
    }

    fn kept(&mut self, fingerprint: Fingerprint) -> Result<Found, Halt> {
        self.key = Some((fingerprint, 0));
        self.session(|_| Ok(()))?;
        Ok(Found::Passed)
    }

    /// Has the card sign a challenge with the key that is on it; the signer verifies the signature. Then sees whether the card
    /// keeps count without power.
    pub(super) fn sign(&mut self, pin: &str) -> Result<Found, Halt> {
        let Some((fingerprint, signatures)) = self.key else {
            return Err(Halt::Stop(CeremonyError::Bug("a signature without a key".to_owned())));
        };
        let pin = secret(pin)?;
        let challenge = self.challenge(fingerprint)?;
        let intent = Intent::Sign {
            card: self.card.clone(),
            purpose: "challenge".to_owned(),
            items: 1,
            request: None,
            subject: Hash::of(&challenge.bytes()),
            artefact: None,
        };
        let mut other = None;
        self.change(intent, |card, permit| {
            let which = card.which().clone();
            let mut signer = card.signer(permit, &pin)?;
            match challenge.answer(&mut signer).map_err(|error| cards::flattened(error.into())) {
                Ok(_) => Ok(()),
                Err(CeremonyError::Card(error)) => Err(error),
                Err(error) => {
                    other = Some(error);
                    Err(CardError::BadSignature { card: which })
                }
            }
        })
        .map_err(|halt| other.map_or(halt, Halt::Stop))?;
        self.key = Some((fingerprint, signatures + 1));
        let took = self.took;
        self.session(|_| Ok(()))?;
        self.took = took;
        Ok(Found::Passed)
    }

    fn challenge(&self, fingerprint: Fingerprint) -> Result<Challenge, Halt> {
        let mut nonce = [0; 16];
        nonce.copy_from_slice(&randomness::kernel(16)?);
        Ok(Challenge {
            purpose: "card test".to_owned(),
            organization: "none".to_owned(),
            root: None,
            fingerprint,
            card: self.serial.to_string(),
            ceremony: super::scratch::TEST.to_owned(),
            nonce,
            time: clock::now()?,
        })
    }

    // --- back to blank ---------------------------------------------------------------------------------------------------------

    /// Makes the card blank for the next checks. A card that cannot be reset is of no use for any of them.
    pub(super) fn blank(&mut self) -> Result<(), CeremonyError> {
        match self.reset_once() {
            Ok(_) => Ok(()),
            Err(Halt::Cut(error)) => Err(self.cut(error)),
            Err(Halt::Stop(error)) => Err(error),
            Err(Halt::Failed(words) | Halt::Wrong(_, words) | Halt::Blocked(words)) => {
                Err(CeremonyError::NotReset { serial: self.serial, words })
            }
        }
    }

    /// The last check.
    pub(super) fn reset(&mut self) -> Result<(), CeremonyError> {
        self.check(What::Reset, None, Self::reset_once).map(drop)
    }

    fn reset_once(&mut self) -> Result<Found, Halt> {
        // Whatever is on it now: a check may have failed half way.
        let expected = Expected { serial: Some(self.serial), ..Expected::any(self.card.clone()) };
        let permit = self.scratch.journal.intend(self.to_reset())?;
        let begun = Instant::now();
        self.rack.session(&expected, |card| card.reset(&permit))?;
        let took = begun.elapsed();
        self.scratch.journal.close(permit, Outcome::Done { signatures: 0 })?;
        self.key = None;
        let used = self.session(|card| Ok(card.portrait()?.used()))?;
        self.took = took;
        used.map_or(Ok(Found::Passed), |what| Err(Halt::Failed(format!("after its reset {what}"))))
    }

    /// The checks, when they began, and the head of the journal, which ends here.
    pub(super) fn end(mut self) -> Result<(Vec<Check>, Timestamp, Hash), CeremonyError> {
        self.scratch.journal.append(Event::Finished)?;
        Ok((self.checks, self.begun, self.scratch.journal.head()))
    }
}
