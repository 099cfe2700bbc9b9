//! The register: the folder with all state of the organization that may be copied freely.
//!
//! ```text
//! transcripts/0001-root-generation.jsonl   the record of each ceremony; everything else is named in one of them
//! minutes/  records/  roots/  requests/  reviews/  delegations/
//! lock                                     held while a keyrite works here
//! ```

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use super::WorkstationError;
use super::files::{self, Readers};
use crate::format::FormatError;
use crate::format::ledger::{self, Entry};
use crate::format::transcript::{self, Transcript};
use crate::model::evidence::Artefact;
use crate::model::hash::Hash;
use crate::model::history::History;
use crate::model::name::CeremonyName;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// The largest artefact or transcript of a register.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// How often a lock is tried, 20 ms apart: a keyrite that was killed while it started a child leaves the lock to that child
/// for the moment between fork and exec.
const PATIENCE: u32 = 50;

/// An opened register. Nobody else works on it while this lives.
pub struct Register {
    root: PathBuf,
    /// None where nobody can write.
    _lock: Option<File>,
}

/// What all transcripts say, and the last of them.
#[derive(Debug, Clone)]
pub struct Past {
    /// The fold over all transcripts.
    pub history: History,
    /// The fold over all but the last: what the last ceremony began with.
    pub earlier: History,
    /// Names of the transcripts, oldest first.
    pub names: Vec<String>,
    /// The last transcript. It has no line when it was cut off at its very beginning: then nothing had happened.
    pub last: Option<Transcript>,
    /// The head of the last transcript that has a line.
    pub head: Option<Hash>,
    /// The time of the last line of all.
    pub time: Option<Timestamp>,
}

