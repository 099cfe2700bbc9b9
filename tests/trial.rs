//! The test of a card: what a good one is reported as, and that each check can fail.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/card.rs"]
mod card;
#[path = "support/stage.rs"]
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use card::Card;
use keyrite::ceremony::CeremonyError;
use keyrite::ceremony::trial::{self, MODE, Resetting, Setting, Tested};
use keyrite::format::card_report;
use keyrite::model::algorithm::Algorithm;
use keyrite::model::card_report::{Check, Found, What};
use keyrite::model::control::Control;
use keyrite::model::event::{Event, Intent};
use keyrite::model::evidence::Artefact;
use keyrite::model::fault::{Class, Fault as _};
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::hash::Hash;
use keyrite::model::history::{CardRecord, History};
use keyrite::model::mode::Mode;
use keyrite::model::room;
use keyrite::model::settings::Settings;
use keyrite::workstation::card::{
    Action, Answer, Apdu, CardError, Expected, Portrait, RackExt as _, Serial, Tap, VirtualRack,
};
use keyrite::workstation::register::Register;
use stage::keyrite;

/// A card, and the folder that its test makes.
struct Bench {
    folder: tempfile::TempDir,
    card: Card,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("kt").tempdir_in("/tmp").unwrap();
        let card = Card::start(folder.path(), "c", "0000000A");
        Self { folder, card }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn rack(&self) -> VirtualRack {
        VirtualRack::new(MODE, BTreeMap::from([("tested".parse().unwrap(), self.card.socket.clone())]))
    }

    /// Tests the card, with a fault that befalls it.
    fn test(&self, tap: impl Tap + Send + 'static) -> (Result<Tested, CeremonyError>, Vec<String>) {
        let (mut told, mut rack) = (Vec::new(), self.rack().tapped(Arc::new(Mutex::new(tap))));
        let mut tell = |line: &str| told.push(line.to_owned());
        let (folder, keyrite) = (self.out(), keyrite());
        let setting =
            Setting { rack: &mut rack, serial: serial(), folder: &folder, keyrite: &keyrite, tell: &mut tell };
        let tested = trial::test(setting);
        (tested, told)
    }

    fn portrait(&self) -> Portrait {
        self.rack().session(&Expected::any("tested".parse().unwrap()), |card| card.portrait()).unwrap()
    }
}

fn serial() -> Serial {
    "FFFF:0000000A".parse().unwrap()
}

/// What befalls the commands of a test that is otherwise short: the card announces Ed25519 and RSA-2048 alone.
struct Short<F>(F);

impl<F: FnMut(&Apdu) -> Action> Tap for Short<F> {
    fn before(&mut self, apdu: &Apdu) -> Action {
        // Algorithm information (4.4.3.11): of SIG, one of RSA and one of EdDSA.
        const LIST: &[u8] =
            b"\xfa\x15\xc1\x06\x01\x08\x00\x00\x20\x00\xc1\x0b\x16\x2b\x06\x01\x04\x01\xda\x47\x0f\x01\xff\x90\x00";
        match (apdu.instruction, apdu.p1, apdu.p2) {
            (0xca, 0x00, 0xfa) => Action::Replace(LIST.to_vec()),
            _ => (self.0)(apdu),
        }
    }

    fn after(&mut self, _apdu: &Apdu, _answer: &Answer) -> Action {
        Action::Pass
    }
}

/// A card that does as it should.
struct Good;

impl Tap for Good {
    fn before(&mut self, _apdu: &Apdu) -> Action {
        Action::Pass
    }

    fn after(&mut self, _apdu: &Apdu, _answer: &Answer) -> Action {
        Action::Pass
    }
}

#[test]
fn a_good_card_passes_everything_and_is_blank_afterwards() {
    let bench = Bench::new();
    let (tested, told) = bench.test(Good);
    let Tested { report, path } = tested.unwrap();
    assert_eq!(report.fault("Ed25519"), None, "{told:?}");
    assert!(report.checks.iter().all(|check| check.outcome == Found::Passed), "{told:?}");
    for algorithm in Algorithm::ALL {
        let of = |what| {
            report.checks.iter().any(|check| check.check == what && check.algorithm == Some(algorithm.to_string()))
        };
        let all = [What::Generate, What::SignGenerated, What::Import, What::SignImported, What::OtherSlots];
        assert!(all.into_iter().all(of), "{algorithm}: {told:?}");
    }
    // One line is of the model.
    assert_eq!(told.len(), report.checks.len() + 1, "{told:?}");
    assert!(told[0].starts_with("Card FFFF:0000000A: test card, OpenPGP application 3.4, firmware untold"), "{told:?}");
    assert!(
        told.iter().any(|line| line.starts_with("passed ") && line.ends_with(" ms  generate a key: RSA-4096")),
        "{told:?}"
    );
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("test-card-3.4-untold-") && name.ends_with(".json"), "{name}");
    assert_eq!(card_report::read(name, &std::fs::read(&path).unwrap()).unwrap(), report);
    assert_eq!(bench.portrait().used(), None);
}

