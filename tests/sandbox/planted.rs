//! A secret that is known beforehand: in no core file, in no memory that a plain user can read, in no file but in pockets.

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::people::{self, is_known_half};
use crate::probe::{self, EACCES};
use crate::pty::{COLUMNS, LINES, Pty};
use crate::scene::{Scene, plain, wait_for, with_cores};
use crate::stage::{ROOT_GENERATION, Ran, Stage};
use crate::whole::is_core;

/// Half of card A's user PIN. Nothing else is like it: wherever it is found, it came from the pocket.
const SECRET: &str = "PLANTED7SECRET25";
/// Where it lies.
const POCKET: &str = "pockets/pin-holder-1/packages-a-user.txt";

/// A root whose card A was given that half: who finds one in the pocket chooses it.
fn planted() -> Stage {
    let stage = Stage::empty();
    let pocket = stage.path(POCKET);
    std::fs::create_dir_all(pocket.parent().unwrap()).unwrap();
    std::fs::write(pocket, format!("planted by a test\n{SECRET}\n")).unwrap();
    stage.run(ROOT_GENERATION, None).done();
    stage
}

/// Whether the secret stands in these bytes: in capitals or not, or in hex.
fn holds(bytes: &[u8]) -> bool {
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let is_in = |part: &str| bytes.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()));
    is_in(SECRET) || is_in(&hex)
}

/// The files that hold the secret.
fn holding(scene: &Scene) -> Vec<PathBuf> {
    scene.files().into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}

fn cores(scene: &Scene) -> Vec<PathBuf> {
    scene.files().into_iter().map(|(path, _)| path).filter(|path| is_core(path)).collect()
}

/// A process with the secret in its memory that does nothing for it: a plain user's shell.
fn careless(folder: &Path) -> Child {
    let mut shell = with_cores("sh");
    shell.args(["-c", "read -r secret; echo >here; read -r _"]).current_dir(folder);
    let mut shell = shell.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    writeln!(shell.stdin.as_mut().unwrap(), "{SECRET}").unwrap();
    wait_for("the shell has read it", || folder.join("here").exists().then_some(()));
    shell
}

/// Memory and core file of a careless process hold the secret, and the searches of this test find it there: otherwise they
/// would say nothing of keyrite.
fn the_careless_are_found(scene: &Scene, probe: &Path) {
    let mut shell = careless(scene.stage.folder());
    let yama = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    if matches!(yama.trim(), "" | "0") {
        let report = probe::memory(plain(probe), shell.id(), SECRET);
        assert_eq!((report.of("maps"), report.of("mem"), report.of("found")), (0, 0, 1), "{report:?}");
    } else {
        println!("the memory of another was not searched: Yama keeps processes apart");
    }
    kill_process(Pid::from_child(&shell), Signal::ABORT).unwrap();
    if shell.wait().unwrap().core_dumped() && !cores(scene).is_empty() {
        let found = cores(scene);
        assert!(found.iter().all(|core| holding(scene).contains(core)), "{found:?}");
        found.iter().for_each(|core| std::fs::remove_file(core).unwrap());
    } else {
        println!("core files were not looked for: none are written here");
    }
    assert_eq!(holding(scene), [scene.stage.path(POCKET)]);
}

/// A delegation by hand, up to where the half is known to keyrite and the other one is not.
fn halfway(scene: &Scene) -> Pty {
    // gpg need not wait.
    std::fs::write(scene.stage.path("held"), "").unwrap();
    let mut pty = Pty::start(scene.delegate().arg("--by-hand"), COLUMNS, LINES);
    while let Some(screen) = pty.question() {
        if is_known_half(&screen) {
            assert!(screen.contains("pin-holder 1"), "{screen}");
            pty.answer(SECRET);
            let screen = pty.question().unwrap();
            assert!(is_known_half(&screen) && screen.contains("pin-holder 2"), "{screen}");
            return pty;
        }
        let answer = people::answer(&screen, &pty.all);
        pty.answer(&answer);
    }
    panic!("nobody asked for a half: {}", pty.all);
}

#[test]
fn a_planted_secret_is_in_no_core_in_no_memory_and_in_no_file() {
    assert!(holds(b"xPLANTED7secret25") && holds(b"504c414e5445443753454352455432350a") && !holds(b"PLANTED"));
    let scene = Scene::on(planted());
    let probe = scene.stage.folder().join("bin/probe");
    the_careless_are_found(&scene, &probe);

    // The first holder has typed their half, and the second is asked for theirs: it waits in keyrite's memory.
    let mut pty = halfway(&scene);
    let keyrite = pty.process().id();
    let report = probe::memory(plain(&probe), keyrite, SECRET);
    assert_eq!((report.of("maps"), report.of("mem"), report.of("found")), (EACCES, EACCES, 0), "{report:?}");
    // It is there: root sees it, whom nothing of this is meant to hold off.
    let report = probe::memory(Command::new(&probe), keyrite, SECRET);
    match report.of("mem") {
        0 => assert_eq!(report.of("found"), 1, "{report:?}"),
        _ => println!("whether the half was in keyrite's memory was not seen: this test may not read it"),
    }
    kill_process(Pid::from_child(pty.process()), Signal::ABORT).unwrap();
    let ended = pty.process().wait().unwrap();
    assert_eq!((ended.signal(), ended.core_dumped()), (Some(6), false), "{ended}");
    assert!(!holds(pty.all.as_bytes()), "it was shown");
    assert_eq!((cores(&scene), holding(&scene)), (Vec::new(), vec![scene.stage.path(POCKET)]));

    let ran = Ran::of(&scene.delegate().output().unwrap());
    ran.done();
    assert!(!holds(ran.out.as_bytes()));
    assert_eq!((cores(&scene), holding(&scene)), (Vec::new(), vec![scene.stage.path(POCKET)]));
    scene.stage.assert_well_ended();
}
