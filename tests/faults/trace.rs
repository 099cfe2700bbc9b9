//! What keyrite asks of the system, as strace shows it, and how strace makes it fail.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::stage::Stage;

/// The calls that are looked at: all that touch files.
const CALLS: &str =
    "openat,read,write,pwrite64,fsync,fdatasync,renameat2,linkat,mkdir,unlink,rmdir,ftruncate,statx,getdents64,flock";

/// One system call of a run.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) name: String,
    /// How often this call was made up to here, this one included: as strace counts for `when`.
    pub(crate) number: usize,
    /// Its file, without what differs from run to run.
    pub(crate) place: String,
    /// The line.
    line: String,
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `ENOSPC`.
    NoSpace,
    /// `EIO`.
    Broken,
    /// `SIGKILL`.
    Killed,
}

impl Fault {
    /// The faults that a call can have: only what writes can find no space.
    pub(crate) fn of(call: &Call) -> Vec<Self> {
        let writes = match call.name.as_str() {
            "openat" => call.line.contains("O_CREAT"),
            "read" | "statx" | "getdents64" | "unlink" | "rmdir" | "flock" => false,
            _ => true,
        };
        if writes { vec![Self::NoSpace, Self::Broken, Self::Killed] } else { vec![Self::Broken, Self::Killed] }
    }

    fn inject(self) -> &'static str {
        match self {
            Self::NoSpace => "error=ENOSPC",
            Self::Broken => "error=EIO",
            Self::Killed => "signal=SIGKILL",
        }
    }
}

/// A whole run.
pub(crate) struct Trace {
    /// Its calls that touch files of ours, in order.
    pub(crate) calls: Vec<Call>,
}

impl Trace {
    /// Runs a script under strace, without a fault. Children are not looked at.
    pub(crate) fn of(stage: &Stage, script: &str, bundle: Option<&Path>) -> Self {
        let log = stage.folder().join("strace");
        let output = strace(stage, script, bundle, &log, &[&format!("--trace={CALLS}")]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let folder = stage.folder().to_str().unwrap();
        let (mut numbers, mut calls) = (BTreeMap::new(), Vec::new());
        for line in std::fs::read_to_string(&log).unwrap().lines() {
            let Some((name, _)) = line.split_once('(').filter(|(name, _)| CALLS.split(',').any(|call| call == *name))
            else {
                continue;
            };
            let number: &mut usize = numbers.entry(name.to_owned()).or_default();
            *number += 1;
            if let Some(place) = place(line, folder) {
                calls.push(Call { name: name.to_owned(), number: *number, place, line: line.to_owned() });
            }
        }
        Self { calls }
    }

    /// What is on the screen is on the disk: a file gets its name only when its bytes are synced, its folder is synced after
    /// that, and a line of a transcript is synced before the next word is told.
    pub(crate) fn assert_synced_before_told(&self) {
        let mut unsynced: BTreeMap<String, &str> = BTreeMap::new();
        let (mut renamed, mut told) = (0, 0);
        for call in &self.calls {
            // What only gpg reads passes with gpg's home, and is nobody's to find again (docs/decisions/0045-grouped-fsync.md).
            let file = || descriptor(&call.line).filter(|path| !path.contains("/.unfinished-gpg-")).map(str::to_owned);
            match call.name.as_str() {
                "write" if call.place == "stdout" => {
                    told += 1;
                    assert!(unsynced.is_empty(), "told before it was synced: {unsynced:?}: {}", call.line);
                }
                "write" | "pwrite64" => drop(file().map(|file| unsynced.insert(file, "bytes"))),
                "fsync" | "fdatasync" => drop(file().map(|file| unsynced.remove(&file))),
                "renameat2" => {
                    renamed += 1;
                    let paths: Vec<&str> = call.line.split('"').collect();
                    assert!(!unsynced.contains_key(paths[1]), "renamed before it was synced: {}", call.line);
                    let folder = Path::new(paths[3]).parent().unwrap().to_str().unwrap().to_owned();
                    unsynced.insert(folder, "a new name");
                }
                _ => {}
            }
        }
        assert!(unsynced.is_empty(), "never synced: {unsynced:?}");
        assert!(renamed > 0 && told > 50, "{renamed} renamed, {told} told: strace shows less than it should");
    }
}

/// Runs a script with one fault.
pub(crate) fn with_fault(
    stage: &Stage,
    script: &str,
    bundle: Option<&Path>,
    call: &Call,
    fault: Fault,
) -> (Output, bool) {
    let log = stage.folder().join("strace-fault");
    let inject = format!("--inject={}:{}:when={}", call.name, fault.inject(), call.number);
    let output = strace(stage, script, bundle, &log, &[&format!("--trace={}", call.name), &inject]);
    let log = std::fs::read_to_string(&log).unwrap();
    // strace ends as what it follows ends.
    let killed = ExitStatusExt::signal(&output.status) == Some(9);
    let hit = killed || log.lines().any(|line| line.contains("(INJECTED)"));
    (output, hit)
}

fn strace(stage: &Stage, script: &str, bundle: Option<&Path>, log: &Path, more: &[&str]) -> Output {
    let run = stage.rehearse(script, bundle);
    let mut strace = Command::new("strace");
    // Paths of descriptors, whole; no signals of children.
    strace.args(["--decode-fds=path", "--string-limit=16", "--signal=none", "--output"]).arg(log).args(more);
    strace.arg(run.get_program()).args(run.get_args());
    for (key, value) in run.get_envs() {
        strace.env(key, value.unwrap_or_default());
    }
    strace.stdin(std::process::Stdio::null()).output().expect("strace")
}

/// The file of a call, as far as it is ours and the same in every run.
fn place(line: &str, folder: &str) -> Option<String> {
    if line.starts_with("write(1<") {
        return Some("stdout".to_owned());
    }
    let path = match descriptor(line) {
        Some(path) => path,
        None => line.split('"').nth(if line.starts_with("renameat2") || line.starts_with("linkat") { 3 } else { 1 })?,
    };
    let inside = path.strip_prefix(folder).or_else(|| path.split_once("/ceremony/").map(|(_, file)| file))?;
    Some(inside.split('/').map(plain).collect::<Vec<_>>().join("/"))
}

/// The path behind the first descriptor: `read(3</path>, ...`.
fn descriptor(line: &str) -> Option<&str> {
    let (_, arguments) = line.split_once('(')?;
    let digits = arguments.trim_start_matches(|c: char| c.is_ascii_digit());
    (digits.len() < arguments.len()).then(|| digits.strip_prefix('<')?.split('>').next()).flatten()
}

/// A name without ids, hashes and numbers of processes.
fn plain(name: &str) -> String {
    if name.starts_with(".unfinished-") {
        return ".unfinished".to_owned();
    }
    let is_id = |part: &str| {
        part.len() >= 8 && (part.chars().any(|c| c.is_ascii_digit()) || !part.contains(char::is_lowercase))
    };
    let parts = name.split(['-', '.']).map(|part| if is_id(part) { "#" } else { part });
    parts.collect::<Vec<_>>().join("-")
}
