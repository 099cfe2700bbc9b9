//! The register: its transcripts, its lock, its unfinished ceremony, and the clock.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use keyrite::workstation::register::Register;

use crate::engineer::{Engineer, bundle, good_bundle};
use crate::stage::{DELEGATION, ROOT_GENERATION, Ran, Stage, keyrite};

/// The only transcript of a root generation.
fn transcript(stage: &Stage) -> PathBuf {
    stage.path("register/transcripts/0001-root-generation.jsonl")
}

/// A delegation that was begun and not finished: a PIN holder forgot their half, and remembers it later.
fn unfinished() -> Stage {
    let stage = Stage::with_root();
    let half = stage.path("pockets/pin-holder-1/packages-a-user.txt");
    let forgotten = half.with_extension("forgotten");
    std::fs::rename(&half, &forgotten).unwrap();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).refused(3, None);
    std::fs::rename(forgotten, half).unwrap();
    assert!(!stage.past().history.current.finished);
    stage
}

fn abandon(stage: &Stage, reason: &str) -> Ran {
    let mut command = Command::new(keyrite());
    command.args(["ceremony", "abandon", "--reason", reason, "--register"]).arg(stage.path("register"));
    Ran::of(&command.output().unwrap())
}

/// The unfinished delegation goes on to its end.
fn goes_on(stage: &Stage) {
    stage.run(DELEGATION, Some(&good_bundle(stage))).done();
    stage.assert_well_ended();
}

#[test]
fn one_changed_byte_of_a_transcript() {
    let stage = Stage::with_root();
    let good = std::fs::read(transcript(&stage)).unwrap();
    let last = good[..good.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    // The first, one in the middle, and the last that another line names.
    for at in [0, last / 2, last - 1] {
        let mut changed = good.clone();
        changed[at] ^= 1;
        std::fs::write(transcript(&stage), &changed).unwrap();
        let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
        let said = ran.refused(1, Some("JOURNAL-2"));
        assert!(said.contains("transcript 0001-root-generation, line "), "{said}");
        assert_eq!(std::fs::read(transcript(&stage)).unwrap(), changed, "it was touched");
    }
    std::fs::write(transcript(&stage), good).unwrap();
    goes_on(&stage);
}

#[test]
fn a_transcript_that_is_missing() {
    let stage = Stage::with_root();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    std::fs::remove_file(transcript(&stage)).unwrap();
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let said = ran.refused(1, Some("JOURNAL-2"));
    assert!(said.contains("it does not name the head of the transcript before it"), "{said}");
}

#[test]
fn a_register_in_use() {
    let stage = Stage::with_root();
    let held = Register::open(&stage.path("register")).unwrap();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).refused(1, Some("REGISTER-1"));
    drop(held);
    goes_on(&stage);
}

#[test]
fn another_script_while_a_ceremony_is_unfinished() {
    let stage = unfinished();
    let ran = stage.run(ROOT_GENERATION, None);
    let said = ran.refused(1, Some("SCRIPT-2"));
    assert!(said.contains("ceremony 0002-delegation is not finished"), "{said}");
    // The same words in another order, or one word changed: another script too.
    let changed = edited(&stage, DELEGATION, "Everybody who doubts", "Whoever doubts");
    stage.run(changed, Some(&good_bundle(&stage))).refused(1, Some("SCRIPT-2"));
    goes_on(&stage);
}

#[test]
fn the_same_script_once_more() {
    let stage = Stage::with_root();
    let ran = stage.run(ROOT_GENERATION, None);
    let said = ran.refused(1, Some("SCRIPT-1"));
    assert!(said.contains("ceremony 0001-root-generation with this script is finished"), "{said}");
    goes_on(&stage);
}

#[test]
fn another_organization_while_a_ceremony_is_unfinished() {
    let stage = unfinished();
    let changed = edited(&stage, "ceremony/organization.toml", "name  = \"Ada Brandt\"", "name  = \"Mallory\"");
    let mut command = stage.rehearse(DELEGATION, Some(&good_bundle(&stage)));
    let ran = Ran::of(&command.arg("--organization").arg(changed).output().unwrap());
    let said = ran.refused(1, Some("SCRIPT-2"));
    assert!(said.contains("it was begun with another organization"), "{said}");
    goes_on(&stage);
}

#[test]
fn a_ceremony_that_nobody_will_finish() {
    let stage = unfinished();
    abandon(&stage, " ").refused(2, None);
    let ran = abandon(&stage, "The roster was \u{1b}[31mwrong.");
    assert!(ran.done().out.contains("Ceremony 0002-delegation is given up."), "{}", ran.out);
    let transcript = std::fs::read_to_string(stage.path("register/transcripts/0002-delegation.jsonl")).unwrap();
    assert!(
        transcript
            .ends_with("\"entry\":{\"event\":\"abandoned\",\"reason\":\"The roster was \\\\u{1b}[31mwrong.\"}}\n"),
        "{transcript}"
    );
    let said = abandon(&stage, "again").refused(3, None).to_owned();
    assert!(said.contains("no ceremony is open"), "{said}");
    // Another one begins, and answers the request.
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    assert_eq!(stage.past().names, ["0001-root-generation", "0002-delegation", "0003-delegation"]);
    stage.assert_well_ended();
    // And the record of all three is whole.
    for verb in ["minutes", "register"] {
        let mut check = Command::new(keyrite());
        let ran = Ran::of(&check.args([verb, "check", "--register"]).arg(stage.path("register")).output().unwrap());
        assert!(ran.done().out.contains("; given up"), "{}", ran.out);
    }
}

