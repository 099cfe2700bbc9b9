//! The workstation's fitness: what /proc and /sys say of network, memory, devices and tools, and how fit that is.
//!
//! Nothing here opens a device or a socket. What cannot be read counts against the machine where the answer matters
//! (docs/decisions/0021-fitness.md).

mod clock;
mod devices;
mod files;
mod memory;
mod network;
mod own;
mod radio;
mod sandbox;
mod system;
#[cfg(test)]
mod tests;
mod tools;
mod usb;

use std::collections::BTreeSet;
use std::path::Path;

use files::Files;
pub use own::{Own, Tool};

use super::WorkstationError;
use crate::model::finding::{Colour, Finding};
use crate::model::mode::Mode;
use crate::model::usb::UsbId;

/// What was seen, and what mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// What was seen.
    pub finding: Finding,
    /// What somebody can do about it, when there is something to be done.
    pub mend: Option<String>,
}

impl Diagnosis {
    fn new(colour: Colour, id: &str, words: impl Into<String>, mend: Option<&str>) -> Self {
        let finding = Finding { id: id.to_owned(), colour, words: words.into() };
        Self { finding, mend: mend.map(str::to_owned) }
    }

    fn fit(id: &str, words: impl Into<String>) -> Self {
        Self::new(Colour::Fit, id, words, None)
    }

    fn note(id: &str, words: impl Into<String>, mend: Option<&str>) -> Self {
        Self::new(Colour::Note, id, words, mend)
    }

    fn unfit(id: &str, words: impl Into<String>, mend: &str) -> Self {
        Self::new(Colour::Unfit, id, words, Some(mend))
    }

    /// Where a wrong guess would be a wrong "fit".
    fn unseen(id: &str, what: &str) -> Self {
        Self::unfit(
            id,
            format!("{what} cannot be seen"),
            "let keyrite read /proc and /sys, as they are on a plain system",
        )
    }
}

/// Looks at the machine.
pub struct Probe {
    files: Files,
    own: Own,
}

impl Probe {
    /// Of the system below `root`, which is `/` but for tests; `own` is what the process knows of itself.
    #[must_use]
    pub fn new(root: &Path, own: Own) -> Self {
        Self { files: Files::below(root), own }
    }

    /// Everything that is looked at, always in the same order. `usb` are the devices that the organization allows, when it
    /// says which.
    #[must_use]
    pub fn findings(&self, usb: Option<&BTreeSet<UsbId>>) -> Vec<Diagnosis> {
        let Self { files, own } = self;
        let plugged = usb::devices(files);
        vec![
            system::kernel(files),
            system::boot(files),
            system::virtual_machine(files),
            system::randomness(own.randomness),
            network::interfaces(files),
            network::addresses(files),
            network::routes(files),
            radio::wireless(files),
            radio::bluetooth(files),
            radio::other(files),
            memory::swap(files),
            memory::hibernation(files),
            memory::core_dumps(files, own.hardening),
            memory::ptrace(files),
            memory::locked(files, own.hardening),
            sandbox::network(own.sandbox),
            sandbox::writing(own.sandbox),
            clock::source(files),
            clock::kept(files),
            usb::judged(&plugged, usb),
            devices::card_readers(files, &plugged),
            devices::printer(files),
            devices::terminal(files),
            tools::second_opinion(&own.tools),
        ]
    }

    /// Every way out of this machine, in words: interfaces that are on, and routes. Cheap enough for every step.
    #[must_use]
    pub fn ways_out(&self) -> BTreeSet<String> {
        network::ways_out(&self.files)
    }
}

/// Whether a ceremony may go on with these findings: unfit ones refuse in production; both rehearsals only record them.
///
/// # Errors
/// [`WorkstationError::Unfit`].
pub fn judge(mode: Mode, findings: &[Diagnosis]) -> Result<(), WorkstationError> {
    let unfit = findings.iter().filter(|diagnosis| diagnosis.finding.colour == Colour::Unfit);
    let ids: Vec<String> = unfit.map(|diagnosis| diagnosis.finding.id.clone()).collect();
    match mode {
        Mode::Production if !ids.is_empty() => Err(WorkstationError::Unfit { ids }),
        Mode::Production | Mode::DressRehearsal | Mode::Rehearsal => Ok(()),
    }
}

/// Whether a ceremony may go on with these ways out of the machine, after it was checked.
///
/// # Errors
/// [`WorkstationError::NetworkAppeared`] in production.
pub fn judge_ways(mode: Mode, ways: &BTreeSet<String>) -> Result<(), WorkstationError> {
    match mode {
        Mode::Production if !ways.is_empty() => {
            Err(WorkstationError::NetworkAppeared { ways: ways.iter().cloned().collect() })
        }
        Mode::Production | Mode::DressRehearsal | Mode::Rehearsal => Ok(()),
    }
}
