//! The bundle that left the room last: signed by the records key, and the newest that the register knows.

use std::path::Path;

use super::RecordsError;
use super::book::{Book, evidence};
use super::{audit, minutes};
use crate::format::ledger::Entry;
use crate::model::evidence::Evidence;
use crate::model::hash::Hash;
use crate::model::history::History;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::{Certificate, signed_text};
use crate::workstation::bundle::{Bundle, SignedBundle};
use crate::workstation::clock::{self, STEP_BACK};

/// The newest bundle, verified.
pub struct Outgoing {
    /// What it holds, but for the manifest.
    pub bundle: Bundle,
    /// Its manifest.
    pub manifest: Vec<u8>,
    /// The records key's signature on it.
    pub signature: Vec<u8>,
    /// The ceremony that wrote it.
    pub ceremony: String,
    /// When that was opened: the moment as of which its keyrings are.
    pub as_of: Timestamp,
    /// The records key that signed it.
    pub records: Certificate,
    /// What the register says up to the end of that ceremony.
    pub history: History,
}

/// Reads a bundle and verifies that it is the newest one: PUBLISH-1.
///
/// # Errors
/// [`RecordsError::Outgoing`] for an older bundle, one that the register does not know, or one that the records key did not sign;
/// [`RecordsError::Unfinished`] when its ceremony is not over; BUNDLE-1 when it does not hold what its manifest lists.
pub fn newest(book: &Book<'_>, folder: &Path) -> Result<Outgoing, RecordsError> {
    let SignedBundle { bundle, manifest, signature } = SignedBundle::read(folder)?;
    let refuse = |what: String| RecordsError::Outgoing { folder: Shown::new(&folder.to_string_lossy()), what };
    let hash = Hash::of(&manifest);
    let all: Vec<Written> = book.entries.iter().enumerate().flat_map(|(at, entry)| written(at, entry)).collect();
    let newest = all.last().ok_or_else(|| refuse("this register has written no bundle yet".to_owned()))?;
    let entry = book.entries.get(newest.at).ok_or_else(|| refuse("this register has no such ceremony".to_owned()))?;
    if newest.manifest != hash {
        return Err(refuse(why_not(book, &all, newest, (&manifest, hash), &signature)?));
    }
    if !entry.is_over() {
        return Err(RecordsError::Unfinished { ceremony: entry.name.clone() });
    }
    let (_, records) = minutes::records(book, newest.at)?;
    // The signature was made before the line that tells of it; the clock may have been adjusted between them.
    signed_text::verify_detached(&manifest, &signature, &records, newest.time.plus(STEP_BACK))
        .map_err(|error| refuse(format!("its SHA256SUMS.asc: {}", reason(&error))))?;
    let history = book.history(newest.at);
    let as_of = history.current.opened.unwrap_or(newest.time);
    Ok(Outgoing { bundle, manifest, signature, ceremony: entry.name.clone(), as_of, records, history })
}

/// A line that tells of a bundle.
struct Written {
    /// Its transcript.
    at: usize,
    /// SHA-256 of the manifest.
    manifest: Hash,
    time: Timestamp,
}

fn written(at: usize, entry: &Entry) -> Vec<Written> {
    let of_bundle = |(number, evidence): (u64, &Evidence)| match evidence {
        Evidence::BundleWritten { manifest, .. } => {
            let time = entry.transcript.lines.iter().find(|line| line.number == number)?.time;
            Some(Written { at, manifest: *manifest, time })
        }
        _ => None,
    };
    evidence(entry).filter_map(of_bundle).collect()
}

/// Older, of a register that is newer than this one, or of nobody.
fn why_not(
    book: &Book<'_>,
    all: &[Written],
    newest: &Written,
    manifest: (&[u8], Hash),
    signature: &[u8],
) -> Result<String, RecordsError> {
    let name = |written: &Written| book.entries.get(written.at).map_or("", |entry| entry.name.as_str());
    let (text, hash) = manifest;
    if let Some(older) = all.iter().find(|written| written.manifest == hash) {
        return Ok(format!("it is the one of {}, and {} wrote a newer one", name(older), name(newest)));
    }
    let now = clock::now()?;
    let is_ours = |key: &Certificate| signed_text::verify_detached(text, signature, key, now).is_ok();
    if audit::keys(book)?.iter().any(is_ours) {
        return Ok("the records key signed it, and this register does not know it: the register is older".to_owned());
    }
    Ok("no ceremony of this register wrote it, and the records key did not sign it".to_owned())
}

/// The reason, without the room's own words around it.
fn reason(error: &crate::trust::openpgp::Error) -> String {
    match error {
        crate::trust::openpgp::Error::Records(reason) => reason.to_string(),
        other => other.to_string(),
    }
}
