//! Every file of a register, and to what it belongs.

use std::collections::BTreeSet;
use std::path::Path;

use super::RecordsError;
use super::book::{self, Book};
use super::{closing, cosign, minutes};
use crate::backup::statement::SetId;
use crate::ceremony::card_reports;
use crate::ceremony::generating;
use crate::ceremony::scene::Scene;
use crate::format::ledger::Entry;
use crate::model::event::{Event, Intent};
use crate::model::evidence::Evidence;
use crate::model::shown::Shown;
use crate::workstation::WorkstationError;
use crate::workstation::files;

/// The files of a register.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Those that belong to it, by their paths in it.
    pub own: BTreeSet<String>,
    /// Those that no transcript names; links and other things that are no files too.
    pub foreign: Vec<Shown>,
}

impl Inventory {
    /// Demands that there is nothing foreign.
    ///
    /// # Errors
    /// [`RecordsError::Foreign`].
    pub fn only_own(&self) -> Result<(), RecordsError> {
        if self.foreign.is_empty() { Ok(()) } else { Err(RecordsError::Foreign(self.foreign.clone())) }
    }
}

/// Looks at every file of a register.
///
/// # Errors
/// When a folder cannot be listed.
pub fn take(book: &Book<'_>) -> Result<Inventory, RecordsError> {
    let named: BTreeSet<&str> =
        book.entries.iter().flat_map(book::artefacts).map(|(_, artefact)| artefact.path.as_str()).collect();
    let drawn: BTreeSet<String> = book.entries.iter().flat_map(drawn).collect();
    let certificates: BTreeSet<&str> = book.entries.iter().flat_map(certificates).collect();
    let is_own = |path: &str| {
        named.contains(path)
            || book.entries.iter().any(|entry| belongs(entry, path))
            || card_reports::belongs(book.register, path)
    };
    let mut inventory = Inventory::default();
    walk(book.register.root(), "", &mut |path, is_file| match path {
        "lock" if is_file => {}
        _ if is_file && path.rsplit('/').next().is_some_and(|name| name.starts_with(files::UNFINISHED)) => {}
        _ if is_file && (is_left_by_a_cut(path, &drawn) || is_of_generated(path, &certificates)) && !is_own(path) => {}
        _ if is_file && is_own(path) => drop(inventory.own.insert(path.to_owned())),
        _ => inventory.foreign.push(Shown::new(path)),
    })?;
    inventory.foreign.sort();
    Ok(inventory)
}

/// The folders of the roots that a ceremony drew; of those that were lost, too.
fn drawn(entry: &Entry) -> impl Iterator<Item = String> {
    entry.transcript.lines.iter().filter_map(|line| match &line.entry {
        Event::Noted {
            evidence: Evidence::RootDrawn { root, fingerprint, .. } | Evidence::RootGenerated { root, fingerprint, .. },
        } => Some(Scene::root_folder(root, *fingerprint)),
        _ => None,
    })
}

/// What cards were to sign for files: what for, and the file.
fn announced(entry: &Entry) -> impl Iterator<Item = (&str, &str)> {
    entry.transcript.lines.iter().filter_map(|line| match &line.entry {
        Event::Intended { intent: Intent::Sign { purpose, artefact: Some(file), .. } } => {
            Some((purpose.as_str(), &**file))
        }
        _ => None,
    })
}

/// The certificates of keys that cards generated. One that no evidence names was left by a cut: its key is on no card any more.
/// Nobody needs it, and it is not copied.
fn certificates(entry: &Entry) -> impl Iterator<Item = &str> {
    announced(entry).filter(|(purpose, _)| *purpose == generating::PURPOSE).map(|(_, file)| file)
}

/// Whether a file is one of those certificates, or what the card attested beside it.
fn is_of_generated(path: &str, certificates: &BTreeSet<&str>) -> bool {
    let attested = [".attestation.der", ".attesting.der"].iter().find_map(|end| path.strip_suffix(end));
    certificates.contains(path) || attested.is_some_and(|base| certificates.contains(format!("{base}.asc").as_str()))
}

/// Whether a file is of a sealing that was cut off, before its evidence: `roots/packages-91AB22C7/key-7K3MQ2XA/sealed.asc`.
/// The root was lost with its process, or is sealed anew as another set. Nobody needs it, and it is not copied.
fn is_left_by_a_cut(path: &str, drawn: &BTreeSet<String>) -> bool {
    let mut parts = path.rsplitn(3, '/');
    let (Some(file), Some(set), Some(folder)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let is_set =
        ["key-", "revocation-"].iter().any(|kind| set.strip_prefix(kind).is_some_and(|id| id.parse::<SetId>().is_ok()));
    matches!(file, "sealed.asc" | "shares.toml") && is_set && drawn.contains(folder)
}

/// Whether a file is part of a ceremony's records without being named in its transcript.
fn belongs(entry: &Entry, path: &str) -> bool {
    let name = &entry.name;
    let by_name = [format!("transcripts/{name}.jsonl"), closing::path(name), closing::sum_path(name)];
    // A cut can come between the file and the line that names it; resume then takes the file.
    let awaited = |entry: &Entry| minutes::path(name) == path || announced(entry).any(|(_, file)| file == path);
    by_name.iter().any(|own| own == path) || cosign::is_part(name, path) || (!entry.is_finished() && awaited(entry))
}

/// Every file below a folder, by its path in it, and whether it is a regular one. Follows no link.
fn walk(folder: &Path, relative: &str, each: &mut dyn FnMut(&str, bool)) -> Result<(), RecordsError> {
    for entry in std::fs::read_dir(folder).map_err(WorkstationError::io("list", folder))? {
        let entry = entry.map_err(WorkstationError::io("list", folder))?;
        let name = entry.file_name();
        // A name that is not UTF-8 becomes one that belongs to nothing.
        let name = name.to_string_lossy();
        let path = if relative.is_empty() { name.into_owned() } else { format!("{relative}/{name}") };
        let kind = entry.file_type().map_err(WorkstationError::io("look at", &entry.path()))?;
        if kind.is_dir() {
            walk(&entry.path(), &path, each)?;
        } else {
            each(&path, kind.is_file());
        }
    }
    Ok(())
}
