//! A register rebuilt from a copy that lacks something, and from signed minutes: what chain and minutes prove is taken, the
//! rest is named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::book::{self, Book};
use super::{RecordsError, audit, closing, copy, cosign, inventory, minutes};
use crate::ceremony::card_reports;
use crate::format::ledger::{self, Entry};
use crate::format::transcript;
use crate::model::hash::Hash;
use crate::model::shown::Shown;
use crate::workstation::register::{LARGEST, Register};
use crate::workstation::{clock, files};

/// What came of it.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Ceremonies that were taken, with their lines and what proves them.
    pub taken: Vec<(String, usize, String)>,
    /// What could not be taken, in words.
    pub lost: Vec<String>,
    /// Files of the copy that belong to nothing that was taken.
    pub left: Vec<Shown>,
    /// How many files the new register has.
    pub files: usize,
}

/// Rebuilds a register in a new folder.
///
/// # Errors
/// FILE-1 when the folder exists; minutes that no records key of the copy signed; [`RecordsError::Nothing`].
pub fn recover(copy: &Register, outside: &[(String, Vec<u8>)], to: &Path) -> Result<Recovered, RecordsError> {
    copy::must_be_new(to)?;
    let mut work = Work {
        book: Book { register: copy, entries: Vec::new() },
        outside,
        contents: BTreeMap::new(),
        done: Recovered::default(),
    };
    work.transcripts(copy.transcripts()?)?;
    if work.book.entries.is_empty() {
        return Err(RecordsError::Nothing(work.done.lost));
    }
    work.outside_minutes()?;
    for at in 0..work.book.entries.len() {
        work.files_of(at)?;
    }
    let inventory = inventory::take(&work.book)?;
    work.reports(inventory.own)?;
    let mut done = work.done;
    done.left = inventory.foreign;
    done.files = work.contents.len();
    copy::write(to, &work.contents)?;
    if done.lost.is_empty() {
        audit::check_all(&Book::open(&Register::look_at(to)?)?, None)?;
    }
    Ok(done)
}

struct Work<'a> {
    /// The copy, and the transcripts of it that are taken.
    book: Book<'a>,
    outside: &'a [(String, Vec<u8>)],
    contents: BTreeMap<String, Vec<u8>>,
    done: Recovered,
}

/// What the minutes of a ceremony say of its transcript.
enum Proof {
    /// They bind so many lines of it; these are their bytes.
    Bound(usize, Vec<u8>),
    /// There are none that could be read.
    None,
    /// They bind something else.
    Against(String),
}

