//! The man pages and completions are made, and know the verbs.
#![allow(clippy::expect_used, clippy::panic)]

#[expect(dead_code, reason = "the example's main is not called")]
#[path = "../examples/manual.rs"]
mod manual;

use std::fs;

#[test]
fn pages_and_completions_know_the_verbs() {
    let folder = tempfile::tempdir().expect("a folder");
    manual::write(folder.path()).expect("written");
    let read =
        |path: &str| fs::read_to_string(folder.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(read("man/keyrite.1").contains("key ceremonies"));
    for verb in [
        "card-reset",
        "card-retire",
        "card-test",
        "ceremony-check",
        "ceremony-print",
        "ceremony-rehearse",
        "delegation-list",
        "doctor",
        "minutes-cosign",
        "minutes-print",
        "publish",
        "register-recover",
        "release-check",
        "release-prepare",
        "release-sign",
        "status",
    ] {
        assert!(read(&format!("man/keyrite-{verb}.1")).contains(".SH SYNOPSIS"), "{verb}");
    }
    // The fresh process is nobody's verb.
    assert!(!folder.path().join("man/keyrite-worker.1").exists());
    for file in ["keyrite.bash", "keyrite.fish", "_keyrite"] {
        assert!(read(&format!("completions/{file}")).contains("rehearse"), "{file}");
    }
}
