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
        match press.printer.print(&paper.pdf) {
            Ok(()) => match answer(page, seat, "Is every page here, and can every line of it be read?", b"ync")? {
                b'y' => return Ok(true),
                answer => {
                    page.again("What came out and is not good is destroyed before everybody, now.");
                    if answer == b'c' {
                        return Ok(false);
                    }
                }
            },
            // Whatever came out of it, nobody can say that it was all.
            Err(error) => {
                page.again(&error.to_string());
                if answer(page, seat, "What came out is destroyed before everybody. And then?", b"nc")? == b'c' {
                    return Ok(false);
                }
            }
        }
    }
}

/// One of these letters.
fn answer(page: &mut Page, seat: Seat, question: &str, letters: &[u8]) -> Answer<u8> {
    let mut told = page.to(seat, question);
    told.extend(letters.iter().flat_map(|letter| match letter {
        b'y' => screen::told("    y  yes"),
        b'n' => screen::told("    n  print it once more"),
        _ => screen::told("    c  copy it by hand, from the screen"),
    }));
    loop {
        let typed = page.ask(&told, "one of these letters", Echo::On)?;
        match typed.trim_ascii() {
            [letter] if letters.contains(letter) => return Ok(*letter),
            _ => told.clear(),
        }
    }
}
