//! Bundles, given to a ceremony.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyrite::model::hash::Hash;

use crate::measured::measured;
use crate::stage::{DELEGATION, Stage};
use crate::{Desk, anna, is_refusal};

/// A good bundle beside the scratch folder.
fn good(desk: &Desk) -> PathBuf {
    let folder = desk.stage.folder().join("incoming");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("anna.request.asc"), anna().request()).unwrap();
    std::fs::copy(&desk.roster, folder.join("roster.toml")).unwrap();
    let sums = |name: &str| format!("{}  {name}\n", Hash::of(&std::fs::read(folder.join(name)).unwrap()));
    std::fs::write(folder.join("SHA256SUMS"), sums("anna.request.asc") + &sums("roster.toml")).unwrap();
    folder
}

/// The ceremony that gets it does not even begin.
#[track_caller]
fn refused(stage: &Stage, what: &str, bundle: &Path, words: &str) {
    let before = stage.past().names;
    let ran = measured(&stage.rehearse(DELEGATION, Some(bundle)));
    assert!(ran.err.contains("incoming") || ran.err.contains("SHA256SUMS"), "{what}: no name: {}", ran.err);
    is_refusal(what, &ran, Some("BUNDLE-1"), words);
    assert_eq!(stage.past().names, before, "{what}: a ceremony was begun");
}

/// Spoils a good bundle, and has it refused.
#[track_caller]
fn spoiled(desk: &Desk, what: &str, words: &str, spoil: impl FnOnce(&Path)) {
    let bundle = good(desk);
    spoil(&bundle);
    refused(&desk.stage, what, &bundle, words);
}

fn shell(command: &str, folder: &Path) {
    assert!(Command::new("sh").arg("-c").arg(command).current_dir(folder).status().unwrap().success(), "{command}");
}

#[test]
fn links_and_what_blocks_a_reader() {
    let desk = Desk::new();
    spoiled(&desk, "a link", "b.request.asc is a link", |folder| shell("ln -s /etc/hostname b.request.asc", folder));
    spoiled(&desk, "a link in place", "anna.request.asc is a link", |folder| {
        shell("mv anna.request.asc ../a && ln -s ../a anna.request.asc", folder);
    });
    spoiled(&desk, "a manifest that is a link", "SHA256SUMS is a link", |folder| {
        shell("mv SHA256SUMS ../s && ln -s ../s SHA256SUMS", folder);
    });
    spoiled(&desk, "a FIFO", "b.request.asc is not a regular file", |folder| shell("mkfifo b.request.asc", folder));
    spoiled(&desk, "a second name", "is not a regular file with one name", |folder| {
        shell("ln anna.request.asc b", folder)
    });
    spoiled(&desk, "a folder", "b.request.asc is not a regular file", |folder| shell("mkdir b.request.asc", folder));
}

#[test]
fn names_that_lead_elsewhere() {
    let desk = Desk::new();
    let hash = Hash::of(b"x");
    for name in ["../../etc/passwd", "/etc/passwd", "./anna.request.asc", "a/b", "..", "-rf", ".hidden"] {
        spoiled(&desk, name, "line 3", |folder| shell(&format!("echo '{hash}  {name}' >>SHA256SUMS"), folder));
    }
    for name in ["-rf", ".hidden", "a b", "\u{202e}a", "a\u{1b}[2J", "a\n"] {
        spoiled(&desk, &format!("{name:?}"), "it may not hold a file called", |folder| {
            std::fs::write(folder.join(name), b"x").unwrap();
        });
    }
    spoiled(&desk, "no UTF-8", "it has a file whose name is not UTF-8", |folder| {
        std::fs::write(folder.join(OsStr::from_bytes(b"a\xff.request.asc")), b"x").unwrap();
    });
    spoiled(&desk, "no UTF-8 in the manifest", "SHA256SUMS", |folder| {
        let sums = std::fs::read(folder.join("SHA256SUMS")).unwrap();
        let line = [hash.to_string().as_bytes(), b"  a\xff\n"].concat();
        std::fs::write(folder.join("SHA256SUMS"), [sums, line].concat()).unwrap();
    });
}

#[test]
fn more_and_other_than_the_manifest_says() {
    let desk = Desk::new();
    spoiled(&desk, "one more", "b.request.asc is in the folder but not in SHA256SUMS", |folder| {
        std::fs::write(folder.join("b.request.asc"), b"x").unwrap();
    });
    spoiled(&desk, "one fewer", "roster.toml is in SHA256SUMS but not in the folder", |folder| {
        std::fs::remove_file(folder.join("roster.toml")).unwrap();
    });
    spoiled(&desk, "another", "roster.toml is not the file that SHA256SUMS names", |folder| {
        shell("echo >>roster.toml", folder);
    });
    spoiled(&desk, "no manifest", "it has no SHA256SUMS", |folder| {
        std::fs::remove_file(folder.join("SHA256SUMS")).unwrap()
    });
    spoiled(&desk, "one that is named twice", "SHA256SUMS", |folder| {
        shell("cat SHA256SUMS >s && cat s >>SHA256SUMS && rm s", folder);
    });
    spoiled(&desk, "too large", "is larger than 524288 bytes", |folder| shell("truncate -s 1G b.request.asc", folder));
    spoiled(&desk, "a manifest of a gigabyte", "SHA256SUMS is larger than", |folder| {
        shell("truncate -s 1G SHA256SUMS", folder)
    });
    spoiled(&desk, "too many", "it has too many files", |folder| shell("seq -f b%g 2100 | xargs touch", folder));
}
