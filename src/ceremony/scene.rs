//! What an act works with: the room's people, cards and papers, and the journal that it must ask first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keyrite_locked::Locked;

use super::CeremonyError;
use super::dialogue::{Code, Dialogue, Half};
use super::inbox::Inbox;
use crate::model::event::{Artefact, Event, Evidence, Intent, Outcome};
use crate::model::fault::Fault;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::history::{CardRecord, History, RootRecord};
use crate::model::mode::Mode;
use crate::model::name::{CardName, RequestId, RootName, StepId};
use crate::model::organization::{Organization, Root};
use crate::model::role::{Role, Seat};
use crate::model::room::{self, Room};
use crate::model::script::Header;
use crate::model::timestamp::Timestamp;
use crate::trust::delegation;
use crate::trust::openpgp::{self, Certificate, Profile};
use crate::workstation::card::{CardError, CardSigner, Expected, ExpectedKey, GuardedCard, Rack};
use crate::workstation::fitness::Probe;
use crate::workstation::journal::{Journal, Permit};
use crate::workstation::register::Register;
use crate::workstation::stock::gpg::Gpg;

/// Programs beside this one.
#[derive(Debug, Clone)]
pub struct Programs {
    /// keyrite itself, for the fresh process that restores.
    pub keyrite: PathBuf,
    /// A gpg for the second opinion, where one is installed.
    pub gpg: Option<Gpg>,
}

/// Where bundles come from and go to.
#[derive(Debug, Clone)]
pub struct Bundles {
    /// The incoming bundle, when there is one.
    pub incoming: Option<PathBuf>,
    /// The folder in which the outgoing bundle is written, when there is one.
    pub outgoing: Option<PathBuf>,
}

