//! What acts do with cards: sessions, codes in halves, signatures and changes.

use keyrite_locked::Locked;

use super::CeremonyError;
use super::dialogue::{Choice, Code};
use super::scene::Scene;
use crate::model::event::{Intent, Outcome};
use crate::model::evidence::Evidence;
use crate::model::fault::{Class, Fault};
use crate::model::hash::Hash;
use crate::model::name::{CardName, RequestId};

use crate::model::room;
use crate::trust::delegation;
use crate::trust::openpgp;
use crate::workstation::card::{CardError, CardSigner, CodeForm, Expected, ExpectedKey, GuardedCard};
use crate::workstation::journal::Permit;

/// What a card signed, with the permit that is still open: whoever keeps the result closes it.
pub struct Signed<T> {
    /// The result.
    pub value: T,
    permit: Permit,
    signatures: u32,
}

/// A user PIN that served once and is to serve again, and the form in which its card takes it.
pub struct HeldPin {
    pin: Locked,
    form: Option<CodeForm>,
}

/// What is to be signed, for the journal.
pub struct Purpose<'p> {
    /// In a word.
    pub name: &'p str,
    /// How many signatures.
    pub items: u32,
    /// The request it answers.
    pub request: Option<RequestId>,
    /// What is signed.
    pub subject: Hash,
    /// Where the result will lie.
    pub artefact: Option<String>,
}