#[test]
fn what_is_done_to_the_card_stands_in_the_journal_first() {
    let bench = Bench::new();
    let Tested { report, .. } = bench.test(Short(|_: &Apdu| Action::Pass)).0.unwrap();
    let register = Register::look_at(&bench.out().join("journal")).unwrap();
    let past = register.past().unwrap();
    assert_eq!((past.head, past.history.current.open.len()), (Some(report.journal), 0));
    let lines = past.last.unwrap().lines;
    let intents = lines.iter().filter(|line| matches!(line.entry, Event::Intended { .. })).count();
    assert!(intents > 25, "{intents}");
    // A second test in the same folder would write over it.
    let again = bench.test(Good).0.err().unwrap();
    assert_eq!(again.control(), Some(Control::NoOverwrite), "{again}");
}

/// Which checks did not pass, with their words.
fn not_passed(tested: &Tested) -> Vec<(What, Found, String)> {
    let of = |check: &Check| (check.check, check.outcome, check.words.clone().unwrap_or_default());
    tested.report.checks.iter().filter(|check| check.outcome != Found::Passed).map(of).collect()
}

/// A test in which some commands meet with `fault`: the first check that did not pass, and its words.
fn first_fault(fault: impl FnMut(&Apdu) -> Action + Send + 'static) -> (What, Found, String) {
    let bench = Bench::new();
    let (tested, told) = bench.test(Short(fault));
    let tested = tested.unwrap_or_else(|error| panic!("{error}: {told:?}"));
    let found = not_passed(&tested);
    assert_eq!(bench.portrait().used(), None, "{told:?}");
    // Except a command that cards may lack, each makes the report say no.
    let says_no = tested.report.fault("Ed25519").is_some();
    assert_eq!(says_no, found.iter().any(|(_, outcome, _)| *outcome != Found::Absent), "{told:?}");
    found.into_iter().next().unwrap_or_else(|| panic!("nothing was found: {told:?}"))
}

/// Answers `instead` to commands that match.
fn when(is_it: fn(&Apdu) -> bool, instead: Action) -> impl FnMut(&Apdu) -> Action + Send + 'static {
    move |apdu| if is_it(apdu) { instead.clone() } else { Action::Pass }
}

const OK: [u8; 2] = [0x90, 0x00];

#[test]
fn a_card_without_randomness_is_none_the_worse() {
    let (what, outcome, _) = first_fault(when(|apdu| apdu.instruction == 0x84, Action::Refuse(0x6d00)));
    assert_eq!((what, outcome), (What::Random, Found::Absent));
}

#[test]
fn randomness_that_repeats_itself_is_seen() {
    let mut parts = 0;
    let fault = move |apdu: &Apdu| {
        if apdu.instruction != 0x84 {
            return Action::Pass;
        }
        parts += 1;
        let length = if parts % 2 == 1 { 255 } else { 45 };
        Action::Replace([vec![7; length], OK.to_vec()].concat())
    };
    let (what, _, words) = first_fault(fault);
    assert_eq!((what, words.as_str()), (What::Random, "it gave the same twice"));
}

#[test]
fn a_label_that_is_not_kept_is_seen() {
    let url = |apdu: &Apdu| (apdu.instruction, apdu.p1, apdu.p2) == (0xda, 0x5f, 0x50);
    let (what, _, words) = first_fault(when(url, Action::Replace(OK.to_vec())));
    assert_eq!((what, words.ends_with("did not keep what was written: its URL")), (What::Label, true), "{words}");
}

#[test]
fn a_card_that_does_not_generate_or_take_keys_is_seen() {
    let generates = |apdu: &Apdu| (apdu.instruction, apdu.p1) == (0x47, 0x80);
    let (what, outcome, words) = first_fault(when(generates, Action::Refuse(0x6f00)));
    assert_eq!((what, outcome), (What::Generate, Found::Failed));
    assert!(words.contains("refused when generating a key"), "{words}");
    let imports = |apdu: &Apdu| (apdu.instruction, apdu.p1, apdu.p2) == (0xdb, 0x3f, 0xff);
    let (what, _, words) = first_fault(when(imports, Action::Refuse(0x6f00)));
    assert_eq!(what, What::Import, "{words}");
}

