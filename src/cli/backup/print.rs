//! `keyrite backup print`.

use std::collections::BTreeMap;
use std::path::Path;

use super::Print;
use crate::ceremony::print::sealed::SealedSheets;
use crate::ceremony::records::backups::{self, Backup};
use crate::ceremony::records::book::Book;
use crate::cli::{CliError, Screen, papers};
use crate::workstation::page_reader::PageReader;
use crate::workstation::read_back::{self, ReadBack};
use crate::workstation::register::Register;
use crate::workstation::stock::zbarimg;

/// Prints every sealed message in force, and lists each file with its SHA-256. Before anything is written, every code is read from
/// the dots of its page.
///
/// # Errors
/// A register that is not whole, a code that is not read back, a folder that is there already: then nothing is written.
pub(super) fn print(arguments: &Print) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let book = Book::open(&register)?;
    let (mut sheets, mut read) = (BTreeMap::new(), Vec::new());
    for backup in backups::in_force(&book).into_values() {
        let (file, pdf, back) = printed(arguments, &book, &backup)?;
        sheets.insert(file, pdf);
        read.push(back);
    }
    let mut screen = Screen::new();
    papers::write(&mut screen, &arguments.out, &sheets)?;
    screen.line(match read.iter().all(|back| back.by_two) {
        true => "Every code was read back from the dots of its page, by keyrite and by zbarimg.",
        false => "Every code was read back from the dots of its page, by keyrite. zbarimg is not installed.",
    })?;
    screen.line("Print two copies in black, at 100 % of their size, for two places without a share.")
}

/// A file's name, its bytes, and who read it back.
fn printed(arguments: &Print, book: &Book<'_>, backup: &Backup) -> Result<(String, Vec<u8>, ReadBack), CliError> {
    let opening = book.find(&backup.ceremony).map(|at| book.entries.get(at).and_then(|entry| entry.opening()))?;
    let statement = backup.statement(book)?;
    let sheets = SealedSheets {
        organization: opening.map_or("", |opening| &opening.organization_name),
        statement: &statement,
        message: &book.register.read(&backup.record.message)?,
        due: backup.due(&statement),
        size: arguments.size.into(),
    };
    let (pdf, frames) = sheets.pdf()?;
    let expected: Vec<&[u8]> = frames.texts().iter().map(|text| &**text).collect();
    let (reader, second) = (PageReader::own()?, zbarimg::find());
    let back = read_back::read_back(&reader, second.as_ref(), Path::new(&sheets.file()), &pdf, &expected)?;
    Ok((sheets.file(), pdf, back))
}
