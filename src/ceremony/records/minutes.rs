//! Signed minutes against the transcript that they bind.

use super::RecordsError;
use super::book::{Book, evidence};
use crate::ceremony::minutes;
use crate::format::ledger::Entry;
use crate::format::transcript::Transcript;
use crate::model::event::{Event, Intent};
use crate::model::evidence::{Artefact, Evidence};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::history::History;
use crate::model::mode::Mode;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::{Certificate, signed_text};
use crate::workstation::card::Serial;
use crate::workstation::clock::STEP_BACK;
use crate::workstation::files;
use crate::workstation::register::LARGEST;

/// Minutes that are what they should be.
pub struct Minutes {
    /// The records key that signed them.
    pub signed_by: Fingerprint,
    /// The head that they bind.
    pub head: Hash,
    /// How many lines they bind.
    pub lines: usize,
    /// Their bytes, signature included.
    pub bytes: Vec<u8>,
    /// Their signed text.
    pub text: Vec<u8>,
}

/// Where a ceremony's minutes lie.
#[must_use]
pub fn path(ceremony: &str) -> String {
    format!("minutes/{ceremony}.asc")
}

/// Verifies the minutes of a ceremony: the records key signed them when the transcript says so, and their text is that of
/// the transcript up to the head that they bind, byte for byte.
///
/// # Errors
/// [`RecordsError::Minutes`] with what differs; [`RecordsError::Mode`] when the ceremony is not of the mode it says.
pub fn verify(book: &Book<'_>, at: usize) -> Result<Minutes, RecordsError> {
    let Some(entry) = book.entries.get(at) else {
        return Err(RecordsError::NoCeremony { ceremony: String::new() });
    };
    let path = path(&entry.name);
    let fault = |what: String| RecordsError::Minutes { path: Shown::new(&path), what };
    let Some((line, head, artefact)) = signed(entry) else {
        return Err(RecordsError::Unfinished { ceremony: entry.name.clone() });
    };
    if artefact.path != path {
        return Err(fault(format!("line {} of the transcript names other minutes", line.number)));
    }
    let bytes = read(book, entry, line.number, artefact)?;
    let (signed_by, certificate) = records(book, at)?;
    // The signature was made before the line that tells of it; the clock may have been adjusted between them.
    let text = signed_text::verify_text(&bytes, &certificate, line.time.plus(STEP_BACK))
        .map_err(|error| RecordsError::minutes(&path, &error))?;
    let bound = bound(entry, &text, &path)?;
    if bound.head != head {
        return Err(fault(format!("they bind another head than line {} of the transcript says", line.number)));
    }
    nothing_after(entry, bound.lines.len())?;
    is_of_its_mode(entry, &certificate)?;
    Ok(Minutes { signed_by, head, lines: bound.lines.len(), bytes, text })
}

/// The line that notes the minutes.
fn signed(entry: &Entry) -> Option<(&crate::format::transcript::Line, Hash, &Artefact)> {
    entry.transcript.lines.iter().find_map(|line| match &line.entry {
        Event::Noted { evidence: Evidence::MinutesSigned { head, minutes } } => Some((line, *head, minutes)),
        _ => None,
    })
}

/// Reads a file that a transcript names, by a path that stays in the register.
///
/// # Errors
/// [`RecordsError::Artefact`].
pub(super) fn read(book: &Book<'_>, entry: &Entry, line: u64, artefact: &Artefact) -> Result<Vec<u8>, RecordsError> {
    let fault =
        |what| RecordsError::Artefact { ceremony: entry.name.clone(), line, path: Shown::new(&artefact.path), what };
    if !is_inside(&artefact.path) {
        return Err(fault("is no path inside a register"));
    }
    let path = book.register.path(&artefact.path);
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(fault("is missing")),
        Ok(meta) if !meta.is_file() => return Err(fault("is not a regular file")),
        _ => {}
    }
    let bytes = files::read(&path, LARGEST)?;
    if Hash::of(&bytes) == artefact.sha256 { Ok(bytes) } else { Err(fault("is not what was recorded")) }
}

