//! PINs that are changed, forgotten, blocked or lost: from each symptom to a delegation that works afterwards.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/engineer.rs"]
mod engineer;
#[path = "../support/gpg.rs"]
mod gpg;
mod prefill;
mod retire;
#[path = "../support/stage.rs"]
mod stage;

use std::path::PathBuf;

use engineer::good_bundle;
use keyrite::model::code::Code;
use keyrite::model::event::{Event, Intent};
use keyrite::workstation::card::Tries;
use stage::{DELEGATION, Stage};

const PINS: &str = "ceremony/card-pins.toml";
const UNBLOCK: &str = "ceremony/card-unblock.toml";
const REPLACE: &str = "ceremony/card-reload.toml";

/// VERIFY of PW1 for signing (7.2.2) with a PIN that nobody chose.
const WRONG_USER: &[u8] = b"\x00\x20\x00\x81\x0a0000000000";
/// The same of PW3.
const WRONG_ADMIN: &[u8] = b"\x00\x20\x00\x83\x0a0000000000";

/// A pocket: `pin-holder-1/packages-a-user`.
fn pocket(stage: &Stage, name: &str) -> PathBuf {
    stage.path(&format!("pockets/{name}.txt"))
}

/// Every half of card A, by its pocket.
fn halves(stage: &Stage) -> Vec<String> {
    let codes = [("pin", "user"), ("admin", "admin"), ("admin", "reset")];
    let names = codes.iter().flat_map(|(role, code)| [1, 2].map(|n| format!("{role}-holder-{n}/packages-a-{code}")));
    names.map(|name| std::fs::read_to_string(pocket(stage, &name)).unwrap()).collect()
}

/// What may permit a code to be set: as the last transcript has it.
fn changes(stage: &Stage) -> Vec<(Code, Code)> {
    let lines = stage.past().last.unwrap().lines;
    let change = |event: &Event| match event {
        Event::Intended { intent: Intent::ChangeCode { code, by, .. } } => Some((*code, *by)),
        _ => None,
    };
    lines.iter().filter_map(|line| change(&line.entry)).collect()
}

/// The card is in service as before, and an engineer is delegated with it.
fn delegates(stage: &Stage) {
    stage.assert_well_ended();
    stage.run(DELEGATION, Some(&good_bundle(stage))).done();
    stage.assert_well_ended();
    assert_eq!(stage.past().history.delegations.len(), 1);
    let tries = stage.survey("packages-a").tries;
    assert_eq!((tries.user, tries.admin), (3, 3));
}

#[test]
fn halves_that_were_seen_are_changed() {
    let stage = Stage::with_root();
    let (before, survey) = (halves(&stage), stage.survey("packages-a"));
    let ran = stage.run(PINS, None);
    ran.done();
    assert!(ran.out.contains("Card packages-a: 3 tries are left for its user PIN."), "{}", ran.out);
    assert_eq!(changes(&stage), [(Code::User, Code::User), (Code::Admin, Code::Admin), (Code::Reset, Code::Admin)]);
    let after = halves(&stage);
    assert!(before.iter().zip(&after).all(|(before, after)| before != after), "{after:?}");
    // Key and counter are as they were.
    assert_eq!(stage.survey("packages-a"), survey);
    let minutes = std::fs::read_to_string(stage.path("register/minutes/0002-card-service.asc")).unwrap();
    assert!(minutes.contains("The user PIN of card packages-a is to be set anew by the present one."), "{minutes}");
    assert!(minutes.contains("The reset code of card packages-a is to be set anew by its admin PIN."), "{minutes}");
    delegates(&stage);
}

#[test]
fn a_blocked_user_pin_is_set_anew_with_the_reset_code() {
    let stage = Stage::with_root();
    let said = stage.transmit("packages-a", &[WRONG_USER, WRONG_USER, WRONG_USER]);
    assert!(said.iter().all(|status| *status != 0x9000), "{said:x?}");
    assert_eq!(stage.survey("packages-a").tries.user, 0);
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let said = ran.refused(4, None);
    assert!(said.contains("the reset code or the admin PIN sets a new user PIN"), "{said}");
    // Nothing was certified: the ceremony is given up, and another comes first.
    let abandon = std::process::Command::new(stage::keyrite())
        .args(["ceremony", "abandon", "--reason", "the user PIN is blocked", "--register"])
        .arg(stage.path("register"))
        .output();
    stage::Ran::of(&abandon.unwrap()).done();
    stage.run(UNBLOCK, None).done();
    assert_eq!(changes(&stage), [(Code::User, Code::Reset)]);
    delegates(&stage);
}

