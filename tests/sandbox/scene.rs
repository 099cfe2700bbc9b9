//! A delegation by the real keyrite, whose helpers tell what they may do, and which is held while gpg looks.
//!
//! keyrite lies in a folder of its own, beside a `keyrite-virtual-card` and before a `gpg` that run the probe first and then
//! the real program. Everything belongs to a plain user: root may read another process whatever that one does.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::engineer::good_bundle;
use crate::probe::{self, Report};
use crate::secrets;
use crate::stage::{self, DELEGATION, Stage, keyrite, virtual_card};

/// Nobody.
const USER: u32 = 65534;
/// How long something is waited for on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The virtual card's program.
const CARD: &str = r#"#!/bin/sh
[ "$1" != serve ] || [ -e SCRATCH/card.report ] || PROBE INSIDE OUTSIDE >SCRATCH/card.report
exec REAL "$@"
"#;

/// gpg. The first time, it says that it is there and waits to be told to go on.
const GPG: &str = r#"#!/bin/sh
if [ ! -e SCRATCH/held ]; then
    PROBE INSIDE OUTSIDE >SCRATCH/gpg.report
    echo $$ >SCRATCH/held.new
    ln SCRATCH/held.new SCRATCH/held
    read -r _ <SCRATCH/go
fi
exec REAL "$@"
"#;

/// The scene, before or after keyrite runs.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
}

/// keyrite and its helpers, while gpg is held.
pub(crate) struct Held {
    pub(crate) keyrite: Child,
    pub(crate) gpg: u32,
    go: std::fs::File,
}

/// Whether this test is root, and so must become somebody else.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A command as a plain user.
pub(crate) fn plain(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut plain = Command::new("setpriv");
    let user = USER.to_string();
    plain.args(["--reuid", &user, "--regid", &user, "--clear-groups", "--"]).arg(program);
    plain
}

/// The same, for one who may have core files.
pub(crate) fn with_cores(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -c unlimited 2>/dev/null || :; exec "$@""#, "sh"]);
    let plain = plain(program);
    command.arg(plain.get_program()).args(plain.get_args());
    command
}

/// Waits until something is there.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < until, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A line of `/proc/PID/status`.
pub(crate) fn status(process: u32, name: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t").map(str::to_owned))
}

impl Scene {
    /// A root is there, and a request.
    pub(crate) fn set() -> Self {
        Self::on(Stage::with_root())
    }

    /// On a stage that has a root.
    pub(crate) fn on(stage: Stage) -> Self {
        let this = Self { stage };
        let folder = this.stage.folder().to_owned();
        good_bundle(&this.stage);
        for name in ["bin", "elsewhere"] {
            std::fs::create_dir(folder.join(name)).unwrap();
        }
        stage::copy(Path::new("ceremony"), &folder.join("ceremony"));
        if std::fs::hard_link(keyrite(), folder.join("bin/keyrite")).is_err() {
            std::fs::copy(keyrite(), folder.join("bin/keyrite")).unwrap();
        }
        std::fs::copy(virtual_card(), folder.join("bin/real-card")).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let gpg = std::env::split_paths(&path).map(|folder| folder.join("gpg")).find(|gpg| gpg.is_file());
        this.program("keyrite-virtual-card", CARD, &folder.join("bin/real-card"));
        this.program("gpg", GPG, &gpg.expect("gpg is installed"));
        rustix::fs::mknodat(rustix::fs::CWD, this.stage.path("go"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
            .unwrap();
        probe::build(&folder.join("bin"));
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        give(&folder);
        this
    }

    fn program(&self, name: &str, text: &str, real: &Path) {
        let texts = [
            ("SCRATCH", self.stage.scratch()),
            ("INSIDE", self.stage.path(&format!("{name}.probe"))),
            ("OUTSIDE", self.outside(name)),
            ("PROBE", self.stage.folder().join("bin/probe")),
            ("REAL", real.to_owned()),
        ];
        let text = texts.iter().fold(text.to_owned(), |text, (word, path)| text.replace(word, path.to_str().unwrap()));
        let path = self.stage.folder().join("bin").join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Where a helper tries to write, and must not. The folder is the plain user's own.
    fn outside(&self, name: &str) -> PathBuf {
        self.stage.folder().join("elsewhere").join(name)
    }

    /// What a helper told.
    pub(crate) fn report(&self, name: &str, file: &str) -> (Report, i32, i32) {
        let report = Report::read(&std::fs::read_to_string(self.stage.path(file)).unwrap());
        let inside = report.writing(&self.stage.path(&format!("{name}.probe")));
        let outside = report.writing(&self.outside(name));
        (report, inside, outside)
    }

    /// keyrite, ready to delegate, as a plain user who may have core files.
    pub(crate) fn delegate(&self) -> Command {
        let folder = self.stage.folder();
        let mut path = vec![folder.join("bin")];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        let path = std::env::join_paths(path).unwrap().into_string().unwrap();
        // In arguments: a terminal passes nothing else on.
        let mut command = Command::new("env");
        command.arg("-C").arg(folder).arg(format!("TMPDIR={}", folder.display())).arg(format!("PATH={path}"));
        let keyrite = with_cores(folder.join("bin/keyrite"));
        command.arg(keyrite.get_program()).args(keyrite.get_args());
        command.args(["ceremony", "rehearse"]).arg(folder.join(DELEGATION)).arg("--scratch").arg(self.stage.scratch());
        command.arg("--bundle").arg(folder.join("good")).stdin(Stdio::null());
        command
    }

    /// Runs keyrite until gpg is held.
    pub(crate) fn hold(&self) -> Held {
        let mut keyrite = self.delegate().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let held = self.stage.path("held");
        let gpg = wait_for("gpg is asked", || {
            if let Some(status) = keyrite.try_wait().unwrap() {
                let said = std::io::read_to_string(keyrite.stderr.take().unwrap()).unwrap();
                panic!("keyrite ended before: {status}: {said}");
            }
            std::fs::read_to_string(&held).ok()?.trim().parse().ok()
        });
        // For reading too: so opening does not wait for gpg to have come so far.
        let go = std::fs::OpenOptions::new().read(true).write(true).open(self.stage.path("go")).unwrap();
        Held { keyrite, gpg, go }
    }

    /// The cards that have power.
    pub(crate) fn cards(&self) -> Vec<u32> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).into_owned();
            if words.contains("\0serve\0") && words.contains(self.stage.scratch().to_str().unwrap()) {
                found.push(process);
            }
        }
        found.sort_unstable();
        found
    }

    /// What is in the pockets.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        let files = self.files();
        secrets::in_pockets(files.iter().map(|(path, bytes)| (&**path, &**bytes)))
    }

    /// Every file that the ceremony could have written, with its bytes.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut files, mut folders) = (Vec::new(), vec![self.stage.folder().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap().flatten() {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() && entry.file_name() != "bin" {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.push((entry.path(), std::fs::read(entry.path()).unwrap()));
                }
            }
        }
        files
    }
}

impl Held {
    /// Tells gpg to go on.
    pub(crate) fn go_on(&mut self) {
        self.go.write_all(b"go\n").unwrap();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Nothing is left behind by a test that failed.
        let _ = self.go.write_all(b"go\n");
        let _ = self.keyrite.kill();
        let _ = self.keyrite.wait();
    }
}

/// Gives a folder and everything in it to the plain user; programs stay as they are.
fn give(folder: &Path) {
    if !is_root() {
        return;
    }
    chown(folder, Some(USER), Some(USER)).unwrap();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_name() == "bin" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            give(&path);
        } else {
            chown(&path, Some(USER), Some(USER)).unwrap();
        }
    }
}
