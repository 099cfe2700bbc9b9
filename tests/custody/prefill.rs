//! `keyrite card pin`, `unblock` and `retire`: the script that they write is held, and changes the card it is for.

use std::path::Path;
use std::process::Command;

use keyrite::model::code::Code;
use keyrite::model::room;

use crate::changes;
use crate::stage::{Ran, Stage, keyrite};

/// Calls `keyrite card` in a folder with the example organization.
fn card(folder: &Path, args: &[&str]) -> Ran {
    std::fs::copy("ceremony/organization.toml", folder.join("organization.toml")).unwrap();
    let mut command = Command::new(keyrite());
    command.arg("card").args(args).args(["--organization", "organization.toml", "--out", "script.toml"]);
    Ran::of(&command.current_dir(folder).output().unwrap())
}

#[test]
fn a_script_that_was_written_for_a_card_is_held_with_it() {
    let stage = Stage::with_root();
    let script = stage.folder().join("script.toml");
    let ran = card(stage.folder(), &["unblock", "packages-b"]);
    assert!(ran.done().out.starts_with("script.toml is written. Two people read it. Then:\n"), "{}", ran.out);
    assert!(
        ran.out.contains("    keyrite ceremony run script.toml --organization organization.toml --register DIR"),
        "{}",
        ran.out
    );
    let text = std::fs::read(&script).unwrap();
    // What somebody read and signed off is not written over.
    card(stage.folder(), &["pin", "packages-b"]).refused(1, Some("FILE-1"));
    assert_eq!(std::fs::read(&script).unwrap(), text);
    stage.run(&script, None).done();
    assert_eq!(changes(&stage), [(Code::User, Code::Reset)]);
    stage.assert_well_ended();

    std::fs::remove_file(&script).unwrap();
    card(stage.folder(), &["pin", "records"]).done();
    stage.run(&script, None).done();
    stage.assert_well_ended();

    std::fs::remove_file(&script).unwrap();
    card(stage.folder(), &["retire", "packages-b", "--how", "lost"]).done();
    stage.run(&script, None).done();
    let cards = stage.past().history.cards;
    assert_eq!(cards[&"packages-b".parse().unwrap()].state, room::Card::Retired);
    assert_eq!(cards[&"packages-a".parse().unwrap()].state, room::Card::InService);
}

#[test]
fn no_script_is_written_that_nobody_could_hold() {
    let folder = tempfile::tempdir().unwrap();
    let ran = card(folder.path(), &["pin", "packages-z"]);
    assert!(ran.refused(1, Some("SCRIPT-1")).contains("organization.toml has no card packages-z"), "{}", ran.err);
    let ran = card(folder.path(), &["retire", "records"]);
    assert!(ran.refused(1, Some("SCRIPT-1")).contains("it cannot be retired"), "{}", ran.err);
    assert!(!folder.path().join("script.toml").exists());
}
