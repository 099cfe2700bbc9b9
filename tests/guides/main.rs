//! The signer's page (docs/roles/signer.md) does what it says: its commands are run as they stand there, by somebody who has gpg, and a
//! ceremony answers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/engineer.rs"]
mod engineer;
#[path = "../support/gpg.rs"]
mod gpg;
mod page;
#[path = "../support/stage.rs"]
mod stage;

use std::process::Command;

use engineer::bundle;
use gpg::Home;
use page::Page;
use stage::{DELEGATION, Stage, copy, keyrite};

#[test]
fn a_signer_with_gpg_alone_gets_from_a_key_to_a_release() {
    let page = Page::read("docs/roles/signer.md");
    let (home, stage) = (Home::new(), Stage::with_root());
    // gpg asks nobody: the commands stay as they are.
    home.write("gpg.conf", b"batch\nno-tty\npinentry-mode loopback\npassphrase \"\"\n");

    page.run("1. A key", &home);
    let [date, certificate] = &page.commands("2. The request")[..2] else { panic!("two answers") };
    let answer = |command: &str| page::said(&home, command).trim_end().to_owned();
    let request = page.block("2. The request", "toml");
    let request = request.replace("THE FIRST", &answer(date)).replace("THE SECOND", &answer(certificate));
    home.write("request.toml", request.as_bytes());
    page.run("2. The request", &home);

    // What gpg and an editor made, and what keyrite made, say the same.
    let again = std::fs::read_to_string(home.path().join("again.toml")).unwrap();
    let plain = |text: &str| -> Vec<String> {
        let same = |line: &&str| !line.starts_with("id = ") && !line.starts_with("date = ");
        text.lines().filter(same).map(|line| line.replace("\"\"\"", "'''")).collect()
    };
    assert_eq!(plain(&again), plain(&request));

    let signed = std::fs::read(home.path().join("anna.request.asc")).unwrap();
    let incoming = bundle(&stage, "incoming", &[("anna.request.asc", &signed)]);
    let mut check = Command::new(keyrite());
    check
        .args(["request", "check"])
        .arg(incoming.join("anna.request.asc"))
        .arg("--roster")
        .arg(incoming.join("roster.toml"));
    let checked = stage::Ran::of(&check.arg("--register").arg(stage.path("register")).output().unwrap());
    assert!(checked.done().out.contains("anna.request.asc: in order."), "{}", checked.out);
    stage.run(DELEGATION, Some(&incoming)).done();
    copy(&stage.path("bundles/outgoing-0002-delegation"), &home.path().join("published"));

    let root = stage.past().history.roots[&"packages".parse().unwrap()].fingerprint.to_string();
    let signatures = page.run("3. The answer", &home);
    let by_root = |line: &str| line.starts_with("sig!") && line.contains(&root[24..]);
    assert!(signatures.lines().any(by_root), "{signatures}");

    home.write("keyrite-1.2.tar.gz", b"a release");
    let said = page.run("4. A release", &home);
    assert!(said.contains("Good signature from \"Anna Example <anna@example.org>\""), "{said}");
    assert!(said.contains("keyrite-1.2.tar.gz: OK"), "{said}");
    // And with the root's word: the trust that a stranger gives it.
    let stranger = Home::new();
    stranger.new_key("A stranger", "default", &[]);
    let published = home.path().join("published/keys.txt");
    stranger.gpg(&["--import", published.to_str().unwrap()], b"");
    stranger.gpg(&["--yes", "--quick-lsign-key", &root], b"");
    stranger.gpg(&["--import-ownertrust"], format!("{root}:5:\n").as_bytes());
    let release = ["keyrite-1.2.SHA256SUMS.asc", "keyrite-1.2.SHA256SUMS"].map(|file| home.path().join(file));
    let status = stranger.status("gpg", &["--verify", release[0].to_str().unwrap(), release[1].to_str().unwrap()]);
    assert!(status.contains("] TRUST_FULLY "), "{status}");
}

#[test]
fn the_page_is_one_page() {
    let text = std::fs::read_to_string("docs/roles/signer.md").unwrap();
    assert!(text.lines().count() <= 110, "{} lines", text.lines().count());
}

/// Each command of a page is one that its test would see fail.
#[test]
fn a_command_that_fails_is_seen() {
    let page = Page::of("## a\n\n```sh\nfalse\n```\n");
    let home = Home::new();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| page.run("a", &home))).is_err());
}
