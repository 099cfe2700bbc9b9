//! A ceremony checked whole, from the disk: transcript, minutes, cosignatures, closing record, and every file it names.

use std::collections::BTreeMap;

use super::book::{self, Book};
use super::closing;
use super::cosign::{self, Cosigner};
use super::minutes;
use super::{RecordsError, inventory};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::shown::Shown;
use crate::workstation::clock;
use crate::workstation::files;
use crate::workstation::register::LARGEST;

/// A ceremony whose records are what they should be.
pub struct Checked {
    /// Its name.
    pub ceremony: String,
    /// Its mode.
    pub mode: Mode,
    /// Whether it came to its end.
    pub finished: bool,
    /// Whether it was given up.
    pub abandoned: bool,
    /// Lines of its transcript.
    pub lines: usize,
    /// The head of the whole transcript.
    pub head: Hash,
    /// The head that the minutes bind, which stands on the witnesses' papers, and how many lines it ends; none before they
    /// are signed.
    pub bound: Option<(Hash, usize)>,
    /// The records key that signed the minutes.
    pub signed_by: Option<Fingerprint>,
    /// Who cosigned them.
    pub cosigned: Vec<Cosigner>,
    /// SHA-256 of the closing record.
    pub closing: Option<Hash>,
    /// How many files it names.
    pub files: usize,
    /// The signed text of the minutes.
    pub text: Vec<u8>,
}

/// Checks one ceremony. The last one may be unfinished: then it has no minutes yet. One that was given up has none at all.
///
/// # Errors
/// The first thing that is not as it should be.
pub fn check(book: &Book<'_>, at: usize, mode: Option<Mode>) -> Result<Checked, RecordsError> {
    let entry = book.entries.get(at).ok_or_else(|| RecordsError::NoCeremony { ceremony: String::new() })?;
    let opening = entry.opening();
    let own = opening.map_or(Mode::Rehearsal, |opening| opening.mode);
    if let Some(wanted) = mode.filter(|wanted| *wanted != own) {
        return Err(RecordsError::mode(&entry.name, own, wanted));
    }
    let (mut bound, mut signed_by, mut cosigned, mut text) = (None, None, Vec::new(), Vec::new());
    // Anything else than "not yet" is a fault; "not yet" is one when the minutes are there.
    match minutes::verify(book, at) {
        Ok(minutes) => {
            cosigned = cosign::verify_all(book, at, &minutes.bytes)?;
            (bound, signed_by, text) = (Some((minutes.head, minutes.lines)), Some(minutes.signed_by), minutes.text);
        }
        Err(RecordsError::Unfinished { .. }) if !entry.is_finished() => not_more_than_this(book, at)?,
        Err(error) => return Err(error),
    }
    let mut named: BTreeMap<&str, Hash> = BTreeMap::new();
    for (line, artefact) in book::artefacts(entry) {
        minutes::read(book, entry, line, artefact)?;
        named.insert(&artefact.path, artefact.sha256);
    }
    Ok(Checked {
        ceremony: entry.name.clone(),
        mode: own,
        finished: entry.is_finished(),
        abandoned: entry.is_abandoned(),
        lines: entry.transcript.lines.len(),
        head: entry.transcript.head,
        bound,
        signed_by,
        cosigned,
        closing: closing::check(book, at)?,
        files: named.len(),
        text,
    })
}

/// Minutes that a cut left unrecorded are good when the transcript has what they bind; resume takes them then. A
/// transcript that lost its end has less.
fn not_more_than_this(book: &Book<'_>, at: usize) -> Result<(), RecordsError> {
    let Some(entry) = book.entries.get(at) else { return Ok(()) };
    let path = minutes::path(&entry.name);
    let file = book.register.path(&path);
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    let Ok((_, key)) = minutes::records(book, at) else {
        let lines = entry.transcript.lines.len();
        let what = format!("transcript {} ends at line {lines}, and its minutes are there already", entry.name);
        return Err(RecordsError::Stale(what));
    };
    let outside = minutes::Outside::verify(&path, &files::read(&file, LARGEST)?, &[key], clock::now()?)?;
    if outside.ceremony != entry.name {
        let what = format!("they are the minutes of {}", Shown::new(&outside.ceremony));
        return Err(RecordsError::Minutes { path: Shown::new(&path), what });
    }
    outside.compare(book, &path)
}

/// Checks every ceremony of a register.
///
/// # Errors
/// As [`check`].
pub fn check_all(book: &Book<'_>, mode: Option<Mode>) -> Result<Vec<Checked>, RecordsError> {
    (0..book.entries.len()).map(|at| check(book, at, mode)).collect()
}

/// Checks a register whole: every ceremony, and minutes from outside it. Files that belong to nothing come back.
///
/// # Errors
/// As [`check`]; [`RecordsError::Stale`] when the minutes show more than the register has.
pub fn check_register(
    book: &Book<'_>,
    outside: &[(String, Vec<u8>)],
    mode: Option<Mode>,
) -> Result<(Vec<Checked>, inventory::Inventory), RecordsError> {
    let checked = check_all(book, mode)?;
    let keys = keys(book)?;
    for (file, bytes) in outside {
        minutes::Outside::verify(file, bytes, &keys, clock::now()?)?.compare(book, file)?;
    }
    Ok((checked, inventory::take(book)?))
}

/// The certificate of every records key there has been, the last one first.
pub(super) fn keys(book: &Book<'_>) -> Result<Vec<crate::trust::openpgp::Certificate>, RecordsError> {
    let mut keys = Vec::new();
    let mut seen = Vec::new();
    for at in (0..book.entries.len()).rev() {
        if let Some((fingerprint, _)) = book.history(at).records
            && !seen.contains(&fingerprint)
        {
            seen.push(fingerprint);
            keys.push(minutes::records(book, at)?.1);
        }
    }
    Ok(keys)
}
