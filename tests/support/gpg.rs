//! Stock gpg in a home of its own.
#![allow(dead_code, reason = "each test program needs some of this")]

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use keyrite::model::fingerprint::Fingerprint;

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
