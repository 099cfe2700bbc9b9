//! The transcript: one JSON object a line, each naming the SHA-256 of the line before it.
//!
//! A line is exactly what `serde_json` writes for [`Line`], then one newline; the hash covers the newline, so that
//! `sed -n 3p FILE | sha256sum` is what line 4 names.

use serde::{Deserialize, Serialize};

use super::FormatError;
use crate::model::event::Event;
use crate::model::hash::Hash;
use crate::model::timestamp::Timestamp;

/// What the first line names as the one before it.
pub const BEGINNING: Hash = Hash([0; 32]);

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Line {
    /// Counted from 1.
    pub number: u64,
    /// SHA-256 of the line before, newline included; zeros in the first.
    pub previous: Hash,
    /// When it was written.
    pub time: Timestamp,
    /// What happened.
    pub entry: Event,
}

impl Line {
    /// The line as it stands in the file, newline included.
    ///
    /// # Errors
    /// Never for the types of this program; the serializer's own error otherwise.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// A transcript whose chain is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// Its lines.
    pub lines: Vec<Line>,
    /// SHA-256 of the last line.
    pub head: Hash,
    /// Bytes after the last newline: a line whose writing was cut off. It was never acted on.
    pub torn: u64,
}

impl Transcript {
    /// The transcript as it stands in its file.
    ///
    /// # Errors
    /// As [`Line::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let lines: Result<Vec<_>, _> = self.lines.iter().map(Line::encode).collect();
        Ok(lines?.concat())
    }

    /// The transcript as it was when this was its head.
    #[must_use]
    pub fn up_to(&self, head: Hash) -> Option<Self> {
        let is_last = |line: &Line| line.encode().is_ok_and(|bytes| Hash::of(&bytes) == head);
        let count = 1 + self.lines.iter().position(is_last)?;
        Some(Self { lines: self.lines.iter().take(count).cloned().collect(), head, torn: 0 })
    }
}

/// Reads a transcript and checks its chain.
///
/// # Errors
/// The first line that is not what it must be: not JSON, an unknown field, another spelling than keyrite's own, a wrong
/// number, a link that does not match, a time that runs backwards, an opening that is not the first line or is missing.
pub fn read(file: &str, bytes: &[u8]) -> Result<Transcript, FormatError> {
    match read_whole_part(file, bytes) {
        (transcript, None) => Ok(transcript),
        (_, Some(fault)) => Err(fault),
    }
}

/// Reads the lines of a transcript as far as its chain is whole, and what is wrong with the line after them.
#[must_use]
pub fn read_whole_part(file: &str, bytes: &[u8]) -> (Transcript, Option<FormatError>) {
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let mut transcript = Transcript { lines: Vec::new(), head: BEGINNING, torn: (bytes.len() - whole) as u64 };
    for (at, text) in bytes.get(..whole).unwrap_or_default().split_inclusive(|b| *b == b'\n').enumerate() {
        let line = read_line(text)
            .and_then(|line| follows(&transcript, &line).map(|()| line))
            .map_err(|what| FormatError::Transcript { file: file.to_owned(), line: at + 1, what });
        match line {
            Ok(line) => transcript.lines.push(line),
            Err(fault) => return (transcript, Some(fault)),
        }
        transcript.head = Hash::of(text);
    }
    (transcript, None)
}

fn read_line(text: &[u8]) -> Result<Line, String> {
    let line: Line = serde_json::from_slice(text).map_err(|error| {
        // serde_json names the place inside the line; its words can quote the line.
        crate::model::shown::Shown::new(&format!("not a line of a transcript: {error}")).to_string()
    })?;
    match line.encode() {
        Ok(own) if own == text => Ok(line),
        _ => Err("not spelled as keyrite writes it".to_owned()),
    }
}

fn follows(before: &Transcript, line: &Line) -> Result<(), String> {
    let number = before.lines.len() as u64 + 1;
    if line.number != number {
        return Err(format!("it calls itself line {}", line.number));
    }
    if line.previous != before.head {
        return Err("it does not follow from the line before it: the chain is broken".to_owned());
    }
    if before.lines.last().is_some_and(|last| line.time < last.time) {
        return Err(format!("its time {} runs behind the line before it", line.time));
    }
    match (&line.entry, number) {
        (Event::Opened { .. }, 1) => Ok(()),
        (Event::Opened { .. }, _) => Err("an opening in the middle".to_owned()),
        (_, 1) => Err("a transcript begins with its opening".to_owned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Opening;
    use crate::model::mode::Mode;
    use crate::model::script::Kind;

    fn opening() -> Event {
        Event::Opened {
            opening: Box::new(Opening {
                format: 1,
                ceremony: "0001-root-generation".to_owned(),
                kind: Kind::RootGeneration,
                mode: Mode::Rehearsal,
                program: "keyrite 0".to_owned(),
                binary: Hash::of(b"b"),
                script: Hash::of(b"s"),
                title: "t".to_owned(),
                organization: Hash::of(b"o"),
                organization_name: "Example".to_owned(),
                previous_head: None,
                previous_closing: None,
            }),
        }
    }

    fn write(entries: &[(u32, Event)]) -> Vec<u8> {
        let (mut bytes, mut previous) = (Vec::new(), BEGINNING);
        for (at, (time, entry)) in entries.iter().enumerate() {
            let line = Line { number: at as u64 + 1, previous, time: Timestamp(*time), entry: entry.clone() };
            let text = line.encode().unwrap();
            previous = Hash::of(&text);
            bytes.extend(text);
        }
        bytes
    }

    fn done(step: &str) -> Event {
        Event::Done { step: step.parse().unwrap(), act: "gather".to_owned(), mend: false }
    }

    #[test]
    fn reads_what_it_writes() {
        let bytes = write(&[(5, opening()), (6, done("1.1")), (6, Event::Finished)]);
        let transcript = read("t", &bytes).unwrap();
        assert_eq!((transcript.lines.len(), transcript.torn), (3, 0));
    }

    #[test]
    fn a_torn_last_line_is_counted_not_read() {
        let mut bytes = write(&[(5, opening()), (6, done("1.1"))]);
        let full = bytes.len();
        bytes.extend(b"{\"number\":3");
        let transcript = read("t", &bytes).unwrap();
        assert_eq!((transcript.lines.len(), transcript.torn), (2, (bytes.len() - full) as u64));
    }

    #[test]
    fn every_changed_byte_is_found() {
        let bytes = write(&[(5, opening()), (6, done("1.1")), (6, Event::Finished)]);
        // The last line is named by nothing in the file: its head stands in the minutes and on paper.
        let last = bytes.len() - bytes.split_inclusive(|b| *b == b'\n').next_back().unwrap().len();
        for at in 0..last {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read("t", &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn dropped_doubled_and_reordered_lines_are_found() {
        let bytes = write(&[(5, opening()), (6, done("1.1")), (6, done("1.2")), (7, Event::Finished)]);
        let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        for broken in [vec![0, 2, 3], vec![0, 1, 1, 2, 3], vec![0, 2, 1, 3], vec![1, 2, 3], vec![0, 0, 1, 2, 3]] {
            let bytes: Vec<u8> = broken.iter().flat_map(|at| lines[*at].to_vec()).collect();
            assert!(read("t", &bytes).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn time_never_runs_back() {
        assert!(read("t", &write(&[(5, opening()), (4, Event::Finished)])).is_err());
    }
}