/// Folders and a file with plain names: nothing that climbs, hides or begins at the root.
pub(super) fn is_inside(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let is_name = |name: &str| !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain);
    path.len() <= 400 && path.split('/').all(is_name)
}

/// The records key that the transcripts name up to here, and its certificate.
pub(super) fn records(book: &Book<'_>, at: usize) -> Result<(Fingerprint, Certificate), RecordsError> {
    let History { records, .. } = book.history(at);
    let named = records.zip(book.entries.get(at));
    let Some(((fingerprint, artefact), entry)) = named else {
        let what = "the transcripts name no records key that could have signed them".to_owned();
        let ceremony = book.entries.get(at).map_or("", |entry| &entry.name);
        return Err(RecordsError::Minutes { path: Shown::new(&path(ceremony)), what });
    };
    let is_it = |(_, named): &(u64, &Artefact)| **named == artefact;
    let by =
        book.entries.iter().find_map(|entry| super::book::artefacts(entry).find(is_it).map(|(line, _)| (entry, line)));
    let (entry, line) = by.unwrap_or((entry, 1));
    let bytes = read(book, entry, line, &artefact)?;
    let certificate =
        Certificate::parse(&bytes, fingerprint).map_err(|error| RecordsError::minutes(&artefact.path, &error))?;
    Ok((fingerprint, certificate))
}

/// The part of a transcript that `text` binds; the text is made again from it and compared.
///
/// # Errors
/// [`RecordsError::Stale`] when the transcript does not have that head, [`RecordsError::Minutes`] for another text.
pub(super) fn bound(entry: &Entry, text: &[u8], path: &str) -> Result<Transcript, RecordsError> {
    let fault = |what: String| RecordsError::Minutes { path: Shown::new(path), what };
    let shown = String::from_utf8_lossy(text);
    let head: Hash = shown
        .lines()
        .find_map(|line| line.strip_prefix(minutes::HEAD)?.parse().ok())
        .ok_or_else(|| fault("they name no head".to_owned()))?;
    let Some(opening) = entry.opening() else {
        return Err(RecordsError::Unfinished { ceremony: entry.name.clone() });
    };
    let Some(bound) = entry.transcript.up_to(head) else {
        return Err(lost_head(entry, &shown, head, path));
    };
    let own = signed_text::normal(&minutes::text(opening, &bound));
    if own.as_bytes() == text {
        return Ok(bound);
    }
    let line = 1 + own.lines().zip(shown.lines()).take_while(|(own, other)| own == other).count();
    Err(fault(format!("line {line} of the signed text is not what the transcript says")))
}

/// The minutes bind a head that the transcript does not have: it is shorter than it was, or another one.
fn lost_head(entry: &Entry, text: &str, head: Hash, path: &str) -> RecordsError {
    let count: Option<usize> = text.lines().find_map(|line| line.strip_prefix("lines  ")?.trim().parse().ok());
    match count {
        Some(count) if count > entry.transcript.lines.len() => RecordsError::Stale(format!(
            "transcript {} has {} lines, and its minutes bind {count}",
            entry.name,
            entry.transcript.lines.len()
        )),
        count => {
            let line = count.map_or_else(String::new, |count| format!(" in line {count}"));
            let what = format!("they bind head {head:.16}..., and the transcript has another one{line}");
            RecordsError::Minutes { path: Shown::new(path), what }
        }
    }
}

/// After the minutes a transcript only tells how they were signed, how the room came together for it after a cut, and how a
/// dress rehearsal reset its cards. What would count stands before.
fn nothing_after(entry: &Entry, bound: usize) -> Result<(), RecordsError> {
    let is_dress = entry.opening().is_some_and(|opening| opening.mode == Mode::DressRehearsal);
    for line in entry.transcript.lines.iter().skip(bound) {
        let counts = match &line.entry {
            Event::Noted { evidence } => !matches!(
                evidence,
                Evidence::Machine { .. }
                    | Evidence::People { .. }
                    | Evidence::Clock { .. }
                    | Evidence::CardSeen { .. }
                    | Evidence::MinutesSigned { .. }
            ),
            Event::Intended { intent: Intent::ResetCard { .. } } if is_dress => false,
            Event::Intended { intent } => !matches!(intent, Intent::Sign { purpose, .. } if purpose == "minutes"),
            _ => false,
        };
        if counts {
            let what = format!("line {} of the transcript is bound by no minutes, and must be", line.number);
            return Err(RecordsError::Minutes { path: Shown::new(&path(&entry.name)), what });
        }
    }
    Ok(())
}