#[test]
fn a_forgotten_half_is_not_needed_for_a_new_user_pin() {
    let stage = Stage::with_root();
    std::fs::remove_file(pocket(&stage, "pin-holder-2/packages-a-user")).unwrap();
    stage.run(UNBLOCK, None).done();
    assert_eq!(changes(&stage), [(Code::User, Code::Reset)]);
    delegates(&stage);
}

#[test]
fn a_wrong_reset_code_is_counted_and_its_last_try_never_taken() {
    let stage = Stage::with_root();
    std::fs::write(pocket(&stage, "admin-holder-1/packages-a-reset"), "a slip of memory\n000000\n").unwrap();
    for left in [2, 1] {
        let ran = stage.run(UNBLOCK, None);
        let said = ran.refused(3, None);
        assert!(said.contains("wrong reset code") && said.contains(&format!("{left} left on the card")), "{said}");
        assert_eq!(stage.survey("packages-a").tries, Tries { user: 3, reset_code: left, admin: 3 });
    }
    // The same command takes the other way.
    let ran = stage.run(UNBLOCK, None);
    ran.done();
    assert!(ran.out.contains("nobody needs to dare it"), "{}", ran.out);
    assert_eq!(changes(&stage), [(Code::User, Code::Reset), (Code::User, Code::Reset), (Code::User, Code::Admin)]);
    assert_eq!(stage.survey("packages-a").tries, Tries { user: 3, reset_code: 1, admin: 3 });
    delegates(&stage);
    // And its holders choose a new one.
    stage.run(PINS, None).done();
    assert_eq!(stage.survey("packages-a").tries, Tries { user: 3, reset_code: 3, admin: 3 });
}

#[test]
fn at_the_last_try_of_both_nothing_is_sent() {
    let stage = Stage::with_root();
    stage.transmit("packages-a", &[WRONG_ADMIN, WRONG_ADMIN]);
    std::fs::write(pocket(&stage, "admin-holder-1/packages-a-reset"), "a slip of memory\n000000\n").unwrap();
    stage.run(UNBLOCK, None).refused(3, None);
    stage.run(UNBLOCK, None).refused(3, None);
    stage.run(UNBLOCK, None).refused(1, Some("CARD-3"));
    assert_eq!(stage.survey("packages-a").tries, Tries { user: 3, reset_code: 1, admin: 1 });
    // Nothing hangs on it: what was not sent needs no looking after.
    assert!(stage.past().history.current.open.is_empty());
}

#[test]
fn a_wrong_present_half_changes_nothing() {
    let stage = Stage::with_root();
    let path = pocket(&stage, "admin-holder-2/packages-a-admin");
    let right = std::fs::read(&path).unwrap();
    std::fs::write(&path, "a slip of memory\n000000\n").unwrap();
    let ran = stage.run(PINS, None);
    let said = ran.refused(3, None);
    assert!(said.contains("wrong admin PIN"), "{said}");
    // The user PIN was changed before; it is not asked for again.
    std::fs::write(path, right).unwrap();
    let ran = stage.run(PINS, None);
    ran.done();
    assert!(ran.out.contains("The user PIN of card packages-a is set anew already."), "{}", ran.out);
    delegates(&stage);
}

#[test]
fn a_card_without_an_admin_pin_is_erased_and_loaded_anew() {
    let stage = Stage::with_root();
    // Blocked on the card, and a half lost besides.
    stage.transmit("packages-a", &[WRONG_ADMIN, WRONG_ADMIN, WRONG_ADMIN]);
    std::fs::remove_file(pocket(&stage, "admin-holder-1/packages-a-admin")).unwrap();
    // Nobody is asked for a half that the card would not take.
    let ran = stage.run(PINS, None);
    assert!(ran.refused(4, None).contains("its admin PIN is blocked"), "{}", ran.err);
    assert_eq!(stage.survey("packages-a").tries.admin, 0);
    let abandon = std::process::Command::new(stage::keyrite())
        .args(["ceremony", "abandon", "--reason", "the admin PIN is lost", "--register"])
        .arg(stage.path("register"))
        .output();
    stage::Ran::of(&abandon.unwrap()).done();
    let before = stage.survey("packages-a");
    let ran = stage.run(REPLACE, None);
    ran.done();
    let erased = format!(
        "Card packages-a is erased. Root packages was restored from its backup just now. Its serial is {}",
        before.serial
    );
    assert!(ran.out.split_whitespace().collect::<Vec<_>>().join(" ").contains(&erased), "{}", ran.out);
    let after = stage.survey("packages-a");
    assert_eq!((after.serial, after.signatures), (before.serial, 1));
    assert_eq!(after.tries, Tries { user: 3, reset_code: 3, admin: 3 });
    delegates(&stage);
}

