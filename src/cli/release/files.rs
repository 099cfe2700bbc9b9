//! What the verbs for releases have in common: names of files, and how files and manifests are shown.

use std::path::Path;

use super::ReleaseError;
use crate::cli::{CliError, Screen};
use crate::model::hash::Hash;
use crate::model::pgp_words;
use crate::model::release::{FileName, Release};
use crate::model::shown::Shown;

/// The file's own name in its path.
pub(super) fn own_name(path: &Path) -> Result<FileName, CliError> {
    let shown = || Shown::new(&path.to_string_lossy());
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.parse().map_err(|reason| ReleaseError::FileName { path: shown(), reason }.into())
}

/// A path for an error.
pub(super) fn shown(path: &Path) -> Shown {
    Shown::new(&path.to_string_lossy())
}

/// The release as its manifest has it, with the size of each file that was read.
pub(super) fn show(screen: &mut Screen, release: &Release, sizes: &[Option<u64>]) -> Result<(), CliError> {
    screen.line(&format!("release {}", release.name))?;
    if let Some(head) = &release.head {
        screen.line(&format!("    organization  {}", Shown::new(&head.organization)))?;
        screen.line(&format!("    scope         {}", Shown::new(&head.scope)))?;
        screen.line(&format!("    prepared      {}", head.date))?;
        for (label, value) in [("source", &head.source), ("prepared by", &head.prepared_by)] {
            if let Some(value) = value {
                screen.line(&format!("    {label:<13} {}", Shown::new(value)))?;
            }
        }
    }
    for (at, file) in release.files.iter().enumerate() {
        let size = match sizes.get(at) {
            Some(Some(size)) => format!("{size} bytes"),
            _ => "not looked at".to_owned(),
        };
        screen.line(&format!("{}, {size}", file.name))?;
        screen.line(&format!("    {}", file.hash))?;
    }
    Ok(())
}

/// The manifest's hash, as it is read to somebody: digits, and its first and last word.
pub(super) fn tell_hash(screen: &mut Screen, name: &str, hash: Hash) -> Result<(), CliError> {
    screen.line(&format!("{name} has the SHA-256"))?;
    let groups = hash.groups();
    // Sixteen groups of four with a space between them: 39 characters a half.
    for row in [groups.get(..39), groups.get(40..)].into_iter().flatten() {
        screen.line(&format!("    {row}"))?;
    }
    match &pgp_words::words(&hash.0)[..] {
        [first, .., last] => screen.line(&format!("    first word {first}, last word {last}")),
        _ => Ok(()),
    }
}
