//! A share sheet that goes to a printer, while its holder stands there alone.

use std::path::Path;

use keyrite_locked::Locked;

use super::page::Page;
use super::tty::Echo;
use crate::ceremony::dialogue::Answer;
use crate::ceremony::print::share::SharePaper;
use crate::ceremony::screen;
use crate::model::role::Seat;
use crate::paper::Size;
use crate::workstation::page_reader::PageReader;
use crate::workstation::printer::Printer;
use crate::workstation::read_back;
use crate::workstation::stock::zbarimg::{self, Zbarimg};

/// What prints share sheets.
pub struct Press {
    printer: Printer,
    size: Size,
    reader: PageReader,
    second: Option<Zbarimg>,
}

impl Press {
    /// With a printer that is open already.
    ///
    /// # Errors
    /// Without a page reader: nothing is printed that was not read back.
    pub fn new(printer: Printer, size: Size) -> Result<Self, crate::workstation::WorkstationError> {
        Ok(Self { printer, size, reader: PageReader::own()?, second: zbarimg::find() })
    }
}

/// Prints a sheet for its holder; false when they would rather copy it by hand.
pub(super) fn hand(page: &mut Page, press: &mut Press, seat: Seat, sheet: &Locked) -> Answer<bool> {
    let who = page.who(seat);
    let mut words = screen::told(&format!("Only {who} stands at the printer now. Everybody else turns away."));
    words.extend(screen::told("What comes out of it is theirs alone: three pages, or four."));
    page.clear();
    page.ask(&words, &format!("{seat}: Enter prints the share"), Echo::On)?;
    let life = page.busy("The sheet is made, and read back.");
    let paper = SharePaper::of(sheet, press.size)?;
    read_back::read_back(&press.reader, press.second.as_ref(), Path::new("the sheet"), &paper.pdf, &paper.expected())?;
    drop(life);
    loop {
        let told = match press.printer.print(&paper.pdf) {
            Ok(()) => screen::told("Is every page here, and can every line of it be read?"),
            Err(error) => screen::told(&error.to_string()),
        };
        let typed = page.ask(&told, "y or n to print it once more, c to copy it by hand", Echo::On)?;
        match typed.trim_ascii() {
            b"y" => return Ok(true),
            b"c" => return Ok(false),
            b"n" => {}
            _ => page.again("Please answer y, n or c. Pages that are not good are destroyed before everybody."),
        }
    }
}
