//! Rehearsals by hand, in a pseudo-terminal: what people see, what they type, and how they stop.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "terminal/backups.rs"]
mod backups;
#[path = "terminal/delegation.rs"]
mod delegation;
#[path = "support/engineer.rs"]
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