#[test]
fn a_counter_that_stands_still_is_seen() {
    let counter = |apdu: &Apdu| (apdu.instruction, apdu.p2) == (0xca, 0x7a);
    let zero = Action::Replace(b"\x7a\x05\x93\x03\0\0\0\x90\0".to_vec());
    let (what, _, words) = first_fault(when(counter, zero));
    assert_eq!(what, What::SignGenerated);
    assert!(words.contains("has made 0 signatures, and the records explain 1"), "{words}");
}

#[test]
fn a_card_that_takes_a_wrong_user_pin_is_seen() {
    // PW1, and as long as the wrong one alone, in a command of short or of extended length.
    let wrong = |apdu: &Apdu| matches!((apdu.instruction, apdu.p2, apdu.length), (0x20, 0x81, 17 | 19));
    let (what, _, words) = first_fault(when(wrong, Action::Replace(OK.to_vec())));
    assert_eq!((what, words.as_str()), (What::WrongUserPin, "it took a wrong user PIN"));
    // And one that says something else than what it did.
    let (what, _, words) = first_fault(when(wrong, Action::Refuse(0x63c1)));
    assert_eq!(what, What::WrongUserPin);
    assert_eq!(words, "of 3 tries, a wrong user PIN left 1 and then 3");
}

#[test]
fn a_card_that_does_not_unblock_is_seen_and_the_rest_is_skipped() {
    let admin = |apdu: &Apdu| (apdu.instruction, apdu.p1) == (0x2c, 0x02);
    let bench = Bench::new();
    let (tested, told) = bench.test(Short(when(admin, Action::Refuse(0x6985))));
    let found: Vec<_> = not_passed(&tested.unwrap()).into_iter().map(|(what, outcome, _)| (what, outcome)).collect();
    assert_eq!(found, [(What::UnblockByAdminPin, Found::Failed), (What::ChangeCodes, Found::Skipped)], "{told:?}");
}

#[test]
fn a_card_that_is_cut_off_is_said_how_to_go_on_with() {
    let bench = Bench::new();
    let (tested, _) = bench.test(Short(cut_at(40)));
    let error = tested.err().unwrap();
    assert_eq!((error.class(), error.control()), (Class::Machine, None), "{error}");
    assert!(error.to_string().starts_with("the test of card FFFF:0000000A was cut off: card tested"), "{error}");
    assert!(error.hint().unwrap().ends_with("keyrite card reset FFFF:0000000A"), "{error}");
    let names = std::fs::read_dir(bench.out()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["journal"], "there is no report");
    let open = Register::look_at(&bench.out().join("journal")).unwrap().past().unwrap().history.current.open;
    assert_eq!(open.len(), 1, "what was cut off stays open");
}

#[test]
fn only_blank_cards_are_tested() {
    let bench = Bench::new();
    let blank = bench.portrait();
    trial::to_test(&blank).unwrap();
    let mut signed = blank.clone();
    signed.survey.signatures = 1;
    let mut named = blank.clone();
    named.survey.holder = Some("Example".to_owned());
    let mut coded = blank.clone();
    coded.survey.tries.reset_code = 3;
    let mut blocked = blank.clone();
    blocked.survey.tries.admin = 0;
    let mut keyed = blank;
    keyed.slots[2].key = Some(keyrite::workstation::card::KeyView {
        fingerprint: None,
        origin: keyrite::workstation::card::Origin::Unknown,
    });
    for (portrait, words) in [
        (signed, "its signature counter is not zero"),
        (named, "it has a cardholder name"),
        (coded, "it has a reset code"),
        (blocked, "a PIN of it is blocked"),
        (keyed, "it holds a key"),
    ] {
        let error = trial::to_test(&portrait).unwrap_err();
        assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::CardErase)));
        assert_eq!(error.to_string(), format!("card FFFF:0000000A is not blank: {words}"));
    }
}

/// Returns the card to its factory state, as `card reset` does after it looked at it.
fn reset(bench: &Bench, name: &str, tap: impl Tap + Send + 'static) -> Result<(), CeremonyError> {
    let any = Expected::any("returned".parse().unwrap());
    let plain = VirtualRack::new(Mode::Rehearsal, BTreeMap::from([(any.card.clone(), bench.card.socket.clone())]));
    let looked = VirtualRack::new(Mode::Rehearsal, BTreeMap::from([(any.card.clone(), bench.card.socket.clone())]))
        .session(&any, |card| card.portrait());
    let is_half = match looked {
        Ok(portrait) => {
            assert_eq!(trial::mode_of(&portrait.survey), Mode::Rehearsal, "a test card");
            false
        }
        Err(CardError::Terminated { .. }) => true,
        Err(error) => panic!("{error}"),
    };
    let mut rack = plain.tapped(Arc::new(Mutex::new(tap)));
    let (folder, keyrite) = (bench.folder.path().join(name), keyrite());
    trial::reset(Resetting { rack: &mut rack, serial: serial(), is_half, folder: &folder, keyrite: &keyrite })
}

