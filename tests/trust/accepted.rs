//! What stock gpg and gpgv say to what keyrite makes.

use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::shown::Shown;
use keyrite::trust::delegation::{Artefact, Batch, Change, Review};
use keyrite::trust::openpgp::keyring::{self, Delegated};
use keyrite::trust::openpgp::root::{self};
use keyrite::trust::openpgp::signed_text::{sign_detached, sign_text, verify_detached, verify_text};
use keyrite::trust::openpgp::{Profile, certification, revocation};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, SecretParts};

use crate::home::*;

#[test]
fn a_root_imports_as_certify_only_with_its_expiry() {
    let home = Home::new();
    let mut profile = Profile::root("Acme Builds Packages Root", YEAR * 3);
    profile.records = Some(Fingerprint([0xab; 20]));
    profile.policy_uri = Some("https://acme.example/keys".to_owned());
    let root = drawn(1, &profile);
    home.gpg(&["--import"], &root.certificate.armored(&["a root".to_owned()]).expect("armor"));
    let listing = home.colons(&root.fingerprint().to_string());
    let fields: Vec<&str> = listing.lines().find(|l| l.starts_with("pub:")).expect("pub").split(':').collect();
    assert_eq!(fields[3], "22", "legacy EdDSA");
    assert_eq!(fields[11], "cC", "certify, nothing else");
    let expiry: u32 = fields[6].parse().expect("a date");
    assert!(expiry.abs_diff(now().plus(YEAR * 3).0) < 60, "{listing}");
    assert!(!listing.contains("\nsub:"), "{listing}");

    home.gpg(&["--import"], &root.secret);
    let refused = home.run("gpg", &["--batch", "--local-user", &root.fingerprint().to_string(), "--detach-sign"], b"x");
    assert!(!refused.status.success(), "a root signs no data");
}

#[test]
fn a_card_root_of_other_algorithms_imports_too() {
    let home = Home::new();
    let keys: [Key4<SecretParts, PrimaryRole>; 3] = [
        Key4::generate_ecc(true, sequoia_openpgp::types::Curve::NistP256).expect("P-256"),
        Key4::generate_ecc(true, sequoia_openpgp::types::Curve::NistP384).expect("P-384"),
        Key4::generate_rsa(3072).expect("RSA"),
    ];
    for key in keys {
        let key: Key<SecretParts, PrimaryRole> = key.into();
        let mut card = key.clone().into_keypair().expect("pair");
        let profile = Profile::root("Acme Builds Card Root", YEAR);
        let certificate = root::certificate(key.parts_as_public(), &profile, now(), &mut card).expect("certificate");
        home.gpg(&["--import"], &certificate.bytes().expect("bytes"));
        let listing = home.colons(&certificate.fingerprint().to_string());
        assert!(listing.contains(":cC:"), "{listing}");
    }
}

#[test]
fn a_delegated_signers_release_is_fully_trusted_and_an_undelegated_ones_is_not() {
    let signer = Home::new();
    let key = signer.new_key(ANN, "sign", &[]);
    let message = clearsigned(&signer, key, &request_text(signer.export(key)));
    let root = the_root();
    let artefact = certified(&root, &message);
    let other = drawn(2, &Profile::root("Other Root", YEAR));
    let review = Review::new(Change::new(verified(&message).expect("good"), None, None, now()));
    let hash = review.hash();
    let approved = Batch::new(vec![review]).approve(hash).expect("the right hash").remove(0);
    let error = approved.certify(&other.certificate, "c", now(), &mut pair(&other)).map(|_| ()).expect_err("refused");
    assert!(error.to_string().contains("the key at hand is"), "{error}");
    certification::judge(&root.certificate, &artefact.certificate, &artefact.terms).expect("from the bytes");
    let Artefact { certificate, terms, .. } = artefact;
    let delegated = [Delegated { certificate, from: terms.created, until: terms.until, withdrawn: None }];
    let rings = || {
        keyring::build(&Shown::new("Acme Builds"), std::slice::from_ref(&root.certificate), &delegated, now())
            .expect("keyrings")
    };
    let files = rings();
    assert_eq!(files.keys_txt, rings().keys_txt, "deterministic");
    assert_eq!(files.keys, rings().keys, "deterministic");

    signer.write("release.tar", b"release");
    signer.gpg(&["--local-user", &key.to_string(), "--output", "release.sig", "--detach-sign", "release.tar"], b"");
    let mallory = signer.new_key("Mallory <mallory@acme.example>", "sign", &[]);
    signer.gpg(&["--local-user", &mallory.to_string(), "--output", "false.sig", "--detach-sign", "release.tar"], b"");

    signer.write("current.gpg", &files.current);
    let gpgv = |sig| signer.status("gpgv", &["--keyring", "./current.gpg", sig, "release.tar"]);
    assert!(gpgv("release.sig").contains(&format!("VALIDSIG {key}")), "{}", gpgv("release.sig"));
    assert!(gpgv("false.sig").contains("NO_PUBKEY"), "{}", gpgv("false.sig"));

    for text in [&files.keys_txt, &files.keys] {
        let user = Home::new();
        user.new_key("Local User", "default", &[]);
        user.gpg(&["--import"], text);
        user.gpg(&["--import"], signer.export(mallory).as_bytes());
        user.gpg(&["--quick-lsign-key", &root.fingerprint().to_string()], b"");
        user.gpg(&["--import-ownertrust"], format!("{}:5:\n", root.fingerprint()).as_bytes());
        user.gpg(&["--check-trustdb"], b"");
        let signature = |name: &str| signer.path().join(name).to_str().expect("plain").to_owned();
        let verify =
            |sig: &str| user.status("gpg", &["--batch", "--verify", &signature(sig), &signature("release.tar")]);
        let good = verify("release.sig");
        assert!(good.contains(&format!("VALIDSIG {key}")) && good.contains("TRUST_FULLY"), "{good}");
        let undelegated = verify("false.sig");
        assert!(undelegated.contains("GOODSIG") && undelegated.contains("TRUST_UNDEFINED"), "{undelegated}");
    }
}

