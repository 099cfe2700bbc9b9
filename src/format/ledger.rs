//! The transcripts of a register one after another: each names the head of the one before it.

use super::FormatError;
use super::transcript::Transcript;
use crate::model::event::{Event, Opening};
use crate::model::shown::Shown;

/// A transcript with its name, tied to those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The ceremony's name, which is the file's.
    pub name: String,
    /// The transcript, its chain whole.
    pub transcript: Transcript,
}

impl Entry {
    /// What the ceremony was opened with; none when it was cut off at its very beginning.
    #[must_use]
    pub fn opening(&self) -> Option<&Opening> {
        match &self.transcript.lines.first()?.entry {
            Event::Opened { opening } => Some(opening),
            _ => None,
        }
    }

    /// Whether the ceremony came to its end.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.transcript.lines.last().is_some_and(|line| line.entry == Event::Finished)
    }

    /// Whether it was given up: it is over then too, and has no minutes.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.transcript.lines.last().is_some_and(|line| matches!(line.entry, Event::Abandoned { .. }))
    }

    /// Whether another ceremony may follow.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_finished() || self.is_abandoned()
    }

    fn fault(&self, line: usize, what: String) -> FormatError {
        FormatError::Transcript { file: self.name.clone(), line, what }
    }

    /// The number that its name begins with.
    fn number(&self) -> &str {
        self.name.split('-').next().unwrap_or_default()
    }
}

/// Whether `next` follows from the transcripts before it.
///
/// # Errors
/// A transcript of another organization, one that calls itself otherwise than its file, a fork, a missing one, one that
/// follows something unfinished: with the file and the line that show it.
pub fn check_next(before: &[Entry], next: &Entry) -> Result<(), FormatError> {
    let last = before.last();
    if let Some(last) = last.filter(|last| last.number() == next.number()) {
        let what = format!("the record is forked: {} has the same number", last.name);
        return Err(next.fault(1, what));
    }
    if let Some(last) = last.filter(|last| last.transcript.torn > 0 || last.transcript.lines.is_empty()) {
        let line = last.transcript.lines.len() + 1;
        return Err(last.fault(line, format!("it is cut off here, and {} follows", next.name)));
    }
    // A ceremony that was cut off at its very beginning: nothing had happened.
    let Some(opening) = next.opening() else { return Ok(()) };
    if opening.ceremony != next.name {
        return Err(next.fault(1, format!("it calls itself {}", Shown::new(&opening.ceremony))));
    }
    if let Some(first) = before.first().and_then(Entry::opening)
        && first.organization_name != opening.organization_name
    {
        let (own, other) = (Shown::new(&first.organization_name), Shown::new(&opening.organization_name));
        return Err(next.fault(1, format!("it is of organization {other}, and the transcripts before it are of {own}")));
    }
    if opening.previous_head != last.map(|last| last.transcript.head) {
        let follows = |entry: &&Entry| Some(entry.transcript.head) == opening.previous_head;
        let what = match (before.iter().find(follows), last) {
            (Some(other), Some(last)) => {
                format!("the record is forked: it follows {}, as {} does", other.name, last.name)
            }
            _ => "it does not name the head of the transcript before it".to_owned(),
        };
        return Err(next.fault(1, what));
    }
    if next.number() != format!("{:04}", before.len() + 1) {
        return Err(
            next.fault(1, format!("it has number {}, and is the transcript after {}", next.number(), before.len()))
        );
    }
    Ok(())
}
