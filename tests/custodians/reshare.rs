//! Resharing: one set is in force at any time, and the old sheets are accounted for.

use std::process::Command;

use crate::stage::{Ran, Stage, keyrite};
use crate::{DRILL, RESHARE, check, give_up, in_force, lint, minutes, sheet, status, without};

#[test]
fn a_new_set_takes_the_place_of_the_old_one() {
    let stage = Stage::with_root();
    let old = in_force(&stage);
    let kept = std::fs::read(sheet(&stage, &old, 1)).unwrap();
    stage.run(RESHARE, None).done();
    stage.assert_well_ended();
    check(&stage);
    let new = in_force(&stage);
    assert_ne!(old, new);
    for number in 1..=5 {
        assert!(!sheet(&stage, &old, number).exists() && sheet(&stage, &new, number).exists(), "{number}");
    }
    let (said, minutes) = (status(&stage), minutes(&stage));
    assert!(said.contains(&format!("share set {new}\n")), "{said}");
    assert!(said.contains(&format!("sheets of set {old} are out of force")), "{said}");
    assert!(minutes.contains(&format!("Set {old} is OUT OF FORCE.")), "{minutes}");
    assert!(minutes.contains(&format!("Every share of set {old} of root packages is destroyed.")), "{minutes}");
    // Stock tools restore the root from the new sheets and the new message alone.
    restores_without_keyrite(&stage);
    // So does a drill.
    stage.run(DRILL, None).done();
    let show = Command::new(keyrite()).args(["backup", "show", "--register"]).arg(stage.path("register")).output();
    let said = Ran::of(&show.unwrap()).done().out.clone();
    for words in [format!("key of root packages: set {new}"), "in 0003-restore-drill, from shares".to_owned()] {
        assert!(said.contains(&words) && !said.contains(&old), "{words}: {said}");
    }
    // Whoever kept an old sheet and brings it is told so.
    for number in 1..=5 {
        std::fs::write(sheet(&stage, &new, number), &kept).unwrap();
    }
    let ran = stage.run("ceremony/card-reload.toml", None);
    let words = format!("is of set {old}, which is out of force; this needs set {new}");
    assert!(ran.refused(1, Some("BACKUP-4")).contains(&words), "{}", ran.err);
}

/// As printed on the sheets: gfcombine, `gpg -d`, `gpg --import`, and a signature that verifies.
fn restores_without_keyrite(stage: &Stage) {
    let history = stage.past().history;
    let root = &history.roots[&"packages".parse().unwrap()];
    let message = &root.sealed[&keyrite::model::evidence::Sealed::Key].message.path;
    let (verdicts, logs) = (stage.folder().join("verdicts"), stage.folder().join("logs"));
    let output = Command::new("ceremony/lib/restore")
        .arg("--pockets")
        .arg(stage.path("pockets"))
        .arg("--records")
        .arg(stage.path("register").join(&history.records.as_ref().unwrap().1.path))
        .arg("--message")
        .arg(stage.path("register").join(message))
        .args(["--root", &root.fingerprint.to_string()])
        .arg("--verdicts")
        .arg(&verdicts)
        .arg("--logs")
        .arg(&logs)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // A check, who judged, what was expected, what was seen.
    let verdicts = std::fs::read_to_string(verdicts).unwrap();
    let restored = verdicts.lines().filter(|line| line.starts_with("root restored from the "));
    assert!(restored.clone().count() >= 1, "{verdicts}");
    for line in verdicts.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells[2], cells[3], "{verdicts}");
    }
}

