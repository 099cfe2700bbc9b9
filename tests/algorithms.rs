//! Roots and records keys on every algorithm, from the first ceremony to a delegation, judged by stock gpg.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/engineer.rs"]
mod engineer;
#[path = "support/gpg.rs"]
mod gpg;
#[path = "support/revocation.rs"]
mod revocation;
#[path = "support/stage.rs"]
mod stage;

use std::path::PathBuf;

use engineer::good_bundle;
use gpg::Home;
use keyrite::model::fingerprint::Fingerprint;
use stage::{DELEGATION, ROOT_GENERATION, Stage};

/// Two algorithms as organization.toml names them, and what gpg says of the root: its number (RFC 9580 9.1) and bits.
struct Case {
    root: &'static str,
    records: &'static str,
    gpg: (&'static str, &'static str),
}

/// A shipped script beside the example organization with these algorithms.
fn script(stage: &Stage, case: &Case, script: &str) -> PathBuf {
    let organization = std::fs::read_to_string("ceremony/organization.toml").unwrap();
    let root = format!("algorithm = \"{}\"", case.root);
    let records = format!("[records]\nalgorithm = \"{}\"", case.records);
    let organization = organization.replacen("algorithm      = \"ed25519\"", &root, 1);
    let organization = organization.replacen("[records]", &records, 1);
    assert!(organization.contains(&root) && organization.contains(&records));
    std::fs::write(stage.folder().join("organization.toml"), organization).unwrap();
    let copy = stage.folder().join(PathBuf::from(script).file_name().unwrap());
    std::fs::copy(script, &copy).unwrap();
    copy
}

/// Draws such a root, which is sealed, restored and loaded; lets it delegate; and has gpg judge all that came of it.
fn judged_by_gpg(case: &Case) {
    let stage = Stage::empty();
    stage.run(script(&stage, case, ROOT_GENERATION), None).done();
    stage.assert_well_ended();
    stage.run(script(&stage, case, DELEGATION), Some(&good_bundle(&stage))).done();
    stage.assert_well_ended();

    let past = stage.past();
    let root = past.history.roots[&"packages".parse().unwrap()].fingerprint;
    let anna = past.history.delegations[0].fingerprint;
    let outgoing = stage.path("bundles/outgoing-0002-delegation");
    let home = Home::new();
    home.gpg(&["--import"], &std::fs::read(outgoing.join("keys.txt")).unwrap());
    let of_root = |signatures: &str| signatures.lines().filter(|line| line.contains(&root.to_string()[24..])).count();
    // Its own two signatures, and the one that delegates.
    assert_eq!(of_root(&good_signatures(&home, root)), 2, "{}", case.root);
    assert_eq!(of_root(&good_signatures(&home, anna)), 1, "{}", case.root);
    let listed = home.colons(&root.to_string());
    let fields: Vec<&str> = listed.lines().find(|line| line.starts_with("pub:")).unwrap().split(':').collect();
    assert_eq!((fields[3], fields[2]), case.gpg, "{listed}");

    // The records key signed the manifest.
    let records = Home::new();
    records.gpg(&["--import"], &std::fs::read(outgoing.join("records.asc")).unwrap());
    let (signature, manifest) = (outgoing.join("SHA256SUMS.asc"), outgoing.join("SHA256SUMS"));
    let status = records.status("gpg", &["--verify", signature.to_str().unwrap(), manifest.to_str().unwrap()]);
    assert!(status.contains("[GNUPG:] VALIDSIG"), "{status}");

    // Two of three holders end the root.
    home.gpg(&["--import"], &revocation::restored(&stage, "packages", &[1, 3]));
    let listed = home.colons(&root.to_string());
    assert!(listed.contains("\npub:r:"), "{listed}");
}

/// Lines of good signatures on a key; there is no bad one.
fn good_signatures(home: &Home, on: Fingerprint) -> String {
    let checked = home.gpg(&["--with-colons", "--check-signatures", &on.to_string()], b"");
    let checked = String::from_utf8(checked).unwrap();
    assert!(!checked.contains("\nsig:-:") && !checked.contains("\nsig:%:"), "{checked}");
    checked.lines().filter(|line| line.starts_with("sig:!:")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn ed25519_judged_by_gpg() {
    judged_by_gpg(&Case { root: "ed25519", records: "nist-p256", gpg: ("22", "255") });
}

#[test]
fn p256_judged_by_gpg() {
    judged_by_gpg(&Case { root: "nist-p256", records: "nist-p384", gpg: ("19", "256") });
}

#[test]
fn p384_judged_by_gpg() {
    judged_by_gpg(&Case { root: "nist-p384", records: "nist-p521", gpg: ("19", "384") });
}

#[test]
fn p521_judged_by_gpg() {
    judged_by_gpg(&Case { root: "nist-p521", records: "ed25519", gpg: ("19", "521") });
}

#[test]
fn rsa3072_judged_by_gpg() {
    // The records card generates its own.
    judged_by_gpg(&Case { root: "rsa3072", records: "rsa3072", gpg: ("1", "3072") });
}

#[test]
fn rsa4096_judged_by_gpg() {
    judged_by_gpg(&Case { root: "rsa4096", records: "ed25519", gpg: ("1", "4096") });
}
