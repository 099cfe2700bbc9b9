//! `keyrite backup`: what is sealed, who holds it, when it was last seen to restore; and whether one share is good.

mod check;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::CliError;
use crate::workstation::sandbox::Writable;

/// What can be done with backups.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show what is sealed, who holds which share, when it last restored, and what is overdue
    Show(Show),
    /// Check share sheets and sealed messages, each by itself: nothing is reconstructed
    Check(Check),
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Share sheets, copies of their labels and lines, or sealed messages
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
}

impl Verb {
    /// Where it writes: the lock of the register.
    #[must_use]
    pub fn writable(&self) -> Writable {
        match self {
            Self::Show(arguments) => Writable::below(&arguments.register),
            Self::Check(arguments) => Writable::below(&arguments.register),
        }
    }
}

/// Does it.
///
/// # Errors
/// A register that is not whole; the first file that is not what it should be.
pub fn run(verb: &Verb) -> Result<(), CliError> {
    match verb {
        Verb::Show(arguments) => show::show(arguments),
        Verb::Check(arguments) => check::check(arguments),
    }
}
