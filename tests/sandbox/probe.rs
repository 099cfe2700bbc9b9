//! A small C program that tries what the sandbox refuses: system calls that Rust's library does not make.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// "not permitted", as seccomp is told to answer.
pub(crate) const EPERM: i32 = 1;
/// "permission denied", as Landlock answers.
pub(crate) const EACCES: i32 = 13;

/// What may not be done anywhere in the sandbox.
pub(crate) const REFUSED: &[&str] = &[
    "socket inet",
    "socket inet6",
    "socket netlink",
    "socket packet",
    "socket vsock",
    "socket inet-high",
    "socketpair inet",
    "io_uring_setup",
    "pidfd_getfd",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
];

/// Compiles it into a folder, as `probe`.
pub(crate) fn build(folder: &Path) -> PathBuf {
    let program = folder.join("probe");
    let mut cc = Command::new("cc");
    cc.args(["-Wall", "-Werror", "-o"]).arg(&program).arg("tests/sandbox/probe.c");
    assert!(cc.status().expect("a C compiler").success(), "the probe does not build");
    program
}

/// Runs it.
pub(crate) fn run(program: &Path, paths: &[&Path]) -> Report {
    let ran = Command::new(program).args(paths).output().expect("it starts");
    Report::read(std::str::from_utf8(&ran.stdout).expect("ASCII"))
}

/// The version of Landlock that this kernel has: asked here, so that keyrite is not believed.
pub(crate) fn landlock(program: &Path) -> Option<u32> {
    let ran = Command::new(program).arg("--landlock").output().expect("it starts");
    let version = String::from_utf8_lossy(&ran.stdout).trim().parse().expect("a number");
    (version > 0).then_some(version)
}

/// Looks for a secret in another process's memory; `probe` is ready to start as whoever looks.
pub(crate) fn memory(mut probe: Command, process: u32, secret: &str) -> Report {
    probe.arg("--memory").arg(process.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut probe = probe.spawn().expect("it starts");
    // Not as an argument: there it would be found.
    writeln!(probe.stdin.take().expect("a pipe"), "{secret}").expect("it listens");
    let ran = probe.wait_with_output().expect("it ends");
    assert!(ran.status.success());
    Report::read(std::str::from_utf8(&ran.stdout).expect("ASCII"))
}

/// What a probe said: each try with its error number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Report(BTreeMap<String, i32>);

impl Report {
    /// Reads it.
    pub(crate) fn read(said: &str) -> Self {
        let tries = said.lines().map(|line| line.rsplit_once(' ').expect("a try and its number"));
        Self(tries.map(|(what, number)| (what.to_owned(), number.parse().expect("a number"))).collect())
    }

    /// The error number of a try.
    pub(crate) fn of(&self, what: &str) -> i32 {
        *self.0.get(what).unwrap_or_else(|| panic!("{what} was not tried: {self:?}"))
    }

    /// The error number of writing there.
    pub(crate) fn writing(&self, path: &Path) -> i32 {
        self.of(&format!("write {}", path.display()))
    }

    /// Asserts that there is no way to a network.
    pub(crate) fn assert_no_network(&self) {
        for what in REFUSED {
            assert_eq!(self.of(what), EPERM, "{what}: {self:?}");
        }
        if cfg!(target_arch = "x86_64") {
            assert_eq!((self.of("x32-socket inet"), self.of("x32-socket unix")), (EPERM, EPERM), "{self:?}");
        }
        assert_eq!((self.of("socket unix"), self.of("socketpair unix")), (0, 0), "{self:?}");
    }
}
