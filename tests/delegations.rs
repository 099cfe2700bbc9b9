//! `keyrite delegation`: what a register says was delegated, and what published keys say.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/signers.rs"]
mod signers;
#[path = "support/stage.rs"]
mod stage;

use std::path::Path;
use std::process::Command;

use sequoia_openpgp::packet::{Packet, UserID};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::{Cert, Profile};
use signers::{Root, Signer, armored, bundle, bundle_with};
use stage::{DELEGATION, Ran, Stage, keyrite};

fn delegation(arguments: &[&str]) -> Ran {
    Ran::of(&Command::new(keyrite()).arg("delegation").args(arguments).output().unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_register_says_what_was_delegated_to_whom_and_who_compared_the_key() {
    let stage = Stage::with_root();
    let (ann, bea) = (Signer::new("ann"), Signer::new("bea"));
    let (first, both) = (stage.folder().join("first"), [ann, bea]);
    stage.run(DELEGATION, Some(&bundle(&first, &both))).done();
    // The next roster has Cas alone.
    let second = bundle_with(&stage.folder().join("second"), &[Signer::new("cas")], 2);
    stage.run(DELEGATION, Some(&second)).done();

    let register = stage.path("register");
    let list = delegation(&["list", "--register", text(&register)]).done().out.clone();
    assert!(list.contains("ann: packages of root packages, in force, BUT ITS SIGNER IS NOT ON THE ROSTER\n"), "{list}");
    assert!(list.contains("cas: packages of root packages, in force\n"), "{list}");
    assert!(list.ends_with("3 delegation(s), 3 in force\n"), "{list}");
    let json = delegation(&["list", "--register", text(&register), "--json"]).done().out.clone();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let states: Vec<_> = json["delegations"].as_array().unwrap().iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, ["not-on-roster", "not-on-roster", "in-force"]);

    let key = both[1].cert.fingerprint().to_hex();
    let by_request = delegation(&["show", "2026-11-bea", "--register", text(&register)]).done().out.clone();
    let by_key = delegation(&["show", &key, "--register", text(&register)]).done().out.clone();
    assert_eq!(by_request, by_key);
    for words in [
        "signer        bea\n",
        "compared      fingerprint compared by Chloe Duarte, in person, on this stage\n",
        "ceremony      0002-delegation\n",
        "certificate   delegations/packages/0002-delegation-2026-11-bea.pgp\n",
    ] {
        assert!(by_request.contains(words), "{words}? {by_request}");
    }
    assert!(!by_request.contains("ann"), "{by_request}");
    let nobody = delegation(&["show", "2026\u{202e}", "--register", text(&register)]);
    assert!(nobody.refused(3, None).starts_with("error: nothing was delegated to 2026\\u{202e}\n"));
}

/// KEYS-1.
#[test]
fn published_keys_with_a_forged_certification_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = Root::new();
    let (ann, bea) = (Signer::new("ann"), Signer::new("bea"));
    let good = root.delegated(&ann);
    // What the root says of Ann, under Bea's key.
    let certified = Cert::from_bytes(&good).unwrap();
    let said = certified.userids().next().unwrap().certifications().next().unwrap().clone();
    let moved = [Packet::from(UserID::from(bea.user_id.as_str())), said.into()];
    let forged = bea.cert.clone().strip_secret_key_material().insert_packets(moved).unwrap().0.to_vec().unwrap();
    let v6 = Signer::made("cas", |builder| builder.set_profile(Profile::RFC9580).unwrap()).armored();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        folder.path().join(name)
    };
    let certificate = write("root.asc", &root.certificate());
    let list = |keys: &Path| delegation(&["list", "--keys", text(keys), "--root", text(&certificate)]);

    let fine = list(&write("good", &[root.certificate(), armored(&good).into_bytes()].concat()));
    assert!(fine.done().out.contains("        packages, "), "{}", fine.out);
    let bad = list(&write("bad", &[good.clone(), forged].concat()));
    bad.refused(1, Some("KEYS-1"));
    assert!(bad.out.contains(", BAD: its signature does not verify\n"), "{}", bad.out);
    assert!(
        bad.out.contains("2 certificate(s): 1 in force, 0 not certified, 1 with a bad certification"),
        "{}",
        bad.out
    );
    let unreadable = list(&write("v6", format!("{v6}{}", armored(&good)).as_bytes()));
    unreadable.refused(1, Some("KEYS-1"));
    assert!(
        unreadable.out.contains("certificate 1: UNREADABLE: the key is of version 6, not 4\n"),
        "{}",
        unreadable.out
    );
    assert!(unreadable.out.contains("1 in force"), "what can be read is read: {}", unreadable.out);
    // The whole is no keys; or the root is not there.
    list(&write("noise", &[0xcd, 0xff, 0xff, 0xff, 0xff, 0xff])).refused(3, None);
    let missing = delegation(&["list", "--keys", text(&write("one", &good)), "--root", &"AB".repeat(20)]);
    assert!(missing.refused(3, None).contains("does not hold the certificate of root ABAB"), "{}", missing.err);
}
