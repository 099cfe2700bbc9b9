//! Delegations by hand, on a root that the cast made.

use std::path::Path;
use std::process::Command;

use super::{CTRL_C, except, expect_by, flat, stopped, until_by};
use crate::people::is_known_half;
use crate::pty::{COLUMNS, LINES, Pty};
use crate::stage::{DELEGATION, Stage};
use crate::{engineer, people, pty, stage};

/// Begins a delegation by hand, or goes on with it.
fn delegate(stage: &Stage, bundle: &Path) -> Pty {
    Pty::start(stage.rehearse(DELEGATION, Some(bundle)).arg("--by-hand"), COLUMNS, LINES)
}

/// Every card was loaded by the cast: its people look into their pockets for the halves, and at the bags of `close`.
pub(crate) fn from_pockets(stage: &Stage) -> impl Fn(&str, &str) -> String {
    let scratch = stage.scratch();
    move |screen, paper| {
        let asked = flat(screen);
        if asked.contains(">> the number, or n") {
            return if asked.contains("card records") { "a-004711" } else { "A 004712" }.to_owned();
        }
        let Some((seat, half)) =
            asked.split_once("pin-holder ").filter(|_| is_known_half(screen)).map(|(_, rest)| rest.split_at(1))
        else {
            return people::answer(screen, paper);
        };
        let (_, card) = half.split_once(" of card ").expect("a card");
        let card = card.split(['.', ' ']).next().unwrap();
        let pocket = scratch.join(format!("pockets/pin-holder-{seat}/{card}-user.txt"));
        // A half that these people chose themselves is in no pocket.
        match std::fs::read_to_string(pocket) {
            Ok(half) => half.trim_end().lines().last().unwrap().to_owned(),
            Err(_) => people::answer(screen, paper),
        }
    }
}

#[test]
fn a_delegation_by_hand() {
    let stage = Stage::with_root();
    let bundle = engineer::good_bundle(&stage);
    let people = from_pockets(&stage);
    let begin = || delegate(&stage, &bundle);
    let expect = |pty: &mut Pty, words: &str| expect_by(pty, &people, words);

    // The change is read aloud in whole; somebody doubts it.
    let mut pty = begin();
    expect(&mut pty, "how was this fingerprint compared with its owner?");
    pty.answer("in person");
    expect(&mut pty, "I have read this change and agree to it.");
    assert!(pty.all.contains("NEW DELEGATION") && pty.all.contains("Anna"), "{}", pty.all);
    pty.answer("n");
    stopped(pty, "said no to");

    // An exception, a pause, and a terminal that was larger.
    let mut pty = begin();
    pty.resize(132, 50);
    expect(&mut pty, "I have read this change and agree to it.");
    except(&mut pty, "Anna called while it was read.");
    pty.resize(COLUMNS, LINES);
    pty.answer("p");
    assert!(pty.question().unwrap().contains("PAUSED"));
    pty.answer("maybe");
    assert!(pty.question().unwrap().contains("Enter alone goes on"));
    pty.answer("");

    // What cannot be undone says so before it begins, and wants more than a y.
    let screen = expect(&mut pty, "certifies the keys that were just reviewed");
    assert!(screen.contains("! This cannot be undone."), "{screen}");
    expect(&mut pty, "It cannot be undone");
    pty.answer("y");
    assert!(pty.question().unwrap().contains("Please answer Yes or n"));
    pty.answer("n");
    stopped(pty, "said no to");

    // A wrong half costs a try, and both are asked again. Ctrl-C at a half leaves the terminal as it was.
    let mut pty = begin();
    expect(&mut pty, "certifies the keys that were just reviewed");
    until_by(&mut pty, &people, is_known_half).unwrap();
    pty.answer("wrong1");
    let screen = expect(&mut pty, "left on the card");
    assert!(flat(&screen).contains("2 left on the card"), "{screen}");
    pty.answer("y");
    until_by(&mut pty, &people, is_known_half).unwrap();
    pty.keys(CTRL_C);
    stopped(pty, "stopped by a signal");

    let mut pty = begin();
    until_by(&mut pty, &people, |_| false);
    assert_eq!(pty.end(), (0, true), "{}", pty.all);
    assert!(pty.all.contains("is over. The head of its transcript:"), "{}", pty.all);
    stage.assert_well_ended();
    assert_eq!(stage.past().history.delegations.len(), 1);
}

