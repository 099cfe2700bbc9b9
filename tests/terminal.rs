//! Rehearsals by hand, in a pseudo-terminal: what people see, what they type, and how they stop.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "refusals/engineer.rs"]
mod engineer;
#[path = "support/gpg.rs"]
mod gpg;
#[path = "terminal/people.rs"]
mod people;
#[path = "terminal/pty.rs"]
mod pty;
#[path = "support/stage.rs"]
mod stage;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use people::is_known_half;
use pty::{COLUMNS, LINES, Pty};
use stage::{DELEGATION, Stage};

const INTERRUPTED: i32 = 5;
const CTRL_C: &[u8] = b"\x03";
/// How the halves of `people` look; none is ever shown.
const HALVES: [&str; 3] = ["1urecords", "2arecords", "1upackagesa"];

fn rehearse(scratch: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyrite"));
    command.args(["ceremony", "rehearse", "--by-hand", "ceremony/root-generation.toml", "--scratch"]).arg(scratch);
    command
}

fn start(scratch: &Path) -> Pty {
    Pty::start(&mut rehearse(scratch), COLUMNS, LINES)
}

/// Answers as people should until `stop` says so; the screen at which it did, or nothing at the end of the ceremony.
fn until(pty: &mut Pty, stop: impl FnMut(&str) -> bool) -> Option<String> {
    until_by(pty, &people::answer, stop)
}

/// The same, by other people.
fn until_by(
    pty: &mut Pty,
    answer: &dyn Fn(&str, &str) -> String,
    mut stop: impl FnMut(&str) -> bool,
) -> Option<String> {
    let mut before = String::new();
    while let Some(screen) = pty.question() {
        if stop(&screen) {
            return Some(screen);
        }
        // The second time a half is chosen, the question does not name it again.
        before = if screen.contains("Once more") { before + &screen } else { screen };
        let answer = answer(&before, &pty.all);
        pty.answer(&answer);
    }
    None
}

fn expect(pty: &mut Pty, words: &str) -> String {
    expect_by(pty, &people::answer, words)
}

/// By other people.
fn expect_by(pty: &mut Pty, people: &dyn Fn(&str, &str) -> String, words: &str) -> String {
    until_by(pty, people, |screen| flat(screen).contains(words))
        .unwrap_or_else(|| panic!("never shown: {words}\n{}", pty.all))
}

/// Begins a delegation by hand, or goes on with it.
fn delegate(stage: &Stage, bundle: &Path) -> Pty {
    Pty::start(stage.rehearse(DELEGATION, Some(bundle)).arg("--by-hand"), COLUMNS, LINES)
}

/// Notes an exception; the question before it comes again.
fn except(pty: &mut Pty, words: &str) {
    pty.answer("!");
    assert!(pty.question().unwrap().contains("why do you go on?"));
    pty.answer(words);
    assert!(pty.question().unwrap().contains("The exception is recorded."));
}

