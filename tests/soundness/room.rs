//! A room with a register and three new cards in disguise.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::card::Card;
use crate::guests::Guests;
use crate::stage::{ROOT_GENERATION, keyrite};
use crate::system::{GRANTED, SYSTEM, lay};
use keyrite::ceremony::CeremonyError;
use keyrite::ceremony::card_reports;
use keyrite::ceremony::run::{self, Setting};
use keyrite::ceremony::scene::{Bundles, Programs};
use keyrite::format::place::Source;
use keyrite::format::{card_report, script};
use keyrite::model::card_report::CardReport;
use keyrite::model::event::{Event, Intent, Outcome};
use keyrite::model::evidence::Evidence;
use keyrite::model::hash::Hash;
use keyrite::model::mode::Mode;
use keyrite::model::name::CardName;
use keyrite::workstation::card::{
    Action, Answer as Said, Apdu, CardError, Expected, GuardedCard, Rack, RackExt as _, Tap, VirtualRack,
};
use keyrite::workstation::fitness::{Own, Probe};
use keyrite::workstation::journal::{Journal, Permit};
use keyrite::workstation::register::Register;
use keyrite_locked::Hardening;

const CARDS: [&str; 3] = ["records", "packages-a", "packages-b"];

/// What a card pretends to be.
#[derive(Clone, Copy)]
pub(crate) struct Disguise {
    /// Version of the application, and maker.
    pub(crate) identity: [u8; 4],
    /// The answer to GET VERSION; none when it has no such command.
    pub(crate) firmware: Option<[u8; 3]>,
    /// Whether it has algorithm information (DO FA).
    pub(crate) lists_algorithms: bool,
    /// Whether KDF is on (DO F9).
    pub(crate) hashed_pins: bool,
    /// Whether it has something to be touched (DO D6).
    pub(crate) touchable: bool,
}

/// A KDF-DO with one salt, and the status of success.
const HASHES: [u8; 24] = [0x81, 1, 3, 0x82, 1, 8, 0x83, 4, 0, 0, 1, 0, 0x84, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00];

impl Disguise {
    pub(crate) fn yubikey(firmware: [u8; 3]) -> Self {
        let (identity, firmware) = ([3, 4, 0, 6], Some(firmware));
        Self { identity, firmware, lists_algorithms: true, hashed_pins: false, touchable: true }
    }
}

/// A disguise on a card.
struct Worn {
    disguise: Disguise,
    related: Vec<u8>,
}

impl Worn {
    fn on(card: &Card, disguise: Disguise) -> Self {
        let mut related = card.related_data();
        // The application identifier (4.2.1): RID and application, version, maker, number.
        let rid = [0xd2, 0x76, 0x00, 0x01, 0x24, 0x01];
        let at = related.windows(6).position(|window| window == rid).unwrap() + 6;
        related[at..at + 4].copy_from_slice(&disguise.identity);
        Self { disguise, related }
    }
}

impl Tap for Worn {
    fn before(&mut self, apdu: &Apdu) -> Action {
        match (apdu.instruction, apdu.p1, apdu.p2) {
            (0xca, 0x00, 0x6e) => Action::Replace(self.related.clone()),
            (0xca, 0x00, 0xfa) if !self.disguise.lists_algorithms => Action::Refuse(0x6a88),
            (0xca, 0x00, 0xf9) if self.disguise.hashed_pins => Action::Replace(HASHES.to_vec()),
            (0xca, 0x00, 0xd6) if !self.disguise.touchable => Action::Refuse(0x6a88),
            (0xf1, 0x00, 0x00) => match self.disguise.firmware {
                Some([a, b, c]) => Action::Replace(vec![a, b, c, 0x90, 0x00]),
                None => Action::Refuse(0x6d00),
            },
            _ => Action::Pass,
        }
    }

    fn after(&mut self, _apdu: &Apdu, _answer: &Said) -> Action {
        Action::Pass
    }
}

/// Virtual cards in disguise.
pub(crate) struct Disguised {
    mode: Mode,
    pub(crate) disguise: Disguise,
    cards: BTreeMap<CardName, Card>,
}

impl Disguised {
    pub(crate) fn rack(&self, card: &CardName) -> VirtualRack {
        let there = &self.cards[card];
        let sockets = BTreeMap::from([(card.clone(), there.socket.clone())]);
        VirtualRack::new(self.mode, sockets).tapped(Arc::new(Mutex::new(Worn::on(there, self.disguise))))
    }
}

impl Rack for Disguised {
    fn with(
        &mut self,
        expected: &Expected,
        work: &mut dyn FnMut(&mut GuardedCard<'_>) -> Result<(), CardError>,
    ) -> Result<(), CardError> {
        self.rack(&expected.card).with(expected, work)
    }

    fn revive(&mut self, expected: &Expected, permit: &Permit) -> Result<(), CardError> {
        self.rack(&expected.card).revive(expected, permit)
    }
}

/// A room with a register and three new cards.
pub(crate) struct Room {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) rack: Disguised,
    /// How many people dare to use a card all the same.
    pub(crate) dares: usize,
    script: &'static str,
    pub(crate) organization: String,
}

