//! What the workstation says of itself: evidence for the transcript.

use std::fs;
use std::path::Path;

use keyrite_locked::Hardening;

use super::{WorkstationError, files};
use crate::model::hash::Hash;
use crate::model::shown::Shown;

/// The largest program file that is hashed.
const LARGEST_PROGRAM: u64 = 1 << 30;

/// One finding a line, in words that are read aloud. Nothing here is a judgement.
#[must_use]
pub fn findings(hardening: Hardening) -> Vec<String> {
    let system = rustix::system::uname();
    let mut findings = vec![
        format!("kernel {} {}", text(system.sysname().to_bytes()), text(system.release().to_bytes())),
        format!("network interfaces: {}", interfaces()),
        format!("swap: {}", swap()),
    ];
    let yes = |granted: bool| if granted { "yes" } else { "no" };
    findings.push(format!("core dumps prevented: {}", yes(hardening.no_core && hardening.undumpable)));
    findings
        .push(format!("all memory locked: {} (secrets are locked one by one in any case)", yes(hardening.all_locked)));
    findings
}

/// SHA-256 of a program's file.
///
/// # Errors
/// When it cannot be read.
pub fn program_hash(path: &Path) -> Result<Hash, WorkstationError> {
    Ok(Hash::of(&files::read(path, LARGEST_PROGRAM)?))
}

fn interfaces() -> String {
    let mut names: Vec<String> = fs::read_dir("/sys/class/net")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| {
            let state = fs::read_to_string(entry.path().join("operstate")).unwrap_or_default();
            format!("{} {}", text(entry.file_name().as_encoded_bytes()), text(state.trim().as_bytes()))
        })
        .collect();
    names.sort();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn swap() -> String {
    let table = fs::read_to_string("/proc/swaps").unwrap_or_default();
    match table.lines().count().saturating_sub(1) {
        0 => "none".to_owned(),
        count => format!("{count} area(s) in use"),
    }
}

fn text(bytes: &[u8]) -> Shown {
    Shown::from_bytes(bytes)
}