/// Cuts the card off at its command number `at` that changes it.
fn cut_at(at: u32) -> impl FnMut(&Apdu) -> Action + Send + 'static {
    let mut mutating = 0;
    move |apdu| {
        mutating += u32::from(apdu.mutates());
        if mutating >= at { Action::Cut } else { Action::Pass }
    }
}

#[test]
fn wherever_a_test_is_cut_off_a_reset_makes_the_card_blank() {
    let mut cuts = 0;
    for at in (1..).step_by(13) {
        let bench = Bench::new();
        match bench.test(Short(cut_at(at))).0 {
            Err(CeremonyError::TestCut { .. }) => cuts += 1,
            Err(error) => panic!("{at}: {error}"),
            Ok(_) => break,
        }
        reset(&bench, "reset", Good).unwrap_or_else(|error| panic!("{at}: {error}"));
        assert_eq!(bench.portrait().used(), None, "{at}");
    }
    assert!(cuts > 8, "{cuts}");
}

#[test]
fn wherever_a_reset_is_cut_off_it_is_done_again() {
    let mut ends = 0;
    for at in 1.. {
        let bench = Bench::new();
        bench.test(Short(cut_at(2))).0.err().unwrap();
        let ended = reset(&bench, "first", Short(cut_at(at)));
        match ended {
            Err(error @ CeremonyError::ResetCut { .. }) => {
                assert!(error.hint().unwrap().contains("keyrite card reset again"), "{error}");
                reset(&bench, "second", Good).unwrap_or_else(|error| panic!("{at}: {error}"));
            }
            Err(error) => panic!("{at}: {error}"),
            Ok(()) => ends = at,
        }
        assert_eq!(bench.portrait().used(), None, "{at}");
        if ends > 0 {
            break;
        }
    }
    // Both PINs are blocked, then TERMINATE DF and ACTIVATE FILE.
    assert!(ends > 4, "{ends}");
}

#[test]
fn a_card_that_a_register_needs_is_not_reset() {
    let record = |state, holds| CardRecord {
        serial: "FFFF:0000000A".to_owned(),
        state,
        holds,
        signatures: 0,
        doubtful: BTreeSet::new(),
        settings: Settings::default(),
    };
    let key = Fingerprint([7; 20]);
    let with = |record: CardRecord| History {
        cards: BTreeMap::from([("packages-a".parse().unwrap(), record)]),
        ..History::default()
    };
    trial::to_reset(serial(), None).unwrap();
    trial::to_reset(serial(), Some(&History::default())).unwrap();
    trial::to_reset(serial(), Some(&with(record(room::Card::Blank, None)))).unwrap();
    let mut records = with(record(room::Card::InService, Some(key)));
    records.records = Some((key, Artefact { path: "records/x.asc".to_owned(), sha256: Hash::of(b"x") }));
    let mut begun = with(record(room::Card::Blank, None));
    begun.current.open.insert(7, Intent::SetPins { card: "packages-a".parse().unwrap() });
    for (history, hint) in [
        (with(record(room::Card::InService, Some(key))), "card-reload.toml"),
        (records, "no ceremony replaces the records card yet"),
        (with(record(room::Card::Loaded, Some(key))), "run its ceremony on"),
        (with(record(room::Card::Pinned, None)), "run its ceremony on"),
        (with(record(room::Card::Spoiled, None)), "run its ceremony on"),
        (begun, "run its ceremony on"),
    ] {
        let error = trial::to_reset(serial(), Some(&history)).unwrap_err();
        assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::CardErase)), "{error}");
        assert!(error.to_string().starts_with("card FFFF:0000000A is card packages-a of this register, "), "{error}");
        assert!(error.hint().unwrap().contains(hint), "{error}: {:?}", error.hint());
    }
}

#[test]
fn a_card_is_worked_on_in_the_mode_of_its_kind() {
    let mut survey = Bench::new().portrait().survey;
    assert_eq!(trial::mode_of(&survey), Mode::Rehearsal);
    survey.serial = "0006:0000000A".parse().unwrap();
    assert_eq!(trial::mode_of(&survey), Mode::Production);
    survey.holder = Mode::DressRehearsal.mark().map(str::to_owned);
    assert_eq!(trial::mode_of(&survey), Mode::DressRehearsal);
}
