//! `release check`: every verdict, on signatures by stock gpg.

use std::path::{Path, PathBuf};

use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::hash::Hash;

use crate::office::{Office, Signer, ago, now};
use crate::stage::Ran;
use crate::{ran, release, text};

const FILE: &str = "acme-1.2.tar.gz";
const CONTENT: &[u8] = b"a release";

/// A signer, a folder with a file, and what is published.
struct Desk {
    folder: tempfile::TempDir,
    signer: Signer,
    office: Office,
}

impl Desk {
    /// Delegated so many days ago, for so many.
    fn delegated(days_ago: u32, days: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), CONTENT).unwrap();
        let (signer, mut office) = (Signer::since(900), Office::since(1000));
        office.delegate(&signer, "packages", days_ago, days);
        Self { folder, signer, office }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    /// Publishes anew, and checks.
    fn check_by(&self, root: Fingerprint, more: &[&str]) -> Ran {
        let keys = self.folder.path().join("published");
        let _ = std::fs::remove_dir_all(&keys);
        self.office.publish(&keys);
        check(&self.signer, &self.file(), &keys, root, more)
    }

    fn check(&self, more: &[&str]) -> Ran {
        self.check_by(self.office.root.fingerprint(), more)
    }
}

fn check(signer: &Signer, file: &Path, keys: &Path, root: Fingerprint, more: &[&str]) -> Ran {
    let root = root.to_string();
    ran(release(&signer.home, "check", &[&[text(file), "--keys", text(keys), "--root", &root], more].concat()))
}

fn verdict(ran: &Ran) -> &str {
    ran.out.lines().last().expect("a verdict")
}

/// Asserts that it is not good, for this reason.
fn not_good(ran: &Ran, control: &str, words: &str) {
    ran.refused(1, Some(control));
    assert!(verdict(ran).starts_with("NOT GOOD: acme-1.2.tar.gz: ") && verdict(ran).contains(words), "{}", ran.out);
    assert_eq!(ran.out.lines().filter(|line| line.starts_with("NO ")).count(), 1, "{}", ran.out);
}

#[test]
fn a_release_of_somebody_in_force_is_good() {
    let mut desk = Desk::delegated(100, 365);
    desk.signer.sign(&desk.file(), ago(50), &[]);
    let good = desk.check(&[]);
    good.done();
    let day = ago(50).date();
    assert!(
        verdict(&good).starts_with(&format!("GOOD: {FILE} is what ann signed on {day}, who may sign packages until ")),
        "{}",
        good.out
    );
    assert_eq!(good.out.lines().filter(|line| line.starts_with("ok ")).count(), 6, "{}", good.out);
    assert!(good.out.contains("-   past releases   there is no list yet"), "{}", good.out);
    // As gpg's own default hash is, and as keyrite's is.
    for digest in ["SHA256", "SHA384"] {
        desk.signer.sign(&desk.file(), ago(50), &["--digest-algo", digest]);
        desk.check(&["--scope", "packages"]).done();
    }
    desk.office.list(FILE, Hash::of(CONTENT), desk.signer.key);
    let good = desk.check(&[]);
    assert!(good.done().out.contains("names it, in r-0"), "{}", good.out);
}

#[test]
fn the_report_for_programs_says_the_same() {
    let desk = Desk::delegated(100, 365);
    desk.signer.sign(&desk.file(), ago(50), &[]);
    let report: serde_json::Value = serde_json::from_str(&desk.check(&["--json"]).done().out).unwrap();
    assert_eq!((&report["version"], &report["good"], &report["verdict"]), (&1.into(), &true.into(), &"current".into()));
    assert_eq!(report["sha256"], Hash::of(CONTENT).to_string());
    assert_eq!(report["signer"]["fingerprint"], desk.signer.key.to_string());
    assert_eq!(report["links"].as_array().unwrap().len(), 7);
    let refused = desk.check(&["--json", "--scope", "docs"]);
    refused.refused(1, Some("RELEASE-22"));
    let report: serde_json::Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!((&report["good"], &report["control"]), (&false.into(), &"RELEASE-22".into()));
}

#[test]
fn a_changed_file_and_a_broken_hash_are_not_good() {
    let desk = Desk::delegated(100, 365);
    desk.signer.sign(&desk.file(), ago(50), &[]);
    std::fs::write(desk.file(), b"another").unwrap();
    not_good(&desk.check(&[]), "RELEASE-21", "was changed");
    desk.signer.sign(&desk.file(), ago(50), &["--digest-algo", "SHA1"]);
    not_good(&desk.check(&[]), "RELEASE-21", "SHA1");
    let tomorrow = keyrite::model::timestamp::Timestamp(now().0 + 86_400);
    desk.signer.sign(&desk.file(), tomorrow, &[]);
    not_good(&desk.check(&[]), "RELEASE-21", "in the future");
    desk.signer.sign(&desk.file(), ago(50), &["--default-sig-expire", "10d"]);
    not_good(&desk.check(&[]), "RELEASE-21", "an end, which is past");
    // Made before the key was, which gpg itself does not do.
    std::fs::write(desk.folder.path().join(format!("{FILE}.asc")), b"no signature\n").unwrap();
    assert!(desk.check(&[]).refused(3, None).contains("not a detached signature"));
}

