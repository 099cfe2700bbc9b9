//! What a register says of its backups, and one share checked by itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use keyrite::model::timestamp::Timestamp;

use crate::organization;
use crate::sheets;
use crate::stage::{Ran, Stage, keyrite, page_reader};

fn backup(stage: &Stage, verb: &str, more: &[&Path]) -> Ran {
    let mut command = Command::new(keyrite());
    command.args(["backup", verb]).args(more).arg("--register").arg(stage.path("register"));
    Ran::of(&command.output().unwrap())
}

/// The one file in a pocket whose name begins so.
fn sheet(stage: &Stage, holder: &str) -> PathBuf {
    let mut files = stage.path(&format!("pockets/{holder}")).read_dir().unwrap();
    files
        .find_map(|file| file.ok().map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "asc")))
        .unwrap()
}

fn saved(stage: &Stage, name: &str, bytes: &[u8]) -> PathBuf {
    let path = stage.folder().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The lines of a sheet that a person copies: labels, and the share.
fn by_hand(sheet: &str) -> String {
    let wanted = |line: &&str| {
        let label = line.split(':').next().unwrap_or_default().trim();
        ["Set", "Share"].contains(&label) || label.parse::<u8>().is_ok()
    };
    sheet.lines().filter(wanted).map(|line| line.to_lowercase().replace(" /", " ") + "\n").collect()
}

#[test]
fn what_is_sealed_and_who_holds_it_is_shown() {
    let stage = Stage::with_root();
    let ran = backup(&stage, "show", &[]);
    let said = &ran.done().out;
    for words in [
        "key of root packages: set ",
        "any 3 of 5 shares",
        "restored ",
        "in 0001-root-generation, from shares 1, 2, 3",
        "next drill due ",
        "share 5   custodian 5 (Leo Moreau), last used ",
        "revocation of root packages: set ",
        "any 2 of 3 shares",
        "share 1   revocation-holder 1 (Esi Fontaine)",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    assert!(!said.contains("OVERDUE"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let empty = Stage::empty();
    std::fs::create_dir_all(empty.path("register/transcripts")).unwrap();
    assert_eq!(backup(&empty, "show", &[]).done().out, "nothing is sealed\n");
}

#[test]
fn a_drill_is_overdue_after_a_year() {
    let stage = Stage::with_root();
    let mut command = Command::new("faketime");
    command
        .args(["-f", "+366d"])
        .arg(keyrite())
        .args(["backup", "show", "--json", "--register"])
        .arg(stage.path("register"));
    let ran = Ran::of(&command.output().expect("faketime"));
    let said: serde_json::Value = serde_json::from_str(&ran.done().out).unwrap();
    assert_eq!(said["overdue"], true);
    let overdue = |at: usize| said["backups"][at]["overdue"].clone();
    assert_eq!((overdue(0), overdue(1)), (true.into(), false.into()), "{said}");
    assert!(said["backups"][1].get("due").is_none());
}

#[test]
fn the_first_drill_is_due_when_the_sheets_say() {
    let stage = Stage::empty();
    let own = organization::beside(stage.folder(), &[]);
    let text = organization::with(&[]).replace("every-days = 365", "every-days = 90");
    std::fs::write(own.join("organization.toml"), text).unwrap();
    stage.run(own.join("root-generation.toml"), None).done();
    let ran = backup(&stage, "show", &[Path::new("--json")]);
    let said: serde_json::Value = serde_json::from_str(&ran.done().out).unwrap();
    let due: Timestamp = said["backups"][0]["due"].as_str().unwrap().parse().unwrap();
    let made: Timestamp = said["backups"][0]["made"].as_str().unwrap().parse().unwrap();
    // From the opening of the ceremony on, which is before it seals.
    let days = made.distance(due).as_secs() / (24 * 60 * 60);
    assert!((89..=90).contains(&days), "{said}");
    let sheet_of = |holder| std::fs::read_to_string(sheet(&stage, holder)).unwrap();
    let line = format!("\nDrill by:     {}\n", due.date());
    assert!(sheet_of("custodian-1").contains(&line), "{line}");
    assert!(!sheet_of("revocation-holder-1").contains("Drill by"));
    let out = stage.folder().join("papers");
    page_reader();
    backup(&stage, "print", &[Path::new("--out"), &out]).done();
    let paper = |sealed: &str| {
        let name = |path: &PathBuf| path.to_string_lossy().contains(sealed);
        out.read_dir().unwrap().map(|entry| entry.unwrap().path()).find(name).unwrap()
    };
    assert!(sheets::text(&paper("-key-")).contains(&format!("by {}", due.date())));
    assert!(!sheets::text(&paper("-revocation-")).contains("Next drill"));
}

#[test]
fn a_share_and_a_message_are_each_checked_by_themselves() {
    let stage = Stage::with_root();
    for number in 1..=5 {
        let ran = backup(&stage, "check", &[&sheet(&stage, &format!("custodian-{number}"))]);
        let said = &ran.done().out;
        assert!(said.contains(": good\n"), "{said}");
        let words = format!(
            "share {number}, of custodian {number}, as it was handed out; the sheet is signed by the records key"
        );
        assert!(said.contains(&words), "{said}");
    }
    let text = std::fs::read_to_string(sheet(&stage, "revocation-holder-2")).unwrap();
    let typed = saved(&stage, "typed.txt", by_hand(&text).as_bytes());
    let said = backup(&stage, "check", &[&typed]);
    assert!(said.done().out.contains("share 2, of revocation-holder 2, as it was handed out\n"), "{}", said.out);
    for path in stage.files().into_keys().filter(|path| path.ends_with("sealed.asc")) {
        assert!(backup(&stage, "check", &[&path]).done().out.contains("the sealed message, byte for byte"));
    }
}

#[test]
fn what_is_wrong_with_a_share_is_named() {
    let stage = Stage::with_root();
    let path = sheet(&stage, "custodian-3");
    let text = std::fs::read_to_string(&path).unwrap();
    let typed = by_hand(&text);
    let line = typed.lines().find(|line| line.trim_start().starts_with("2:")).unwrap();
    let digit = line.split(": ").nth(1).unwrap().chars().next().unwrap();
    let other = if digit == '0' { '1' } else { '0' };
    let slip = typed.replace(line, &line.replacen(&format!(": {digit}"), &format!(": {other}"), 1));
    let set = text.lines().find_map(|line| line.strip_prefix("Set:")).unwrap().trim().to_owned();
    let foreign = typed.replace(&set.to_lowercase(), "22222222");
    let missing: String = typed.lines().filter(|typed| *typed != line).map(|line| format!("{line}\n")).collect();
    let twice = format!("{typed}{line}\n");
    let as_other = typed.replace("share:", "share: 2; was");
    let message = stage.files().into_iter().find(|(path, _)| path.ends_with("sealed.asc")).unwrap().1;
    let mut flipped = message.clone();
    flipped[400] ^= 1;
    let forged = text.replace("This sheet is a secret", "This sheet is no secret");
    for (name, bytes, code, control, words) in [
        ("slip", slip.as_bytes(), 3, None, "line 2 of share 3: the checksum does not fit"),
        ("missing", missing.as_bytes(), 3, None, "line 2 of share 3: it is missing"),
        ("twice", twice.as_bytes(), 3, None, "line 2 of share 3: it is there twice"),
        ("other", as_other.as_bytes(), 3, None, "the checksum does not fit"),
        ("foreign", foreign.as_bytes(), 3, None, "the checksum does not fit"),
        ("flipped", &flipped, 1, Some("BACKUP-1"), "is of no backup in force"),
        ("forged", forged.as_bytes(), 1, Some("BACKUP-1"), "the sheet of set"),
        ("empty", b"", 3, None, "`Set` is missing or unreadable"),
        ("noise", &[0xff; 4000], 3, None, "not a share sheet"),
    ] {
        let path = saved(&stage, name, bytes);
        let ran = backup(&stage, "check", &[&path]);
        let error = ran.refused(code, control);
        assert!(error.contains(words) && error.contains(name), "{name}: {error}");
        for digits in typed.lines().filter_map(|line| line.split_once(": ")).map(|(_, digits)| digits) {
            assert!(digits.len() < 20 || !error.to_lowercase().contains(digits), "{name}: {error}");
        }
    }
}

#[test]
fn one_bad_file_hides_no_other() {
    let stage = Stage::with_root();
    let (noise, empty) = (saved(&stage, "noise", &[0xff; 40]), saved(&stage, "empty", b""));
    let ran = backup(&stage, "check", &[&noise, &sheet(&stage, "custodian-1"), &empty]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.err.contains("noise: "), "{}", ran.err);
    for words in
        ["/noise: NOT GOOD\n", "custodian-1", ": good\n", "/empty: NOT GOOD\n", "`Set` is missing or unreadable"]
    {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
}

#[test]
fn shares_of_a_root_that_is_elsewhere_are_of_no_backup_here() {
    let (here, elsewhere) = (Stage::with_root(), Stage::empty());
    elsewhere.run("ceremony/root-generation.toml", None).done();
    let ran = backup(&here, "check", &[&sheet(&elsewhere, "custodian-1")]);
    let error = ran.refused(1, Some("BACKUP-1"));
    assert!(error.contains("is of no backup in force in this register"), "{error}");
}