/// VERIFY of PW1 for signing (7.2.2) with a PIN that nobody chose.
const WRONG_USER: &[u8] = b"\x00\x20\x00\x81\x0a0000000000";

#[test]
fn the_last_try_is_dared_in_typed_words() {
    let stage = Stage::with_root();
    let bundle = engineer::good_bundle(&stage);
    let people = from_pockets(&stage);
    stage.transmit("packages-a", &[WRONG_USER, WRONG_USER]);

    let mut pty = delegate(&stage, &bundle);
    let screen = expect_by(&mut pty, &people, "One try is left for the user PIN of card packages-a.");
    assert!(flat(&screen).contains("pin-holder 1 (Finn Gallo):"), "{screen}");
    assert!(flat(&screen).contains("the reset code or the admin PIN gives it another one"), "{screen}");
    // Nobody has typed a half yet.
    assert!(!pty.all.contains("your half of the user PIN"), "{}", pty.all);
    pty.answer("n");
    assert_eq!(pty.end(), (1, true), "{}", pty.all);
    assert!(pty.all.contains("CARD-3"), "{}", pty.all);
    assert_eq!(stage.survey("packages-a").tries.user, 1);

    let mut pty = delegate(&stage, &bundle);
    expect_by(&mut pty, &people, "One try is left");
    for typed in ["y", "Yes", "last"] {
        pty.answer(typed);
        assert!(flat(&pty.question().unwrap()).contains("That is not last try. n stops here"), "{}", pty.all);
    }
    pty.answer("Last  try");
    // Both holders.
    assert!(flat(&pty.question().unwrap()).contains("pin-holder 2 (Gita Haas): One try is left"), "{}", pty.all);
    pty.answer("last try");
    until_by(&mut pty, &people, |_| false);
    assert_eq!(pty.end(), (0, true), "{}", pty.all);
    stage.assert_well_ended();
    assert_eq!(stage.survey("packages-a").tries.user, 3);
    let transcript = std::fs::read_to_string(stage.path("register/transcripts/0002-delegation.jsonl")).unwrap();
    assert_eq!(transcript.matches("Typed: last try.").count(), 2, "{transcript}");
}

#[test]
fn a_last_try_that_fails_blocks_the_code_and_says_the_way_out() {
    let stage = Stage::with_root();
    let bundle = engineer::good_bundle(&stage);
    let people = from_pockets(&stage);
    stage.transmit("packages-a", &[WRONG_USER, WRONG_USER]);
    let mut pty = delegate(&stage, &bundle);
    expect_by(&mut pty, &people, "One try is left");
    pty.answer("last try");
    pty.question().unwrap();
    pty.answer("last try");
    until_by(&mut pty, &people, is_known_half).unwrap();
    pty.answer("wrong1");
    until_by(&mut pty, &people, |_| false);
    assert_eq!(pty.end(), (4, true), "{}", pty.all);
    assert!(flat(&pty.all).contains("the reset code or the admin PIN sets a new user PIN"), "{}", pty.all);
    assert!(stage.past().history.current.open.is_empty(), "nothing was signed, and everybody knows");
    let survey = stage.survey("packages-a");
    assert_eq!((survey.tries.user, survey.signatures), (0, 1));
    // The next one is told before anybody types.
    let mut pty = delegate(&stage, &bundle);
    until_by(&mut pty, &people, |_| false);
    assert_eq!(pty.end(), (4, true), "{}", pty.all);
    assert!(!pty.all.contains("your half of the user PIN"), "{}", pty.all);
}

const PINS: &str = "ceremony/card-pins.toml";

