//! A scratch home of gpg, and keys and requests to put into it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use keyrite::format::request::{RequestFile, VERSION};
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::timestamp::Timestamp;
use keyrite::trust::delegation::{self, Artefact, Batch, Change, Policy, Request, Review, UntrustedRequest};
use keyrite::trust::openpgp::Profile;
use keyrite::trust::openpgp::root::{self, DrawnRoot};
use keyrite::trust::openpgp::secret::SecretRoot;
use keyrite_locked::Locked;
use sequoia_openpgp::crypto::KeyPair;

pub(crate) const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// A scratch home of gpg; short, because of the length limit of socket paths.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("k").tempdir_in("/tmp").expect("scratch folder");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).expect("mode");
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).expect("scratch file");
        path.to_str().expect("plain path").to_owned()
    }

    pub(crate) fn run(&self, program: &str, args: &[&str], input: &[u8]) -> Output {
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
    pub(crate) fn gpg(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let batch = ["--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""];
        let output = self.run("gpg", &[&batch[..], args].concat(), input);
        assert!(output.status.success(), "gpg {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// The status lines of a verification, whatever its exit code.
    pub(crate) fn status(&self, program: &str, args: &[&str]) -> String {
        let output = self.run(program, &[&["--status-fd", "1"], args].concat(), b"");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// A new key; gives its fingerprint.
    pub(crate) fn new_key(&self, user_id: &str, usage: &str, more: &[&str]) -> Fingerprint {
        self.gpg(&[more, &["--quick-gen-key", user_id, "ed25519", usage, "1y"]].concat(), b"");
        self.fingerprint(&format!("={user_id}"))
    }

    pub(crate) fn fingerprint(&self, of: &str) -> Fingerprint {
        let list = self.colons(of);
        let line = list.lines().find(|l| l.starts_with("fpr:")).expect("a key");
        line.split(':').nth(9).expect("field 10").parse().expect("a fingerprint")
    }

    pub(crate) fn colons(&self, of: &str) -> String {
        String::from_utf8(self.gpg(&["--with-colons", "--list-keys", of], b"")).expect("UTF-8")
    }

    pub(crate) fn export(&self, key: Fingerprint) -> String {
        String::from_utf8(self.gpg(&["--armor", "--export", &key.to_string()], b"")).expect("ASCII")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").env("GNUPGHOME", self.path()).args(["--kill", "all"]).output();
    }
}

pub(crate) fn now() -> Timestamp {
    SystemTime::now().try_into().expect("before 2106")
}

pub(crate) fn drawn(seed: u8, profile: &Profile) -> DrawnRoot {
    let seed = Locked::copy_of(&[seed; 32]).expect("locked memory");
    root::draw(&seed, profile, now()).expect("drawn")
}

pub(crate) fn pair(root: &DrawnRoot) -> KeyPair {
    SecretRoot::parse(&root.secret).expect("own secret").key().clone().into_keypair().expect("not locked")
}

/// The root that these tests certify with.
pub(crate) fn the_root() -> DrawnRoot {
    // Its key depends on the moment too: one for the whole run.
    static NOW: std::sync::OnceLock<Timestamp> = std::sync::OnceLock::new();
    let seed = Locked::copy_of(&[1; 32]).expect("locked memory");
    let profile = Profile::root("Acme Builds Packages Root", YEAR * 3);
    root::draw(&seed, &profile, *NOW.get_or_init(now)).expect("drawn")
}

pub(crate) fn policy() -> Policy {
    Policy {
        organization: "Acme Builds".to_owned(),
        root: "packages".parse().expect("name"),
        root_key: the_root().fingerprint(),
        roster: BTreeSet::from(["ann".to_owned()]),
        max_lifetime_days: 400,
        max_age_days: 30,
        policy_uri: Some("https://acme.example/keys".to_owned()),
    }
}

pub(crate) const ANN: &str = "Ann Signer <ann@acme.example>";

pub(crate) fn request_text(certificate: String) -> String {
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
pub(crate) fn clearsigned(home: &Home, key: Fingerprint, text: &str) -> Vec<u8> {
    home.gpg(&["--local-user", &key.to_string(), "--clearsign"], text.as_bytes())
}

pub(crate) fn verified(message: &[u8]) -> Result<Request, delegation::Error> {
    UntrustedRequest::parse("request.toml.asc", message)?.verify(&policy(), now())
}

pub(crate) fn certified(root: &DrawnRoot, message: &[u8]) -> Artefact {
    let review = Review::new(Change::new(verified(message).expect("a good request"), None, None, now()));
    let hash = review.hash();
    let approved = Batch::new(vec![review]).approve(hash).expect("the right hash").remove(0);
    approved.certify(&root.certificate, "2026-11-21-a", now(), &mut pair(root)).expect("certified")
}
