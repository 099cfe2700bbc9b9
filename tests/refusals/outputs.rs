//! Something else lies where an output should go: it is neither taken for ours nor overwritten.

use std::path::Path;

use crate::engineer::good_bundle;
use crate::stage::{DELEGATION, ROOT_GENERATION, Ran, Stage};

/// Runs a delegation in which `path` is taken by something that is not keyrite's; frees it and goes on.
fn refused(path: &str, control: Option<&str>, put: impl FnOnce(&Path)) -> Ran {
    let stage = Stage::with_root();
    let taken = stage.path(path);
    std::fs::create_dir_all(taken.parent().unwrap()).unwrap();
    put(&taken);
    let before = stage.files();

    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    ran.refused(1, control);
    let after = stage.files();
    for (file, bytes) in before.iter().filter(|(file, _)| file.starts_with(&taken)) {
        assert_eq!(after.get(file), Some(bytes), "{} was overwritten", file.display());
    }
    assert!(taken.symlink_metadata().is_ok(), "{} is gone", taken.display());

    if taken.is_dir() {
        std::fs::remove_dir_all(&taken).unwrap()
    } else {
        std::fs::remove_file(&taken).unwrap()
    }
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    stage.assert_well_ended();
    ran
}

fn garbage(path: &Path) {
    std::fs::write(path, b"not keyrite's").unwrap();
}

#[test]
fn where_a_delegation_goes() {
    let path = "register/delegations/packages/0002-delegation-2026-11-anna.pgp";
    let said = refused(path, Some("FILE-1"), garbage).err;
    assert!(said.contains("0002-delegation-2026-11-anna.pgp"), "{said}");
    // A link is not followed, wherever it leads.
    refused(path, Some("FILE-1"), |path| std::os::unix::fs::symlink("/nonexistent/keyrite", path).unwrap());
}

#[test]
fn where_the_minutes_go() {
    let said = refused("register/minutes/0002-delegation.asc", Some("FILE-1"), garbage).err;
    assert!(said.contains("minutes/0002-delegation.asc"), "{said}");
}

#[test]
fn where_the_minutes_go_others_lie() {
    // Good minutes, but of another ceremony.
    refused("register/minutes/0002-delegation.asc", Some("FILE-1"), |path| {
        std::fs::copy(path.with_file_name("0001-root-generation.asc"), path).map(drop).unwrap();
    });
}

#[test]
fn where_the_bundle_goes() {
    let said = refused("bundles/outgoing-0002-delegation", Some("FILE-1"), |path| {
        std::fs::create_dir(path).unwrap();
        garbage(&path.join("KEYS"));
    });
    assert!(said.err.contains("outgoing-0002-delegation"), "{}", said.err);
    refused("bundles/outgoing-0002-delegation", Some("FILE-1"), garbage);
}

#[test]
fn a_finished_bundle_with_something_put_into_it() {
    let stage = Stage::with_root();
    let bundle = good_bundle(&stage);
    stage.run_until(DELEGATION, Some(&bundle), "5.2", || stage.tell("records", "eject")).refused(4, None);
    let outgoing = stage.path("bundles/outgoing-0002-delegation");
    assert!(outgoing.is_dir());
    // As a power cut leaves it when it comes between the bundle and its record.
    let transcript = stage.path("register/transcripts/0002-delegation.jsonl");
    let text = std::fs::read_to_string(&transcript).unwrap();
    let signing = text.find("\"purpose\":\"manifest\"").unwrap();
    let end = signing + text[signing..].find('\n').unwrap() + 1;
    std::fs::write(&transcript, &text[..end]).unwrap();

    std::fs::write(outgoing.join("install.sh"), b"echo").unwrap();
    let ran = stage.run(DELEGATION, Some(&bundle));
    assert!(ran.refused(1, Some("FILE-1")).contains("install.sh"), "{}", ran.err);
    std::fs::remove_file(outgoing.join("install.sh")).unwrap();
    stage.run(DELEGATION, Some(&bundle)).done();
    stage.assert_well_ended();
}

#[test]
fn where_the_transcript_goes() {
    let stage = Stage::empty();
    let taken = stage.path("register/transcripts/0001-root-generation.jsonl");
    std::fs::create_dir_all(taken.parent().unwrap()).unwrap();
    std::fs::write(&taken, b"not keyrite's\n").unwrap();
    stage.run(ROOT_GENERATION, None).refused(1, Some("JOURNAL-2"));
    assert_eq!(std::fs::read(&taken).unwrap(), b"not keyrite's\n");
    std::fs::remove_file(&taken).unwrap();
    stage.run(ROOT_GENERATION, None).done();
    stage.assert_well_ended();
}

#[test]
fn what_an_earlier_keyrite_left_unfinished_does_no_harm() {
    let stage = Stage::with_root();
    for left in [
        "register/delegations/packages/.unfinished-0002-delegation-2026-11-anna.pgp",
        "register/minutes/.unfinished-0002-delegation.asc",
        "bundles/.unfinished-outgoing-0002-delegation/KEYS",
        "bundles/.unfinished-outgoing-0002-delegation/.unfinished-KEYS",
    ] {
        std::fs::create_dir_all(stage.path(left).parent().unwrap()).unwrap();
        std::fs::write(stage.path(left), b"half").unwrap();
    }
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    stage.assert_well_ended();
}
