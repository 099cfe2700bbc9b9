//! Witnesses' own signatures on minutes, made later on their own devices with stock gpg.

use std::collections::BTreeMap;
use std::path::Path;

use super::RecordsError;
use super::book::{Book, may_cosign};
use super::minutes;
use crate::format::ledger::Entry;
use crate::model::fingerprint::Fingerprint;
use crate::model::organization::Organization;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::cosignature::{self, Cosignature, Part};
use crate::workstation::{WorkstationError, clock, files};

/// The files of a cosignature in its folder.
pub(super) const SIGNATURE: &str = "minutes.sig";
pub(super) const CERTIFICATE: &str = "certificate.asc";
/// The largest of them.
const LARGEST: u64 = 256 * 1024;

/// Somebody who cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigner {
    /// Their name.
    pub name: String,
    /// The fingerprint of their certificate.
    pub fingerprint: Fingerprint,
    /// When they signed.
    pub made: Timestamp,
}

/// A cosignature that came in: its files, and what they are called.
pub struct Incoming<'a> {
    /// The certificate's name.
    pub certificate_file: &'a str,
    /// The certificate.
    pub certificate: &'a [u8],
    /// The signature's name.
    pub signature_file: &'a str,
    /// The signature.
    pub signature: &'a [u8],
}

/// The folder of the cosignatures of a ceremony.
#[must_use]
pub fn folder(ceremony: &str) -> String {
    format!("minutes/{ceremony}.cosigned")
}

/// Verifies a cosignature and puts it into the register. Gives who cosigned, and whether it is new there.
///
/// # Errors
/// [`RecordsError::Cosignature`], [`RecordsError::Cosigner`]; FILE-1 when another signature of this person is there.
pub fn take_in(
    book: &Book<'_>,
    at: usize,
    organization: (&str, &Organization),
    incoming: &Incoming<'_>,
) -> Result<(Cosigner, bool), RecordsError> {
    let minutes = minutes::verify(book, at)?;
    let Some(entry) = book.entries.get(at) else {
        return Err(RecordsError::NoCeremony { ceremony: String::new() });
    };
    let now = clock::now()?;
    let fault = |(part, source)| {
        let file = if part == Part::Signature { incoming.signature_file } else { incoming.certificate_file };
        RecordsError::Cosignature { path: Shown::new(file), source }
    };
    let made = cosignature::take_in(&minutes.bytes, incoming.signature, incoming.certificate, now).map_err(fault)?;
    let cosigner = judge(entry, made, incoming.certificate_file)?;
    is_named(entry, organization, &cosigner, incoming.certificate_file)?;
    let path = book.register.path(&format!("{}/{}", folder(&entry.name), cosigner.fingerprint));
    if path.symlink_metadata().is_ok() {
        let (signature, certificate) = files_of(&path)?;
        let same = signature == incoming.signature && certificate == incoming.certificate;
        return if same { Ok((cosigner, false)) } else { Err(WorkstationError::Exists { path }.into()) };
    }
    let contents = BTreeMap::from([
        (SIGNATURE.to_owned(), incoming.signature.to_vec()),
        (CERTIFICATE.to_owned(), incoming.certificate.to_vec()),
    ]);
    files::write_new_folder(&path, &[], &contents)?;
    // The name of the folder around it, too.
    files::sync_folder(path.parent().unwrap_or(&path))?;
    // From the disk, as everybody will read it from now on.
    verify_one(book, entry, &minutes.bytes, cosigner.fingerprint)?;
    Ok((cosigner, true))
}

/// Whose signature it is, and that it counts: they sat in the ceremony, which names the certificate, and signed after it
/// was opened.
fn judge(entry: &Entry, made: Cosignature, file: &str) -> Result<Cosigner, RecordsError> {
    let fault = |what: String| RecordsError::Cosigner { ceremony: entry.name.clone(), path: Shown::new(file), what };
    let name = may_cosign(entry).find(|(_, fingerprint)| *fingerprint == made.fingerprint).map(|(name, _)| name);
    let name = name.ok_or_else(|| {
        fault(format!("its transcript names nobody in the room with certificate {}", made.fingerprint))
    })?;
    match entry.transcript.lines.first().map(|line| line.time) {
        Some(opened) if made.made < opened => {
            Err(fault(format!("the signature is of {}, and the ceremony was opened at {opened}", made.made)))
        }
        _ => Ok(Cosigner { name: name.to_owned(), fingerprint: made.fingerprint, made: made.made }),
    }
}

