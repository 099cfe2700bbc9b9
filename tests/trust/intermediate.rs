//! An intermediate: what stock gpg makes of one whom the root lets vouch for others, at one domain.

use keyrite::trust::delegation::{Batch, Change, Review};

use crate::home::*;

const INSIDE: &str = "Bo <bo@acme.example>";
const BELOW: &str = "Cleo <cleo@builds.acme.example>";
/// Addresses that only look like ones of the domain, and another domain.
const OUTSIDE: [&str; 3] =
    ["Dan <dan@notacme.example>", "Eve <eve@acme.example.evil.example>", "Fay <fay@evil.example>"];

/// The keys that a user imports: Ann, whom the root let vouch, and everybody whom she certified with stock gpg.
fn introduced(ann: &Home) -> Vec<u8> {
    let key = ann.new_key(ANN, "sign", &[]);
    let asked = |text: String| text.replace("lifetime-days", "vouches = \"acme.example\"\nlifetime-days");
    let message = clearsigned(ann, key, &asked(request_text(ann.export(key))));
    let review = Review::new(Change::new(verified(&message).expect("granted"), None, None, now()));
    let text = review.text();
    assert!(text.contains("  AND VOUCHES for others at acme.example, without a ceremony"), "{text}");
    assert!(text.contains("intermediate of depth 1"), "{text}");
    let hash = review.hash();
    let approved = Batch::new(vec![review]).approve(hash).expect("the right hash").remove(0);
    let root = the_root();
    let artefact = approved.certify(&root.certificate, "c", now(), &mut pair(&root)).expect("certified");
    ann.gpg(&["--import"], &artefact.certificate);
    for user_id in [INSIDE, BELOW].into_iter().chain(OUTSIDE) {
        let signer = ann.new_key(user_id, "sign", &[]);
        ann.gpg(&["--yes", "--local-user", &key.to_string(), "--quick-sign-key", &signer.to_string()], b"");
        ann.write("release.tar", b"release");
        let signature = format!("{signer}.sig");
        ann.gpg(&["--local-user", &signer.to_string(), "--output", &signature, "--detach-sign", "release.tar"], b"");
    }
    let mut keys = root.certificate.bytes().expect("bytes");
    keys.extend(ann.gpg(&["--export"], b""));
    keys
}

/// What gpg says to the release of this signer, in the home of a user.
fn trust(user: &Home, ann: &Home, user_id: &str) -> String {
    let key = ann.fingerprint(&format!("={user_id}"));
    let path = |name: &str| ann.path().join(name).to_str().expect("plain").to_owned();
    let said = user.status("gpg", &["--batch", "--verify", &path(&format!("{key}.sig")), &path("release.tar")]);
    assert!(said.contains(&format!("VALIDSIG {key}")), "{said}");
    said.lines().find_map(|line| line.strip_prefix("[GNUPG:] TRUST_")).expect("a verdict").to_owned()
}

#[test]
fn whom_an_intermediate_vouches_for_is_trusted_at_its_domain_alone() {
    let ann = Home::new();
    let keys = introduced(&ann);
    let root = the_root().fingerprint().to_string();

    let user = Home::new();
    user.new_key("Local User", "default", &[]);
    user.gpg(&["--import"], &keys);
    // A local trust signature: complete trust, two levels deep, no domain; then yes.
    let answers = b"2\n2\n\ny\nsave\n";
    let made = user.run(
        "gpg",
        &[
            "--no-tty",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
            "--command-fd",
            "0",
            "--edit-key",
            &root,
            "ltsign",
        ],
        answers,
    );
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    user.gpg(&["--check-trustdb"], b"");
    for user_id in [INSIDE, BELOW] {
        assert!(trust(&user, &ann, user_id).starts_with("FULLY"), "{user_id}");
    }
    for user_id in OUTSIDE {
        assert!(trust(&user, &ann, user_id).starts_with("UNDEFINED"), "{user_id}");
    }

    // Who only signed the root and gave it full ownertrust, as for plain delegations, sees nothing of the intermediate's.
    let plain = Home::new();
    plain.new_key("Local User", "default", &[]);
    plain.gpg(&["--import"], &keys);
    plain.gpg(&["--quick-lsign-key", &root], b"");
    plain.gpg(&["--import-ownertrust"], format!("{root}:5:\n").as_bytes());
    plain.gpg(&["--check-trustdb"], b"");
    assert!(trust(&plain, &ann, INSIDE).starts_with("UNDEFINED"));
}
