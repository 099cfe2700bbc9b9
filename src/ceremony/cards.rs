//! What acts do with cards: sessions, codes in halves, signatures and changes.

use keyrite_locked::Locked;

use super::CeremonyError;
use super::dialogue::{Code, Half};
use super::scene::Scene;
use crate::model::event::{Intent, Outcome};
use crate::model::fault::Fault;
use crate::model::hash::Hash;
use crate::model::name::{CardName, RequestId};
use crate::model::role::{Role, Seat};
use crate::model::room;
use crate::trust::delegation;
use crate::trust::openpgp;
use crate::workstation::card::{CardError, CardSigner, Expected, ExpectedKey, GuardedCard, Versions};
use crate::workstation::journal::Permit;

/// What a card signed, with the permit that is still open: whoever keeps the result closes it.
pub struct Signed<T> {
    /// The result.
    pub value: T,
    permit: Permit,
    signatures: u32,
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
            (room::Card::Spoiled | room::Card::Unknown, _) => (ExpectedKey::Any, None),
            (room::Card::Blank | room::Card::Pinned, _) | (_, None) => (ExpectedKey::Empty, Some(0..=0)),
            (room::Card::Loaded | room::Card::InService, Some(fingerprint)) => {
                (ExpectedKey::Fingerprint(fingerprint), Some(record.signatures..=record.signatures))
            }
        };
        Ok(Expected { card: card.clone(), serial: Some(serial), not: Vec::new(), key, counter })
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
            if !error.is_absence() || !self.put_right(&error)? {
                return Err(error.into());
            }
        }
    }

    /// Whether people saw to what is wrong at the readers.
    fn put_right(&mut self, error: &CardError) -> Result<bool, CeremonyError> {
        let words = error.hint().map_or(error.to_string(), |hint| format!("{error}: {hint}"));
        self.ask(|room| room.again(&words, "Look again?"))
    }

    /// A code of a card from its two holders, joined in locked memory. The card is guarded first: nobody types anything for
    /// another card, or for one that will not take it.
    ///
    /// # Errors
    /// When a holder has nothing to say; when the card is not the expected one.
    pub fn code(&mut self, card: &CardName, code: Code) -> Result<Locked, CeremonyError> {
        let expected = self.expected(card)?;
        self.code_of(&expected, code)
    }

    /// As [`Self::code`], for a card of which more is known than the transcripts say yet.
    fn code_of(&mut self, expected: &Expected, code: Code) -> Result<Locked, CeremonyError> {
        let card = &expected.card;
        let tries = self.session(expected, |guarded| Ok(guarded.survey().tries))?;
        let left = match code {
            Code::User => tries.user,
            Code::Admin => tries.admin,
            Code::Reset => tries.reset_code,
        };
        self.dialogue.tell(&format!("Card {card}: {left} tries are left for its {code}."));
        let (first, second) = halves(card, code);
        let (first, second) = (self.ask(|room| room.half(&first))?, self.ask(|room| room.half(&second))?);
        joined(&first, &second)
    }

    /// A new code of a card, each half chosen by its holder.
    ///
    /// # Errors
    /// When a holder has nothing to say.
    pub fn new_code(&mut self, card: &CardName, code: Code) -> Result<Locked, CeremonyError> {
        let (first, second) = halves(card, code);
        let first = self.ask(|room| room.choose(&first, LEAST))?;
        let second = self.ask(|room| room.choose(&second, LEAST))?;
        joined(&first, &second)
    }

    /// Lets the records card or a root's card sign. The journal knows before the card does; the permit stays open until
    /// [`Self::keep`]. A wrong PIN is asked for again only when people want to, and never for the last try.
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
        let mut work = Some(work);
        loop {
            let pin = self.code_of(expected, Code::User)?;
            let permit = self.journal.intend(purpose.intent(&expected.card))?;
            let mut asked = 0;
            let result = self.session(expected, |guarded| {
                let mut signer = guarded.signer(&permit, &pin)?;
                // A wrong PIN is found before any work is done.
                signer.verify()?;
                let result = work.take().map(|work| work(&mut signer));
                asked = signer.asked();
                Ok((result, signer.made()))
            });
            let error = match result {
                Ok((Some(Ok(value)), signatures)) => return Ok(Signed { value, permit, signatures }),
                Ok((Some(Err(error)), _)) => flattened(error.into()),
                Ok((None, _)) => CeremonyError::Bug("work was done twice".to_owned()),
                Err(error) => error,
            };
            if asked > 0 || is_silence(&error) {
                // Perhaps there is a signature that nobody saw. Resume asks the card's counter.
                return Err(error);
            }
            self.undone(permit, &error.to_string())?;
            self.halves_again(error)?;
        }
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
        loop {
            let admin = self.code_of(expected, Code::Admin)?;
            let permit = self.journal.intend(intent.clone())?;
            let error = match self.session(expected, |guarded| work(guarded, &permit, &admin)) {
                Ok(value) => return Ok((value, permit)),
                Err(error) => error,
            };
            if !is_wrong_pin(&error) {
                return Err(error);
            }
            self.undone(permit, &error.to_string())?;
            self.halves_again(error)?;
        }
    }

    /// Asks whether the holders try once more, after a wrong PIN. Any other error stays one.
    fn halves_again(&mut self, error: CeremonyError) -> Result<(), CeremonyError> {
        let words = error.hint().map_or(error.to_string(), |hint| format!("{error}: {hint}"));
        if is_wrong_pin(&error) && self.ask(|room| room.again(&words, "Both holders enter their halves again?"))? {
            Ok(())
        } else {
            Err(error)
        }
    }

    /// Tells the room what a card says of its making.
    pub fn tell_versions(&mut self, card: &CardName, versions: &Versions) {
        let firmware = match &versions.firmware {
            Some(version) => format!("firmware {version}"),
            None => "it does not tell its firmware".to_owned(),
        };
        self.dialogue.tell(&format!("Card {card}: OpenPGP application {}; {firmware}.", versions.application));
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

/// The least length of a half: two halves make the 8 characters of an admin PIN (OpenPGP card 3.4.1, 4.2.2).
const LEAST: usize = 4;

fn halves(card: &CardName, code: Code) -> (Half, Half) {
    let role = match code {
        Code::User => Role::PinHolder,
        Code::Admin | Code::Reset => Role::AdminHolder,
    };
    let half = |number| Half { card: card.clone(), code, seat: Seat { role, number } };
    (half(1), half(2))
}

fn joined(first: &Locked, second: &Locked) -> Result<Locked, CeremonyError> {
    let mut whole = Locked::zeroed(first.len() + second.len())?;
    let (head, tail) = whole.split_at_mut(first.len());
    head.copy_from_slice(first);
    tail.copy_from_slice(second);
    Ok(whole)
}

fn is_wrong_pin(error: &CeremonyError) -> bool {
    matches!(error, CeremonyError::Card(CardError::WrongPin { .. }))
}

/// Whether a card left in the middle of something: then nobody knows what it did.
fn is_silence(error: &CeremonyError) -> bool {
    matches!(
        error,
        CeremonyError::Card(CardError::Removed { .. } | CardError::Reader { .. } | CardError::Protocol { .. })
    )
}

/// A card's error comes out as itself, not wrapped in "signing failed".
fn flattened(error: CeremonyError) -> CeremonyError {
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
