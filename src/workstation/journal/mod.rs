//! The transcript of a ceremony, which is also its journal: a line is on the disk before what it announces happens.

mod permit;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

pub use permit::Permit;

use super::clock::STEP_BACK;
use super::register::{Past, Register};
use super::{WorkstationError, clock, files};
use crate::format::transcript::{BEGINNING, Line};
use crate::model::event::{Event, Intent, Opening, Outcome};
use crate::model::evidence::Evidence;
use crate::model::hash::Hash;
use crate::model::history::History;
use crate::model::timestamp::Timestamp;

/// Told after each line is on the disk. Tests take snapshots there.
pub type Observer = Box<dyn FnMut(&Line)>;

/// An open transcript.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of the file that are whole lines.
    length: u64,
    number: u64,
    head: Hash,
    last: Option<Timestamp>,
    history: History,
    observer: Option<Observer>,
}

impl Journal {
    /// Begins the transcript of a new ceremony.
    ///
    /// # Errors
    /// When the clock stands behind the last transcript, or the file cannot be made.
    pub fn begin(register: &Register, past: Past, opening: Opening) -> Result<Self, WorkstationError> {
        let path = register.path(&format!("transcripts/{}.jsonl", opening.ceremony));
        // A transcript without a line was cut off at its very beginning, when nothing had happened: it is begun again, or
        // makes room for one of another name.
        let empty = past.last.as_ref().is_some_and(|transcript| transcript.lines.is_empty());
        let last = past.names.last().filter(|_| empty);
        let unwritten = last == Some(&opening.ceremony);
        if let Some(other) = last.filter(|_| !unwritten) {
            let other = register.path(&format!("transcripts/{other}.jsonl"));
            std::fs::remove_file(&other).map_err(WorkstationError::io("remove the empty", &other))?;
        }
        let file = OpenOptions::new()
            .append(true)
            .create_new(!unwritten)
            .mode(0o644)
            .open(&path)
            .map_err(WorkstationError::io("create", &path))?;
        if unwritten {
            file.set_len(0).map_err(WorkstationError::io("begin again", &path))?;
        }
        let last = past.time;
        files::sync_folder(&path)?;
        let history = past.history;
        let mut this = Self { path, file, length: 0, number: 0, head: BEGINNING, last, history, observer: None };
        this.check_clock()?;
        this.append(Event::Opened { opening: Box::new(opening) })?;
        Ok(this)
    }

    /// Goes on with the last transcript of the register; cuts away a torn last line.
    ///
    /// # Errors
    /// When there is none, or the clock stands behind it.
    pub fn reopen(register: &Register, past: Past) -> Result<(Self, u64), WorkstationError> {
        let (Some(name), Some(last)) = (past.names.last(), past.last) else {
            return Err(WorkstationError::Bug("no transcript to go on with"));
        };
        let path = register.path(&format!("transcripts/{name}.jsonl"));
        let file = OpenOptions::new().append(true).open(&path).map_err(WorkstationError::io("open", &path))?;
        let size = file.metadata().map_err(WorkstationError::io("look at", &path))?.len();
        let length = size.saturating_sub(last.torn);
        if last.torn > 0 {
            file.set_len(length).map_err(WorkstationError::io("cut the torn line of", &path))?;
            file.sync_all().map_err(WorkstationError::io("sync", &path))?;
        }
        let this = Self {
            path,
            file,
            length,
            number: last.lines.len() as u64,
            head: last.head,
            last: last.lines.last().map(|line| line.time),
            history: past.history,
            observer: None,
        };
        this.check_clock()?;
        Ok((this, last.torn))
    }

    /// Calls `observer` after each line from now on.
    pub fn observe(&mut self, observer: Observer) {
        self.observer = Some(observer);
    }

    /// What all transcripts say so far, this one included.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// SHA-256 of the last line.
    #[must_use]
    pub fn head(&self) -> Hash {
        self.head
    }

    /// Records that something is about to happen to a card, and gives the right to do it once.
    ///
    /// # Errors
    /// When it cannot be recorded: then it must not happen.
    pub fn intend(&mut self, intent: Intent) -> Result<Permit, WorkstationError> {
        self.check_clock()?;
        self.append(Event::Intended { intent: intent.clone() })?;
        Ok(Permit::new(self.number, intent))
    }

