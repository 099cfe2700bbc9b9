//! All transcripts of a register, read once.

use super::RecordsError;
use crate::format::ledger::Entry;
use crate::model::event::Event;
use crate::model::evidence::{Artefact, Evidence};
use crate::model::fingerprint::Fingerprint;
use crate::model::history::History;
use crate::model::mode::Mode;
use crate::model::role::Seat;
use crate::workstation::register::Register;

/// A register and its transcripts, whose chains are whole.
pub struct Book<'a> {
    /// The register.
    pub register: &'a Register,
    /// Its transcripts, oldest first.
    pub entries: Vec<Entry>,
}

impl<'a> Book<'a> {
    /// Reads every transcript.
    ///
    /// # Errors
    /// A chain that is broken; a ceremony that another one follows and that is not over, or is of another mode.
    pub fn open(register: &'a Register) -> Result<Self, RecordsError> {
        let this = Self { register, entries: register.ledger()? };
        let mode = this.mode();
        for (at, entry) in this.entries.iter().enumerate() {
            if at + 1 < this.entries.len() && !entry.is_over() {
                let line = entry.transcript.lines.len();
                let what = "it ends here, is not finished, and another ceremony follows".to_owned();
                return Err(crate::format::FormatError::Transcript { file: entry.name.clone(), line, what }.into());
            }
            if let (Some(opening), Some(mode)) = (entry.opening(), mode)
                && opening.mode != mode
            {
                return Err(RecordsError::mode(&entry.name, opening.mode, mode));
            }
        }
        Ok(this)
    }

    /// The mode of the register: that of its first ceremony.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        self.entries.first().and_then(Entry::opening).map(|opening| opening.mode)
    }

    /// The place of a ceremony.
    ///
    /// # Errors
    /// [`RecordsError::NoCeremony`].
    pub fn find(&self, ceremony: &str) -> Result<usize, RecordsError> {
        let at = self.entries.iter().position(|entry| entry.name == ceremony);
        at.ok_or_else(|| RecordsError::NoCeremony { ceremony: ceremony.to_owned() })
    }

    /// What the transcripts say up to the end of one of them.
    #[must_use]
    pub fn history(&self, last: usize) -> History {
        let mut history = History::default();
        for line in self.entries.iter().take(last + 1).flat_map(|entry| &entry.transcript.lines) {
            history.take(line.number, line.time, &line.entry);
        }
        history
    }
}

/// The evidence of a transcript, with the number of its line.
pub(super) fn evidence(entry: &Entry) -> impl Iterator<Item = (u64, &Evidence)> {
    entry.transcript.lines.iter().filter_map(|line| match &line.entry {
        Event::Noted { evidence } => Some((line.number, evidence)),
        _ => None,
    })
}

/// Who sat where when the room was called last; nobody before it was.
#[must_use]
pub fn seats(entry: &Entry) -> Vec<(Seat, String)> {
    let people = |(_, evidence): (u64, &Evidence)| match evidence {
        Evidence::People { seats, .. } => Some(seats.clone()),
        _ => None,
    };
    evidence(entry).filter_map(people).last().unwrap_or_default()
}

/// Every file that a transcript names, with the number of the line that does.
pub(super) fn artefacts(entry: &Entry) -> impl Iterator<Item = (u64, &Artefact)> {
    evidence(entry)
        .flat_map(|(line, evidence)| evidence.artefacts().into_iter().map(move |(_, artefact)| (line, artefact)))
}

/// Who may cosign the minutes of a ceremony: those who sat in it and whose certificate it names.
pub(super) fn may_cosign(entry: &Entry) -> impl Iterator<Item = (&str, Fingerprint)> {
    evidence(entry).flat_map(|(_, evidence)| match evidence {
        Evidence::People { seats, certificates } => certificates
            .iter()
            .filter(|(name, _)| seats.iter().any(|(_, sitting)| sitting == name))
            .map(|(name, fingerprint)| (name.as_str(), *fingerprint))
            .collect(),
        _ => Vec::new(),
    })
}