#[test]
fn a_ceremony_that_must_go_on() {
    let stage = Stage::with_root();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    // As a power cut leaves it, when the card has just been told to sign.
    let path = stage.path("register/transcripts/0002-delegation.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    let intended = whole.find("\"intent\":\"sign\",\"card\":\"packages-a\"").unwrap();
    let end = intended + whole[intended..].find('\n').unwrap() + 1;
    std::fs::write(&path, &whole[..end]).unwrap();
    let ran = abandon(&stage, "We want to go home.");
    let said = ran.refused(1, Some("SCRIPT-2"));
    assert!(said.contains("nobody has seen yet what became of card packages-a"), "{said}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), whole[..end], "it was touched");
}

#[test]
fn a_root_without_a_proved_backup_is_not_left_behind() {
    let stage = Stage::with_root();
    let whole = std::fs::read_to_string(transcript(&stage)).unwrap();
    // As a cut leaves it: sealed and on no card; on card A; on card B as well, and not proved.
    let last = whole.find("\"evidence\":\"backup-proved\"").unwrap();
    for (cut, words) in [("\"step\":\"4.1\"", "4.1"), ("\"step\":\"5.1\"", "5.1"), ("\"step\":\"5.4\"", "5.4")] {
        let at = whole.find(cut).unwrap();
        assert!(at < last, "{words}");
        let end = whole[..at].rfind('\n').unwrap() + 1;
        std::fs::write(transcript(&stage), &whole[..end]).unwrap();
        let ran = abandon(&stage, "It is late.");
        let said = ran.refused(1, Some("SCRIPT-2"));
        assert!(said.contains("root packages exists, and its backup is not proved"), "{words}: {said}");
        assert_eq!(std::fs::read_to_string(transcript(&stage)).unwrap(), whole[..end], "it was touched");
    }
    // Before it was sealed it was in memory only: its papers are named as worthless, and the ceremony is given up.
    let at = whole.find("\"step\":\"3.3\"").unwrap();
    std::fs::write(transcript(&stage), &whole[..whole[..at].rfind('\n').unwrap() + 1]).unwrap();
    abandon(&stage, "It is late.").done();
    assert!(std::fs::read_to_string(transcript(&stage)).unwrap().contains("\"evidence\":\"root-abandoned\""));
}

#[test]
fn a_request_younger_than_its_ceremony() {
    let stage = unfinished();
    // Dates are whole seconds.
    std::thread::sleep(Duration::from_millis(1100));
    let request = Engineer::anna().request(|_| {});
    let young = bundle(&stage, "young", &[("anna.request.asc", &request)]);
    let ran = stage.run(DELEGATION, Some(&young));
    let said = ran.refused(1, Some("REQUEST-1"));
    assert!(said.contains("was made after this ceremony was opened") && said.contains("ceremony abandon"), "{said}");
    goes_on(&stage);
}

#[test]
fn a_delegation_before_there_is_a_root() {
    let stage = Stage::empty();
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let said = ran.refused(1, Some("SCRIPT-1"));
    assert!(said.contains("this register holds no root yet: run a root-generation in it first"), "{said}");
    // Nothing was begun: what was meant can be done.
    stage.run(ROOT_GENERATION, None).done();
    goes_on(&stage);
}

/// A copy of a shipped file with one change.
fn edited(stage: &Stage, file: &str, from: &str, to: &str) -> PathBuf {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from));
    let folder = stage.folder().join("edited");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy("ceremony/organization.toml", folder.join("organization.toml")).unwrap();
    let path = folder.join(Path::new(file).file_name().unwrap());
    std::fs::write(&path, text.replace(from, to)).unwrap();
    path
}

#[test]
fn a_clock_behind_the_last_transcript() {
    // Whether another ceremony begins or an unfinished one goes on. The last line is named by no other one, so its time can
    // be set: that is the same as a clock set back.
    for (stage, name) in [(Stage::with_root(), "0001-root-generation"), (unfinished(), "0002-delegation")] {
        let path = stage.path(&format!("register/transcripts/{name}.jsonl"));
        let good = std::fs::read_to_string(&path).unwrap();
        let (before, last) = good.trim_end().rsplit_once('\n').unwrap();
        let at = last.find("\"time\":\"20").unwrap() + "\"time\":\"20".len();
        let later = format!("{before}\n{}99{}\n", &last[..at], &last[at + 2..]);
        std::fs::write(&path, &later).unwrap();
        let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
        let said = ran.refused(1, Some("CLOCK-2"));
        assert!(said.contains("2099-"), "{said}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), later);
        std::fs::write(&path, good).unwrap();
        goes_on(&stage);
    }
}

#[test]
fn a_changed_certificate() {
    let stage = Stage::with_root();
    let root = stage.path("register/roots").read_dir().unwrap().next().unwrap().unwrap().path().join("certificate.asc");
    let good = std::fs::read(&root).unwrap();
    std::fs::write(&root, [&good[..], b"\n"].concat()).unwrap();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).refused(1, Some("FILE-2"));
    std::fs::write(&root, good).unwrap();
    goes_on(&stage);
}
