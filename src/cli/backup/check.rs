//! `keyrite backup check`.

use std::path::Path;

use keyrite_locked::Locked;

use super::Check;
use crate::backup::message;
use crate::ceremony::records::RecordsError;
use crate::ceremony::records::backups::{self, Checked};
use crate::ceremony::records::book::Book;
use crate::cli::{CliError, Screen};
use crate::model::shown::Shown;
use crate::workstation::register::Register;
use crate::workstation::{WorkstationError, files};

/// The largest file: a sealed message in its armor; a sheet has a twentieth of it.
const LARGEST: u64 = 2 * message::LARGEST as u64;

/// Checks each file by itself, and every one.
///
/// # Errors
/// The first file that is not what it should be; the others that are not are told with their reasons.
pub(super) fn check(arguments: &Check) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let book = Book::open(&register)?;
    let mut screen = Screen::new();
    let mut first = None;
    for path in &arguments.files {
        let (backup, checked) = match judged(&book, path) {
            Ok(judged) => judged,
            Err(error) => {
                screen.line(&format!("{}: NOT GOOD", Shown::new(&path.to_string_lossy())))?;
                if first.is_some() {
                    screen.line(&format!("    {error}"))?;
                }
                first.get_or_insert(error);
                continue;
            }
        };
        let what = match checked {
            Checked::Copy { number, certificate } => {
                format!("the copy of share {number} that was encrypted to {}", certificate.groups())
            }
            Checked::Message => "the sealed message, byte for byte".to_owned(),
            Checked::Share { number, holder, signed } => {
                let signed = if signed { "; the sheet is signed by the records key" } else { "" };
                format!("share {number}, of {holder}, as it was handed out{signed}")
            }
        };
        let name = Shown::new(&path.to_string_lossy());
        screen.line(&format!("{name}: good"))?;
        screen.line(&format!("    {what}"))?;
        screen.line(&format!("    set {}: {} of root {}", backup.record.set, backup.sealed, backup.root))?;
    }
    first.map_or(Ok(()), Err)
}

fn judged(book: &Book<'_>, path: &Path) -> Result<(backups::Backup, Checked), CliError> {
    let file = Locked::absorb(files::read_named(path, LARGEST)?).map_err(WorkstationError::from)?;
    backups::check(book, &file).map_err(|error| match error {
        RecordsError::Workstation(error) => error.into(),
        reason => RecordsError::File { path: Shown::new(&path.to_string_lossy()), reason: Box::new(reason) }.into(),
    })
}
