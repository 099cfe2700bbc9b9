//! Cards of makers who have published faults, played by a virtual card, at present-cards and take-cards (CARD-5).
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/card.rs"]
mod card;
#[path = "support/guests.rs"]
mod guests;
#[path = "support/organization.rs"]
mod organization;
#[path = "support/report.rs"]
mod report;
#[path = "support/stage.rs"]
mod stage;
#[path = "support/system.rs"]
mod system;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use card::Card;
use guests::Guests;
use keyrite::ceremony::CeremonyError;
use keyrite::ceremony::card_reports;
use keyrite::ceremony::run::{self, Setting};
use keyrite::ceremony::scene::{Bundles, Programs};
use keyrite::format::place::Source;
use keyrite::format::{card_report, script};
use keyrite::model::card_report::{CardReport, Found, What};
use keyrite::model::control::Control;
use keyrite::model::event::{Event, Intent, Outcome};
use keyrite::model::evidence::Evidence;
use keyrite::model::fault::{Class, Fault};
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
use stage::{ROOT_GENERATION, keyrite};
use system::{GRANTED, SYSTEM, lay};

const CARDS: [&str; 3] = ["records", "packages-a", "packages-b"];

/// What a card pretends to be.
#[derive(Clone, Copy)]
struct Disguise {
    /// Version of the application, and maker.
    identity: [u8; 4],
    /// The answer to GET VERSION; none when it has no such command.
    firmware: Option<[u8; 3]>,
    /// Whether it has algorithm information (DO FA).
    lists_algorithms: bool,
    /// Whether KDF is on (DO F9).
    hashed_pins: bool,
    /// Whether it has something to be touched (DO D6).
    touchable: bool,
}

/// A KDF-DO with one salt, and the status of success.
const HASHES: [u8; 24] = [0x81, 1, 3, 0x82, 1, 8, 0x83, 4, 0, 0, 1, 0, 0x84, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00];

