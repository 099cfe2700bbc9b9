//! `keyrite release`: preparing, signing and checking releases, for signers, for builders, and for whoever uses a release.

mod check;
mod error;
mod files;
mod prepare;
mod sign;

use clap::Subcommand;

pub use error::ReleaseError;

use super::CliError;
use crate::workstation::card::Rack;
use crate::workstation::sandbox::Writable;

/// What can be done with releases.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Hash the files of a release, and write the manifest that a signer signs
    Prepare(prepare::Arguments),
    /// Compare the files of a release with its manifest, and sign both
    Sign(sign::Arguments),
    /// Judge a file by its signature, the root, and what the organization publishes
    Check(check::Arguments),
}

impl Verb {
    /// Where it writes.
    #[must_use]
    pub fn writable(&self) -> Writable {
        match self {
            Self::Prepare(arguments) => arguments.writable(),
            Self::Sign(arguments) => arguments.writable(),
            Self::Check(_) => Writable::default(),
        }
    }
}

/// Does it. `rack` opens the readers of this machine.
///
/// # Errors
/// A file that changes, or is not the one that it should be; a manifest that is none; a signer who does not agree; whatever is not
/// good.
pub fn run(verb: &Verb, rack: &dyn Fn() -> Result<Box<dyn Rack>, CliError>) -> Result<(), CliError> {
    match verb {
        Verb::Prepare(arguments) => prepare::run(arguments),
        Verb::Sign(arguments) => sign::run(arguments, rack),
        Verb::Check(arguments) => check::run(arguments),
    }
}