#[test]
fn an_interrupted_resharing_leaves_the_old_set_in_force() {
    let stage = Stage::with_root();
    let old = in_force(&stage);
    // Sealed anew and handed out, and never proved: a new sheet is gone.
    let gone = || {
        let folder = std::fs::read_dir(stage.path("pockets/custodian-1")).unwrap();
        let mut sheets = folder.map(|entry| entry.unwrap().path());
        let new =
            sheets.find(|path| path.to_string_lossy().contains("packages-key-") && *path != sheet(&stage, &old, 1));
        std::fs::rename(new.unwrap(), stage.folder().join("kept")).unwrap();
    };
    // Five custodians are here: with another one missing, too few are left.
    let ran = stage.run_until(RESHARE, None, "2.3", gone);
    ran.refused(3, None);
    assert_eq!(in_force(&stage), old);
    let void = stage.past().history.roots.remove(&"packages".parse().unwrap()).unwrap().care.void;
    let void = void.into_iter().next().unwrap();
    assert!(status(&stage).contains(&format!("sheets of set {void} are out of force")), "{}", status(&stage));
    // The same command goes on, with the root from the old shares.
    std::fs::rename(stage.folder().join("kept"), sheet(&stage, &void, 1)).unwrap();
    let kept = std::fs::read(sheet(&stage, &void, 1)).unwrap();
    let again = Stage::with_root();
    stage.run(RESHARE, None).done();
    assert_eq!(in_force(&stage), void);
    // Given up instead, the new set is void for good, and whoever brings a sheet of it is told so.
    let old = in_force(&again);
    again.run_until(RESHARE, None, "2.3", || remove_new(&again, &old)).refused(3, None);
    give_up(&again);
    again.run(DRILL, None).done();
    drop(kept);
    let void = again.past().history.roots.remove(&"packages".parse().unwrap()).unwrap().care.void;
    let void = void.into_iter().next().unwrap();
    for number in 1..=5 {
        std::fs::copy(sheet(&again, &void, 2), sheet(&again, &old, number)).unwrap();
    }
    let ran = again.run(RESHARE, None);
    let words = format!("is of set {void}, which never was in force; this needs set {old}");
    assert!(ran.refused(1, Some("BACKUP-4")).contains(&words), "{}", ran.err);
}

/// The first custodian loses the new sheet.
fn remove_new(stage: &Stage, old: &str) {
    for entry in std::fs::read_dir(stage.path("pockets/custodian-1")).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains("packages-key-") && path != sheet(stage, old, 1) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn a_missing_old_sheet_is_named_and_as_many_as_the_threshold_end_in_a_rotation() {
    let stage = Stage::with_root();
    let old = in_force(&stage);
    let lost =
        |numbers: &[u8]| numbers.iter().for_each(|number| std::fs::remove_file(sheet(&stage, &old, *number)).unwrap());
    let ran = stage.run_until(RESHARE, None, "3.1", || lost(&[2, 5]));
    ran.done();
    let said = minutes(&stage);
    assert!(said.contains("3 shares open the message; MISSING: 2, 5."), "{said}");
    assert!(!said.contains("MUST BE ROTATED") && !status(&stage).contains("ROTATE"), "{said}");

    let old = in_force(&stage);
    let lost =
        |numbers: &[u8]| numbers.iter().for_each(|number| std::fs::remove_file(sheet(&stage, &old, *number)).unwrap());
    let ran = stage.run_until(RESHARE, None, "3.1", || lost(&[1, 2, 5]));
    let said = ran.refused(1, Some("BACKUP-5"));
    assert!(said.contains("3 shares of set") && said.contains("root packages must be rotated"), "{said}");
    // It is on record, and the same command goes on to the minutes.
    stage.run(RESHARE, None).done();
    stage.assert_well_ended();
    assert!(minutes(&stage).contains("MISSING: 1, 2, 5. THE ROOT MUST BE ROTATED."), "{}", minutes(&stage));
    assert!(status(&stage).contains("ROTATE THIS ROOT"), "{}", status(&stage));
    let ran = stage.run(DRILL, None);
    assert!(ran.done().out.contains("Root packages MUST BE ROTATED"), "{}", ran.out);
}

#[test]
fn no_script_replaces_a_set_before_the_new_one_is_proved_or_forgets_the_old_sheets() {
    lint(RESHARE, &[]).done();
    for (act, words) in [
        ("restore-root", "this needs that the secret of root packages is in memory, but"),
        (
            "reseal-backup",
            "this needs that the resharing of root packages is sealed anew, with the old set in force, but",
        ),
        ("replace-set", "this needs that the resharing of root packages is proved, with the new set in force, but"),
        ("destroy-shares", "a reshare may end only when the resharing of root packages is over"),
    ] {
        let ran = without(RESHARE, act);
        assert!(ran.refused(1, Some("SCRIPT-1")).contains(words), "{act}: {}", ran.err);
    }
}
