//! Requests and bundles that are not acceptable.

use std::path::Path;
use std::process::Command;

use crate::engineer::{Engineer, ROSTER, bundle, good_bundle, good_request, list};
use crate::stage::{DELEGATION, Stage};

/// Runs a delegation with `incoming`, which must be refused: before anything is begun when it is not a bundle at all. Then
/// runs it with a good bundle, as the same ceremony. Gives what was said.
fn refused(stage: &Stage, incoming: Option<&Path>, code: i32, control: Option<&str>) -> String {
    let transcripts = stage.past().names.len();
    let signatures = stage.survey("packages-a").signatures;
    let delegations = stage.past().history.delegations.len();

    let ran = stage.run(DELEGATION, incoming);
    let said = ran.refused(code, control).to_owned();
    assert_eq!(stage.survey("packages-a").signatures, signatures, "the root's card signed");
    assert_eq!(stage.past().history.delegations.len(), delegations);
    assert_eq!(delegated(stage), delegations, "something lies in delegations/");

    let begun = stage.past().names.len() > transcripts;
    let again = stage.run(DELEGATION, Some(&good_bundle(stage)));
    again.done();
    let goes_on = again.out.contains("This ceremony was cut off. It goes on at step 2.1.");
    assert_eq!(goes_on, begun, "{}", again.out);
    stage.assert_well_ended();
    assert_eq!(stage.past().names.len(), transcripts + 1, "one ceremony");
    said
}

/// The same for a bundle with one request.
fn refused_request(request: &[u8], code: i32, control: Option<&str>) -> String {
    let stage = Stage::with_root();
    let bad = bundle(&stage, "bad", &[("anna.request.asc", request)]);
    refused(&stage, Some(&bad), code, control)
}

fn delegated(stage: &Stage) -> usize {
    stage.path("register/delegations/packages").read_dir().map_or(0, Iterator::count)
}

#[track_caller]
fn says(said: &str, words: &str) {
    assert!(said.contains(words), "{words}? {said}");
}

#[test]
fn a_good_one_is_answered() {
    let stage = Stage::with_root();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    stage.assert_well_ended();
    assert_eq!(stage.past().history.delegations.len(), 1);
}

#[test]
fn changed_after_signing() {
    let request =
        String::from_utf8(good_request().to_vec()).unwrap().replace("lifetime-days = 365", "lifetime-days = 366");
    let said = refused_request(request.as_bytes(), 1, Some("REQUEST-1"));
    says(&said, "signature of the request: ");
}

#[test]
fn signed_by_another_key() {
    let text = Engineer::anna().text(|_| {});
    let said = refused_request(&Engineer::anna().sign(&text), 1, Some("REQUEST-1"));
    says(&said, "signature of the request: ");
}

#[test]
fn not_signed_at_all() {
    let text = Engineer::anna().text(|_| {});
    refused_request(text.as_bytes(), 1, Some("REQUEST-1"));
}

#[test]
fn a_certificate_without_a_signing_key() {
    let text = Engineer::with("cert", &[]).text(|_| {});
    let said = refused_request(&Engineer::anna().sign(&text), 1, Some("REQUEST-2"));
    says(&said, "--quick-add-key");
}

#[test]
fn a_certificate_that_expired() {
    // Made two years ago for one year.
    let then = ["--faked-system-time", "20241101T000000!"];
    let anna = Engineer::with("sign", &then);
    let request = anna.sign_with(&anna.text(|_| {}), &then);
    let said = refused_request(&request, 1, Some("REQUEST-2"));
    says(&said, "--quick-set-expire");
}

#[test]
fn a_certificate_that_is_revoked() {
    let anna = Engineer::anna();
    let revocation = anna.home.path().join(format!("openpgp-revocs.d/{}.rev", anna.key));
    // gpg writes a colon before the armor, against accidents.
    let revocation = std::fs::read_to_string(revocation).unwrap().replace(":-----BEGIN", "-----BEGIN");
    let good = anna.text(|_| {});
    anna.home.gpg(&["--import"], revocation.as_bytes());
    let revoked = anna.text(|_| {});
    assert_ne!(good, revoked);
    // gpg does not sign with a revoked key; the certificate is judged first.
    let said = refused_request(&Engineer::anna().sign(&revoked), 1, Some("REQUEST-2"));
    says(&said, "a revoked key is never certified");
}

#[test]
fn a_certificate_bound_by_sha1() {
    let sha1 = ["--allow-weak-digest-algos", "--cert-digest-algo", "SHA1"];
    let said = refused_request(&Engineer::with("sign", &sha1).request(|_| {}), 1, Some("REQUEST-2"));
    says(&said, "--cert-digest-algo SHA512");
}

