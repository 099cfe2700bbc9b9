//! Errors: exact text, hint and exit code.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use support::{OK, PROGRAM, SELECT, Served};

/// Runs the program in `folder`.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).current_dir(folder).args(arguments).output().unwrap()
}

fn refused(folder: &Path, arguments: &[&str], code: i32, text: &str) {
    let output = run(folder, arguments);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), text);
    assert_eq!(output.status.code(), Some(code));
    assert!(output.stdout.is_empty());
}

#[test]
fn usage_is_2() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&[][..], &["serve"], &["serve", "--card", "c", "--socket", "s", "--serial", "12"], &["vpcd", "--card", "c"]]
    {
        assert_eq!(run(folder.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(run(folder.path(), &["--help"]).status.code(), Some(0));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_no_card_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::new();
    let mut damaged = fs::read(&served.card).unwrap();
    let whole = damaged.len();
    damaged[4096..whole].fill(0);
    let mut later = fs::read(&served.card).unwrap();
    later[35] = 2;
    for (bytes, why) in [
        (vec![], "its length is not a card's"),
        (vec![0; whole - 1], "its length is not a card's"),
        (vec![0; whole], "it does not start as a card does"),
        (later, "its layout is of another version"),
        (damaged, "its flash cannot be mounted"),
    ] {
        fs::write(folder.path().join("card"), &bytes).unwrap();
        let text = format!(
            "error: card: not a virtual card: {why}\n\
             hint: name a file made by this program, or one that does not exist yet\n"
        );
        refused(folder.path(), &["serve", "--card", "card", "--socket", "socket"], 3, &text);
        assert_eq!(fs::read(folder.path().join("card")).unwrap(), bytes);
        assert!(!folder.path().join("socket").exists());
    }
}

#[test]
fn one_card_is_one_process() {
    let served = Served::new();
    refused(
        served.folder.path(),
        &["serve", "--card", "card", "--socket", "another"],
        4,
        "error: card: another process holds this card\n\
         hint: stop the other process, or use a card file of its own for each\n",
    );
}

#[test]
fn a_serial_is_given_once() {
    let mut served = Served::new().stop_and_start();
    served.stop();
    refused(
        served.folder.path(),
        &["serve", "--card", "card", "--socket", "another", "--serial", "0000002b"],
        3,
        "error: card: serial is 0000002A, not 0000002B\nhint: leave out --serial: it is for new cards\n",
    );
}

#[test]
fn a_live_socket_is_kept() {
    let served = Served::new();
    refused(
        served.folder.path(),
        &["serve", "--card", "another", "--socket", "card.socket"],
        4,
        "error: card.socket: another card is served here\n\
         hint: end it with `keyrite-virtual-card stop`, or name another socket\n",
    );
    assert!(!served.folder.path().join("another").exists(), "no card was made");
    assert_eq!(served.connect().ask(SELECT).unwrap(), OK);
}

#[test]
fn what_is_no_socket_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("socket"), "text").unwrap();
    refused(
        folder.path(),
        &["serve", "--card", "card", "--socket", "socket"],
        3,
        "error: socket: exists, and is not a socket\nhint: name a path that does not exist yet\n",
    );
    assert_eq!(fs::read(folder.path().join("socket")).unwrap(), b"text");
}

#[test]
fn nobody_to_tell() {
    let folder = tempfile::tempdir().unwrap();
    for verb in ["eject", "insert", "stop"] {
        refused(
            folder.path(),
            &[verb, "--socket", "socket"],
            4,
            "error: socket: no card answers: No such file or directory (os error 2)\n\
             hint: start one with `keyrite-virtual-card serve`\n",
        );
    }
}

#[test]
fn a_folder_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    refused(
        folder.path(),
        &["serve", "--card", "no/card", "--socket", "socket"],
        4,
        "error: no/card: No such file or directory (os error 2)\n",
    );
}
