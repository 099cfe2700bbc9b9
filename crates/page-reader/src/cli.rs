//! The command line.

use std::io::{self, Write};

use clap::{Args, Parser, Subcommand};
use keyrite_sandbox::{Cell, Limits};

use crate::codes;
use crate::error::Error;
use crate::file::{self, Page};

/// What one page may use up, whatever it is. An honest one takes a third of it (docs/decisions/0033-page-reader.md).
pub const LIMITS: Limits = Limits { cpu_seconds: 2, memory: 256 * 1024 * 1024 };

/// Reads a page from standard input (PDF, PNG, JPEG, PGM, PPM), shut in a cell; keyrite starts it
#[derive(Debug, Parser)]
#[command(name = "keyrite-page-reader", version)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write the number of pages and the texts of all QR codes on one of them
    Codes(Which),
    /// Write one page as the picture that is read (PGM, 300 dpi)
    Picture(Which),
}

#[derive(Args, Debug)]
struct Which {
    /// The page, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    page: usize,
}

impl Cli {
    /// Does what the command line says, in a cell.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn run(self) -> Result<(), Error> {
        // What the machine does not grant of this, keyrite has said already.
        let _ = keyrite_locked::harden();
        Cell::shut(LIMITS)?;
        let (Verb::Codes(which) | Verb::Picture(which)) = &self.verb;
        let page = file::page(file::whole(io::stdin().lock())?, which.page)?;
        let mut out = io::stdout().lock();
        let written = match self.verb {
            Verb::Codes(_) => tell(&mut out, &page),
            Verb::Picture(_) => {
                let Page { picture, .. } = page;
                out.write_all(picture.pgm_head().as_bytes()).and_then(|()| out.write_all(&picture.dots))
            }
        };
        written.and_then(|()| out.flush()).map_err(Error::Stdout)
    }
}

/// Four bytes with the number of pages; then each text behind its length in four bytes.
fn tell(out: &mut impl Write, page: &Page) -> io::Result<()> {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes();
    out.write_all(&number(page.count))?;
    codes::all(&page.picture).iter().try_for_each(|text| {
        out.write_all(&number(text.len()))?;
        out.write_all(text.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
