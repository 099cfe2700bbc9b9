//! From a rehearsed delegation to a user: prepared, signed by keyrite through gpg, and checked by everybody.

use std::path::Path;

use keyrite::model::fingerprint::Fingerprint;

use crate::engineer::{Engineer, bundle};
use crate::gpg::Home;
use crate::stage::{DELEGATION, Stage};
use crate::{ran, release, text};

#[test]
fn a_delegated_engineers_release_is_good_to_everybody() {
    let (stage, anna) = (Stage::with_root(), Engineer::anna());
    let incoming = bundle(&stage, "in", &[("anna.request.asc", &anna.request(|_| {}))]);
    stage.run(DELEGATION, Some(&incoming)).done();
    let published = stage.path("bundles/outgoing-0002-delegation");
    let root = stage.past().history.roots.values().next().expect("a root").fingerprint;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("keyrite-1.2.tar.gz"), b"a release").unwrap();
    std::fs::write(at("keyrite-1.2.zip"), b"the same").unwrap();

    // The builder has no key.
    let (builder, out) = (Home::new(), text(folder.path()).to_owned());
    let (tar, zip) = (at("keyrite-1.2.tar.gz"), at("keyrite-1.2.zip"));
    let head = ["--organization", "Example Organization", "--scope", "packages", "--source", "commit 0123abcd"];
    let args = [&["--name", "keyrite-1.2", "--out", &out][..], &head, &[text(&tar), text(&zip)]].concat();
    let prepared = ran(release(&builder, "prepare", &args));
    let words = prepared.done().out.lines().find(|line| line.contains("first word")).expect("words").to_owned();
    assert!(ran(release(&builder, "prepare", &args)).refused(1, Some("FILE-1")).contains("keyrite-1.2.SHA256SUMS"));

    let manifest = at("keyrite-1.2.SHA256SUMS");
    let key = anna.key.to_string();
    let signed = ran(release(&anna.home, "sign", &[text(&manifest), "--key", &key, "--yes"]));
    assert!(signed.done().out.contains(&words), "the signer sees the words that were read to them: {}", signed.out);
    for file in [&tar, &zip, &manifest] {
        stranger(&published, root, anna.key, file);
        let args = [text(file), "--keys", text(&published), "--root", &root.to_string(), "--scope", "packages"];
        let good = ran(release(&builder, "check", &args));
        assert!(good.done().out.lines().last().unwrap().starts_with("GOOD: "), "{}", good.out);
    }
    let sums = Home::new().run("sh", &["-c", &format!("cd {out} && sha256sum --check --strict *.SHA256SUMS")], b"");
    assert!(sums.status.success(), "{sums:?}");
    // The manifest says its scope.
    let args = [text(&manifest), "--keys", text(&published), "--root", &root.to_string(), "--scope", "docs"];
    ran(release(&builder, "check", &args)).refused(1, Some("RELEASE-22"));
}

/// As docs/formats.md and how-to-verify.txt say.
fn stranger(published: &Path, root: Fingerprint, signer: Fingerprint, file: &Path) {
    let (home, signature) = (Home::new(), format!("{}.asc", file.display()));
    let status = home.status("gpgv", &["--keyring", text(&published.join("current.gpg")), &signature, text(file)]);
    assert!(status.contains(&format!("VALIDSIG {signer}")) && status.contains("GOODSIG"), "{status}");
    home.new_key("Local User", "default", &[]);
    home.gpg(&["--import", text(&published.join("keys.txt"))], b"");
    home.gpg(&["--quick-lsign-key", &root.to_string()], b"");
    home.gpg(&["--import-ownertrust"], format!("{root}:5:\n").as_bytes());
    home.gpg(&["--check-trustdb"], b"");
    let status = home.status("gpg", &["--batch", "--verify", &signature, text(file)]);
    assert!(status.contains(&format!("VALIDSIG {signer}")) && status.contains("TRUST_FULLY"), "{status}");
}
