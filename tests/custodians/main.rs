//! What becomes of a backup after it was made: drills, resharings, and cards that are replaced from it.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod copies;
mod drill;
#[path = "../support/engineer.rs"]
mod engineer;
#[path = "../support/gpg.rs"]
mod gpg;
#[path = "../support/organization.rs"]
mod organization;
mod people;
mod replacement;
mod reshare;
#[path = "../support/stage.rs"]
mod stage;

use std::path::{Path, PathBuf};
use std::process::Command;

use stage::{Ran, Stage, keyrite};

const DRILL: &str = "ceremony/restore-drill.toml";
const RESHARE: &str = "ceremony/reshare.toml";

/// `keyrite status`.
fn status(stage: &Stage) -> String {
    let status = Command::new(keyrite()).args(["status", "--register"]).arg(stage.path("register")).output();
    Ran::of(&status.unwrap()).done().out.clone()
}

/// `keyrite ceremony abandon`, and what it says.
fn give_up(stage: &Stage) -> String {
    let abandon = Command::new(keyrite())
        .args(["ceremony", "abandon", "--reason", "it does not help", "--register"])
        .arg(stage.path("register"))
        .output();
    Ran::of(&abandon.unwrap()).done().out.clone()
}

/// `register check`: nothing is foreign, and every record is whole.
fn check(stage: &Stage) {
    let check = Command::new(keyrite()).args(["register", "check", "--register"]).arg(stage.path("register")).output();
    assert_eq!(Ran::of(&check.unwrap()).code, Some(0));
}

/// The signed minutes of the last ceremony.
fn minutes(stage: &Stage) -> String {
    let past = stage.past();
    let minutes = past.history.current.minutes.as_ref().unwrap();
    std::fs::read_to_string(stage.path("register").join(&minutes.path)).unwrap().replace('\n', " ")
}

/// The set of the packages root that is in force.
fn in_force(stage: &Stage) -> String {
    let root = stage.past().history.roots.remove(&"packages".parse().unwrap()).unwrap();
    root.sealed[&keyrite::model::evidence::Sealed::Key].set.clone()
}

/// The sheet of a custodian in a pocket.
fn sheet(stage: &Stage, set: &str, number: u8) -> PathBuf {
    stage.path(&format!("pockets/custodian-{number}/packages-key-{set}.{number:03}.asc"))
}

/// A shipped script, edited, in the stage's own folder, beside the organization.
fn edited(stage: &Stage, script: &str, edit: &[(&str, &str)]) -> PathBuf {
    let text = std::fs::read_to_string(script).unwrap();
    let text = edit.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    std::fs::copy("ceremony/organization.toml", stage.folder().join("organization.toml")).unwrap();
    let path = stage.folder().join("script.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// `ceremony check` of a shipped script, edited.
fn lint(script: &str, edit: &[(&str, &str)]) -> Ran {
    let stage = Stage::empty();
    let path = edited(&stage, script, edit);
    Ran::of(&Command::new(keyrite()).args(["ceremony", "check"]).arg(Path::new(&path)).output().unwrap())
}

/// A script without the step of this act.
fn without(script: &str, act: &str) -> Ran {
    let text = std::fs::read_to_string(script).unwrap();
    let head = format!("[step.{act}]");
    let steps: Vec<&str> = text.split_inclusive("[[step]]\n").collect();
    let step = steps.iter().find(|step| step.contains(&head)).unwrap();
    lint(script, &[(step, "")])
}