#[test]
fn who_was_not_delegated_then_and_there_is_not_good() {
    let desk = Desk::delegated(100, 365);
    desk.signer.sign(&desk.file(), ago(50), &[]);
    not_good(&desk.check(&["--scope", "docs"]), "RELEASE-22", "may sign packages, and not docs");
    let other = Fingerprint([7; 20]);
    not_good(&desk.check_by(other, &[]), "RELEASE-20", "the keys have no root 0707");
    desk.signer.sign(&desk.file(), ago(200), &[]);
    not_good(&desk.check(&[]), "RELEASE-22", "outside of every delegation");
    let mallory = Signer::since(900);
    mallory.sign(&desk.file(), ago(50), &[]);
    not_good(&desk.check(&[]), "RELEASE-22", "nobody whom the organization delegated");
}

#[test]
fn a_release_from_before_the_end_is_good_when_it_is_listed() {
    let mut desk = Desk::delegated(500, 300);
    desk.signer.sign(&desk.file(), ago(400), &[]);
    not_good(&desk.check(&[]), "RELEASE-23", "there is no list of past releases");
    desk.office.list("other.tar.gz", Hash::of(CONTENT), desk.signer.key);
    not_good(&desk.check(&[]), "RELEASE-23", "does not name it");
    desk.office.list(FILE, Hash::of(CONTENT), desk.signer.key);
    let good = desk.check(&[]);
    let ended = ago(200).date();
    let words = format!("; an older release: the delegation ended on {ended}, and the list of past releases names it");
    assert!(verdict(good.done()).ends_with(&words), "{}", good.out);
    // gpgv goes by membership of the archive.
    let keys = desk.folder.path().join("published");
    let signature = format!("{}.asc", desk.file().display());
    let status = desk
        .signer
        .home
        .status("gpgv", &["--keyring", text(&keys.join("archive.gpg")), &signature, text(&desk.file())]);
    assert!(status.contains(&format!("VALIDSIG {}", desk.signer.key)), "{status}");
    // What is signed after the end is not good, listed or not.
    desk.signer.sign(&desk.file(), ago(100), &[]);
    not_good(&desk.check(&[]), "RELEASE-22", "outside of every delegation");
}

#[test]
fn a_name_stands_for_one_content_and_one_signer() {
    let mut desk = Desk::delegated(100, 365);
    desk.signer.sign(&desk.file(), ago(50), &[]);
    desk.office.list(FILE, Hash::of(b"what was released"), desk.signer.key);
    not_good(&desk.check(&[]), "RELEASE-23", "another file of that name");
    let mut desk = Desk::delegated(500, 300);
    desk.signer.sign(&desk.file(), ago(400), &[]);
    desk.office.list(FILE, Hash::of(CONTENT), Fingerprint([7; 20]));
    not_good(&desk.check(&[]), "RELEASE-23", "has that file by 0707");
}

#[test]
fn whoever_left_is_treated_as_one_whose_time_is_over() {
    let mut desk = Desk::delegated(100, 365);
    desk.office.left = true;
    desk.signer.sign(&desk.file(), ago(50), &[]);
    not_good(&desk.check(&[]), "RELEASE-23", "not in force any more");
    desk.office.list(FILE, Hash::of(CONTENT), desk.signer.key);
    assert!(verdict(desk.check(&[]).done()).contains("an older release"));
}

#[test]
fn what_the_records_key_did_not_sign_vouches_for_nothing() {
    let mut desk = Desk::delegated(100, 365);
    desk.signer.sign(&desk.file(), ago(50), &[]);
    desk.office.list(FILE, Hash::of(CONTENT), desk.signer.key);
    let keys = desk.folder.path().join("published");
    let root = desk.office.root.fingerprint();
    for (name, words) in [
        ("signers.json", "signers.json is not the file that SHA256SUMS names"),
        ("keys.txt", "keys.txt is not the file"),
        ("SHA256SUMS", "SHA256SUMS is not what the records key signed"),
        ("past-releases.txt", "past-releases.txt is not what the records key signed"),
    ] {
        desk.check(&[]).done();
        let mut bytes = std::fs::read(keys.join(name)).unwrap();
        bytes.push(b'\n');
        std::fs::write(keys.join(name), bytes).unwrap();
        not_good(&check(&desk.signer, &desk.file(), &keys, root, &[]), "RELEASE-20", words);
    }
    // An older list, which the records key signed as well.
    desk.check(&[]).done();
    let older =
        ["past-releases.txt", "past-releases.txt.asc"].map(|name| (name, std::fs::read(keys.join(name)).unwrap()));
    desk.office.list("acme-1.3.tar.gz", Hash::of(CONTENT), desk.signer.key);
    desk.check(&[]).done();
    older.iter().for_each(|(name, bytes)| std::fs::write(keys.join(name), bytes).unwrap());
    let mixed = check(&desk.signer, &desk.file(), &keys, root, &[]);
    not_good(&mixed, "RELEASE-20", "past-releases.txt is not the file that SHA256SUMS names");
    desk.check(&[]).done();
    std::fs::remove_file(keys.join("past-releases.txt")).unwrap();
    not_good(&check(&desk.signer, &desk.file(), &keys, root, &[]), "RELEASE-20", "its signature is not there");
    std::fs::remove_file(keys.join("SHA256SUMS.asc")).unwrap();
    check(&desk.signer, &desk.file(), &keys, root, &[]).refused(3, None);
}