    /// Records what became of it.
    ///
    /// # Errors
    /// When it cannot be recorded: the intent stays open, and resume finds out what became of it.
    pub fn close(&mut self, permit: Permit, outcome: Outcome) -> Result<(), WorkstationError> {
        self.settle(permit.number(), outcome)
    }

    /// Closes an intent that an earlier process left open.
    ///
    /// # Errors
    /// As [`Self::close`].
    pub fn settle(&mut self, intent: u64, outcome: Outcome) -> Result<(), WorkstationError> {
        self.append(Event::Closed { intent, outcome })
    }

    /// Records evidence.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub fn note(&mut self, evidence: Evidence) -> Result<(), WorkstationError> {
        self.append(Event::Noted { evidence })
    }

    /// Records any event.
    ///
    /// # Errors
    /// When the disk refuses. What was half written is cut away again.
    pub fn append(&mut self, entry: Event) -> Result<(), WorkstationError> {
        let now = clock::now()?;
        let time = self.last.map_or(now, |last| last.max(now));
        let line = Line { number: self.number + 1, previous: self.head, time, entry };
        let bytes = line.encode().map_err(|_| WorkstationError::Bug("a line that JSON cannot hold"))?;
        if let Err(error) = self.write(&bytes) {
            // A torn line is also cut away when the transcript is next opened.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += bytes.len() as u64;
        self.number = line.number;
        self.head = Hash::of(&bytes);
        self.last = Some(time);
        self.history.take(line.number, line.time, &line.entry);
        if let Some(observer) = &mut self.observer {
            observer(&line);
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), WorkstationError> {
        self.file.write_all(bytes).map_err(WorkstationError::io("write", &self.path))?;
        self.file.sync_data().map_err(WorkstationError::io("sync", &self.path))
    }

    fn check_clock(&self) -> Result<(), WorkstationError> {
        let now = clock::now()?;
        if now < clock::WRITTEN {
            let what = "this version of keyrite was written".to_owned();
            return Err(WorkstationError::ClockBehind { now, what, then: clock::WRITTEN });
        }
        match self.last {
            Some(then) if now < then && now.distance(then) > STEP_BACK => Err(WorkstationError::ClockBehind {
                now,
                what: "the transcripts' last line was written".to_owned(),
                then,
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mode::Mode;
    use crate::model::script::Kind;

    fn opening(ceremony: &str) -> Opening {
        Opening {
            format: 1,
            ceremony: ceremony.to_owned(),
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
        }
    }

    fn transcripts(register: &Register) -> Vec<String> {
        let names = std::fs::read_dir(register.path("transcripts")).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_transcript_cut_off_at_its_beginning_is_begun_again_or_makes_room() {
        for begun in ["0001-root-generation", "0001-delegation"] {
            let folder = tempfile::tempdir().unwrap();
            let register = Register::open_or_create(&folder.path().join("register")).unwrap();
            // Half a first line: what a power cut leaves of the very first write.
            std::fs::write(register.path("transcripts/0001-root-generation.jsonl"), b"{\"number\":1,").unwrap();
            let journal = Journal::begin(&register, register.past().unwrap(), opening(begun)).unwrap();
            assert_eq!(journal.history().ceremony(), begun);
            assert_eq!(transcripts(&register), [format!("{begun}.jsonl")]);
            assert_eq!(register.past().unwrap().last.unwrap().lines.len(), 1);
        }
    }

    #[test]
    fn a_torn_last_line_is_cut_away() {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::open_or_create(&folder.path().join("register")).unwrap();
        drop(Journal::begin(&register, register.past().unwrap(), opening("0001-x")).unwrap());
        let path = register.path("transcripts/0001-x.jsonl");
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], b"{\"number\":2"].concat()).unwrap();
        let (mut journal, torn) = Journal::reopen(&register, register.past().unwrap()).unwrap();
        assert_eq!(torn, 11);
        journal.append(Event::Finished).unwrap();
        assert_eq!(register.past().unwrap().last.unwrap().lines.len(), 2);
    }

    #[test]
    fn an_intent_stays_open_until_it_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::open_or_create(&folder.path().join("register")).unwrap();
        let mut journal = Journal::begin(&register, register.past().unwrap(), opening("0001-x")).unwrap();
        let permit = journal.intend(Intent::SetPins { card: "a".parse().unwrap() }).unwrap();
        assert_eq!(register.past().unwrap().history.current.open.len(), 1);
        journal.close(permit, Outcome::Done { signatures: 0 }).unwrap();
        assert!(register.past().unwrap().history.current.open.is_empty());
    }
}
