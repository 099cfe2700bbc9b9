//! What lies on the desk of a test: card files, and a journal that permits what is done with them.

use std::path::PathBuf;

use keyrite::model::algorithm::Algorithm;
use keyrite::model::event::{Event, Intent, Opening};
use keyrite::model::evidence::Evidence;
use keyrite::model::hash::Hash;
use keyrite::model::mode::Mode;
use keyrite::model::name::CardName;
use keyrite::model::script::Kind;
use keyrite::model::timestamp::Timestamp;
use keyrite::workstation::card::{CardError, Expected, RackExt as _, ReaderRack, Serial, Slot};
use keyrite::workstation::journal::{Journal, Permit};
use keyrite::workstation::register::Register;
use keyrite_locked::Locked;

/// When keys were created.
pub(crate) const CREATED: Timestamp = Timestamp(1_795_258_797);

/// The readers as people have them who try keyrite with real cards.
pub(crate) fn rack() -> ReaderRack {
    ReaderRack::new(Mode::DressRehearsal)
}

pub(crate) fn name() -> CardName {
    "packages-a".parse().unwrap()
}

/// A card of which nothing is known.
pub(crate) fn any() -> Expected {
    Expected::any(name())
}

pub(crate) fn serial(number: u32) -> Serial {
    Serial { manufacturer: 0xffff, number }
}

/// The card with this serial.
pub(crate) fn expected(number: u32) -> Expected {
    Expected { serial: Some(serial(number)), ..any() }
}

/// What is in the SIG slot of the one card that is there.
pub(crate) fn slot() -> Result<Slot, CardError> {
    rack().session(&any(), |card| Ok(card.survey().slot.clone()))
}

pub(crate) fn locked(text: &str) -> Locked {
    Locked::copy_of(text.as_bytes()).unwrap()
}

/// A folder for card files, and a journal.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
    journal: Journal,
    _register: Register,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::open_or_create(&folder.path().join("register")).unwrap();
        let opening = Opening {
            format: 1,
            ceremony: "0001-root-generation".to_owned(),
            kind: Kind::RootGeneration,
            mode: Mode::DressRehearsal,
            program: "keyrite 0".to_owned(),
            binary: Hash::of(b"program"),
            script: Hash::of(b"script"),
            title: "Test".to_owned(),
            organization: Hash::of(b"organization"),
            organization_name: "Example".to_owned(),
            previous_head: None,
            previous_closing: None,
        };
        let journal = Journal::begin(&register, register.past().unwrap(), opening).unwrap();
        Self { folder, journal, _register: register }
    }

    /// Where a card's file lies.
    pub(crate) fn card(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Has the register know a card, blank.
    pub(crate) fn present(&mut self, card: &str, number: u32) {
        let (card, serial) = (card.parse().unwrap(), serial(number).to_string());
        let (application, firmware, advisories, report) = (None, None, None, None);
        let evidence = Evidence::CardPresented { card, serial, application, firmware, advisories, report };
        self.journal.append(Event::Noted { evidence }).unwrap();
    }

    pub(crate) fn permit(&mut self, intent: Intent) -> Permit {
        self.journal.intend(intent).unwrap()
    }

    pub(crate) fn leave_to_reset(&mut self) -> Permit {
        self.permit(Intent::ResetCard { card: name() })
    }

    /// Leave to sign so often.
    pub(crate) fn leave_to_sign(&mut self, items: u32) -> Permit {
        let (purpose, subject) = ("challenge".to_owned(), Hash::of(b"subject"));
        self.permit(Intent::Sign { card: name(), purpose, items, request: None, subject, artefact: None })
    }

    /// Generates a key on the one card that is there, which has the PINs of a new one.
    pub(crate) fn generate(&mut self, rack: &mut ReaderRack) -> Result<(), CardError> {
        self.generate_as(Algorithm::Ed25519, rack)
    }

    /// The same, of some algorithm.
    pub(crate) fn generate_as(&mut self, algorithm: Algorithm, rack: &mut ReaderRack) -> Result<(), CardError> {
        let permit = self.permit(Intent::GenerateKey { card: name(), root: None });
        let admin = locked("12345678");
        rack.session(&any(), |card| card.generate(&permit, algorithm, CREATED, &admin).map(drop))
    }
}
