//! What an act works with: the room's people, cards and papers, and the journal that it must ask first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keyrite_locked::Locked;

use super::CeremonyError;
use super::dialogue::Dialogue;
use super::inbox::Inbox;
use crate::model::event::Event;
use crate::model::evidence::{Artefact, Evidence};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::history::{CardRecord, History, RootRecord};
use crate::model::mode::Mode;
use crate::model::name::{CardName, RootName, StepId};
use crate::model::organization::{Organization, Root};
use crate::model::pgp_words;
use crate::model::role::Seat;
use crate::model::room::Room;
use crate::model::script::Header;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::{Certificate, Profile};
use crate::workstation::card::Rack;
use crate::workstation::fitness::Probe;
use crate::workstation::journal::Journal;
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
    /// Throws of dice, while this process lives.
    pub dice: &'a mut Option<Locked>,
    /// The requests that were read.
    pub inbox: &'a mut Inbox,
    /// What is true now, as the model of the room has it.
    pub room: &'a Room,
    /// The step.
    pub step: StepId,
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
        self.confirmed(seat, question, compare)
    }

    /// Asks somebody to type the serial of the card that `question` is about, and records that they did.
    ///
    /// # Errors
    /// [`CeremonyError::Declined`].
    pub fn confirm_serial(&mut self, seat: Seat, card: &CardName, question: &str) -> Result<(), CeremonyError> {
        let serial = self.card_record(card)?.serial.clone();
        let question = format!("{question} Its serial is {serial}");
        self.ask(|room| room.type_out(seat, &question, &serial))?;
        self.confirmed(seat, &question, None)
    }

    /// Whether somebody dares what is refused otherwise, in words that they type; it is recorded when they do.
    ///
    /// # Errors
    /// When nobody answers, and when the journal cannot take it.
    pub fn dares(&mut self, seat: Seat, question: &str, words: &str) -> Result<bool, CeremonyError> {
        let dares = self.ask(|room| room.dare(seat, question, words))?;
        if dares {
            self.confirmed(seat, &format!("{question} Typed: {words}."), None)?;
        }
        Ok(dares)
    }

    fn confirmed(&mut self, seat: Seat, words: &str, hash: Option<Hash>) -> Result<(), CeremonyError> {
        let step = self.step.clone();
        Ok(self.journal.append(Event::Confirmed { step, seat, words: words.to_owned(), hash })?)
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

    /// As [`Self::keep_copy`], for many of one folder, which are synced together.
    ///
    /// # Errors
    /// As [`Self::keep_copy`].
    pub fn keep_copies(&self, copies: Vec<(String, Vec<u8>)>) -> Result<Vec<Artefact>, CeremonyError> {
        let of = |(path, bytes): &(String, Vec<u8>)| Artefact { path: path.clone(), sha256: Hash::of(bytes) };
        let artefacts: Vec<Artefact> = copies.iter().map(of).collect();
        let (there, new): (Vec<_>, Vec<_>) =
            copies.into_iter().zip(&artefacts).partition(|((path, _), _)| self.path(path).exists());
        // A process that was killed may have named them, and not synced the names.
        if let Some((_, artefact)) = there.first() {
            crate::workstation::files::sync_folder(&self.path(&artefact.path))?;
        }
        for (_, artefact) in there {
            self.register.read(artefact)?;
        }
        let new: Vec<_> = new.into_iter().map(|(copy, _)| copy).collect();
        self.register.write_group(&new)?;
        Ok(artefacts)
    }

    /// Tells the room a hash, in two rows of hex groups.
    pub fn tell_hash(&mut self, what: &str, hash: Hash) {
        self.dialogue.tell(what);
        let groups = hash.groups();
        // Sixteen groups of four with a space between them: 39 characters a half.
        for row in [groups.get(..39), groups.get(40..)].into_iter().flatten() {
            self.dialogue.tell(&format!("    {row}"));
        }
        // As they stand on the paper of whoever writes them down.
        if let [first, .., last] = &pgp_words::words(&hash.0)[..] {
            self.dialogue.tell(&format!("    first word {first}, last word {last}"));
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
