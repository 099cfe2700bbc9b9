//! A scratch folder to run stock programs in.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A folder whose GnuPG daemons end with it.
pub(crate) struct Room(tempfile::TempDir);

impl Room {
    /// With an empty GnuPG home.
    pub(crate) fn new() -> Self {
        let room = Self::bare();
        room.sh("mkdir -m 700 gnupg", b"");
        room
    }

    /// Empty.
    pub(crate) fn bare() -> Self {
        Self(tempfile::tempdir().expect("a scratch folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path().join(name), bytes).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs a program here with `input`. Its GNUPGHOME is in this folder.
    pub(crate) fn run(&self, program: &str, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(self.path())
            .env("GNUPGHOME", self.path().join("gnupg"))
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        // Who does not read its input may be gone already.
        let _ = child.stdin.take().expect("stdin").write_all(input);
        child.wait_with_output().expect("an end")
    }

    /// Runs a script that must not fail; gives what it says.
    pub(crate) fn sh(&self, script: &str, input: &[u8]) -> String {
        let done = self.run("sh", &["-e", "-c", script], input);
        assert!(done.status.success(), "{script}\n{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("text")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if self.path().join("gnupg").exists() {
            self.run("gpgconf", &["--kill", "all"], b"");
        }
    }
}
