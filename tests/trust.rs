//! What stock gpg and gpgv say to what keyrite makes, and what keyrite says to what they make.
#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use keyrite::format::request::{RequestFile, VERSION};
use keyrite::model::fault::Fault;
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::shown::Shown;
use keyrite::model::timestamp::Timestamp;
use keyrite::trust::delegation::{self, Artefact, Change, Policy, Request, Review, UntrustedRequest};
use keyrite::trust::openpgp::keyring::{self, Delegated};
use keyrite::trust::openpgp::root::{self, DrawnRoot};
use keyrite::trust::openpgp::secret::SecretRoot;
use keyrite::trust::openpgp::signed_text::{sign_detached, sign_text, verify_detached, verify_text};
use keyrite::trust::openpgp::{Profile, UntrustedCertificate, certification, revocation};
use keyrite_locked::Locked;
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, Packet};
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// A scratch home of gpg; short, because of the length limit of socket paths.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("k").tempdir_in("/tmp").expect("scratch folder");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).expect("mode");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).expect("scratch file");
        path.to_str().expect("plain path").to_owned()
    }

    fn run(&self, program: &str, args: &[&str], input: &[u8]) -> Output {
        let mut child = Command::new(program)
            .args(args)
            .current_dir(self.path())
            .env("GNUPGHOME", self.path())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gpg is installed");
        // A program that does not read its input closes the pipe: fine.
        let _ = child.stdin.take().expect("a pipe").write_all(input);
        child.wait_with_output().expect("it ends")
    }

    /// gpg in batch mode, which must succeed.
    fn gpg(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let batch = ["--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""];
        let output = self.run("gpg", &[&batch[..], args].concat(), input);
        assert!(output.status.success(), "gpg {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// The status lines of a verification, whatever its exit code.
    fn status(&self, program: &str, args: &[&str]) -> String {
        let output = self.run(program, &[&["--status-fd", "1"], args].concat(), b"");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// A new key; gives its fingerprint.
    fn new_key(&self, user_id: &str, usage: &str, more: &[&str]) -> Fingerprint {
        self.gpg(&[more, &["--quick-gen-key", user_id, "ed25519", usage, "1y"]].concat(), b"");
        self.fingerprint(&format!("={user_id}"))
    }

    fn fingerprint(&self, of: &str) -> Fingerprint {
        let list = self.colons(of);
        let line = list.lines().find(|l| l.starts_with("fpr:")).expect("a key");
        line.split(':').nth(9).expect("field 10").parse().expect("a fingerprint")
    }

    fn colons(&self, of: &str) -> String {
        String::from_utf8(self.gpg(&["--with-colons", "--list-keys", of], b"")).expect("UTF-8")
    }

    fn export(&self, key: Fingerprint) -> String {
        String::from_utf8(self.gpg(&["--armor", "--export", &key.to_string()], b"")).expect("ASCII")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").env("GNUPGHOME", self.path()).args(["--kill", "all"]).output();
    }
}

fn now() -> Timestamp {
    SystemTime::now().try_into().expect("before 2106")
}

fn drawn(seed: u8, profile: &Profile) -> DrawnRoot {
    let seed = Locked::copy_of(&[seed; 32]).expect("locked memory");
    root::draw(&seed, profile, now()).expect("drawn")
}

fn pair(root: &DrawnRoot) -> KeyPair {
    SecretRoot::parse(&root.secret).expect("own secret").key().clone().into_keypair().expect("not locked")
}

fn policy() -> Policy {
    Policy {
        organization: "Acme Builds".to_owned(),
        root: "packages".parse().expect("name"),
        roster: BTreeSet::from(["ann".to_owned()]),
        max_lifetime_days: 400,
        max_age_days: 30,
        policy_uri: Some("https://acme.example/keys".to_owned()),
    }
}

const ANN: &str = "Ann Signer <ann@acme.example>";

fn request_text(certificate: String) -> String {
    let request = RequestFile {
        version: VERSION,
        id: "2026-11-ann".parse().expect("name"),
        organization: "Acme Builds".to_owned(),
        root: "packages".parse().expect("name"),
        signer: "ann".to_owned(),
        user_id: ANN.to_owned(),
        scope: "all packages".to_owned(),
        lifetime_days: 365,
        date: now(),
        certificate,
    };
    request.render().expect("TOML")
}

/// A request clearsigned by stock gpg.
fn clearsigned(home: &Home, key: Fingerprint, text: &str) -> Vec<u8> {
    home.gpg(&["--local-user", &key.to_string(), "--clearsign"], text.as_bytes())
}

fn verified(message: &[u8]) -> Result<Request, delegation::Error> {
    UntrustedRequest::parse("request.toml.asc", message)?.verify(&policy(), now())
}

fn certified(root: &DrawnRoot, message: &[u8]) -> Artefact {
    let review = Review::new(Change::new(verified(message).expect("a good request"), None, None, now()));
    let hash = review.hash();
    let approved = review.approve(hash).expect("the right hash");
    approved.certify(&root.certificate, "2026-11-21-a", now(), &mut pair(root)).expect("certified")
}

#[track_caller]
fn refused(message: &[u8], control: Option<&str>, words: &str) {
    let error = verified(message).map(|_| ()).expect_err("refused");
    assert_eq!(error.control().map(keyrite::model::control::Control::id), control, "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.hint().is_some(), "{error} has no hint");
}

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
    let root = drawn(1, &Profile::root("Acme Builds Packages Root", YEAR * 3));
    let artefact = certified(&root, &message);
    certification::judge(&root.certificate, &artefact.certificate, &artefact.terms).expect("from the bytes");
    let Artefact { certificate, terms, .. } = artefact;
    let delegated = [Delegated { certificate, from: terms.created, until: terms.until, withdrawn: None }];
    let rings = || keyring::build(&Shown::new("Acme Builds"), &root.certificate, &delegated, now()).expect("keyrings");
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
    let root = drawn(1, &Profile::root("Root", YEAR));
    let Artefact { certificate, terms, .. } = certified(&root, &message);
    let one = Delegated { certificate, from: terms.created, until: terms.until, withdrawn: None };
    let build = |one: Delegated, at| keyring::build(&Shown::new("Acme"), &root.certificate, &[one], at).expect("built");
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
fn a_request_must_be_signed_by_the_key_inside_as_it_stands() {
    let home = Home::new();
    let key = home.new_key(ANN, "sign", &[]);
    let text = request_text(home.export(key));
    let message = clearsigned(&home, key, &text);
    let request = verified(&message).expect("a good request");
    assert_eq!(request.certificate().fingerprint(), key);
    assert_eq!(request.text().user_id, ANN);
    let back = home.run("gpg", &["--batch", "-d"], &message).stdout;
    assert_eq!(back, text.as_bytes());

    let message = String::from_utf8(message).expect("UTF-8");
    let changed = message.replace("lifetime-days = 365", "lifetime-days = 366");
    refused(changed.as_bytes(), Some("REQUEST-1"), "does not verify");
    let other = home.new_key("Other", "sign", &[]);
    let by_other = clearsigned(&home, other, &text);
    refused(&by_other, Some("REQUEST-1"), "signed by another key");
    refused(text.as_bytes(), Some("REQUEST-1"), "begins with -----BEGIN PGP SIGNED MESSAGE-----");
    refused(format!("{message}{message}").as_bytes(), Some("REQUEST-1"), "armored PGP SIGNATURE");
    let sha1 = home.gpg(&["--local-user", &key.to_string(), "--digest-algo", "SHA1", "--clearsign"], text.as_bytes());
    refused(&sha1, Some("REQUEST-1"), "hash");
    // Line ends change on the way; what is signed does not.
    verified(message.replace('\n', "\r\n").as_bytes()).expect("CRLF is transport");
}

#[test]
fn a_request_is_refused_for_its_form_and_its_terms() {
    let home = Home::new();
    let key = home.new_key(ANN, "sign", &[]);
    let text = request_text(home.export(key));
    let edited = |from: &str, to: &str| clearsigned(&home, key, &text.replace(from, to));
    refused(&edited("scope =", "skope ="), None, "line 7, column 1: unknown field `skope`");
    refused(&edited("= 365", "= 3650"), Some("REQUEST-4"), "lifetime-days is 3650");
    refused(&edited("Acme Builds", "Acne Builds"), Some("REQUEST-4"), "organization is \"Acne Builds\"");
    refused(&edited(ANN, "Bo"), Some("REQUEST-2"), "no valid user ID \"Bo\"");
    refused(&edited(ANN, "Ann\\u001b[2J\\u202e"), Some("REQUEST-2"), "\"Ann\\u{1b}[2J\\u{202e}\"");
}

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
    home.gpg(&["--quick-gen-key", "Short", "rsa2048", "sign", "1y"], b"");
    certificate_refused(&home.export(home.fingerprint("=Short")), now(), "too weak: RSA 2048");

    let secret = home.gpg(&["--armor", "--export-secret-keys", &good.to_string()], b"");
    certificate_refused(&String::from_utf8_lossy(&secret), now(), "PUBLIC KEY BLOCK");
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
    let root = drawn(1, &Profile::root("Root", YEAR * 3));
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

/// `bytes` must be refused within two seconds.
#[track_caller]
fn refused_fast(what: &str, bytes: &[u8]) {
    let start = Instant::now();
    let judged = UntrustedCertificate::parse(bytes).and_then(|certificate| certificate.judge(now()));
    let error = judged.map(|_| ()).expect_err(what);
    assert!(start.elapsed() < Duration::from_secs(2), "{what} took {:?}", start.elapsed());
    assert!(!error.to_string().contains(|c: char| c.is_control()), "{what}: {error:?}");
}

#[test]
fn hostile_certificates_end_fast() {
    let good = drawn(1, &Profile::records("Records", YEAR)).certificate.bytes().expect("bytes");
    let with = |tail: &[u8]| [good.as_slice(), tail].concat();
    refused_fast("4gb length header", &with(&[0xcd, 0xff, 0xff, 0xff, 0xff, 0xff, b'a']));
    refused_fast("compressed bomb", &with(&[0xc8, 4, 3, b'B', b'Z', b'h']));
    let big = [&[0xcd, 0xff, 0, 0x98, 0x96, 0x80][..], &vec![b'a'; 10_000_000]].concat();
    refused_fast("10 MB user ID", &with(&big));
    refused_fast("partial length", &with(&[0xcd, 0xe5, b'a']));
    refused_fast("indeterminate length", &with(&[0xb7, b'a']));
    refused_fast("many user IDs", &with(&[0xcd, 1, b'a'].repeat(1000)));
    refused_fast("empty", b"");
    refused_fast("half", &good[..good.len() / 2]);
    let armor_bomb = format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}", "A".repeat(10_000_000));
    refused_fast("armor without end", armor_bomb.as_bytes());
    refused_fast("nested embedded signatures", &with(&nested_signatures()));
    let headers = format!(
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n{}\n-----END PGP PUBLIC KEY BLOCK-----",
        "Comment: \u{1b}\n".repeat(20_000)
    );
    refused_fast("armor of headers", headers.as_bytes());
}

/// Signatures within signatures, as deep as a packet of 16 KiB allows (RFC 9580 5.2.3.34), and no certificate around it.
fn nested_signatures() -> Vec<u8> {
    let mut body: Vec<u8> = Vec::new();
    while body.len() < 15_000 {
        let mut hashed = Vec::new();
        if !body.is_empty() {
            let length = u32::try_from(body.len() + 1).expect("short").to_be_bytes();
            hashed = [&[255][..], &length, &[32], &body].concat();
        }
        let length = u16::try_from(hashed.len()).expect("short").to_be_bytes();
        body = [&[4, 0x19, 22, 10][..], &length, &hashed, &[0, 0, 0, 0, 0, 1, 1, 0, 1, 1]].concat();
    }
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    // A second primary key in front makes sure that it is refused at the end.
    [&[0xc2, 255][..], &length, &body, &[0xc6, 1, 4]].concat()
}

#[test]
fn many_false_self_signatures_end_fast() {
    let key: Key4<SecretParts, PrimaryRole> =
        Key4::generate_ecc(true, sequoia_openpgp::types::Curve::NistP521).expect("P-521");
    let key: Key<SecretParts, PrimaryRole> = key.into();
    let mut pair = key.clone().into_keypair().expect("pair");
    let profile = Profile::records("Records", YEAR);
    let good =
        root::certificate(key.parts_as_public(), &profile, now(), &mut pair).expect("made").bytes().expect("bytes");
    // The last packet is the user ID's binding: repeat it with another octet in its last MPI, prefix of the digest kept.
    let short_header = |at: usize| if good[at + 1] < 192 { 2 } else { 3 };
    let mut at = 0;
    let mut last = 0;
    while at < good.len() {
        last = at;
        let body = match good[at + 1] {
            short @ 0..=191 => usize::from(short),
            high => (usize::from(high - 192) << 8) + usize::from(good[at + 2]) + 192,
        };
        at += short_header(at) + body;
    }
    let mut bytes = good[..last].to_vec();
    for count in 0..200_u8 {
        let mut packet = good[last..].to_vec();
        let end = packet.len() - 1;
        packet[end] ^= count + 1;
        bytes.extend_from_slice(&packet);
    }
    let start = Instant::now();
    // The direct-key signature still holds it together, so it may pass: only the time counts.
    let _ = UntrustedCertificate::parse(&bytes).and_then(|certificate| certificate.judge(now()));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn nothing_of_a_certificate_reaches_the_screen_raw() {
    let (cert, _) = sequoia_openpgp::cert::CertBuilder::new()
        .add_userid("Ann\u{1b}[2J\u{202e}\u{7} <ann@acme.example>")
        .add_signing_subkey()
        .set_creation_time(SystemTime::from(Timestamp(now().0 - 10)))
        .generate()
        .expect("a certificate");
    let bytes = cert.to_vec().expect("bytes");
    let judged = UntrustedCertificate::parse(&bytes).and_then(|c| c.judge(now())).expect("otherwise good");
    let lines = judged.describe();
    assert!(lines.iter().any(|l| l.as_str() == "user ID Ann\\u{1b}[2J\\u{202e}\\u{7} <ann@acme.example>"), "{lines:?}");
    let error = judged.must_have("Ann\u{1b}[2J\u{202e}\u{7} <ann@acme.example>").expect_err("deceives");
    assert!(error.to_string().contains("control or direction-changing characters"), "{error}");
}
