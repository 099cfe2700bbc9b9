//! What becomes of a backup, by hand, on a root that the cast made: a drill, and a resharing.

use super::delegation::from_pockets;
use super::{flat, until_by};
use crate::pty::{COLUMNS, LINES, Pty, plain};
use crate::stage::{Ran, Stage};

/// Holds a ceremony by hand to its end; everything that was shown. Bags get numbers of their own.
fn held(stage: &Stage, script: &str) -> String {
    let people = from_pockets(stage);
    let mut pty = Pty::start(stage.rehearse(script, None).arg("--by-hand"), COLUMNS, LINES);
    let bags = std::cell::Cell::new(0);
    let answer = |screen: &str, paper: &str| {
        if flat(screen).contains(">> the number, from the bag itself") {
            bags.set(bags.get() + 1);
            return format!("T-{:04}", bags.get());
        }
        people(screen, paper)
    };
    assert_eq!(until_by(&mut pty, &answer, |_| false), None);
    assert_eq!(pty.end().0, 0, "{}", pty.all);
    let shown = plain(&pty.all);
    for line in shown.lines() {
        assert!(line.chars().count() <= usize::from(COLUMNS), "{line}");
    }
    shown
}

#[test]
fn a_drill_by_hand() {
    let stage = Stage::with_root();
    let shown = held(&stage, "ceremony/restore-drill.toml");
    let said = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "The lot says in which order custodians are asked for their shares:",
        "3 of them are needed.",
        "put share",
        "into a new bag, close it, and read its number.",
        "Card drill is empty, and has the PINs of a new card.",
        "The next drill of root packages is due by",
    ] {
        assert!(said.contains(words), "{words}\n{shown}");
    }
    let mut show = std::process::Command::new(crate::stage::keyrite());
    let ran = Ran::of(&show.args(["backup", "show", "--register"]).arg(stage.path("register")).output().unwrap());
    assert_eq!(ran.done().out.matches(", bag T-000").count(), 3, "{}", ran.out);
}

#[test]
fn a_resharing_by_hand() {
    let stage = Stage::with_root();
    let shown = held(&stage, "ceremony/reshare.toml");
    let said = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "is in force from here on, and set",
        "and every copy of it: destroy it now.",
        "destroyed here: share 1, share 2, share 3, share 4, share 5. Missing: none.",
    ] {
        assert!(said.contains(words), "{words}\n{shown}");
    }
}