impl Register {
    /// Opens a register, or makes an empty one in a folder that does not exist or is empty.
    ///
    /// # Errors
    /// [`WorkstationError::NotARegister`] for a folder with something else in it, [`WorkstationError::InUse`] when
    /// another keyrite holds it.
    pub fn open_or_create(root: &Path) -> Result<Self, WorkstationError> {
        let strange = std::fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some());
        if strange && !root.join("transcripts").is_dir() {
            return Err(WorkstationError::NotARegister { path: root.to_owned() });
        }
        files::make_folder(&root.join("transcripts"))?;
        files::sync_folder(&root.join("transcripts"))?;
        Self::open(root)
    }

    /// Opens a register.
    ///
    /// # Errors
    /// As [`Self::open_or_create`].
    pub fn open(root: &Path) -> Result<Self, WorkstationError> {
        let transcripts = root.join("transcripts");
        match transcripts.metadata() {
            Ok(meta) if meta.is_dir() => {}
            // It may well be one, for somebody else.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(WorkstationError::io("look into", &transcripts)(error));
            }
            _ => return Err(WorkstationError::NotARegister { path: root.to_owned() }),
        }
        let path = root.join("lock");
        let lock = match OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path) {
            Ok(lock) => lock,
            // A copy on a medium that cannot be written: nobody is at work on it.
            Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => {
                return Ok(Self { root: root.to_owned(), _lock: None });
            }
            Err(error) => return Err(WorkstationError::io("open", &path)(error)),
        };
        // The kernel ends the lock with the process: a kill leaves none behind.
        for _ in 0..PATIENCE {
            match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { root: root.to_owned(), _lock: Some(lock) }),
                Err(rustix::io::Errno::WOULDBLOCK) => std::thread::sleep(Duration::from_millis(20)),
                Err(errno) => return Err(WorkstationError::os("lock", &path)(errno)),
            }
        }
        Err(WorkstationError::InUse { path: root.to_owned() })
    }

    /// Opens a copy of a register that is only read, whatever state it is in, and leaves no lock in it.
    ///
    /// # Errors
    /// [`WorkstationError::NotARegister`].
    pub fn look_at(root: &Path) -> Result<Self, WorkstationError> {
        if !root.join("transcripts").is_dir() {
            return Err(WorkstationError::NotARegister { path: root.to_owned() });
        }
        Ok(Self { root: root.to_owned(), _lock: None })
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The full path of something in the register.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Reads every transcript and folds them.
    ///
    /// # Errors
    /// A transcript whose chain is broken, or that does not name the head of the one before it.
    pub fn past(&self) -> Result<Past, WorkstationError> {
        let mut past = Past {
            history: History::default(),
            earlier: History::default(),
            names: Vec::new(),
            last: None,
            head: None,
            time: None,
        };
        for Entry { name, transcript } in self.ledger()? {
            past.earlier = past.history.clone();
            past.names.push(name);
            for line in &transcript.lines {
                past.history.take(line.number, line.time, &line.entry);
                past.time = past.time.max(Some(line.time));
            }
            if !transcript.lines.is_empty() {
                past.head = Some(transcript.head);
            }
            past.last = Some(transcript);
        }
        Ok(past)
    }

    /// Reads every transcript, oldest first: the chain of each, and how each follows from those before it.
    ///
    /// # Errors
    /// As [`Self::past`].
    pub fn ledger(&self) -> Result<Vec<Entry>, WorkstationError> {
        let mut entries = Vec::new();
        for name in self.transcripts()? {
            let path = self.path(&format!("transcripts/{name}.jsonl"));
            let transcript = transcript::read(&name, &files::read(&path, LARGEST)?)?;
            let next = Entry { name, transcript };
            ledger::check_next(&entries, &next)?;
            entries.push(next);
        }
        Ok(entries)
    }

    /// Writes an artefact: new, synced, read again.
    ///
    /// # Errors
    /// As [`files::write_new`].
    pub fn write(&self, relative: &str, bytes: &[u8]) -> Result<Artefact, WorkstationError> {
        let path = self.path(relative);
        make_parent(&path)?;
        files::write_new(&path, bytes, Readers::All)?;
        Ok(Artefact { path: relative.to_owned(), sha256: Hash::of(bytes) })
    }

    /// Writes artefacts of one folder: each new, synced, read again, and the folder synced once for all of them.
    ///
    /// # Errors
    /// As [`files::write_new_group`].
    pub fn write_group(&self, artefacts: &[(String, Vec<u8>)]) -> Result<(), WorkstationError> {
        let files: Vec<(PathBuf, &[u8])> =
            artefacts.iter().map(|(relative, bytes)| (self.path(relative), &bytes[..])).collect();
        if let Some((path, _)) = files.first() {
            make_parent(path)?;
        }
        files::write_new_group(&files, Readers::All)
    }

    /// Reads an artefact and compares it with its recorded hash.
    ///
    /// # Errors
    /// [`WorkstationError::Changed`] when it is another, [`WorkstationError::Gone`] when it is not there.
    pub fn read(&self, artefact: &Artefact) -> Result<Vec<u8>, WorkstationError> {
        let path = self.path(&artefact.path);
        if path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            return Err(WorkstationError::Gone { path });
        }
        let bytes = files::read(&path, LARGEST)?;
        if Hash::of(&bytes) == artefact.sha256 { Ok(bytes) } else { Err(WorkstationError::Changed { path }) }
    }

    /// The names of the transcripts, in order: their numbers have a fixed width.
    ///
    /// # Errors
    /// When the folder cannot be listed, or a transcript has a name that keyrite never gives.
    pub fn transcripts(&self) -> Result<Vec<String>, WorkstationError> {
        let folder = self.path("transcripts");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(WorkstationError::io("list", &folder))? {
            let entry = entry.map_err(WorkstationError::io("list", &folder))?;
            let file = entry.file_name();
            let Some(name) = file.to_str().and_then(|name| name.strip_suffix(".jsonl")) else { continue };
            // An error shows the name; what is no name of ours is shown escaped, and read by nobody.
            if name.parse::<CeremonyName>().is_err() {
                let file = Shown::new(name).to_string();
                let what = "no ceremony is called so".to_owned();
                return Err(FormatError::Transcript { file, line: 1, what }.into());
            }
            names.push(name.to_owned());
        }
        names.sort();
        Ok(names)
    }
}

/// Makes the folder of a file, and the name of that folder lasting: also one that a killed process made.
fn make_parent(path: &Path) -> Result<(), WorkstationError> {
    match path.parent() {
        Some(folder) => files::make_folder(folder).and_then(|()| files::sync_folder(folder)),
        None => Ok(()),
    }
}
