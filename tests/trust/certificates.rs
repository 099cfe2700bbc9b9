//! Which certificates are refused, and by which control.

use std::time::SystemTime;

use keyrite::model::fault::Fault;
use keyrite::model::timestamp::Timestamp;
use keyrite::trust::openpgp::{Profile, UntrustedCertificate};
use sequoia_openpgp::packet::key::{Key4, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, Packet};
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};

use crate::home::*;

#[track_caller]
fn certificate_refused(armored: &str, at: Timestamp, words: &str) {
    let judged = UntrustedCertificate::parse(armored.as_bytes()).and_then(|certificate| certificate.judge(at));
    let error = judged.map(|_| ()).expect_err("refused");
    assert_eq!(error.control().map(keyrite::model::control::Control::id), Some("REQUEST-2"), "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.hint().is_some(), "{error} has no hint");
}

#[test]
fn a_certificate_must_be_alive_strong_and_able_to_sign() {
    let home = Home::new();
    let good = home.new_key(ANN, "sign", &[]);
    certificate_refused(&home.export(good), now().plus(YEAR * 2), "expired at");
    certificate_refused(&home.export(good), Timestamp(now().0 - 86_400), "in the future");
    let certify_only = home.new_key("No Signer", "cert", &[]);
    certificate_refused(&home.export(certify_only), now(), "no key that can sign");
    let sha1 = home.new_key("Old Hash", "sign", &["--cert-digest-algo", "SHA1"]);
    certificate_refused(&home.export(sha1), now(), "bound by SHA-1");
    // What the hint says helps.
    home.gpg(&["--cert-digest-algo", "SHA512", "--quick-set-expire", &sha1.to_string(), "1y"], b"");
    let renewed = UntrustedCertificate::parse(home.export(sha1).as_bytes()).and_then(|c| c.judge(now()));
    assert_eq!(renewed.expect("renewed").fingerprint(), sha1);
    home.gpg(&["--quick-gen-key", "Short", "rsa2048", "sign", "1y"], b"");
    certificate_refused(&home.export(home.fingerprint("=Short")), now(), "too weak: RSA 2048");

    let secret = home.gpg(&["--armor", "--export-secret-keys", &good.to_string()], b"");
    certificate_refused(&String::from_utf8_lossy(&secret), now(), "the file contains a secret key");
    let binary = home.gpg(&["--export-secret-keys", &good.to_string()], b"");
    let error = UntrustedCertificate::parse(&binary).map(|_| ()).expect_err("refused");
    assert_eq!(error.to_string(), "the file contains a secret key");
    let both = home.gpg(&["--armor", "--export", &good.to_string(), &certify_only.to_string()], b"");
    certificate_refused(&String::from_utf8_lossy(&both), now(), "2 certificates");

    let path = home.path().join("openpgp-revocs.d").join(format!("{good}.rev"));
    let revocation = std::fs::read_to_string(path).expect("made by gpg").replace(":-----BEGIN", "-----BEGIN");
    home.gpg(&["--import"], revocation.as_bytes());
    certificate_refused(&home.export(good), now(), "revoked");
}

/// A certify-only certificate with a signing subkey whose binding and back signature use these hashes: gpg makes none.
fn with_subkey(binding: HashAlgorithm, back: HashAlgorithm) -> Vec<u8> {
    let primary = drawn(5, &Profile::root("Subkey", YEAR));
    let cert = primary.certificate.cert().clone();
    let made = SystemTime::from(now());
    let subkey: Key4<SecretParts, SubordinateRole> = Key4::import_secret_ed25519(&[6; 32], made).expect("subkey");
    let subkey: Key<SecretParts, SubordinateRole> = subkey.into();
    let mut signer = subkey.clone().into_keypair().expect("pair");
    let back = SignatureBuilder::new(SignatureType::PrimaryKeyBinding)
        .set_hash_algo(back)
        .set_signature_creation_time(made)
        .and_then(|b| b.sign_primary_key_binding(&mut signer, cert.primary_key().component(), &subkey))
        .expect("back signature");
    let binding = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_hash_algo(binding)
        .set_signature_creation_time(made)
        .and_then(|b| b.set_key_flags(KeyFlags::empty().set_signing()))
        .and_then(|b| b.set_embedded_signature(back))
        .and_then(|b| subkey.bind(&mut pair(&primary), &cert, b))
        .expect("binding");
    let packets = [Packet::from(subkey.parts_as_public().clone()), binding.into()];
    cert.insert_packets(packets).expect("inserted").0.to_vec().expect("bytes")
}

#[test]
fn a_signing_subkey_bound_by_sha1_does_not_count() {
    let judge = |binding, back| {
        UntrustedCertificate::parse(&with_subkey(binding, back)).and_then(|certificate| certificate.judge(now()))
    };
    use HashAlgorithm::{SHA1, SHA256};
    assert_eq!(judge(SHA256, SHA256).expect("good").signing().len(), 1);
    for (binding, back) in [(SHA1, SHA256), (SHA256, SHA1)] {
        let error = judge(binding, back).map(|_| ()).expect_err("refused");
        assert_eq!(error.to_string(), "the signing key is bound by SHA-1");
    }
}
