//! `release sign`: what it refuses, and that it leaves all signatures or none.

use std::path::{Path, PathBuf};

use keyrite::model::hash::Hash;

use crate::gpg::Home;
use crate::stage::unfinished;
use crate::typed::typed;
use crate::{ran, release, text};

const USER_ID: &str = "Anna Example <anna@example.org>";

/// A signer with a release on the desk.
struct Desk {
    folder: tempfile::TempDir,
    home: Home,
    key: String,
}

impl Desk {
    fn new(algorithm: &str) -> Self {
        let (folder, home) = (tempfile::tempdir().unwrap(), Home::new());
        home.gpg(&["--quick-gen-key", USER_ID, algorithm, "sign", "1y"], b"");
        let key = home.fingerprint(&format!("={USER_ID}")).to_string();
        let this = Self { folder, home, key };
        std::fs::write(this.at("a.tar"), b"a").unwrap();
        std::fs::write(this.at("b.tar"), b"b").unwrap();
        // As a signer with coreutils alone writes it.
        let sums = format!("{}  a.tar\n{}  b.tar\n", Hash::of(b"a"), Hash::of(b"b"));
        std::fs::write(this.at("r-1.SHA256SUMS"), sums).unwrap();
        this
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sign(&self, more: &[&str]) -> std::process::Command {
        let manifest = self.at("r-1.SHA256SUMS");
        release(&self.home, "sign", &[&[text(&manifest), "--key", &self.key], more].concat())
    }

    /// What was written.
    fn signatures(&self) -> Vec<String> {
        assert_eq!(unfinished(self.folder.path()), Vec::<PathBuf>::new());
        let names =
            self.folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".asc")).collect();
        names.sort();
        names
    }

    fn verifies(&self, name: &str) {
        let status =
            self.home.status("gpg", &["--verify", text(&self.at(&format!("{name}.asc"))), text(&self.at(name))]);
        assert!(status.contains("VALIDSIG") && status.contains(&self.key), "{name}: {status}");
    }
}

#[test]
fn every_kind_of_key_signs_files_and_manifest() {
    for algorithm in ["ed25519", "rsa3072", "nistp384"] {
        let desk = Desk::new(algorithm);
        ran(desk.sign(&["--yes"])).done();
        assert_eq!(desk.signatures(), ["a.tar.asc", "b.tar.asc", "r-1.SHA256SUMS.asc"], "{algorithm}");
        ["a.tar", "b.tar", "r-1.SHA256SUMS"].iter().for_each(|name| desk.verifies(name));
        ran(desk.sign(&["--yes"])).refused(1, Some("FILE-1"));
    }
}

#[test]
fn the_manifest_alone_is_signed_when_that_is_said() {
    let desk = Desk::new("ed25519");
    std::fs::remove_file(desk.at("a.tar")).unwrap();
    let signed = ran(desk.sign(&["--yes", "--manifest-only"]));
    assert!(signed.done().out.contains("None of these files was looked at"), "{}", signed.out);
    assert_eq!(desk.signatures(), ["r-1.SHA256SUMS.asc"]);
    desk.verifies("r-1.SHA256SUMS");
}

