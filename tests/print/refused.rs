//! What is not printed, and that nothing half-made stays.

use std::path::Path;
use std::process::Command;

use crate::papers::{Printed, changed};
use crate::stage::{Ran, keyrite, unfinished};

const ROOT_GENERATION: &str = "ceremony/root-generation.toml";

#[test]
fn a_character_without_a_glyph_is_named_with_its_place() {
    for (script, organization, place, character) in [
        (&[][..], &[("Ada Brandt", "Ada 山田")][..], "organization.toml:51:9: ", "山 (U+5C71)"),
        (&[], &[("Ada Brandt", "Ada\\u5c71")], "organization.toml:51:9: ", "山 (U+5C71)"),
        (&[], &[("name       = \"Example", "name       = \"E\u{301}xample")], "organization.toml:2:14: ", "(U+0301)"),
        (&[("reads aloud what", "reads שלום what")], &[], "root-generation.toml:20:7: ", "ש (U+05E9)"),
    ] {
        let (_folder, file) = changed(script, organization);
        // Lint has nothing against it: it can be read from a screen.
        Ran::of(&Command::new(keyrite()).args(["ceremony", "check"]).arg(&file).output().unwrap()).done();
        let printed = Printed::tried(&file, &[]);
        let said = printed.ran.refused(3, None);
        assert!(said.contains(place) && said.contains(character), "{said}");
        assert_eq!(printed.beside(), 0, "{said}");
    }
}

#[test]
fn what_is_there_already_stays_as_it_is() {
    let printed = Printed::new(ROOT_GENERATION, &[]);
    let before: Vec<_> = printed.papers().into_values().map(|path| std::fs::read(path).unwrap()).collect();
    let mut print = Command::new(keyrite());
    print.args(["ceremony", "print", "ceremony/delegation.toml", "--out"]).arg(printed.out());
    Ran::of(&print.output().unwrap()).refused(1, Some("FILE-1"));
    let after: Vec<_> = printed.papers().into_values().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(before == after && printed.beside() == 1);
}

#[test]
fn a_script_that_does_not_lint_is_not_printed() {
    let (_folder, script) = changed(&[("[step.gather]", "[step.try-profile]\nroot = \"packages\"")], &[]);
    let printed = Printed::tried(&script, &[]);
    printed.ran.refused(1, Some("SCRIPT-1"));
    assert_eq!(printed.beside(), 0);
    // A day that there is not, and two modes at once, are usage.
    for arguments in [&["--day", "2026-02-30"][..], &["--day", "22.11.2026"], &["--rehearsal", "--dress-rehearsal"]] {
        let printed = Printed::tried(ROOT_GENERATION, arguments);
        assert_eq!((printed.ran.code, printed.beside()), (Some(2), 0), "{}", printed.ran.err);
    }
}

/// On a disk that has less room than the papers take.
#[test]
fn a_disk_that_is_full_leaves_nothing_half_made() {
    let scene = "mount --make-rprivate / 2>/dev/null || :; mount -t tmpfs -o size=64k tmpfs \"$1\"; shift; \
                 code=0; \"$@\" || code=$?; find \"$TO\" -mindepth 1 | sed 's/^/left /'; exit $code";
    let folder = tempfile::tempdir().unwrap();
    let mut print = Command::new("unshare");
    print.args(["--mount", "--propagation", "unchanged", "sh", "-c", scene, "sh"]).arg(folder.path()).arg(keyrite());
    print.args(["ceremony", "print", ROOT_GENERATION, "--out"]).arg(folder.path().join("out"));
    let ran = Ran::of(&print.env("TO", folder.path()).output().expect("unshare"));
    ran.refused(4, None);
    assert!(ran.err.contains("(os error 28)"), "{}", ran.err);
    assert_eq!(ran.out, "", "nothing is left");
}

/// Killed at any of its calls that write, it leaves either nothing that has the name of a paper, or all of them.
#[test]
fn a_kill_leaves_nothing_half_made() {
    let whole = Printed::new(ROOT_GENERATION, &[]).papers().len();
    let mut killed = 0;
    for call in ["openat", "write", "fsync", "renameat2"] {
        for nth in (1..200).step_by(7) {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().join("out");
            let mut strace = Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
            strace.args(["-e", &format!("inject={call}:signal=KILL:when={nth}")]).arg(keyrite());
            strace.args(["ceremony", "print", ROOT_GENERATION, "--out"]).arg(&out);
            let done = strace.output().expect("strace").status.success();
            killed += usize::from(!done);
            if out.exists() {
                assert_eq!(out.read_dir().unwrap().count(), whole, "{call} {nth}");
                assert_eq!(unfinished(&out), Vec::<&Path>::new(), "{call} {nth}");
            }
            if done {
                break;
            }
            // The same command clears up, and prints.
            if !out.exists() {
                let mut print = Command::new(keyrite());
                Ran::of(&print.args(["ceremony", "print", ROOT_GENERATION, "--out"]).arg(&out).output().unwrap())
                    .done();
                assert_eq!(folder.path().read_dir().unwrap().count(), 1, "{call} {nth}");
            }
        }
    }
    assert!(killed >= 10, "{killed}");
}