#[test]
fn keyrings_hold_who_they_should() {
    let signer = Home::new();
    let key = signer.new_key(ANN, "sign", &[]);
    let message = clearsigned(&signer, key, &request_text(signer.export(key)));
    let root = the_root();
    let Artefact { certificate, terms, .. } = certified(&root, &message);
    let one = Delegated { certificate, from: terms.created, until: terms.until, withdrawn: None };
    let build = |one: Delegated, at| {
        keyring::build(&Shown::new("Acme"), std::slice::from_ref(&root.certificate), &[one], at).expect("built")
    };
    let in_force = build(one.clone(), now());
    assert_eq!(in_force.current, in_force.archive);
    assert_eq!(in_force.current, one.certificate);
    assert!(build(one.clone(), terms.until).current.is_empty(), "ended");
    assert!(!build(one.clone(), terms.until).archive.is_empty(), "but was");
    let left = Delegated { withdrawn: Some(terms.created), ..one };
    assert!(build(left, now()).current.is_empty(), "withdrawn");
    let keys = String::from_utf8(in_force.keys).expect("UTF-8");
    assert!(keys.starts_with("pub   Ed25519 "), "{keys}");
    assert!(keys.contains(&format!("uid   {ANN}\n")), "{keys}");
    assert!(keys.contains("\nComment: Release signer of Acme, until "), "{keys}");
}

#[test]
fn what_the_records_key_signs_verifies_in_gpg_and_comes_back() {
    let home = Home::new();
    let records = drawn(3, &Profile::records("Acme Builds Records", YEAR));
    home.gpg(&["--import"], &records.certificate.bytes().expect("bytes"));
    // gpg 2.2 takes every primary key for able to certify, whatever its flags: "scSC", never "sS".
    let listing = home.colons(&records.fingerprint().to_string());
    assert!(listing.contains(":scSC:"), "{listing}");
    let texts =
        ["minutes\n", "\n", "\n\n a\n", "-\n- dash\n-----BEGIN PGP SIGNED MESSAGE-----\n", "From here\n\tä\n\n\n"];
    for text in texts {
        let message = sign_text(text.as_bytes(), now(), &mut pair(&records)).expect("signed");
        let path = home.write("message.asc", &message);
        let status = home.status("gpg", &["--batch", "--verify", &path]);
        assert!(status.contains("GOODSIG") && !status.contains("BADSIG"), "{text:?}: {status}");
        let back = home.run("gpg", &["--batch", "-d", &path], b"").stdout;
        assert_eq!(String::from_utf8_lossy(&back), text);
        assert_eq!(verify_text(&message, &records.certificate, now()).expect("own"), text.as_bytes());
    }
    let data = [0, 1, 0xff, b'\n', b'\r', b'\n'];
    let signature = sign_detached(&data, now(), &mut pair(&records)).expect("signed");
    let (data_path, path) = (home.write("data", &data), home.write("data.asc", &signature));
    let status = home.status("gpg", &["--batch", "--verify", &path, &data_path]);
    assert!(status.contains("VALIDSIG"), "{status}");
    verify_detached(&data, &signature, &records.certificate, now()).expect("own");
}

#[test]
fn the_revocation_imports_and_revokes() {
    let home = Home::new();
    let root = drawn(1, &Profile::root("Root", YEAR));
    home.gpg(&["--import"], &root.certificate.bytes().expect("bytes"));
    let revocation = revocation::revoke(&root.certificate, now(), &mut pair(&root)).expect("revocation");
    assert!(String::from_utf8_lossy(&revocation).contains("Comment: This is a revocation certificate."));
    home.gpg(&["--import"], &revocation);
    let listing = home.colons(&root.fingerprint().to_string());
    assert!(listing.contains("pub:r:"), "{listing}");
}

#[test]
fn a_signing_subkey_works_and_foreign_certifications_are_left_out() {
    let home = Home::new();
    let key = home.new_key(ANN, "cert", &[]);
    home.gpg(&["--quick-add-key", &key.to_string(), "ed25519", "sign", "1y"], b"");
    home.gpg(&["--quick-add-key", &key.to_string(), "cv25519", "encr", "1y"], b"");
    home.gpg(&["--quick-add-uid", &key.to_string(), "Acme Root <root@acme.example>"], b"");
    home.gpg(&["--quick-set-primary-uid", &key.to_string(), ANN], b"");
    let friend = home.new_key("Friend", "cert", &[]);
    home.gpg(&["--yes", "--local-user", &friend.to_string(), "--quick-sign-key", &key.to_string()], b"");
    let message = clearsigned(&home, key, &request_text(home.export(key)));
    let root = the_root();
    let artefact = certified(&root, &message);

    let user = Home::new();
    user.gpg(&["--import"], &artefact.certificate);
    user.gpg(&["--import"], &root.certificate.bytes().expect("bytes"));
    let listing =
        String::from_utf8(user.gpg(&["--with-colons", "--check-sigs", &key.to_string()], b"")).expect("UTF-8");
    assert_eq!(listing.matches("\nuid:").count(), 1, "{listing}");
    assert_eq!(listing.matches("\nsub:").count(), 2, "{listing}");
    let by_root = format!(":{}:", &root.fingerprint().to_string()[24..]);
    assert_eq!(listing.lines().filter(|l| l.starts_with("sig:!") && l.contains(&by_root)).count(), 1, "{listing}");
    assert!(!listing.contains(&friend.to_string()[24..]), "{listing}");
}
