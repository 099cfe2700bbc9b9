//! A full disk: the register lies on a small tmpfs, in a mount namespace of its own.

use std::path::Path;
use std::process::Command;

use crate::engineer::good_bundle;
use crate::stage::{DELEGATION, ROOT_GENERATION, Ran, Stage, keyrite, virtual_card};

/// Mounts, fills the disk but for so many KiB, runs, makes room, runs again, and copies the register back for the judge.
const SCENE: &str = r#"
register=$1 back=$2 free=$3
shift 3
# Nothing leaks. In a chroot / is no mount of its own; there the caller has seen to it.
mount --make-rprivate / 2>/dev/null || :
mkdir -p "$register"
mount -t tmpfs -o size=2m,mode=700 tmpfs "$register"
[ ! -d "$back" ] || cp -a "$back/." "$register"
# Outside the register's own folders: a register on a disk with other things.
mkdir -p "$register/transcripts"
room=$(df -k --output=avail "$register" | tail -n 1)
head -c "$(((room - free) * 1024))" /dev/zero >"$register/filler"
code=0
"$@" >/dev/null || code=$?
echo "first $code"
find "$register" -name '.unfinished-*' | sed 's/^/left /'
# What is whole is named; what is named is not empty.
find "$register" -type f -empty ! -name lock ! -name '*.jsonl' ! -name filler | sed 's/^/empty /'
rm "$register/filler"
[ "$code" -eq 0 ] || {
code=0
"$@" >/dev/null || code=$?
echo "second $code"
}
rm -rf "$back"
cp -a "$register" "$back"
umount -l "$register"
"#;

/// Plays a script with so little room; gives whether the disk became full, and what was said then.
fn play(stage: &Stage, script: &str, bundle: Option<&Path>, free: u32) -> (bool, String) {
    virtual_card();
    let back = stage.folder().join("back");
    let before = stage.path("register");
    if before.exists() {
        std::fs::rename(&before, &back).unwrap();
    }
    let mut scene = Command::new("unshare");
    scene.args(["--mount", "--propagation", "unchanged", "sh", "-euc", SCENE, "sh"]);
    scene.arg(&before).arg(&back).arg(free.to_string()).arg(keyrite());
    scene.args(stage.rehearse(script, bundle).get_args()).env("TMPDIR", stage.folder());
    let ran = Ran::of(&scene.output().expect("unshare"));
    assert_eq!(ran.code, Some(0), "tests of a full disk need the right to mount: {}", ran.err);
    std::fs::remove_dir(&before).unwrap();
    std::fs::rename(&back, &before).unwrap();

    assert!(!ran.out.contains("left ") && !ran.out.contains("empty "), "{free} KiB: {}", ran.out);
    stage.assert_well_ended();
    if ran.out.contains("first 0\n") {
        return (false, ran.err);
    }
    assert!(ran.out.contains("second 0\n"), "{free} KiB: {}{}", ran.out, ran.err);
    assert!(ran.out.contains("first 4\n"), "{free} KiB: {}{}", ran.out, ran.err);
    assert!(ran.err.contains("(os error 28)\nhint: make room on that disk"), "{free} KiB: {}", ran.err);
    (true, ran.err)
}

/// Plays with more and more room until it suffices; at least `least` different places must have been hit.
fn until_it_suffices(sizes: impl Iterator<Item = u32>, least: usize, play: impl Fn(u32) -> (bool, String)) {
    let mut said = std::collections::BTreeSet::new();
    for free in sizes {
        let (full, words) = play(free);
        if !full {
            assert!(said.len() >= least, "{said:?}");
            return;
        }
        // Which file had no room: scratch folders have names by chance.
        let file = words.lines().next().unwrap().split("register/").nth(1).unwrap_or_default();
        said.insert(file.split(['-', '/']).next().unwrap_or_default().to_owned());
    }
    panic!("it never suffices");
}

#[test]
fn while_a_root_is_made() {
    until_it_suffices(std::iter::once(0).chain((4..160).step_by(8)), 3, |free| {
        play(&Stage::empty(), ROOT_GENERATION, None, free)
    });
}

#[test]
fn while_delegating() {
    until_it_suffices((0..100).step_by(4), 3, |free| {
        let stage = Stage::with_root();
        let bundle = good_bundle(&stage);
        play(&stage, DELEGATION, Some(&bundle), free)
    });
}