impl Work<'_> {
    /// Takes transcripts as long as each is whole and follows from the one before.
    fn transcripts(&mut self, names: Vec<String>) -> Result<(), RecordsError> {
        let mut stopped = false;
        for name in names {
            if stopped {
                self.done.lost.push(format!("transcript {name}: what it follows could not be taken"));
                continue;
            }
            let taken = self.transcript(&name)?;
            stopped = taken.is_none();
            self.done.taken.extend(taken);
        }
        Ok(())
    }

    fn transcript(&mut self, name: &str) -> Result<Option<(String, usize, String)>, RecordsError> {
        let path = self.book.register.path(&format!("transcripts/{name}.jsonl"));
        let bytes = match files::read(&path, LARGEST) {
            Ok(bytes) => bytes,
            Err(error) => return Ok(self.lose(error.to_string())),
        };
        let (mut transcript, fault) = transcript::read_whole_part(name, &bytes);
        let torn = std::mem::take(&mut transcript.torn);
        let (lines, head) = (transcript.lines.len(), transcript.head);
        let entry = Entry { name: name.to_owned(), transcript };
        if let Err(error) = ledger::check_next(&self.book.entries, &entry) {
            return Ok(self.lose(fault.unwrap_or(error).to_string()));
        }
        if lines == 0 {
            return Ok(fault.and_then(|fault| self.lose(fault.to_string())));
        }
        let is_over = entry.is_over();
        self.book.entries.push(entry);
        let proof = self.proof(name)?;
        let words = match (&proof, is_over, fault) {
            (Proof::Against(why), _, fault) => {
                self.book.entries.pop();
                let damage = fault.map_or_else(String::new, |fault| format!("; {fault}"));
                return Ok(self.lose(format!("transcript {name}: {why}{damage}")));
            }
            (Proof::Bound(..), true, None) => "proved by its minutes".to_owned(),
            (Proof::Bound(bound, _), _, fault) => {
                if let Some(fault) = fault {
                    self.done.lost.push(fault.to_string());
                }
                self.done.lost.push(format!("transcript {name} after line {lines}: its end"));
                format!("proved by its minutes up to line {bound}")
            }
            (Proof::None, _, Some(fault)) => {
                self.book.entries.pop();
                return Ok(self.lose(format!("{fault}; no minutes prove the lines before it")));
            }
            (Proof::None, true, None) => format!("proved by its chain alone, to head {head:.16}..."),
            (Proof::None, false, None) => "not finished; proved by its chain alone".to_owned(),
        };
        if torn > 0 {
            self.done.lost.push(format!("transcript {name}, line {}: cut off after {torn} bytes", lines + 1));
        }
        if let Proof::Bound(_, bytes) = proof {
            self.contents.insert(minutes::path(name), bytes);
        }
        Ok(Some((name.to_owned(), lines, words)))
    }

    fn lose<T>(&mut self, what: String) -> Option<T> {
        self.done.lost.push(what);
        None
    }

    /// What minutes, from the copy or from outside, say of the transcript that was put last into the book.
    fn proof(&mut self, name: &str) -> Result<Proof, RecordsError> {
        let Some(entry) = self.book.entries.last() else { return Ok(Proof::None) };
        // Without a key, or with a certificate that changed, no minutes can be read.
        let Ok(keys) = audit::keys(&self.book) else { return Ok(Proof::None) };
        let path = minutes::path(name);
        let own = files::read(&self.book.register.path(&path), LARGEST).ok();
        let candidates = own.iter().map(|bytes| (&path, bytes));
        let candidates = candidates.chain(self.outside.iter().map(|(file, bytes)| (file, bytes)));
        let mut proof = Proof::None;
        for (file, bytes) in candidates {
            match minutes::Outside::verify(file, bytes, &keys, clock::now()?) {
                Ok(found) if found.ceremony == name => match minutes::bound(entry, &found.text, file) {
                    Ok(bound) => proof = Proof::Bound(bound.lines.len(), bytes.clone()),
                    Err(error) => return Ok(Proof::Against(error.to_string())),
                },
                _ => {}
            }
        }
        Ok(proof)
    }

    /// Minutes that were handed in are the organization's, or nothing is written; those of a ceremony that was not taken show
    /// that the register is stale.
    fn outside_minutes(&mut self) -> Result<(), RecordsError> {
        let keys = if self.outside.is_empty() { Vec::new() } else { audit::keys(&self.book)? };
        for (file, bytes) in self.outside {
            let found = minutes::Outside::verify(file, bytes, &keys, clock::now()?)?;
            if !self.book.entries.iter().any(|entry| entry.name == found.ceremony) {
                let (file, ceremony) = (Shown::new(file), Shown::new(&found.ceremony));
                self.done.lost.push(format!("ceremony {ceremony}: {file} shows that it was held"));
            }
        }
        Ok(())
    }

    /// Takes the files of a ceremony: its transcript, what it names, cosignatures, closing record.
    fn files_of(&mut self, at: usize) -> Result<(), RecordsError> {
        let Some(entry) = self.book.entries.get(at) else { return Ok(()) };
        let bytes = entry
            .transcript
            .encode()
            .map_err(|_| crate::workstation::WorkstationError::Bug("a line that JSON cannot hold"))?;
        self.contents.insert(format!("transcripts/{}.jsonl", entry.name), bytes);
        for (line, artefact) in book::artefacts(entry) {
            let from_outside = self.outside.iter().find(|(_, bytes)| Hash::of(bytes) == artefact.sha256);
            match (minutes::read(&self.book, entry, line, artefact), from_outside) {
                (Ok(bytes), _) => drop(self.contents.insert(artefact.path.clone(), bytes)),
                (Err(_), Some((_, bytes))) if minutes::is_inside(&artefact.path) => {
                    self.contents.insert(artefact.path.clone(), bytes.clone());
                }
                (Err(error), _) => {
                    self.contents.remove(&artefact.path);
                    self.done.lost.push(error.to_string());
                }
            }
        }
        self.cosignatures(at)?;
        self.closing(at)
    }

    /// Takes reports of tested cards that no transcript names yet: they are whole, or they were no part of the inventory.
    fn reports(&mut self, own: BTreeSet<String>) -> Result<(), RecordsError> {
        for path in own.into_iter().filter(|path| card_reports::belongs(self.book.register, path)) {
            let bytes = files::read(&self.book.register.path(&path), LARGEST)?;
            self.contents.insert(path, bytes);
        }
        Ok(())
    }

    fn cosignatures(&mut self, at: usize) -> Result<(), RecordsError> {
        let Some(entry) = self.book.entries.get(at) else { return Ok(()) };
        let Some(signed) = self.contents.get(&minutes::path(&entry.name)).cloned() else { return Ok(()) };
        let folder = cosign::folder(&entry.name);
        for name in cosign::names(&self.book.register.path(&folder))? {
            let Ok(fingerprint) = name.parse() else { continue };
            match cosign::verify_one(&self.book, entry, &signed, fingerprint) {
                Ok(_) => {
                    for file in [cosign::SIGNATURE, cosign::CERTIFICATE] {
                        let relative = format!("{folder}/{fingerprint}/{file}");
                        let bytes = files::read(&self.book.register.path(&relative), LARGEST)?;
                        self.contents.insert(relative, bytes);
                    }
                }
                Err(error) => self.done.lost.push(error.to_string()),
            }
        }
        Ok(())
    }

    fn closing(&mut self, at: usize) -> Result<(), RecordsError> {
        let Some(entry) = self.book.entries.get(at) else { return Ok(()) };
        match closing::check(&self.book, at) {
            Ok(None) => {}
            Ok(Some(_)) => {
                for relative in [closing::path(&entry.name), closing::sum_path(&entry.name)] {
                    let bytes = files::read(&self.book.register.path(&relative), LARGEST)?;
                    self.contents.insert(relative, bytes);
                }
            }
            Err(error) => self.done.lost.push(error.to_string()),
        }
        Ok(())
    }
}