/// MODE-1. What a rehearsal made gives it away: the maker of its virtual cards, and the mark in the records key's user ID.
fn is_of_its_mode(entry: &Entry, certificate: &Certificate) -> Result<(), RecordsError> {
    let Some(mode) = entry.opening().map(|opening| opening.mode) else { return Ok(()) };
    let fault = |what: String| Err(RecordsError::Mode { ceremony: entry.name.clone(), what });
    let user_ids = certificate.user_ids();
    let bears = |mark: &str| user_ids.iter().any(|user_id| user_id.contains(mark));
    for other in [Mode::Rehearsal, Mode::DressRehearsal, Mode::Production].into_iter().filter_map(Mode::mark) {
        // One mark ends in the other: a dress rehearsal's key bears both.
        if mode == Mode::Production && bears(other) {
            return fault(format!("it calls itself production, and its records key is marked {other}"));
        }
    }
    if mode.mark().is_some_and(|mark| !bears(mark)) {
        return fault(format!("it calls itself a {mode}, and its records key does not bear the mark of one"));
    }
    // A dress rehearsal may be one of both: on test cards in real readers.
    if mode != Mode::Production {
        return Ok(());
    }
    for (line, evidence) in evidence(entry) {
        let (Evidence::CardPresented { card, serial, .. } | Evidence::CardSeen { card, serial, .. }) = evidence else {
            continue;
        };
        if serial.parse::<Serial>().is_ok_and(Serial::is_test) {
            return fault(format!("it calls itself {mode}, and card {card} in line {line} is a test card"));
        }
    }
    Ok(())
}

/// Minutes that came from outside the register: verified by the records key, with the name of their ceremony.
pub struct Outside {
    /// The ceremony.
    pub ceremony: String,
    /// Their signed text.
    pub text: Vec<u8>,
}

impl Outside {
    /// Verifies minutes by one of `keys`.
    ///
    /// # Errors
    /// [`RecordsError::Minutes`] when none of them signed this.
    pub fn verify(file: &str, bytes: &[u8], keys: &[Certificate], now: Timestamp) -> Result<Self, RecordsError> {
        let mut first = None;
        for key in keys {
            match signed_text::verify_text(bytes, key, now) {
                Ok(text) => {
                    let name = String::from_utf8_lossy(&text)
                        .lines()
                        .next()
                        .and_then(|line| line.strip_prefix("MINUTES OF CEREMONY ").map(str::to_owned));
                    let what = || "the records key signed it, and it is not minutes".to_owned();
                    let fault = || RecordsError::Minutes { path: Shown::new(file), what: what() };
                    return Ok(Self { ceremony: name.ok_or_else(fault)?, text });
                }
                Err(error) => first = first.or_else(|| Some(RecordsError::minutes(file, &error))),
            }
        }
        let none = || "the transcripts name no records key that could have signed it".to_owned();
        Err(first.unwrap_or_else(|| RecordsError::Minutes { path: Shown::new(file), what: none() }))
    }

    /// Compares them with the register's own transcript.
    ///
    /// # Errors
    /// [`RecordsError::Stale`] when the register does not have that ceremony, or not all that they bind.
    pub fn compare(&self, book: &Book<'_>, file: &str) -> Result<(), RecordsError> {
        match book.entries.iter().find(|entry| entry.name == self.ceremony) {
            Some(entry) => bound(entry, &self.text, file).map(|_| ()),
            None => Err(RecordsError::Stale(format!(
                "{} are the minutes of {}, which it does not have",
                Shown::new(file),
                Shown::new(&self.ceremony)
            ))),
        }
    }
}
