//! A screen that is gone.

use std::process::{Command, Stdio};

use crate::engineer::good_bundle;
use crate::stage::{DELEGATION, ROOT_GENERATION, Ran, Stage, keyrite};

/// Runs `$KEYRITE ...` in a shell, so that it can be started without standard output.
fn shell(command: &str) -> Ran {
    let mut shell = Command::new("bash");
    shell.args(["-c", command]).env("KEYRITE", keyrite()).stdin(Stdio::null());
    Ran::of(&shell.output().unwrap())
}

#[test]
fn no_step_begins_that_nobody_sees() {
    let stage = Stage::empty();
    // Full, and closed by a reader who goes away.
    for (script, bundle, redirection) in
        [(ROOT_GENERATION, None, ">/dev/full"), (DELEGATION, Some(good_bundle(&stage)), "> >(head -n 3 >/dev/null)")]
    {
        let command = stage.rehearse(script, bundle.as_deref());
        let words: Vec<String> = command.get_args().map(|word| format!("'{}'", word.to_str().unwrap())).collect();
        let ran = shell(&format!("TMPDIR={} \"$KEYRITE\" {} {redirection}", stage.folder().display(), words.join(" ")));
        let said = ran.refused(5, None);
        assert!(said.contains("because nobody sees what it says"), "{said}");
        stage.run(script, bundle.as_deref()).done();
        stage.assert_well_ended();
    }
}

#[test]
fn a_report_says_that_it_was_not_read() {
    let check = "\"$KEYRITE\" ceremony check ceremony/delegation.toml";
    let full = shell(&format!("{check} >/dev/full"));
    assert!(full.refused(4, None).starts_with("error: cannot write to standard output: No space"), "{}", full.err);
    // A reader that is gone before anything is written.
    let gone = shell(&format!("sleep 0 | (exec 3>&1; {check} > >(exec true; sleep 0)); true"));
    assert_eq!(gone.code, Some(0));
    assert!(!gone.err.contains("panicked"), "{}", gone.err);
    let closed = shell(&format!("{check} >&- 2>&-"));
    assert_ne!(closed.code, Some(101));
}
