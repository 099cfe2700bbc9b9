//! `keyrite register`: copies of a register, whether one is whole, and one rebuilt from what is left.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ceremonies::Report;
use super::{CliError, Screen};
use crate::ceremony::records::book::Book;
use crate::ceremony::records::{RecordsError, audit, copy, recover};
use crate::workstation::files;
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;

/// The largest minutes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What can be done with registers.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Check every ceremony, and that every file belongs to one
    Check(Check),
    /// Copy a register that is whole into a new folder, and compare the copy
    Copy(Copy),
    /// Rebuild a register from a copy that lacks something, and from signed minutes
    Recover(Recover),
}

impl Verb {
    /// Where it writes: the register, if only its lock, and beside a new one.
    #[must_use]
    pub fn writable(&self) -> Writable {
        match self {
            Self::Check(arguments) => Writable::below(&arguments.register),
            Self::Copy(arguments) => Writable::below(&arguments.register).and_new(&arguments.to),
            Self::Recover(arguments) => Writable::default().and_new(&arguments.to),
        }
    }
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// Signed minutes from elsewhere: a register that is older than they are is refused
    #[arg(long, value_name = "FILE")]
    minutes: Vec<PathBuf>,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Arguments of `copy`.
#[derive(Debug, Args)]
pub struct Copy {
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// The new folder
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Arguments of `recover`.
#[derive(Debug, Args)]
pub struct Recover {
    /// The copy; nothing is written there
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Signed minutes from elsewhere
    #[arg(long, value_name = "FILE")]
    minutes: Vec<PathBuf>,
    /// The new folder
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Does it.
///
/// # Errors
/// The first thing that is not as it should be.
pub fn run(verb: &Verb) -> Result<(), CliError> {
    match verb {
        Verb::Check(arguments) => check(arguments),
        Verb::Copy(arguments) => copied(arguments),
        Verb::Recover(arguments) => recovered(arguments),
    }
}

fn check(arguments: &Check) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let book = Book::open(&register)?;
    let (checked, inventory) = audit::check_register(&book, &minutes(&arguments.minutes)?, None)?;
    Report::new(&checked, Some(&inventory.foreign)).print(arguments.json)?;
    Ok(inventory.only_own()?)
}

fn copied(arguments: &Copy) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let (checked, files) = copy::copy(&register, &arguments.to)?;
    Report::new(&checked, None).print(false)?;
    Screen::new().line(&format!("{files} files copied, each compared by its hash"))
}

fn recovered(arguments: &Recover) -> Result<(), CliError> {
    let copy = Register::look_at(&arguments.from)?;
    let done = recover::recover(&copy, &minutes(&arguments.minutes)?, &arguments.to)?;
    let mut screen = Screen::new();
    for (ceremony, lines, proof) in &done.taken {
        screen.line(&format!("{ceremony}  {lines} lines, {proof}"))?;
    }
    screen.line(&format!("{} files written, each compared by its hash", done.files))?;
    for path in &done.left {
        screen.line(&format!("left out: {path}"))?;
    }
    if done.lost.is_empty() { Ok(()) } else { Err(RecordsError::Incomplete(done.lost).into()) }
}

/// Files by the names that they were given.
fn minutes(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, CliError> {
    let read = |path: &PathBuf| Ok((path.to_string_lossy().into_owned(), files::read_named(path, LARGEST)?));
    paths.iter().map(read).collect()
}