#[test]
fn the_records_card_is_unblocked_and_signs_the_minutes_of_that() {
    let stage = Stage::with_root();
    stage.transmit("records", &[WRONG_USER, WRONG_USER, WRONG_USER]);
    // As the script itself says: its name in place of the other one.
    let script = stage.folder().join("unblock.toml");
    std::fs::write(
        &script,
        std::fs::read_to_string(UNBLOCK)
            .unwrap()
            .replace("packages-a", "records")
            .replace("[\"records\", \"records\"]", "[\"records\"]"),
    )
    .unwrap();
    std::fs::copy("ceremony/organization.toml", stage.folder().join("organization.toml")).unwrap();
    stage.run(&script, None).done();
    assert_eq!(stage.survey("records").tries, Tries { user: 3, reset_code: 3, admin: 3 });
    delegates(&stage);
}

#[test]
fn status_tells_of_a_code_that_is_in_doubt() {
    let stage = Stage::with_root();
    let status = || {
        let status = std::process::Command::new(stage::keyrite())
            .args(["status", "--register"])
            .arg(stage.path("register"))
            .output();
        stage::Ran::of(&status.unwrap()).done().out.clone()
    };
    // Stopped before the minutes; of all that, only the first intent is on the disk.
    stage.run_until(PINS, None, "3.1", || stage.tell("records", "eject")).refused(4, None);
    let path = stage.path("register/transcripts/0002-card-service.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let at = text.find("\"intent\":\"change-code\"").unwrap();
    std::fs::write(&path, &text[..at + text[at..].find('\n').unwrap() + 1]).unwrap();
    // Settled, and stopped before anybody is asked.
    stage.run_until(PINS, None, "2.1", || stage.tell("packages-a", "eject")).refused(4, None);
    assert!(status().contains("\n    a cut left open whether it took its new user PIN\n"), "{}", status());
    stage.run(PINS, None).done();
    assert!(!status().contains("a cut left open"), "{}", status());
    delegates(&stage);
}

/// `ceremony check` of a shipped script, edited.
fn check(script: &str, edit: &[(&str, &str)]) -> stage::Ran {
    let folder = tempfile::tempdir().unwrap();
    let script = std::fs::read_to_string(script).unwrap();
    let script = edit.iter().fold(script, |script, (from, to)| script.replace(from, to));
    std::fs::write(folder.path().join("script.toml"), script).unwrap();
    std::fs::copy("ceremony/organization.toml", folder.path().join("organization.toml")).unwrap();
    let mut check = std::process::Command::new(stage::keyrite());
    stage::Ran::of(&check.args(["ceremony", "check", "script.toml"]).current_dir(folder.path()).output().unwrap())
}

#[test]
fn no_script_erases_a_card_before_its_root_is_restored_or_the_records_card() {
    check(REPLACE, &[]).done();
    let text = std::fs::read_to_string(REPLACE).unwrap();
    let (_, rest) = text.split_once("[[step]]\nid  = \"2.1\"").unwrap();
    let (restore, _) = rest.split_once("[[step]]").unwrap();
    let ran = check(REPLACE, &[(&format!("[[step]]\nid  = \"2.1\"{restore}"), "")]);
    let said = ran.refused(1, Some("SCRIPT-1"));
    assert!(said.contains("the secret of root packages is in memory, but"), "{said}");
    let ran = check(
        REPLACE,
        &[(
            "[step.erase-card]\nroot = \"packages\"\ncard = \"packages-a\"",
            "[step.erase-card]\nroot = \"packages\"\ncard = \"records\"",
        )],
    );
    let said = ran.refused(1, Some("SCRIPT-1"));
    assert!(said.contains("which has no backup: it is never erased"), "{said}");
}

#[test]
fn a_change_of_pins_names_each_code_once() {
    let all = "[\"user\", \"admin\", \"reset-code\"]";
    for (which, why) in [("[]", "which names no code"), ("[\"user\", \"user\"]", "which names the user PIN twice")] {
        let ran = check(PINS, &[(all, which)]);
        let said = ran.refused(1, Some("SCRIPT-1"));
        assert!(said.contains(why), "{said}");
    }
    let ran = check(PINS, &[(all, "[\"sign\"]")]);
    let said = ran.refused(3, None);
    assert!(said.contains("`user`, `admin`, `reset-code`"), "{said}");
}
