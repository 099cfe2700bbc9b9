//! Golden command-line cases: exact output and exit code of what a user can get wrong, and of what goes well.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes them anew; the difference is then for people to read.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/stage.rs"]
mod stage;

use std::path::Path;
use std::process::Command;

use stage::{Ran, keyrite};

#[test]
fn golden() {
    trycmd::TestCases::new().register_bin("keyrite", keyrite()).env("COLUMNS", "80").case("tests/cli/*.trycmd");
}

/// `keyrite ceremony check` of a file with these bytes.
fn check(bytes: &[u8]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("script.toml"), bytes).unwrap();
    std::fs::copy("ceremony/organization.toml", folder.path().join("organization.toml")).unwrap();
    let mut check = Command::new(keyrite());
    Ran::of(&check.args(["ceremony", "check", "script.toml"]).current_dir(folder.path()).output().unwrap())
}

/// What was said of input that is not acceptable; on standard error alone.
fn refusal(ran: &Ran) -> &str {
    assert_eq!(ran.out, "");
    ran.refused(3, None)
}

#[test]
fn errors_go_to_standard_error_alone() {
    let cases = Path::new("tests/cli/script.in");
    for case in cases.read_dir().unwrap() {
        let path = case.unwrap().path();
        refusal(&check(&std::fs::read(&path).unwrap()));
    }
}

#[test]
fn a_script_that_is_no_text_is_refused_at_its_line() {
    let ran = check(b"kind = \"delegation\"\ntitle = \"\xff\"\n");
    let error = refusal(&ran);
    assert_eq!(error, "error: script.toml, line 2: not UTF-8 text\nhint: save the file as UTF-8 text\n");
}

#[test]
fn a_script_that_is_too_large_is_refused() {
    let ran = check(&vec![b'#'; 300 * 1024]);
    let error = refusal(&ran);
    assert!(error.starts_with("error: script.toml has 307200 bytes; at most 262144 are read\n"), "{error}");
    let ran = check(&vec![b'#'; 2 * 1024 * 1024]);
    let error = refusal(&ran);
    assert!(error.starts_with("error: script.toml is larger than 1048576 bytes\n"), "{error}");
}

#[test]
fn no_character_of_a_file_moves_the_cursor() {
    let step = "\n[[step]]\nid = \"1.1\"\nwho = \"leader\"\nsay = \"Called.\"\n[step.gather]\n";
    let head = "kind = \"delegation\"\ntitle = \"T\"\nroles = { leader = 1 }\n";
    let hostile = "a\\u001b[2J\\u202e\\u200b\\u0007";
    for text in [
        // In keys and values by escapes, as TOML allows them; and raw, as it does not.
        format!("\"{hostile}\" = 1\n{head}{step}"),
        format!("{head}{step}\"{hostile}\" = 1\n"),
        format!("{head}{}", step.replace("[step.gather]", &format!("[step.\"{hostile}\"]"))),
        format!("{head}{}", step.replace("Called.", hostile)),
        format!("{head}{}", step.replace("\"1.1\"", &format!("\"{hostile}\""))),
        format!("{}{step}", head.replace("\"T\"", &format!("\"{hostile}\""))),
        format!("{}{step}", head.replace("delegation", hostile)),
        format!("{head}{step}# \u{202e}\u{200b}\nx\u{1b}[2J = 1\n"),
        format!("{head}{step}\"\u{202e}\u{200b}\" = 1\n"),
    ] {
        refusal(&check(text.as_bytes()));
    }
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for path in [fifo.as_path(), folder.path()] {
        let ran = Ran::of(&Command::new(keyrite()).args(["ceremony", "check"]).arg(path).output().unwrap());
        let error = refusal(&ran);
        assert!(error.contains("it is not a regular file"), "{error}");
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ran = Ran::of(
        &Command::new(keyrite())
            .args(["ceremony", "check", "ceremony/delegation.toml"])
            .stdout(writer)
            .output()
            .unwrap(),
    );
    assert_eq!(ran.done().err, "");
}