#[test]
fn a_file_that_is_not_the_one_is_not_signed() {
    let desk = Desk::new("ed25519");
    std::fs::write(desk.at("b.tar"), b"B").unwrap();
    assert!(ran(desk.sign(&["--yes"])).refused(1, Some("RELEASE-1")).contains("not the file that the manifest names"));
    std::fs::remove_file(desk.at("b.tar")).unwrap();
    assert!(ran(desk.sign(&["--yes"])).refused(1, Some("RELEASE-1")).contains("b.tar: it is in the manifest, and not"));
    std::os::unix::fs::symlink(desk.at("a.tar"), desk.at("b.tar")).unwrap();
    assert!(ran(desk.sign(&["--yes"])).refused(1, Some("RELEASE-2")).contains("it is a link"));
    std::fs::remove_file(desk.at("b.tar")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, desk.at("b.tar"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    assert!(ran(desk.sign(&["--yes"])).refused(1, Some("RELEASE-2")).contains("not a regular file"));
    assert_eq!(desk.signatures(), Vec::<String>::new());
    // Elsewhere the files are as they should be.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("a.tar"), b"a").unwrap();
    std::fs::write(elsewhere.path().join("b.tar"), b"b").unwrap();
    ran(desk.sign(&["--yes", "--artefacts", text(elsewhere.path())])).done();
    assert_eq!(desk.signatures().len(), 3);
}

#[test]
fn the_signer_is_asked_and_can_say_no() {
    let desk = Desk::new("ed25519");
    assert!(ran(desk.sign(&[])).refused(4, None).contains("is not a terminal"));
    let at_terminal = |keys: &str| {
        let mut command = std::process::Command::new("env");
        command.arg(format!("GNUPGHOME={}", desk.home.path().display()));
        let sign = desk.sign(&[]);
        command.arg(sign.get_program()).args(sign.get_args());
        typed(&command, keys, |_| {})
    };
    for keys in ["no\n", "\n", "y\n", "q\n"] {
        assert!(at_terminal(keys).refused(5, None).contains("nothing was signed"));
    }
    assert_eq!(desk.signatures(), Vec::<String>::new());
    let signed = at_terminal("yes\n");
    assert_eq!((signed.code, signed.err.as_str()), (Some(0), ""), "{}", signed.out);
    assert_eq!(desk.signatures().len(), 3);
}

#[test]
fn a_gpg_that_does_not_sign_leaves_nothing() {
    let desk = Desk::new("ed25519");
    let fails = |home: &Home, key: &str| {
        let manifest = desk.at("r-1.SHA256SUMS");
        let ran = ran(release(home, "sign", &[text(&manifest), "--key", key, "--yes"]));
        ran.refused(4, None).to_owned()
    };
    let stranger = Home::new();
    assert!(fails(&stranger, &desk.key).contains("it has no key"));
    // A public key alone, and no agent.
    let certificate = desk.home.gpg(&["--armor", "--export", &desk.key], b"");
    stranger.gpg(&["--import"], &certificate);
    assert!(fails(&stranger, &desk.key).contains("gpgconf --launch gpg-agent"));
    assert_eq!(desk.signatures(), Vec::<String>::new());
}

#[test]
fn a_manifest_that_is_none_is_refused_with_its_line() {
    let desk = Desk::new("ed25519");
    let bad = |text: &str| {
        std::fs::write(desk.at("r-1.SHA256SUMS"), text).unwrap();
        ran(desk.sign(&["--yes"])).refused(3, None).to_owned()
    };
    assert!(bad("not a manifest\n").contains("r-1.SHA256SUMS, line 1: "));
    assert!(bad(&format!("{}  ../a\n", Hash::of(b"a"))).contains("it is a path"));
    assert!(bad(&format!("SHA256 (a.tar) = {}\n", Hash::of(b"a"))).contains("without --tag"));
    assert!(bad(&format!("{}  a.tar\r\n", Hash::of(b"a"))).contains("dos2unix"));
}

#[test]
fn a_file_of_another_name_is_not_prepared() {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("d")).unwrap();
    for name in ["a", "d/a", ".a"] {
        std::fs::write(at(name), b"x").unwrap();
    }
    let prepare = |files: &[&Path], scope: &str| {
        let out = at("out");
        let head = ["--name", "r-1", "--organization", "Example", "--scope", scope, "--out", text(&out)];
        let files: Vec<&str> = files.iter().map(|path| text(path)).collect();
        ran(release(&home, "prepare", &[&head[..], &files].concat()))
    };
    assert!(prepare(&[&at("a"), &at("d/a")], "packages").refused(2, None).contains("a is named twice"));
    assert!(prepare(&[&at(".a")], "packages").refused(3, None).contains("begins with"));
    assert!(prepare(&[&at("a")], "a\u{202e}b").refused(2, None).contains("--scope"));
    assert!(prepare(&[&at("d")], "packages").refused(1, Some("RELEASE-2")).contains("not a regular file"));
    assert!(!at("out").exists());
    prepare(&[&at("a")], "packages").done();
}