#[test]
fn an_unknown_key() {
    let anna = Engineer::anna();
    let text = anna.text(|_| {}).replace("scope =", "\"lifetme\\u001b[2J\\u202e\" = 3\nscope =");
    let said = refused_request(&anna.sign(&text), 3, None);
    says(&said, "anna.request.asc, line 7, column 1: unknown key `lifetme\\u{1b}[2J\\u{202e}`");
}

#[test]
fn outside_the_policy() {
    let anna = Engineer::anna();
    let long = refused_request(&anna.request(|r| r.lifetime_days = 4000), 1, Some("REQUEST-4"));
    says(&long, "lifetime-days is 4000, where 1 to 400 are allowed");
    let stranger = refused_request(&anna.request(|r| r.signer = "mallory".to_owned()), 1, Some("REQUEST-4"));
    says(&stranger, "signer is \"mallory\", who is not on the roster");
    let elsewhere = refused_request(&anna.request(|r| r.organization = "Other".to_owned()), 1, Some("REQUEST-4"));
    says(&elsewhere, "organization is \"Other\", not \"Example Organization\"");
}

#[test]
fn a_user_id_that_is_not_plain() {
    let hostile = "Anna \u{202e}txet\u{1b}[2J <anna@example.org>";
    let claimed = refused_request(&Engineer::anna().request(|r| r.user_id = hostile.to_owned()), 1, Some("REQUEST-2"));
    says(&claimed, "\\u{202e}txet\\u{1b}[2J");
    // And one that is in the certificate indeed: gpg takes reordering characters.
    let home = crate::gpg::Home::new();
    let bidi = "Anna \u{202e}txet <anna@example.org>";
    let key = home.new_key(bidi, "sign", &[]);
    let anna = Engineer { home, key };
    let certified = refused_request(&anna.request(|r| r.user_id = bidi.to_owned()), 1, Some("REQUEST-2"));
    says(&certified, "\\u{202e}txet");
}

#[test]
fn answered_before() {
    let stage = Stage::with_root();
    let first =
        bundle(&stage, "first", &[("anna.request.asc", &Engineer::anna().request(|r| r.id = "once".parse().unwrap()))]);
    stage.run(DELEGATION, Some(&first)).done();
    let said = refused(&stage, Some(&first), 1, Some("REQUEST-3"));
    says(&said, "request once was answered before, in ceremony 0002-delegation");
}

#[test]
fn twice_in_one_bundle() {
    let stage = Stage::with_root();
    let anna = Engineer::anna();
    let (first, second) = (anna.request(|_| {}), anna.request(|r| r.lifetime_days = 30));
    let bad = bundle(&stage, "bad", &[("a.request.asc", &first), ("b.request.asc", &second)]);
    let said = refused(&stage, Some(&bad), 1, Some("REQUEST-3"));
    says(&said, "b.request.asc: another request in this bundle has the id 2026-11-anna too");
}

#[test]
fn no_bundle() {
    let stage = Stage::with_root();
    let said = refused(&stage, None, 3, None);
    says(&said, "--bundle");
    let stage = Stage::with_root();
    let said = refused(&stage, Some(&stage.folder().join("missing")), 3, None);
    says(&said, "missing: No such file");
}

#[test]
fn an_empty_bundle() {
    let stage = Stage::with_root();
    let empty = bundle(&stage, "empty", &[("note.txt", b"x")]);
    std::fs::remove_file(empty.join(ROSTER)).unwrap();
    list(&empty);
    let said = refused(&stage, Some(&empty), 3, None);
    says(&said, "there is no roster");
    let stage = Stage::with_root();
    std::fs::create_dir(stage.folder().join("nothing")).unwrap();
    let said = refused(&stage, Some(&stage.folder().join("nothing")), 3, Some("BUNDLE-1"));
    says(&said, "it has no SHA256SUMS");
}

#[test]
fn a_bundle_with_more_than_its_manifest_lists() {
    let stage = Stage::with_root();
    let more = bundle(&stage, "more", &[("anna.request.asc", good_request())]);
    std::fs::write(more.join("bert.request.asc"), b"x").unwrap();
    let said = refused(&stage, Some(&more), 3, Some("BUNDLE-1"));
    says(&said, "bert.request.asc is in the folder but not in SHA256SUMS");
}

#[test]
fn a_bundle_with_links_and_fifos() {
    for (name, make) in [("link.request.asc", "ln -s /etc/hostname"), ("fifo.request.asc", "mkfifo")] {
        let stage = Stage::with_root();
        let strange = bundle(&stage, "strange", &[("anna.request.asc", good_request())]);
        let made = Command::new("sh").arg("-c").arg(format!("{make} {name}")).current_dir(&strange).status();
        assert!(made.unwrap().success());
        let said = refused(&stage, Some(&strange), 3, Some("BUNDLE-1"));
        says(&said, name);
    }
}