/// As if the power had gone after the first line that says so, and before the next.
fn cut_after(stage: &Stage, transcript: &str, words: &str) {
    let path = stage.path(&format!("register/transcripts/{transcript}.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap();
    let at = text.find(words).expect("such a line");
    let end = at + text[at..].find('\n').unwrap() + 1;
    std::fs::write(path, &text[..end]).unwrap();
}

/// Every code was set by the cast, until this room says that it is set anew.
fn with_new_halves(stage: &Stage) -> impl Fn(&str, &str) -> String {
    let scratch = stage.scratch();
    move |screen, paper| {
        let asked = flat(screen);
        let Some((seat, half)) =
            asked.rsplit_once("-holder ").filter(|_| is_known_half(screen)).map(|(_, rest)| rest.split_at(1))
        else {
            return people::answer(screen, paper);
        };
        let codes = [("pin", "user", "user PIN"), ("admin", "admin", "admin PIN"), ("admin", "reset", "reset code")];
        let (role, name, code) = *codes.iter().find(|(.., code)| half.contains(code)).expect("a code");
        let card = half.split_once(" of card ").expect("a card").1.split(['.', ',', ' ']).next().unwrap();
        if flat(paper).contains(&format!("The {code} of card {card} is set anew.")) {
            return people::answer(screen, paper);
        }
        let pocket = scratch.join(format!("pockets/{role}-holder-{seat}/{card}-{name}.txt"));
        std::fs::read_to_string(pocket).unwrap().trim_end().lines().last().unwrap().to_owned()
    }
}

#[test]
fn a_cut_leaves_open_which_user_pin_a_card_has() {
    let stage = Stage::with_root();
    // The cast sets every code, and is stopped before the minutes; of that, only the first intent is on the disk.
    stage.run_until(PINS, None, "3.1", || stage.tell("records", "eject")).refused(4, None);
    cut_after(&stage, "0002-card-service", "\"intent\":\"change-code\"");
    let people = with_new_halves(&stage);
    let mut pty = Pty::start(stage.rehearse(PINS, None).arg("--by-hand"), COLUMNS, LINES);
    let screen = until_by(&mut pty, &people, is_known_half).unwrap();
    let said = flat(&pty.all);
    assert!(said.contains("Card packages-a, setting its user PIN anew: cut off while it was set."), "{said}");
    assert!(said.contains("A cut left open whether it took its new user PIN."), "{said}");
    assert!(said.contains("a wrong one costs a try"), "{said}");
    assert!(flat(&screen).contains("your half of the user PIN of card packages-a, the one chosen last."), "{screen}");
    // They remember it wrongly: the halves before it are asked for next, and nobody was asked whether.
    pty.answer("wrong1");
    let screen = until_by(&mut pty, &people, |screen| flat(screen).contains("the one before it.")).unwrap();
    assert!(flat(&screen).contains("It did not take its new user PIN: now the halves before it."), "{screen}");
    assert!(flat(&screen).contains("2 tries are left"), "{screen}");
    let screen = until_by(&mut pty, &people, |screen| flat(screen).contains("choose a new half")).unwrap();
    assert!(flat(&screen).contains("choose a new half of the user PIN of card packages-a"), "{screen}");
    until_by(&mut pty, &people, |_| false);
    assert_eq!(pty.end(), (0, true), "{}", pty.all);
    stage.assert_well_ended();
    assert_eq!(stage.survey("packages-a").tries.user, 3);
    assert!(!pty.all.contains("1upackagesa"), "a half was shown");
}

#[test]
fn halves_that_a_card_has_after_a_cut_are_no_new_ones() {
    let stage = Stage::with_root();
    stage.run_until(PINS, None, "3.1", || stage.tell("records", "eject")).refused(4, None);
    cut_after(&stage, "0002-card-service", "\"intent\":\"change-code\"");
    let people = with_new_halves(&stage);
    let mut pty = Pty::start(stage.rehearse(PINS, None).arg("--by-hand"), COLUMNS, LINES);
    // The card takes what they remember. Whether those are the new ones or those before, nobody can say: they choose anew.
    expect_by(&mut pty, &people, "the one chosen last.");
    let half = |number| {
        let pocket = stage.path(&format!("pockets/pin-holder-{number}/packages-a-user.txt"));
        std::fs::read_to_string(pocket).unwrap().trim_end().lines().last().unwrap().to_owned()
    };
    expect_by(&mut pty, &people, "choose a new half of the user PIN of card packages-a");
    assert!(!flat(&pty.all).contains("The user PIN of card packages-a is set anew."), "{}", pty.all);
    for number in [1, 1, 2, 2] {
        pty.answer(&half(number));
        pty.question().unwrap();
    }
    assert!(flat(&pty.all).contains("This is the user PIN that the card has already"), "{}", pty.all);
    until_by(&mut pty, &people, |_| false);
    assert_eq!(pty.end(), (0, true), "{}", pty.all);
    stage.assert_well_ended();
}

/// Gives the register's first ceremony a closing record with two bags.
fn close(stage: &Stage) {
    let keyrite = |arguments: &[&str]| {
        let mut keyrite = Command::new(stage::keyrite());
        let ran = stage::Ran::of(&keyrite.arg("minutes").args(arguments).output().unwrap());
        ran.done().out.clone()
    };
    let (register, record) = (stage.path("register"), stage.folder().join("record.toml"));
    let close = ["close", "0001-root-generation", "--register", register.to_str().unwrap()];
    let template = keyrite(&[&close[..], &["--template"]].concat());
    let text = template.split("[[bag]]").next().unwrap().replacen("= \"\"", "= \"2106-01-01T00:00:00Z\"", 1);
    let bag = |number, card| format!("[[bag]]\nnumber = \"{number}\"\ncontent = \"card {card}\"\nholder = \"Esi\"\n");
    std::fs::write(&record, text + &bag("A 004711", "records") + &bag("A 004712", "packages-a")).unwrap();
    keyrite(&[&close[..], &["--record", record.to_str().unwrap()]].concat());
}

#[test]
fn a_bag_that_is_not_as_recorded_stays_closed() {
    let stage = Stage::with_root();
    let bundle = engineer::good_bundle(&stage);
    close(&stage);
    let people = from_pockets(&stage);
    let begin = || delegate(&stage, &bundle);
    let expect = |pty: &mut Pty, words: &str| expect_by(pty, &people, words);

    // Another bag: what its number should be is not said.
    let mut pty = begin();
    expect(&mut pty, "read the number on the bag of card records");
    pty.answer("A 004712");
    assert!(pty.question().unwrap().contains("The record says otherwise."));
    pty.answer("n");
    assert!(!pty.rest().contains("A 004711"), "{}", pty.all);
    assert!(flat(&pty.all).contains("card-keeper 1 said no to how card records was kept"), "{}", pty.all);
    stopped(pty, "put that bag aside");

    // The right one, torn: the witness says so.
    let mut pty = begin();
    expect(&mut pty, "witness 1 (Chloe Duarte): Bag A 004711 of card records is whole and closed");
    pty.answer("n");
    stopped(pty, "said no to how card records was kept");
    assert!(!stage.past().history.current.unbagged.contains(&"records".parse().unwrap()));

    // Once they are compared, nobody asks again.
    let mut pty = begin();
    expect(&mut pty, "are put into their readers");
    assert!(flat(&pty.all).contains("The cards may be taken out."), "{}", pty.all);
    pty.answer("q");
    stopped(pty, "stopped by hand");
    let mut pty = begin();
    until_by(&mut pty, &people, |_| false);
    assert_eq!(pty.end(), (0, true), "{}", pty.all);
    assert!(!pty.all.contains("the number on the bag"), "{}", pty.all);
    stage.assert_well_ended();
}

/// What people say and see in docs/example.md. The times, hashes and fingerprints differ from run to run, the words do not.
#[test]
fn the_example_is_what_people_see() {
    const EXAMPLE: &str = "docs/example.md";
    let stage = Stage::with_root();
    let bundle = engineer::good_bundle(&stage);
    close(&stage);
    let mut pty = delegate(&stage, &bundle);
    until_by(&mut pty, &from_pockets(&stage), |_| false);
    assert_eq!(pty.end().0, 0, "{}", pty.all);
    let seen = pty::plain(&pty.all);
    let document = std::fs::read_to_string(EXAMPLE).unwrap();
    let (before, rest) = document.split_once("```text\n").expect("a block of text");
    let (example, after) = rest.split_once("```\n").expect("its end");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(EXAMPLE, format!("{before}```text\n{seen}```\n{after}")).unwrap();
        return;
    }
    // What is read aloud and what is asked; not what was typed, and not how often a full screen waits: machines differ.
    let words = |text: &str| -> Vec<String> {
        let told =
            text.lines().filter(|line| (line.contains('"') || line.contains(">>")) && !line.contains("Enter goes on"));
        told.map(|line| line.split(": ").next().unwrap().trim_end_matches(':').to_owned()).collect()
    };
    assert_eq!(words(example), words(&seen), "{EXAMPLE} is not what people see any more: BLESS=1 writes it anew");
}