/// In one line, as long sentences are looked for.
fn flat(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn stopped(mut pty: Pty, why: &str) {
    let (code, echoes) = pty.end();
    assert_eq!(code, INTERRUPTED, "{}", pty.all);
    assert!(echoes, "the terminal does not show what is typed any more");
    assert!(pty.all.contains(why) && pty.all.contains("hint: "), "{}", pty.all);
}

fn finishes(mut pty: Pty) -> String {
    until(&mut pty, |_| false);
    let (code, echoes) = pty.end();
    assert!(code == 0 && echoes, "{}", pty.all);
    assert!(pty.all.contains("is over. The head of its transcript:"), "{}", pty.all);
    for half in HALVES {
        assert!(!pty.all.contains(half), "a half was shown");
    }
    std::mem::take(&mut pty.all)
}

#[test]
fn people_make_mistakes_and_come_to_the_end() {
    let scratch = tempfile::tempdir().unwrap();
    let mut pty = start(scratch.path());
    expect(&mut pty, "y or n");
    pty.answer("?");
    expect(&mut pty, "stop safely");
    pty.answer("perhaps");

    expect(&mut pty, "HH:MM:SS");
    pty.answer("25:00:00");
    expect(&mut pty, "not a time");
    pty.answer("2001-01-01");
    expect(&mut pty, "not a moment");

    let chosen = expect(&mut pty, "Nothing is shown");
    assert!(chosen.contains("choose your half"), "{chosen}");
    pty.answer("123");
    expect(&mut pty, "it has 3 characters");
    pty.answer("12345");
    expect(&mut pty, "Once more");
    pty.answer("54321");
    assert!(pty.question().unwrap().contains("Not the same twice."));
    // What the question named is on the screen before: pin holder 1, user PIN of the records card.
    pty.answer(HALVES[0]);
    expect(&mut pty, "Once more");
    pty.answer(HALVES[0]);

    until(&mut pty, |screen| is_known_half(screen) && screen.contains("user PIN")).unwrap();
    pty.answer("wrong1");
    let screen = expect(&mut pty, "left on the card");
    assert!(flat(&screen).contains("2 left on the card"), "{screen}");
    let all = finishes(pty);
    assert!(all.contains('\u{2580}'), "no code for phones");
    assert_eq!(all.matches("for the witnesses' phones").count(), 2);
}

#[test]
fn a_room_notes_exceptions_pauses_and_looks_back() {
    let scratch = tempfile::tempdir().unwrap();
    let mut pty = start(scratch.path());
    expect(&mut pty, "y or n");
    pty.answer("!");
    assert!(pty.question().unwrap().contains("recorded as an exception"));
    pty.answer("");
    assert!(pty.question().unwrap().contains("Some words are needed"));
    pty.answer(&"long ".repeat(41));
    assert!(pty.question().unwrap().contains("say it in fewer"));
    pty.answer("The second witness came late; nothing had begun.");
    // The question comes again.
    let screen = pty.question().unwrap();
    assert!(screen.contains("The exception is recorded.") && screen.contains("y or n"), "{screen}");

    // Where nothing is shown, and a pause in which somebody looks around.
    expect(&mut pty, "Nothing is shown");
    pty.answer("p");
    assert!(pty.question().unwrap().contains("PAUSED"));
    pty.answer("s");
    let screen = pty.question().unwrap();
    assert!(screen.contains("the clock is confirmed by two witnesses") && screen.contains("PAUSED"), "{screen}");
    pty.answer("r");
    let screen = pty.question().unwrap();
    assert!(screen.contains("Paused.") && screen.contains("PAUSED"), "{screen}");
    pty.answer("");
    assert!(pty.question().unwrap().contains("choose your half"));

    // Where a step begins, and where something cannot be undone.
    expect(&mut pty, "The root is drawn");
    except(&mut pty, "Somebody sneezed.");
    expect(&mut pty, "It cannot be undone");
    except(&mut pty, "A card was laid out twice.");
    expect(&mut pty, "It cannot be undone");

    // While the minutes are agreed on: they are drawn up anew, and have it.
    expect(&mut pty, "The witnesses have written down");
    except(&mut pty, "A pen ran dry.");
    let screen = expect(&mut pty, "The minutes are drawn up anew");
    assert!(flat(&screen).contains("cross out the words on the papers"), "{screen}");

    // A witness who wrote down another word; and a terminal that becomes larger and smaller again.
    expect(&mut pty, "the last word of the head");
    pty.answer("aardvark");
    assert!(pty.question().unwrap().contains("Correct the paper"));
    pty.resize(132, 50);
    pty.resize(COLUMNS, LINES);
    finishes(pty);

    let register = scratch.path().join("register");
    let transcript = std::fs::read_to_string(register.join("transcripts/0001-root-generation.jsonl")).unwrap();
    for (event, times) in [("exception", 4), ("paused", 1), ("continued", 1)] {
        assert_eq!(transcript.matches(&format!("\"event\":\"{event}\"")).count(), times, "{event}");
    }
    let minutes = std::fs::read_to_string(register.join("minutes/0001-root-generation.asc")).unwrap();
    assert!(minutes.contains("EXCEPTION at step 1.2: The second witness came late; nothing had begun."), "{minutes}");
    assert!(minutes.contains("Paused.") && minutes.contains("Went on."), "{minutes}");
    assert!(minutes.contains("EXCEPTION at step 6.1: A pen ran dry."), "{minutes}");
}

#[test]
fn whoever_stops_goes_on_with_the_same_command() {
    let scratch = tempfile::tempdir().unwrap();

    // Where a PIN is typed and nothing is shown.
    let mut pty = start(scratch.path());
    expect(&mut pty, "Nothing is shown");
    pty.keys(CTRL_C);
    stopped(pty, "stopped by a signal");

    // With one letter, where a step begins: it does not begin.
    let mut pty = start(scratch.path());
    expect(&mut pty, "The root is drawn");
    pty.answer("q");
    assert!(!pty.rest().contains("has the fingerprint"), "{}", pty.all);
    stopped(pty, "stopped by hand");

    // Where that loses the root, only after a second word; and no word but Enter begins a step.
    let mut pty = start(scratch.path());
    expect(&mut pty, "The certificate that revokes the root");
    pty.answer("q");
    assert!(
        flat(&pty.question().unwrap()).contains("in this machine's memory and nowhere else: stopping now loses it")
    );
    pty.answer("n");
    assert!(pty.question().unwrap().contains("Enter begins"));
    pty.answer("no");
    assert!(pty.question().unwrap().contains("Enter alone begins"));
    pty.answer("q");
    pty.question().unwrap();
    pty.answer("y");
    assert!(flat(pty.rest()).contains("is lost. Another is drawn; destroy every sheet that names it."), "{}", pty.all);
    stopped(pty, "stopped by hand");

    // While a card works: the PIN's second half was just given.
    let mut pty = start(scratch.path());
    expect(&mut pty, "The certificate that revokes the root");
    pty.answer("");
    until(&mut pty, |screen| is_known_half(screen) && screen.contains("pin-holder 2")).unwrap();
    pty.answer("2urecords");
    std::thread::sleep(Duration::from_millis(20));
    pty.keys(CTRL_C);
    stopped(pty, "stopped by a signal");

    // With the line that was just typed, which the terminal throws away.
    let mut pty = start(scratch.path());
    until(&mut pty, is_known_half).unwrap();
    pty.keys(b"1urecords\n\x03");
    stopped(pty, "stopped by a signal");

    // While a share is on the screen: it does not stay there.
    let mut pty = start(scratch.path());
    let screen = expect(&mut pty, "Copied");
    assert!(screen.contains("REHEARSAL, NOT FOR USE"), "{screen}");
    let line = screen.lines().find(|line| line.trim_start().starts_with("1: ")).expect("the share's first line");
    pty.keys(CTRL_C);
    let (code, _) = pty.end();
    assert_eq!(code, INTERRUPTED);
    let after = pty.all.rsplit("\x1b[3J").next().unwrap();
    assert!(!after.contains(line) && pty.all.matches(line).count() == 1);
    drop(pty);

    // By a no to what cannot be undone; a plain y is not enough.
    let mut pty = start(scratch.path());
    expect(&mut pty, "It cannot be undone");
    pty.answer("y");
    expect(&mut pty, "It cannot be undone");
    pty.answer("n");
    stopped(pty, "said no to");

    finishes(start(scratch.path()));
}

/// Every card was loaded by the cast: its people look into their pockets for the halves, and at the bags of `close`.
fn from_pockets(stage: &Stage) -> impl Fn(&str, &str) -> String {
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
        std::fs::read_to_string(pocket).unwrap().trim_end().lines().last().unwrap().to_owned()
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
    expect(&mut pty, "witness 1: Bag A 004711 of card records is whole and closed");
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

#[test]
fn more_than_a_screen_waits_for_enter() {
    let scratch = tempfile::tempdir().unwrap();
    let organization = scratch.path().join("organization.toml");
    let mut text = std::fs::read_to_string("ceremony/organization.toml").unwrap();
    for number in 1..=50 {
        text.push_str(&format!("[[person]]\nname = \"Reserve {number}\"\nroles = [\"witness\"]\n"));
    }
    std::fs::write(&organization, text).unwrap();
    let mut command = rehearse(&scratch.path().join("scratch"));
    let mut pty = Pty::start(command.arg("--organization").arg(organization), COLUMNS, LINES);
    let mut full = 0;
    until(&mut pty, |screen| {
        // How much there is to say of this machine depends on the machine.
        full += usize::from(screen.contains("Enter goes on") && screen.contains("Reserve"));
        screen.contains("Reserve 50: witness")
    });
    assert_eq!(full, 2, "{}", pty.all);
    pty.answer("q");
    stopped(pty, "stopped by hand");
}

#[test]
fn without_a_terminal_nothing_begins() {
    let scratch = tempfile::tempdir().unwrap();
    let output = rehearse(scratch.path()).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("error: standard input is not a terminal"), "{said}");
    assert!(!scratch.path().join("register").exists());

    let mut small = Pty::start(&mut rehearse(scratch.path()), COLUMNS - 1, LINES);
    assert_eq!(small.end().0, 4);
    assert!(small.all.contains("79 columns"), "{}", small.all);
}
