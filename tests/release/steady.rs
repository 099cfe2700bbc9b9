//! A file that somebody writes to while it is hashed.

use std::fs::{File, OpenOptions};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::gpg::Home;
use crate::stage::Ran;
use crate::{release, text};

/// Large enough that it is read for some tenths of a second; without blocks on the disk.
const SIZE: u64 = 512 * 1024 * 1024;

/// Prepares a release of a file that somebody changes all the time.
fn prepared_while(change: impl Fn(&File, u64) + Sync) -> Ran {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let path = folder.path().join("large");
    File::create(&path).unwrap().set_len(SIZE).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let out = folder.path().join("out");
    let head = ["--name", "r-1", "--organization", "Example", "--scope", "packages", "--out", text(&out)];
    let mut command: Command = release(&home, "prepare", &[&head[..], &[text(&path)]].concat());
    let over = AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            for step in 1.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                change(&file, step);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let output = command.stdin(Stdio::null()).output();
        over.store(true, Ordering::Relaxed);
        Ran::of(&output.unwrap())
    });
    assert!(!out.exists(), "nothing was written");
    ran
}

#[test]
fn a_file_that_grows_shrinks_or_changes_is_refused() {
    let grows = prepared_while(|file, step| file.set_len(SIZE + step).unwrap());
    assert!(grows.refused(1, Some("RELEASE-2")).contains("large is not hashed: it grew while it was read"));
    let shrinks = prepared_while(|file, step| file.set_len(SIZE - step).unwrap());
    assert!(shrinks.refused(1, Some("RELEASE-2")).contains("it shrank while it was read"));
    let changes = prepared_while(|file, step| {
        use std::os::unix::fs::FileExt as _;
        file.write_all_at(&step.to_be_bytes(), 0).unwrap();
    });
    assert!(changes.refused(1, Some("RELEASE-2")).contains("it changed while it was read"));
}
