//! The real keyrite in a rehearsal, and all that it starts.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use keyrite::model::evidence::Sealed;
use rustix::process::{Pid, Signal, kill_process};

use crate::probe::{self, EACCES};
use crate::scene::{Scene, status, wait_for};
use crate::secrets;
use crate::stage::{ROOT_GENERATION, Ran, Stage, keyrite};

/// Asserts that a process is in the sandbox: filtered, without a way to more rights, and without core files.
fn assert_shut(process: u32, who: &str) {
    let seen = (status(process, "Seccomp"), status(process, "NoNewPrivs"));
    assert_eq!(seen, (Some("2".to_owned()), Some("1".to_owned())), "{who}");
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let cores = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(cores.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"], "{who}");
}

#[test]
fn keyrite_gpg_and_the_cards_are_shut_in_and_a_ceremony_goes_on_all_the_same() {
    let scene = Scene::set();
    let mut held = scene.hold();
    let cards = scene.cards();
    // Records, two of the root, the spare one and the drill card.
    assert_eq!(cards.len(), 5, "{cards:?}");
    assert_shut(held.keyrite.id(), "keyrite");
    assert_shut(held.gpg, "gpg");
    cards.iter().for_each(|card| assert_shut(*card, "a card"));

    let has_landlock = has_landlock(&scene.stage);
    for (name, file) in [("gpg", "gpg.report"), ("keyrite-virtual-card", "card.report")] {
        let (report, inside, outside) = scene.report(name, file);
        report.assert_no_network();
        assert_eq!(inside, 0, "{name}: {report:?}");
        if has_landlock {
            assert_eq!(outside, EACCES, "{name}: {report:?}");
        }
    }

    // In the middle of it, the home of gpg too.
    nothing_leaks(&scene);
    for process in cards.iter().copied().chain([held.keyrite.id(), held.gpg]) {
        nothing_is_told(&scene, process);
    }

    // keyrite dies. The cards keep their power, in the sandbox of the one that is dead, and the next keyrite finds them.
    kill_process(Pid::from_child(&held.keyrite), Signal::ABORT).unwrap();
    let ended = held.keyrite.wait().unwrap();
    assert_eq!((ended.signal(), ended.core_dumped()), (Some(6), false), "{ended}");
    held.go_on();
    wait_for("gpg ends", || status(held.gpg, "State").is_none_or(|state| state.starts_with('Z')).then_some(()));
    assert_eq!(scene.cards(), cards);
    Ran::of(&scene.delegate().output().unwrap()).done();
    // The cards are not children of this keyrite: it told them to end, and nobody waits for them.
    wait_for("the cards end", || scene.cards().is_empty().then_some(()));
    assert!(!scene.files().iter().any(|(path, _)| is_core(path)), "a core file");
    nothing_leaks(&scene);
    // Nothing of the ceremony stays among the temporary files.
    for entry in std::fs::read_dir(scene.stage.folder()).unwrap().flatten() {
        assert!(!entry.file_name().to_string_lossy().starts_with("keyrite-"), "{:?}", entry.file_name());
    }
    scene.stage.assert_well_ended();
}

/// Whether this kernel has Landlock. The transcript must say the same.
fn has_landlock(stage: &Stage) -> bool {
    let transcript = std::fs::read_to_string(stage.path("register/transcripts/0001-root-generation.jsonl")).unwrap();
    let kernel = probe::landlock(&stage.folder().join("bin/probe"));
    let writing = match kernel {
        Some(version) => format!("outside the ceremony's folders (Landlock {version})"),
        None => "does not keep keyrite in the ceremony's folders (Landlock)".to_owned(),
    };
    for finding in ["the kernel refuses keyrite every network, and more rights than it has", &writing] {
        assert!(transcript.contains(finding), "{finding}: {transcript}");
    }
    if kernel.is_none() {
        println!("writing was not looked at: this kernel has no Landlock");
    }
    kernel.is_some()
}

/// By arguments or environment.
fn nothing_is_told(scene: &Scene, process: u32) {
    let found = scene.secrets();
    for name in ["cmdline", "environ"] {
        let path = format!("/proc/{process}/{name}");
        match std::fs::read(&path) {
            Ok(bytes) => secrets::assert_none_in(&bytes, &found, &path),
            // keyrite's is closed to its own user.
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied, "{path}: {error}"),
        }
    }
}

fn nothing_leaks(scene: &Scene) {
    let (files, found) = (scene.files(), scene.secrets());
    let pockets = scene.stage.path("pockets");
    for (path, bytes) in files.iter().filter(|(path, _)| !path.starts_with(&pockets)) {
        secrets::assert_none_in(bytes, &found, &path.display().to_string());
    }
}

/// Whether it is called as core files are.
pub(crate) fn is_core(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("core"))
}

#[test]
fn the_fresh_process_shuts_itself_in() {
    let stage = Stage::with_root();
    let past = stage.past();
    let sealed = past.history.roots.values().next().unwrap().sealed[&Sealed::Key].clone();
    let mut worker = Command::new(keyrite());
    worker.args(["worker", "restore"]);
    for artefact in [&sealed.message, &sealed.statement] {
        worker.arg(stage.path("register").join(&artefact.path));
    }
    let mut worker = worker.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let process = worker.id();
    // It waits for shares, which do not come.
    wait_for("the filter", || (status(process, "Seccomp")? == "2").then_some(()));
    assert_shut(process, "the fresh process");
    drop(worker.stdin.take());
    assert_eq!(worker.wait().unwrap().code(), Some(1));
}

/// As on a kernel that has neither: it is written down, and read aloud.
#[test]
fn a_kernel_without_them_is_recorded() {
    let stage = Stage::empty();
    let rehearse = stage.rehearse(ROOT_GENERATION, None);
    let mut strace = Command::new("strace");
    let inject = "inject=seccomp,landlock_create_ruleset:error=ENOSYS";
    strace.args(["--follow-forks", "--quiet=all", "--output=/dev/null", "-e", "trace=seccomp,landlock_create_ruleset"]);
    strace.args(["-e", inject]).arg(rehearse.get_program()).args(rehearse.get_args());
    let ran = Ran::of(&strace.env("TMPDIR", stage.folder()).stdin(Stdio::null()).output().expect("strace"));
    ran.done();
    let transcript = std::fs::read_to_string(stage.path("register/transcripts/0001-root-generation.jsonl")).unwrap();
    for finding in ["does not keep keyrite from a network", "does not keep keyrite in the ceremony's folders"] {
        assert!(transcript.contains(finding), "{finding}: {transcript}");
    }
}
