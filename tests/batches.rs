//! Batches: many requests in one delegation. Each is shown, all are confirmed by one hash, the card signs once for each, and stock gpg
//! takes every signer for one whom the root vouches for.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

#[path = "support/gpg.rs"]
mod gpg;
#[path = "support/measured.rs"]
mod measured;
#[path = "support/signers.rs"]
mod signers;
#[path = "support/stage.rs"]
mod stage;

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use gpg::Home;
use keyrite::model::hash::Hash;
use signers::{Signer, bundle, now};
use stage::{DELEGATION, ROOT_GENERATION, Ran, Stage, keyrite};

fn delegates(count: usize) {
    let signers: Vec<Signer> = (0..count).map(|number| Signer::new(&format!("s{number}"))).collect();
    let stage = Stage::empty();
    stage.run(ROOT_GENERATION, None).done();
    let incoming = bundle(&stage.folder().join("incoming"), &signers);
    in_order_outside(&stage, &incoming, &signers);
    let before = stage.survey("packages-a").signatures;
    let begun = Instant::now();
    let ran = stage.run(DELEGATION, Some(&incoming));
    ran.done();
    println!("{count} requests: {:.1} s", begun.elapsed().as_secs_f64());
    // One PSO:CDS each, by the card's own counter.
    assert_eq!(stage.survey("packages-a").signatures - before, u32::try_from(count).unwrap());
    stage.assert_well_ended();
    one_review(&stage, &ran, &signers);
    trusted(&stage, &signers);
    listed(&stage, &signers);
}

/// What passes outside is answered inside: the ceremony that follows does not refuse it.
fn in_order_outside(stage: &Stage, incoming: &std::path::Path, signers: &[Signer]) {
    let mut check = Command::new(keyrite());
    check.args(["request", "check"]).args(signers.iter().map(|s| incoming.join(format!("{}.request.asc", s.name))));
    check.arg("--roster").arg(incoming.join("roster.toml")).arg("--register").arg(stage.path("register"));
    let said = Ran::of(&check.output().unwrap());
    assert_eq!(said.done().out.matches(": in order. ").count(), signers.len());
}

/// Everything that each request asks for is on the screen, before one hash of all of it is confirmed.
fn one_review(stage: &Stage, ran: &Ran, signers: &[Signer]) {
    let past = stage.past();
    let review = past.history.current.review.expect("a review");
    let words = std::fs::read_to_string(stage.path(&format!("register/reviews/{review}.txt"))).unwrap();
    assert_eq!(Hash::of(words.as_bytes()), review);
    assert_eq!(words.matches("NEW DELEGATION\n").count(), signers.len());
    for Signer { name, user_id, cert } in signers {
        let key = cert.fingerprint().to_hex().parse::<keyrite::model::fingerprint::Fingerprint>().unwrap().groups();
        for part in
            [format!("signer        {name}\n"), format!("  as          {user_id}\n"), format!("with key    {key}\n")]
        {
            assert!(words.contains(&part), "{part}? {words}");
            assert!(ran.out.contains(part.trim_end()), "{part} is not on the screen");
        }
    }
    let transcript = std::fs::read_to_string(stage.path("register/transcripts/0002-delegation.jsonl")).unwrap();
    let noted = |kind: &str| transcript.matches(&format!("{{\"evidence\":\"{kind}\"")).count();
    assert_eq!((noted("reviewed"), noted("certified")), (1, signers.len()), "{}", &transcript[..2000]);
    // Leader and witnesses agreed to that hash, and to no other.
    assert!(transcript.matches("I have read this change and agree to it.").count() >= 3);
    for line in transcript.lines().filter(|line| line.contains("I have read this change and agree to it.")) {
        assert!(line.contains(&review.to_string()) || line.contains("roster"), "{line}");
    }
}

/// Every signer's signature has the root's trust in stock gpg, and every key is in `current.gpg`.
fn trusted(stage: &Stage, signers: &[Signer]) {
    let out = stage.path("bundles/outgoing-0002-delegation");
    let home = Home::new();
    home.new_key("A stranger", "default", &[]);
    home.gpg(&["--import", out.join("keys.txt").to_str().unwrap()], b"");
    let root = stage.past().history.roots[&"packages".parse().unwrap()].fingerprint.to_string();
    home.gpg(&["--yes", "--quick-lsign-key", &root], b"");
    home.gpg(&["--import-ownertrust"], format!("{root}:5:\n").as_bytes());
    let files: Vec<String> = signers
        .iter()
        .map(|signer| home.write(&format!("{}.asc", signer.name), &signer.clearsigned(b"a release\n", now())))
        .collect();
    let arguments: Vec<&str> = ["--verify-files"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let status = home.status("gpg", &arguments);
    for signer in signers {
        let valid = format!("VALIDSIG {} ", signer.cert.fingerprint().to_hex());
        assert!(status.contains(&valid), "{}: {status}", signer.name);
    }
    assert_eq!(status.matches("] TRUST_FULLY ").count(), signers.len(), "{status}");
    let current = out.join("current.gpg");
    let keys = home.gpg(&["--with-colons", "--show-keys", current.to_str().unwrap()], b"");
    assert_eq!(String::from_utf8(keys).unwrap().lines().filter(|line| line.starts_with("pub:")).count(), signers.len());
}

/// `delegation list` finds every one, by the register and by the signatures in what left the room.
fn listed(stage: &Stage, signers: &[Signer]) {
    let count = signers.len();
    let list = |arguments: &[PathBuf]| {
        let mut list = Command::new(keyrite());
        Ran::of(&list.args(["delegation", "list"]).args(arguments).output().unwrap()).done().out.clone()
    };
    let recorded = list(&["--register".into(), stage.path("register")]);
    assert!(recorded.ends_with(&format!("{count} delegation(s), {count} in force\n")), "{recorded}");
    let root = stage.past().history.roots[&"packages".parse().unwrap()].clone();
    let (keys, certificate) = (stage.path("bundles/outgoing-0002-delegation"), stage.path("register"));
    for (file, root) in [
        ("keys.txt", PathBuf::from(root.fingerprint.to_string())),
        ("KEYS", PathBuf::from(root.fingerprint.to_string())),
        ("archive.gpg", certificate.join(&root.certificate.path)),
        ("current.gpg", certificate.join(&root.certificate.path)),
    ] {
        let said = list(&["--keys".into(), keys.join(file), "--root".into(), root]);
        let end = format!(
            "{count} certificate(s): {count} in force, 0 not certified, 0 with a bad certification, 0 unreadable\n"
        );
        assert!(said.ends_with(&end), "{file}: {said}");
    }
}

#[test]
fn one_request() {
    delegates(1);
}

#[test]
fn three_requests() {
    delegates(3);
}

#[test]
fn a_hundred_requests() {
    delegates(100);
}
