//! `keyrite worker`: the fresh process of `restore-root`. It knows the sealed message, the set's statement, and the sheets
//! that come through its standard input; the restored secret goes to its standard output, which is a pipe.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use keyrite_locked::Locked;

use super::CliError;
use crate::backup::reading::UntrustedSheet;
use crate::backup::share::{self, MOST};
use crate::backup::statement::SetStatement;
use crate::workstation::{WorkstationError, files};

/// The largest sealed message or statement.
const LARGEST: u64 = 256 * 1024;
/// The largest sheet.
const LARGEST_SHEET: usize = 64 * 1024;

/// What a worker does.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Restore what was sealed
    Restore {
        /// The sealed message
        message: PathBuf,
        /// The share set's statement
        statement: PathBuf,
    },
}

/// Does the work.
///
/// # Errors
/// A sheet that is not of the set, a quorum that is not one, a message that does not open.
pub fn restore(message: &Path, statement: &Path) -> Result<(), CliError> {
    let message = files::read(message, LARGEST)?;
    let statement = files::read(statement, LARGEST)?;
    let statement = SetStatement::from_toml(&String::from_utf8_lossy(&statement))?;
    statement.check_message(&message)?;
    let mut shares = Vec::new();
    for sheet in sheets(&mut std::io::stdin().lock())? {
        shares.push(UntrustedSheet::parse(&sheet)?.verify(&statement)?.into_share());
    }
    let secret = share::restore(&message, &shares, statement.quorum())?;
    // Unbuffered, so that no copy stays in a buffer of ours.
    let mut out = std::fs::File::from(rustix::stdio::stdout().try_clone_to_owned().map_err(CliError::Output)?);
    out.write_all(&secret).map_err(CliError::Output)
}

/// Sheets, each behind its length in four bytes, straight into locked memory.
fn sheets(input: &mut dyn Read) -> Result<Vec<Locked>, CliError> {
    let mut sheets = Vec::new();
    let mut length = [0; 4];
    while let Some(length) = next_length(input, &mut length)? {
        if length > LARGEST_SHEET || sheets.len() >= MOST.into() {
            return Err(CliError::Input);
        }
        let mut sheet = Locked::zeroed(length).map_err(WorkstationError::from)?;
        input.read_exact(&mut sheet).map_err(|_| CliError::Input)?;
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn next_length(input: &mut dyn Read, bytes: &mut [u8; 4]) -> Result<Option<usize>, CliError> {
    match input.read(&mut bytes[..1]) {
        Ok(0) => return Ok(None),
        Ok(_) => {}
        Err(_) => return Err(CliError::Input),
    }
    input.read_exact(&mut bytes[1..]).map_err(|_| CliError::Input)?;
    Ok(Some(u32::from_be_bytes(*bytes) as usize))
}