impl Scene<'_> {
    /// What the register says of a card: what the guard compares with.
    ///
    /// # Errors
    /// For a card that the transcripts do not know.
    pub fn expected(&self, card: &CardName) -> Result<Expected, CeremonyError> {
        let record = self.card_record(card)?;
        let serial = record.serial.parse().map_err(|_| CeremonyError::Bug(format!("serial of card {card}")))?;
        let (key, counter) = match (record.state, record.holds) {
            (room::Card::Retired, _) => return Err(CeremonyError::Retired { card: card.clone() }),
            (room::Card::Spoiled | room::Card::Unknown, _) => (ExpectedKey::Any, None),
            (room::Card::Blank | room::Card::Pinned, _) | (_, None) => (ExpectedKey::Empty, Some(0..=0)),
            (room::Card::Loaded | room::Card::InService, Some(fingerprint)) => {
                (ExpectedKey::Fingerprint(fingerprint), Some(record.signatures..=record.signatures))
            }
        };
        // A card with a key would have lost that too in a reset, and its reset code may be blocked.
        let pinned = record.state == room::Card::Pinned;
        Ok(Expected { serial: Some(serial), key, counter, pinned, ..Expected::any(card.clone()) })
    }

    /// A session with a card, as [`Rack::with`] has it. While it is not in a reader, people are asked to see to that.
    ///
    /// # Errors
    /// As [`Rack::with`].
    ///
    /// [`Rack::with`]: crate::workstation::card::Rack::with
    pub fn session<T>(
        &mut self,
        expected: &Expected,
        work: impl FnOnce(&mut GuardedCard<'_>) -> Result<T, CardError>,
    ) -> Result<T, CeremonyError> {
        let mut work = Some(work);
        loop {
            let mut result = None;
            let life = self.dialogue.busy(WORKING);
            let ended = self.rack.with(expected, &mut |guarded| {
                result = work.take().map(|work| work(guarded));
                Ok(())
            });
            drop(life);
            let error = match (result, ended) {
                (Some(result), ended) => return result.and_then(|value| ended.map(|()| value)).map_err(Into::into),
                (None, Ok(())) => return Err(CeremonyError::Bug("a session without its work".to_owned())),
                (None, Err(error)) => error,
            };
            // A new card that is none is taken out like one that nobody asked for.
            let is_mended_at_the_readers = error.is_absence() || expected.is_new() && error.class() == Class::Refused;
            if !is_mended_at_the_readers || !self.put_right(&error)? {
                return Err(self.without_pins(&expected.card, error));
            }
        }
    }

    /// A card whose PINs are gone is half written from here on: it is reset, and gets new ones, when the ceremony goes on.
    fn without_pins(&mut self, card: &CardName, error: CardError) -> CeremonyError {
        let noted = match error {
            CardError::PinsGone { .. } => self.note(Evidence::PinsGone { card: card.clone() }),
            _ => Ok(()),
        };
        noted.err().unwrap_or(error.into())
    }

    /// Whether people saw to what is wrong at the readers.
    fn put_right(&mut self, error: &CardError) -> Result<bool, CeremonyError> {
        let words = error.hint().map_or(error.to_string(), |hint| format!("{error}: {hint}"));
        self.ask(|room| room.again(&words, "Look again?"))
    }

    /// Lets the records card or a root's card sign. The journal knows before the card does; the permit stays open until
    /// [`Self::keep`]. A wrong PIN is asked for again only when people want to, and the last try is dared in typed words.
    ///
    /// # Errors
    /// Those of the card and of `work`. An intent stays open when nobody can know whether the card signed.
    pub fn sign<T, E: Into<CeremonyError>>(
        &mut self,
        card: &CardName,
        purpose: &Purpose<'_>,
        work: impl FnOnce(&mut CardSigner<'_, '_>) -> Result<T, E>,
    ) -> Result<Signed<T>, CeremonyError> {
        let expected = self.expected(card)?;
        self.sign_as(&expected, purpose, work)
    }

    /// As [`Self::sign`], for a card of which more is known than the transcripts say yet.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub fn sign_as<T, E: Into<CeremonyError>>(
        &mut self,
        expected: &Expected,
        purpose: &Purpose<'_>,
        work: impl FnOnce(&mut CardSigner<'_, '_>) -> Result<T, E>,
    ) -> Result<Signed<T>, CeremonyError> {
        self.sign_with(expected, purpose, &mut None, work)
    }

    /// As [`Self::sign_as`], with the user PIN of the signature before, where there is one: nobody is asked again. Afterwards
    /// `held` is the PIN that served.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub fn sign_with<T, E: Into<CeremonyError>>(
        &mut self,
        expected: &Expected,
        purpose: &Purpose<'_>,
        held: &mut Option<HeldPin>,
        work: impl FnOnce(&mut CardSigner<'_, '_>) -> Result<T, E>,
    ) -> Result<Signed<T>, CeremonyError> {
        let (mut work, mut expected) = (Some(work), expected.clone());
        let mut choice = self.first_choice(&expected.card, Code::User)?;
        loop {
            let pin = self.pin(&mut expected, held, choice)?;
            let permit = self.journal.intend(purpose.intent(&expected.card))?;
            let mut asked = 0;
            let result = self.session(&expected, |guarded| {
                let mut signer = guarded.signer(&permit, &pin)?;
                // A wrong PIN is found before any work is done.
                signer.verify()?;
                let result = work.take().map(|work| work(&mut signer));
                asked = signer.asked();
                Ok((result, signer.made()))
            });
            let error = match result {
                Ok((Some(Ok(value)), signatures)) => {
                    self.known(&expected.card, Code::User, choice)?;
                    *held = Some(HeldPin { pin, form: expected.form });
                    return Ok(Signed { value, permit, signatures });
                }
                Ok((Some(Err(error)), _)) => flattened(error.into()),
                Ok((None, _)) => CeremonyError::Bug("work was done twice".to_owned()),
                Err(error) => error,
            };
            if asked > 0 || is_silence(&error) {
                // Perhaps there is a signature that nobody saw. Resume asks the card's counter.
                return Err(error);
            }
            self.undone(permit, &error.to_string())?;
            choice = self.next_choice(choice, error)?;
        }
    }

    /// The user PIN that is held or, where none is, that of its holders; and what else the card wants before it signs.
    fn pin(
        &mut self,
        expected: &mut Expected,
        held: &mut Option<HeldPin>,
        choice: Choice,
    ) -> Result<Locked, CeremonyError> {
        let pin = match held.take() {
            Some(HeldPin { pin, form }) => {
                expected.form = form;
                pin
            }
            None => self.code_of(expected, Code::User, choice)?,
        };
        if self.card_record(&expected.card)?.settings.wants_touch() {
            let words = "wants to be touched before each signature: the card keeper touches it while it blinks";
            self.dialogue.tell(&format!("Card {} {words}.", expected.card));
        }
        Ok(pin)
    }

    /// Has a card changed under its admin PIN. The journal knows before the card does; the permit stays open for the caller to
    /// close. `work` verifies the PIN before it changes anything: a wrong one is asked for again, as in [`Self::sign`].
    ///
    /// # Errors
    /// Those of the card. An intent stays open when nobody can know how far the card came.
    pub fn change<T>(
        &mut self,
        expected: &Expected,
        intent: &Intent,
        work: impl Fn(&mut GuardedCard<'_>, &Permit, &Locked) -> Result<T, CardError>,
    ) -> Result<(T, Permit), CeremonyError> {
        let mut expected = expected.clone();
        loop {
            let admin = self.code_of(&mut expected, Code::Admin, Choice::Present)?;
            let permit = self.journal.intend(intent.clone())?;
            let error = match self.session(&expected, |guarded| work(guarded, &permit, &admin)) {
                Ok(value) => return Ok((value, permit)),
                Err(error) => error,
            };
            if is_refusal(&error) {
                self.undone(permit, &error.to_string())?;
            }
            self.halves_again(error)?;
        }
    }

    /// A session for what `permit` allows. When the work did not begin, because there is no card or another one, the intent is
    /// closed: no cut is to be mended.
    ///
    /// # Errors
    /// As [`Self::session`]. The intent stays open when the work began.
    pub fn permitted<T>(
        &mut self,
        expected: &Expected,
        permit: Permit,
        work: impl FnOnce(&mut GuardedCard<'_>, &Permit) -> Result<T, CardError>,
    ) -> Result<(T, Permit), CeremonyError> {
        let mut has_begun = false;
        let ended = self.session(expected, |guarded| {
            has_begun = true;
            work(guarded, &permit)
        });
        match ended {
            Ok(value) => Ok((value, permit)),
            Err(error) if has_begun => Err(error),
            Err(error) => {
                self.undone(permit, &error.to_string())?;
                Err(error)
            }
        }
    }

    /// Closes what [`Self::sign`] left open: the result is where it belongs.
    ///
    /// # Errors
    /// When the journal cannot take it.
    pub fn keep<T>(&mut self, signed: Signed<T>) -> Result<T, CeremonyError> {
        self.journal.close(signed.permit, Outcome::Done { signatures: signed.signatures })?;
        Ok(signed.value)
    }

    /// Closes an intent that changed nothing.
    ///
    /// # Errors
    /// When the journal cannot take it.
    pub fn undone(&mut self, permit: Permit, reason: &str) -> Result<(), CeremonyError> {
        Ok(self.journal.close(permit, Outcome::Undone { signatures: 0, reason: reason.to_owned() })?)
    }
}

/// What the room sees while a card works.
const WORKING: &str = "The card works; nobody pulls it.";

/// Whether the card was not asked to change anything, or refused before it did.
pub(super) fn is_refusal(error: &CeremonyError) -> bool {
    matches!(
        error,
        CeremonyError::Card(
            CardError::BlockedPin { .. }
                | CardError::Counter { .. }
                | CardError::Identity { .. }
                | CardError::LastTry { .. }
                | CardError::Mode { .. }
                | CardError::NoCard { .. }
                | CardError::PinLength { .. }
                | CardError::PinsGone { .. }
                | CardError::Twins { .. }
                | CardError::WrongPin { .. }
        )
    )
}

/// Whether a card left in the middle of something: then nobody knows what it did.
fn is_silence(error: &CeremonyError) -> bool {
    matches!(
        error,
        CeremonyError::Card(CardError::Removed { .. } | CardError::Reader { .. } | CardError::Protocol { .. })
    )
}

/// A card's error comes out as itself, not wrapped in "signing failed".
pub(super) fn flattened(error: CeremonyError) -> CeremonyError {
    let failure = match error {
        CeremonyError::OpenPgp(openpgp::Error::Signing(failure))
        | CeremonyError::Delegation(delegation::Error::Certify(openpgp::Error::Signing(failure))) => failure,
        other => return other,
    };
    match failure.0.downcast::<CardError>() {
        Ok(card) => card.into(),
        Err(other) => openpgp::Error::Signing(openpgp::SigningFailure(other)).into(),
    }
}

impl Purpose<'_> {
    fn intent(&self, card: &CardName) -> Intent {
        Intent::Sign {
            card: card.clone(),
            purpose: self.name.to_owned(),
            items: self.items,
            request: self.request.clone(),
            subject: self.subject,
            artefact: self.artefact.clone(),
        }
    }
}