/// The organization still names the certificate, for the same person.
fn is_named(
    entry: &Entry,
    (file, organization): (&str, &Organization),
    cosigner: &Cosigner,
    certificate: &str,
) -> Result<(), RecordsError> {
    if let Some(opening) = entry.opening().filter(|opening| opening.organization_name != organization.name) {
        return Err(RecordsError::OtherOrganization {
            file: Shown::new(file),
            found: Shown::new(&organization.name),
            ceremony: entry.name.clone(),
            expected: Shown::new(&opening.organization_name),
        });
    }
    let named = organization.people.iter().find(|person| person.certificate == Some(cosigner.fingerprint));
    if named.is_some_and(|person| person.name == cosigner.name) {
        return Ok(());
    }
    let what = format!("{} names no such certificate for {}", Shown::new(file), Shown::new(&cosigner.name));
    Err(RecordsError::Cosigner { ceremony: entry.name.clone(), path: Shown::new(certificate), what })
}

/// Verifies every cosignature that the register has of a ceremony.
///
/// # Errors
/// [`RecordsError::Cosignature`], [`RecordsError::Cosigner`], [`RecordsError::Foreign`] for what is none.
pub fn verify_all(book: &Book<'_>, at: usize, minutes: &[u8]) -> Result<Vec<Cosigner>, RecordsError> {
    let Some(entry) = book.entries.get(at) else { return Ok(Vec::new()) };
    let mut cosigners = Vec::new();
    for name in names(&book.register.path(&folder(&entry.name)))? {
        match name.parse::<Fingerprint>() {
            Ok(fingerprint) if fingerprint.to_string() == name => {
                cosigners.push(verify_one(book, entry, minutes, fingerprint)?);
            }
            _ if name.starts_with(files::UNFINISHED) => {}
            _ => return Err(RecordsError::Foreign(vec![Shown::new(&format!("{}/{name}", folder(&entry.name)))])),
        }
    }
    Ok(cosigners)
}

pub(super) fn verify_one(
    book: &Book<'_>,
    entry: &Entry,
    minutes: &[u8],
    fingerprint: Fingerprint,
) -> Result<Cosigner, RecordsError> {
    let relative = format!("{}/{fingerprint}", folder(&entry.name));
    let path = format!("{relative}/{SIGNATURE}");
    let there = book.register.path(&relative);
    for file in [SIGNATURE, CERTIFICATE] {
        if !there.join(file).is_file() {
            let what = format!("{file} is missing there");
            return Err(RecordsError::Cosigner { ceremony: entry.name.clone(), path: Shown::new(&relative), what });
        }
    }
    let (signature, certificate) = files_of(&there)?;
    let fault = |(part, source)| {
        let file = if part == Part::Signature { SIGNATURE } else { CERTIFICATE };
        RecordsError::Cosignature { path: Shown::new(&format!("{relative}/{file}")), source }
    };
    let made = cosignature::verify(minutes, &signature, &certificate, clock::now()?).map_err(fault)?;
    if made.fingerprint != fingerprint {
        let what = format!("its certificate is {}", made.fingerprint);
        return Err(RecordsError::Cosigner { ceremony: entry.name.clone(), path: Shown::new(&path), what });
    }
    judge(entry, made, &path)
}

fn files_of(folder: &Path) -> Result<(Vec<u8>, Vec<u8>), RecordsError> {
    let read = |name| files::read(&folder.join(name), LARGEST);
    Ok((read(SIGNATURE)?, read(CERTIFICATE)?))
}

/// The names in a folder, in order; none when it is not there.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, RecordsError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(WorkstationError::io("list", folder)(error).into()),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(WorkstationError::io("list", folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The files that a cosignature of a ceremony consists of, if `relative` is one of them.
#[must_use]
pub fn is_part(ceremony: &str, relative: &str) -> bool {
    let rest = relative.strip_prefix(&folder(ceremony)).and_then(|rest| rest.strip_prefix('/'));
    let Some((fingerprint, file)) = rest.and_then(|rest| rest.split_once('/')) else { return false };
    let is_fingerprint = fingerprint.parse::<Fingerprint>().is_ok_and(|parsed| parsed.to_string() == fingerprint);
    is_fingerprint && [SIGNATURE, CERTIFICATE].contains(&file)
}