impl Disguise {
    fn yubikey(firmware: [u8; 3]) -> Self {
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
struct Disguised {
    mode: Mode,
    disguise: Disguise,
    cards: BTreeMap<CardName, Card>,
}

impl Disguised {
    fn rack(&self, card: &CardName) -> VirtualRack {
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
struct Room {
    folder: tempfile::TempDir,
    rack: Disguised,
    /// How many people dare to use a card all the same.
    dares: usize,
    script: &'static str,
    organization: String,
}

impl Room {
    fn new(mode: Mode, disguise: Disguise) -> Self {
        let folder = tempfile::Builder::new().prefix("ks").tempdir_in("/tmp").unwrap();
        lay(&folder.path().join("system"), SYSTEM);
        let card = |(name, number): (&str, u32)| {
            (name.parse().unwrap(), Card::start(folder.path(), name, &format!("{number:08X}")))
        };
        let cards = CARDS.into_iter().zip(1..).map(card).collect();
        let organization = organization::with(&[]);
        Self { folder, rack: Disguised { mode, disguise, cards }, script: ROOT_GENERATION, organization, dares: 0 }
    }

    /// With roots that their cards generate.
    fn of_cards_alone(self) -> Self {
        let organization = std::fs::read_to_string("ceremony/card-only/organization.toml").unwrap();
        Self { script: "ceremony/card-only/root-generation.toml", organization, ..self }
    }

    /// With keys of other algorithms than Ed25519.
    fn for_keys(self, records: &str, root: &str) -> Self {
        let (for_root, for_records) =
            (format!("algorithm = \"{root}\""), format!("[records]\nalgorithm = \"{records}\""));
        let organization = self.organization.replacen("algorithm      = \"ed25519\"", &for_root, 1);
        let organization = organization.replacen("[records]", &for_records, 1);
        assert!(organization.contains(&for_root) && organization.contains(&for_records));
        Self { organization, ..self }
    }

    /// Puts a report of a good test of these cards into the register, as `change` leaves it.
    fn tested(&self, change: impl FnOnce(&mut CardReport)) -> PathBuf {
        let card: CardName = "packages-a".parse().unwrap();
        let model = self.rack.rack(&card).session(&Expected::any(card), |card| card.model()).unwrap().0;
        let mut report = report::good(model);
        change(&mut report);
        let register = Register::open_or_create(&self.folder.path().join("register")).unwrap();
        let bytes = card_report::write(&report).unwrap();
        let filed = card_reports::file(&register, &report.model, &bytes).unwrap();
        register.path(&filed.path)
    }

    /// Begins a root generation, or goes on; gives what stopped it, and what was told.
    fn play(&mut self) -> (CeremonyError, String) {
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
    fn has_records_card_in_service(&self) {
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

    fn transcript(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("register/transcripts/0001-root-generation.jsonl")).unwrap()
    }
}

/// All cards were taken: it came as far as their PINs.
fn reached_the_pins(stopped: &CeremonyError) {
    assert!(matches!(stopped, CeremonyError::Stopped { .. }), "{stopped}");
}

fn refused(stopped: &CeremonyError, words: &str) {
    assert_eq!((stopped.class(), stopped.control()), (Class::Refused, Some(Control::CardSound)), "{stopped}");
    assert!(stopped.to_string().contains(words) && stopped.hint().is_some(), "{stopped}");
}

#[test]
fn a_fault_that_spares_the_key_is_told_and_recorded_in_production() {
    for (firmware, id, broken) in [([4, 3, 4], "YSA-2017-01", "ROCA"), ([5, 6, 0], "YSA-2024-03", "EUCLEAK")] {
        let mut room = Room::new(Mode::Production, Disguise::yubikey(firmware));
        room.tested(|_| {});
        let (stopped, told) = room.play();
        reached_the_pins(&stopped);
        assert!(told.contains("Card records: maker Yubico."), "{told}");
        assert!(told.contains("looked up on 2026-11-22, ") && told.contains(" day(s) ago"), "{told}");
        assert!(
            told.contains(id) && told.contains("is not known to concern this key") && told.contains(broken),
            "{told}"
        );
        let recorded = format!(r#""concerns":[{{"advisory":"{id}","bearing":"spares"}}]"#);
        assert_eq!(room.transcript().matches(&recorded).count(), 3, "{}", room.transcript());
    }
}

#[test]
fn a_card_without_known_faults_is_recorded_as_compared() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    room.tested(|_| {});
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("Of advisories, none is known here"), "{told}");
    assert_eq!(room.transcript().matches(r#""advisories":{"looked-up":"2026-11-22","concerns":[]}"#).count(), 3);
}

#[test]
fn production_refuses_a_card_whose_fault_concerns_its_key() {
    // The records card generates its key; the others are not reached.
    for (firmware, id) in [([1, 0, 9], "YSA-2015-1"), ([4, 4, 4], "YSA-2019-02")] {
        let mut room = Room::new(Mode::Production, Disguise::yubikey(firmware));
        let (stopped, told) = room.play();
        refused(&stopped, &format!("card records (0006:00000001) is not fit for its key: {id}"));
        assert!(told.contains("concerns this key") && !room.transcript().contains("card-presented"), "{told}");
    }
    let unknown = Disguise { firmware: None, ..Disguise::yubikey([0; 3]) };
    let (stopped, told) = Room::new(Mode::Production, unknown).play();
    refused(&stopped, "YSA-2019-02 (YubiKey FIPS (4 Series) 4.4.2 and 4.4.4) may concern this key");
    assert!(told.contains("it does not tell its firmware"), "{told}");
}

#[test]
fn what_a_fault_means_goes_by_the_algorithm_and_by_where_the_key_is_made() {
    let tested = |firmware| {
        let room = Room::new(Mode::Production, Disguise::yubikey(firmware));
        room.tested(|_| {});
        room
    };
    // EUCLEAK: the records key on Ed25519 is spared, the root on P-256 is not.
    let mut room = tested([5, 6, 0]).for_keys("ed25519", "nist-p256");
    refused(&room.play().0, "card packages-a (0006:00000002) is not fit for its key: YSA-2024-03");
    assert!(room.transcript().contains(r#"{"advisory":"YSA-2024-03","bearing":"spares"}"#), "{}", room.transcript());
    // Nor is a records key on such a curve.
    let mut room = tested([5, 6, 0]).for_keys("nist-p521", "ed25519");
    refused(&room.play().0, "card records (0006:00000001) is not fit for its key: YSA-2024-03");
    // ROCA: only RSA keys that the card itself generates.
    let mut room = tested([4, 3, 4]).for_keys("rsa3072", "ed25519");
    refused(&room.play().0, "card records (0006:00000001) is not fit for its key: YSA-2017-01");
    let mut room = tested([4, 3, 4]).for_keys("ed25519", "rsa4096");
    reached_the_pins(&room.play().0);
    assert_eq!(room.transcript().matches(r#"{"advisory":"YSA-2017-01","bearing":"spares"}"#).count(), 3);
    let room = tested([4, 3, 4]).of_cards_alone();
    refused(
        &room.for_keys("ed25519", "rsa4096").play().0,
        "card packages-a (0006:00000002) is not fit for its key: YSA-2017-01",
    );
}

#[test]
fn a_card_with_kdf_on_is_told_before_its_pins() {
    let hashing = Disguise { hashed_pins: true, ..Disguise::yubikey([5, 7, 1]) };
    let (stopped, told) = Room::new(Mode::DressRehearsal, hashing).play();
    reached_the_pins(&stopped);
    assert!(told.contains("Card records takes its codes as hashes of them (KDF) already"), "{told}");
}

#[test]
fn a_card_that_cannot_be_set_up_is_refused_before_its_pins() {
    let untouchable = Disguise { touchable: false, ..Disguise::yubikey([5, 7, 1]) };
    let hashing = Disguise { hashed_pins: true, ..Disguise::yubikey([5, 7, 1]) };
    for (disguise, wanted, words) in [
        (untouchable, "touch = \"on\"", "it does not announce that it can be touched"),
        (hashing, "kdf = false", "it takes its codes as hashes already, which a reset takes back"),
    ] {
        for mode in [Mode::DressRehearsal, Mode::Production] {
            let mut room = Room::new(mode, disguise);
            room.organization = organization::with(&[("[cards]", wanted)]);
            let words = format!("card records (0006:00000001) cannot be set up as organization.toml wants it: {words}");
            refused(&room.play().0, &words);
            assert!(!room.transcript().contains("card-presented"));
        }
    }
}

#[test]
fn a_dress_rehearsal_tells_such_a_fault_and_goes_on() {
    let mut room = Room::new(Mode::DressRehearsal, Disguise::yubikey([1, 0, 9]));
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("YSA-2015-1") && told.contains("it signs without the right user PIN"), "{told}");
    assert_eq!(room.transcript().matches(r#"{"advisory":"YSA-2015-1","bearing":"breaks"}"#).count(), 3);
}

#[test]
fn a_card_that_is_taken_in_hand_again_is_compared_again() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    room.tested(|_| {});
    reached_the_pins(&room.play().0);
    room.rack.disguise.firmware = Some([1, 0, 9]);
    let (stopped, told) = room.play();
    refused(&stopped, "YSA-2015-1");
    assert!(told.contains("serial 0006:00000001, 0 signature(s), as recorded"), "{told}");
    room.rack.disguise.firmware = Some([5, 6, 0]);
    reached_the_pins(&room.play().0);
    let transcript = room.transcript();
    let seen = transcript.lines().filter(|line| line.contains("card-seen") && line.contains("YSA-2024-03"));
    assert!(seen.count() >= 1, "{transcript}");
}

#[test]
fn a_card_in_service_is_used_once_more_when_leader_and_witnesses_say_so() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    room.tested(|_| {});
    // Before it is in service, another card can be taken: nobody is asked.
    reached_the_pins(&room.play().0);
    room.rack.disguise.firmware = Some([1, 0, 9]);
    room.dares = 3;
    let (stopped, told) = room.play();
    refused(&stopped, "YSA-2015-1");
    assert!(!told.contains("use it all the same"), "{told}");

    room.has_records_card_in_service();
    for few in [0, 1, 2] {
        room.dares = few;
        let (stopped, told) = room.play();
        refused(&stopped, "YSA-2015-1");
        assert_eq!(told.matches("use it all the same?").count(), few + 1, "{told}");
    }
    room.dares = 3;
    let before = room.transcript().matches("Typed: use it all the same.").count();
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("witness 2: Card records is in service"), "{told}");
    let transcript = room.transcript();
    assert_eq!(transcript.matches("Typed: use it all the same.").count() - before, 3, "{transcript}");
    assert!(transcript.contains(r#"{"advisory":"YSA-2015-1","bearing":"breaks"}"#), "{transcript}");
}

#[test]
fn a_card_that_cannot_hold_the_key_is_refused_before_its_pins() {
    // As a YubiKey 4 and older cards: version 2.1 of the application, RSA alone, and no list of algorithms.
    let identity = [2, 1, 0, 5];
    let old = Disguise { identity, firmware: None, lists_algorithms: false, hashed_pins: false, touchable: true };
    for mode in [Mode::DressRehearsal, Mode::Production] {
        let (stopped, _) = Room::new(mode, old).play();
        refused(&stopped, "card records (0005:00000001) cannot hold Ed25519 in SIG");
    }
    let (stopped, told) = Room::new(Mode::DressRehearsal, Disguise { identity: [3, 3, 0, 5], ..old }).play();
    reached_the_pins(&stopped);
    assert!(told.contains("Card records does not say whether it can hold Ed25519"), "{told}");
    // Such a card may hold RSA.
    for mode in [Mode::DressRehearsal, Mode::Production] {
        let room = Room::new(mode, old);
        room.tested(|_| {});
        let (stopped, told) = room.for_keys("rsa3072", "rsa4096").play();
        reached_the_pins(&stopped);
        assert!(told.contains("Card packages-b does not say whether it can hold RSA-4096"), "{told}");
    }
}

fn untested(stopped: &CeremonyError, words: &str) {
    assert_eq!((stopped.class(), stopped.control()), (Class::Refused, Some(Control::CardTested)), "{stopped}");
    assert!(
        stopped.to_string().starts_with("card records (0006:00000001): no report says that its model"),
        "{stopped}"
    );
    assert!(stopped.to_string().contains(words) && stopped.hint().unwrap().contains("keyrite card test"), "{stopped}");
}

#[test]
fn production_takes_a_model_whose_test_is_in_the_register() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    let path = room.tested(|_| {});
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("Card records: its model was tested, card-models/yubico-3.4-5.7.1-"), "{told}");
    let recorded = format!(r#""sha256":"{}""#, Hash::of(&std::fs::read(path).unwrap()));
    assert_eq!(room.transcript().matches(&recorded).count(), 3, "{}", room.transcript());
}

#[test]
fn production_refuses_a_model_without_a_good_report() {
    let refused = |change: fn(&mut CardReport), words: &str| {
        let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
        room.tested(change);
        let (stopped, _) = room.play();
        untested(&stopped, words);
        assert!(!room.transcript().contains("card-presented"), "{}", room.transcript());
    };
    refused(|report| report.model.firmware = "5.7.2".to_owned(), ": of another model, for its firmware differs");
    refused(|report| report.model.algorithms = None, ": of another model, for its algorithms differs");
    let failed = |report: &mut CardReport| {
        let check = report.checks.iter_mut().find(|one| one.check == What::SignGenerated).unwrap();
        check.outcome = Found::Failed;
    };
    refused(failed, ": a check failed: sign with it: Ed25519");
    refused(|report| drop(report.checks.pop()), ": a check is missing: return to its factory state");
    refused(|report| report.version = 2, ": its version is 2, and 1 alone is known here");

    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    untested(&room.play().0, "(Yubico, OpenPGP application 3.4, firmware 5.7.1)");
    // Damaged, and then mended by another test.
    let path = room.tested(|_| {});
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"milliseconds\": 100", "\"milliseconds\": 101")).unwrap();
    untested(&room.play().0, ": damaged, for its name is of another content");
    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    untested(&room.play().0, ": damaged at line ");
    room.tested(|report| report.serial = "0006:0000000A".to_owned());
    reached_the_pins(&room.play().0);
}

#[test]
fn of_two_tests_of_a_model_the_last_one_counts() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    room.tested(|_| {});
    room.tested(|report| {
        report.tested = "2026-11-22T10:59:57Z".parse().unwrap();
        report.checks[0].outcome = Found::Failed;
    });
    untested(&room.play().0, ": a check failed: generate a key: Ed25519");
    room.tested(|report| report.tested = "2026-11-22T11:59:57Z".parse().unwrap());
    reached_the_pins(&room.play().0);
}

#[test]
fn a_dress_rehearsal_tells_that_a_model_was_not_tested() {
    let mut room = Room::new(Mode::DressRehearsal, Disguise::yubikey([5, 7, 1]));
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    let words =
        "Card packages-b: no report says that its model (Yubico, OpenPGP application 3.4, firmware 5.7.1) was tested.";
    assert!(told.contains(words), "{told}");
    assert!(!room.transcript().contains("card-models"), "{}", room.transcript());
}

#[test]
fn a_card_of_before_reports_is_told_and_taken() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    let path = room.tested(|_| {});
    reached_the_pins(&room.play().0);
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(!told.contains("no report says"), "{told}");
    std::fs::remove_file(path).unwrap();
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("Card records: no report says that its model"), "{told}");
}
