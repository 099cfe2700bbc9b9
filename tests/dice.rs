//! Dice: throws are mixed into what is drawn, are in memory only, and are thrown again after a cut (custody rule 4).
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/organization.rs"]
mod organization;
#[path = "custodians/people.rs"]
mod people;
#[path = "support/stage.rs"]
mod stage;

use std::path::PathBuf;
use std::process::Command;

use keyrite::format::transcript::Line;
use keyrite::model::event::Event;
use keyrite::model::evidence::Evidence;
use people::{People, play};
use stage::{Ran, Stage, keyrite};

/// A hundred throws of a die on a table.
const FAIR: &str =
    "4152663425131642355216346125411362553641224635113624455213663142541263355141624436152364112536452361";
const THROW: &str =
    "[[step]]\nid  = \"3.0\"\nwho = \"witness\"\nsay = \"A witness throws dice.\"\n[step.throw-dice]\n\n";

/// An organization that wants so many throws, and a root generation that asks for them.
fn dicing(stage: &Stage, throws: &str, step: &str) -> PathBuf {
    let own = organization::beside(stage.folder(), &[("[randomness]", &format!("dice = {throws}"))]);
    let script = own.join("root-generation.toml");
    let text = std::fs::read_to_string(&script).unwrap();
    let (head, rest) = text.split_once("[[step]]\nid  = \"3.1\"").unwrap();
    std::fs::write(&script, format!("{head}{step}[[step]]\nid  = \"3.1\"{rest}")).unwrap();
    script
}

fn check(script: PathBuf) -> Ran {
    Ran::of(&Command::new(keyrite()).args(["ceremony", "check"]).arg(script).output().unwrap())
}

/// How often dice were thrown in the last ceremony, and how often each time.
fn thrown(stage: &Stage) -> Vec<u16> {
    let throws = |line: &Line| match line.entry {
        Event::Noted { evidence: Evidence::DiceThrown { throws } } => Some(throws),
        _ => None,
    };
    stage.past().last.unwrap().lines.iter().filter_map(throws).collect()
}

#[test]
fn throws_are_mixed_in_and_nowhere_on_the_disk() {
    let stage = Stage::empty();
    let script = dicing(&stage, "100", THROW);
    let people = People { throws: Some(FAIR), ..People::default() };
    let told = play(&stage, script.to_str().unwrap(), people).unwrap();
    assert_eq!(thrown(&stage), [100]);
    assert!(told.contains("100 throws are mixed into everything that is drawn from here on."), "{told}");
    stage.assert_well_ended();
    let minutes = stage.past().history.current.minutes.unwrap();
    let minutes = std::fs::read_to_string(stage.path("register").join(minutes.path)).unwrap();
    assert!(minutes.contains("100 throws of a die are mixed into what is drawn."), "{minutes}");
    for (path, bytes) in stage.files() {
        let found = bytes.windows(12).any(|window| window == &FAIR.as_bytes()[..12]);
        assert!(!found && !told.contains(&FAIR[..12]), "{}", path.display());
    }
}

#[test]
fn after_a_cut_dice_are_thrown_again() {
    let stage = Stage::empty();
    let script = dicing(&stage, "120", THROW);
    let path = script.to_str().unwrap();
    stage.run_until(path, None, "3.4", || stage.tell("records", "eject")).refused(4, None);
    assert_eq!(thrown(&stage), [120]);
    stage.run(path, None).done();
    assert_eq!(thrown(&stage), [120, 120]);
    stage.assert_well_ended();
}

#[test]
fn a_held_down_key_is_no_die() {
    let stage = Stage::empty();
    let script = dicing(&stage, "100", THROW);
    let people = People { throws: Some("3333333333"), ..People::default() };
    let error = play(&stage, script.to_str().unwrap(), people).unwrap_err();
    assert!(error.contains("these throws are not taken: one face came far too often, or never"), "{error}");
    assert!(thrown(&stage).is_empty());
}

#[test]
fn who_wants_dice_throws_them_before_anything_is_drawn() {
    let stage = Stage::empty();
    check(dicing(&stage, "100", THROW)).done();
    let ran = check(dicing(&stage, "100", ""));
    let said = ran.refused(1, Some("SCRIPT-1"));
    assert!(
        said.contains("step 3.2: this needs that the dice are thrown, but the dice are not thrown; throw-dice would"),
        "{said}"
    );
    for few in ["99", "1001", "0"] {
        let ran = check(dicing(&stage, few, THROW));
        assert!(ran.refused(3, None).contains("this must be 100 to 1000 throws"), "{}", ran.err);
    }
    // Nobody is kept from throwing them all the same.
    let script = dicing(&stage, "100", THROW);
    std::fs::copy("ceremony/organization.toml", script.with_file_name("organization.toml")).unwrap();
    check(script).done();
}
