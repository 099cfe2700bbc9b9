//! What can go wrong, with the exit code and the remedy.

use std::fmt;
use std::io;

use keyrite_sandbox::NotGranted;

use crate::file::LARGEST;
use crate::pdf::MOST_PAGES;

/// Why a page was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The decoder of this form refused.
    #[error("this {form} is damaged, or of a kind that is not read: {why}")]
    Broken {
        /// The form.
        form: &'static str,
        /// What the decoder said.
        why: Said,
    },
    /// The kernel does not shut the program in.
    #[error("nothing is read outside of a cell: {0}")]
    NotGranted(#[from] NotGranted),
    /// A page that is not there.
    #[error("there is no page {wanted}: the file has {count}")]
    Page {
        /// The page that was asked for.
        wanted: usize,
        /// How many there are.
        count: usize,
    },
    /// More pages than any paper of a ceremony has.
    #[error("the file has {0} pages; at most {MOST_PAGES} are read")]
    Pages(usize),
    /// A decoder gave up in the middle.
    #[error("this {form} is damaged: its decoder gave up on it")]
    Panicked {
        /// The form.
        form: &'static str,
    },
    /// A page or a picture of another size than paper has.
    #[error("it has {width} by {height} dots, which is not the size of a page")]
    Size {
        /// Its width.
        width: usize,
        /// Its height.
        height: usize,
    },
    /// Standard input cannot be read.
    #[error("standard input: {0}")]
    Stdin(io::Error),
    /// Standard output cannot be written to.
    #[error("standard output: {0}")]
    Stdout(io::Error),
    /// A file larger than any scan.
    #[error("the file is larger than {LARGEST} bytes")]
    TooLarge,
    /// Another form.
    #[error("the file is neither PDF, PNG, JPEG, PGM nor PPM")]
    Unknown,
}

impl Error {
    pub(crate) fn broken(form: &'static str, why: &impl ToString) -> Self {
        Self::Broken { form, why: Said::new(why) }
    }

    /// The exit code: 3 for input that is not acceptable, 4 for trouble with the machine.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotGranted(_) | Self::Stdin(_) | Self::Stdout(_) => 4,
            _ => 3,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotGranted(_) => "take a machine with a Linux of 64 bits that has seccomp",
            Self::Stdin(_) | Self::Stdout(_) => "run the same command again",
            Self::Page { .. } => "pages are counted from 1",
            Self::Pages(_) | Self::TooLarge | Self::Size { .. } => {
                "scan one sheet of paper at a time, at 300 dpi, in grey"
            }
            Self::Broken { .. } | Self::Panicked { .. } | Self::Unknown => {
                "scan the page anew, as PNG or PDF; nothing of this file was used"
            }
        }
    }
}

/// What a decoder said of a file, which may quote it: in one short line without control characters.
#[derive(Debug)]
pub struct Said(String);

impl Said {
    /// The most characters.
    const LONGEST: usize = 160;

    pub(crate) fn new(said: &impl ToString) -> Self {
        Self(said.to_string().chars().take(Self::LONGEST).flat_map(char::escape_default).collect())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoder_that_quotes_the_file_moves_no_cursor() {
        let said = Said::new(&format!("bad chunk \u{1b}[2J\u{202e}{}", "x".repeat(1000))).to_string();
        assert!(said.starts_with("bad chunk \\u{1b}[2J\\u{202e}xxx") && said.len() < 200, "{said}");
    }
}