/// Everything an act may touch.
pub struct Scene<'a> {
    /// The organization.
    pub organization: &'a Organization,
    /// How much this counts.
    pub mode: Mode,
    /// The script's head.
    pub header: &'a Header,
    /// The register.
    pub register: &'a Register,
    /// The journal.
    pub journal: &'a mut Journal,
    /// The card readers.
    pub rack: &'a mut dyn Rack,
    /// The people.
    pub dialogue: &'a mut dyn Dialogue,
    /// Programs beside this one.
    pub programs: &'a Programs,
    /// Bundles.
    pub bundles: &'a Bundles,
    /// The machine.
    pub probe: &'a Probe,
    /// Roots in memory, as transferable secret keys.
    pub held: &'a mut BTreeMap<RootName, Locked>,
    /// The requests that were read.
    pub inbox: &'a mut Inbox,
    /// What is true now, as the model of the room has it.
    pub room: &'a Room,
    /// The step.
    pub step: StepId,
}

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
    /// What the transcripts say so far.
    #[must_use]
    pub fn history(&self) -> &History {
        self.journal.history()
    }

    /// When this ceremony was opened: the date of everything it signs, so that doing a step again gives the same words.
    ///
    /// # Errors
    /// Never in a run.
    pub fn opened(&self) -> Result<Timestamp, CeremonyError> {
        self.history().current.opened.ok_or_else(|| CeremonyError::Bug("a run without an opening".to_owned()))
    }

    /// The plan of a root.
    ///
    /// # Errors
    /// Never after lint.
    pub fn root(&self, name: &RootName) -> Result<&Root, CeremonyError> {
        self.organization
            .roots
            .get(name)
            .ok_or_else(|| CeremonyError::Bug(format!("no root {name} in a linted script")))
    }

    /// What the transcripts say of a root.
    ///
    /// # Errors
    /// Never after lint.
    pub fn root_record(&self, name: &RootName) -> Result<&RootRecord, CeremonyError> {
        self.history()
            .roots
            .get(name)
            .ok_or_else(|| CeremonyError::Bug(format!("root {name} is not in the transcripts")))
    }

    /// What the transcripts say of a card.
    ///
    /// # Errors
    /// Never after lint.
    pub fn card_record(&self, name: &CardName) -> Result<&CardRecord, CeremonyError> {
        self.history()
            .cards
            .get(name)
            .ok_or_else(|| CeremonyError::Bug(format!("card {name} is not in the transcripts")))
    }

    /// A root's certificate, read from the register and compared with its recorded hash.
    ///
    /// # Errors
    /// When it changed.
    pub fn root_certificate(&self, name: &RootName) -> Result<Certificate, CeremonyError> {
        let record = self.root_record(name)?;
        Ok(Certificate::parse(&self.register.read(&record.certificate)?, record.fingerprint)?)
    }

    /// The records key's certificate.
    ///
    /// # Errors
    /// When it changed, or there is none.
    pub fn records_certificate(&self) -> Result<Certificate, CeremonyError> {
        let (fingerprint, artefact) = self
            .history()
            .records
            .clone()
            .ok_or_else(|| CeremonyError::Bug("no records key in the transcripts".to_owned()))?;
        Ok(Certificate::parse(&self.register.read(&artefact)?, fingerprint)?)
    }

    /// What a root's certificate is to say.
    ///
    /// # Errors
    /// Never after lint.
    pub fn root_profile(&self, name: &RootName) -> Result<Profile, CeremonyError> {
        let root = self.root(name)?;
        Ok(Profile {
            policy_uri: self.organization.policy_uri.clone(),
            records: self.history().records.as_ref().map(|(fingerprint, _)| *fingerprint),
            ..Profile::root(self.marked(&root.user_id), root.validity)
        })
    }

    /// A user ID with the mark of a rehearsal in it, as a comment: `Name (REHEARSAL, NOT FOR USE) <address>`.
    #[must_use]
    pub fn marked(&self, user_id: &str) -> String {
        match (self.mode.mark(), user_id.split_once(" <")) {
            (None, _) => user_id.to_owned(),
            (Some(mark), Some((name, address))) => format!("{name} ({mark}) <{address}"),
            (Some(mark), None) => format!("{user_id} ({mark})"),
        }
    }

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

    /// Records evidence.
    ///
    /// # Errors
    /// When the journal cannot take it.
    pub fn note(&mut self, evidence: Evidence) -> Result<(), CeremonyError> {
        Ok(self.journal.note(evidence)?)
    }

    /// Asks people to confirm, and records that they did.
    ///
    /// # Errors
    /// [`CeremonyError::Declined`].
    pub fn confirm(&mut self, seat: Seat, question: &str, compare: Option<Hash>) -> Result<(), CeremonyError> {
        self.ask(|room| room.confirm(seat, question, compare))?;
        let step = self.step.clone();
        Ok(self.journal.append(Event::Confirmed { step, seat, words: question.to_owned(), hash: compare })?)
    }

    /// A session with a card ([`RackExt::session`]). While it is not in a reader, people are asked to see to that.
    ///
    /// # Errors
    /// As [`Rack::with`].
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
        self.ask(|room| room.again(&words, "Is it so now?"))
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
            let wrong_pin = matches!(error, CeremonyError::Card(CardError::WrongPin { .. }));
            let words = error.hint().map_or(error.to_string(), |hint| format!("{error}: {hint}"));
            if !wrong_pin || !self.ask(|room| room.again(&words, "Both holders enter their halves again?"))? {
                return Err(error);
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

    /// Writes an artefact into the register.
    ///
    /// # Errors
    /// As [`Register::write`].
    pub fn write(&self, relative: &str, bytes: &[u8]) -> Result<Artefact, CeremonyError> {
        Ok(self.register.write(relative, bytes)?)
    }

    /// Writes an artefact whose name follows from its content; one that is there already must be the same.
    ///
    /// # Errors
    /// As [`Register::write`]; [`crate::workstation::WorkstationError::Changed`] when another file lies there.
    pub fn keep_copy(&self, relative: &str, bytes: &[u8]) -> Result<Artefact, CeremonyError> {
        let artefact = Artefact { path: relative.to_owned(), sha256: Hash::of(bytes) };
        if self.path(relative).exists() {
            self.register.read(&artefact)?;
            return Ok(artefact);
        }
        self.write(relative, bytes)
    }

    /// Tells the room a hash, in two rows of hex groups.
    pub fn tell_hash(&mut self, what: &str, hash: Hash) {
        self.dialogue.tell(what);
        let groups = hash.groups();
        // Sixteen groups of four with a space between them: 39 characters a half.
        for row in [groups.get(..39), groups.get(40..)].into_iter().flatten() {
            self.dialogue.tell(&format!("    {row}"));
        }
    }

    /// The register's folder for a root: named for its key ID, so that a path still fits on a screen.
    #[must_use]
    pub fn root_folder(root: &RootName, fingerprint: Fingerprint) -> String {
        let id: String = fingerprint.to_string().chars().skip(24).collect();
        format!("roots/{root}-{id}")
    }

    /// Whether something lies at a path of the register; a link that leads nowhere too.
    #[must_use]
    pub fn is_taken(&self, relative: &str) -> bool {
        self.path(relative).symlink_metadata().is_ok()
    }

    /// A path in the register as a full path.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        Path::new(self.register.root()).join(relative)
    }
}

/// What the room sees while a card works.
pub(super) const WORKING: &str = "The card works; nobody pulls it.";

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