impl Room {
    pub(crate) fn new(mode: Mode, disguise: Disguise) -> Self {
        let folder = tempfile::Builder::new().prefix("ks").tempdir_in("/tmp").unwrap();
        lay(&folder.path().join("system"), SYSTEM);
        let card = |(name, number): (&str, u32)| {
            (name.parse().unwrap(), Card::start(folder.path(), name, &format!("{number:08X}")))
        };
        let cards = CARDS.into_iter().zip(1..).map(card).collect();
        let organization = crate::organization::with(&[]);
        Self { folder, rack: Disguised { mode, disguise, cards }, script: ROOT_GENERATION, organization, dares: 0 }
    }

    /// With roots that their cards generate.
    pub(crate) fn of_cards_alone(self) -> Self {
        let organization = std::fs::read_to_string("ceremony/card-only/organization.toml").unwrap();
        Self { script: "ceremony/card-only/root-generation.toml", organization, ..self }
    }

    /// With keys of other algorithms than Ed25519.
    pub(crate) fn for_keys(self, records: &str, root: &str) -> Self {
        let (for_root, for_records) =
            (format!("algorithm = \"{root}\""), format!("[records]\nalgorithm = \"{records}\""));
        let organization = self.organization.replacen("algorithm      = \"ed25519\"", &for_root, 1);
        let organization = organization.replacen("[records]", &for_records, 1);
        assert!(organization.contains(&for_root) && organization.contains(&for_records));
        Self { organization, ..self }
    }

    /// Puts a report of a good test of these cards into the register, as `change` leaves it.
    pub(crate) fn tested(&self, change: impl FnOnce(&mut CardReport)) -> PathBuf {
        let card: CardName = "packages-a".parse().unwrap();
        let model = self.rack.rack(&card).session(&Expected::any(card), |card| card.model()).unwrap().0;
        let mut report = crate::report::good(model);
        change(&mut report);
        let register = Register::open_or_create(&self.folder.path().join("register")).unwrap();
        let bytes = card_report::write(&report).unwrap();
        let filed = card_reports::file(&register, &report.model, &bytes).unwrap();
        register.path(&filed.path)
    }

    /// Begins a root generation, or goes on; gives what stopped it, and what was told.
    pub(crate) fn play(&mut self) -> (CeremonyError, String) {
        let read = |path: &str| Source::new(path, &std::fs::read(path).unwrap()).unwrap();
        let script_source = read(self.script);
        let organization_source = Source::new("organization.toml", self.organization.as_bytes()).unwrap();
        let hardening = Hardening { undumpable: true, no_core: true, all_locked: true };
        let own = Own { hardening, sandbox: GRANTED, randomness: true, tools: Vec::new() };
        let mut people = Guests { bring_cards: true, dares: self.dares, leave_at: Some("3.2"), ..Guests::default() };
        let setting = Setting {
            organization: &keyrite::format::organization::read(&organization_source).unwrap(),
            organization_sha256: Hash::of(organization_source.text().as_bytes()),
            mode: self.rack.mode,
            register: &Register::open_or_create(&self.folder.path().join("register")).unwrap(),
            rack: &mut self.rack,
            dialogue: &mut people,
            programs: &Programs { keyrite: keyrite(), gpg: None },
            bundles: &Bundles { incoming: None, outgoing: None },
            probe: Probe::new(&self.folder.path().join("system"), own),
            observer: None,
            clears: false,
        };
        let stopped = run::run(&script::read(&script_source).unwrap(), setting).unwrap_err();
        (stopped, people.told.join("\n"))
    }

    /// Has the register say that the records card is in service, and that the ceremony came as far as the root's structure.
    pub(crate) fn has_records_card_in_service(&self) {
        let register = Register::open(&self.folder.path().join("register")).unwrap();
        let (mut journal, _) = Journal::reopen(&register, register.past().unwrap()).unwrap();
        let permit = journal.intend(Intent::GenerateKey { card: "records".parse().unwrap(), root: None }).unwrap();
        journal.close(permit, Outcome::Done { signatures: 0 }).unwrap();
        journal.note(Evidence::ProfileTried { root: "packages".parse().unwrap() }).unwrap();
        for (step, act) in [("2.1", "set-pins"), ("2.2", "generate-records-key"), ("3.1", "try-profile")] {
            let done = Event::Done { step: step.parse().unwrap(), act: act.to_owned(), mend: false };
            journal.append(done).unwrap();
        }
    }

    pub(crate) fn transcript(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("register/transcripts/0001-root-generation.jsonl")).unwrap()
    }
}
