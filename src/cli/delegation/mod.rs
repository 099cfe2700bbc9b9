//! `keyrite delegation`: what was delegated, by the register; and what published keys say, by their signatures.

mod published;
mod recorded;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{CliError, Screen};
use crate::workstation::WorkstationError;
use crate::workstation::sandbox::Writable;

/// The version of the reports' JSON form.
const VERSION: u32 = 1;

/// What can be done with delegations.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List every delegation of a register, or every certification in published keys, each verified
    List(List),
    /// Show all that is known of one: request, ceremony, who compared the fingerprint, and how
    Show(Show),
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// The register
    #[arg(long, value_name = "DIR", required_unless_present = "keys", conflicts_with = "keys")]
    register: Option<PathBuf>,
    /// Published keys instead: keys.txt, KEYS, archive.gpg or current.gpg
    #[arg(long, value_name = "FILE", requires = "roots")]
    keys: Option<PathBuf>,
    /// The root that must have certified them: its fingerprint, if those keys hold it, or its certificate. Once for each equal root
    #[arg(long = "root", value_name = "FINGERPRINT|FILE", requires = "keys")]
    roots: Vec<String>,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The id of its request, or the fingerprint of the signer's key
    #[arg(value_name = "REQUEST|FINGERPRINT")]
    which: String,
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

impl Verb {
    /// Where it writes: the lock of the register, or nowhere.
    #[must_use]
    pub fn writable(&self) -> Writable {
        match self {
            Self::List(List { register: Some(register), .. }) | Self::Show(Show { register, .. }) => {
                Writable::below(register)
            }
            Self::List(List { register: None, .. }) => Writable::default(),
        }
    }
}

/// Does it.
///
/// # Errors
/// A register that is not whole; keys that cannot be taken apart, or that hold a certification that is not the root's (KEYS-1).
pub fn run(verb: &Verb) -> Result<(), CliError> {
    match verb {
        Verb::List(List { register: Some(register), json, .. }) => recorded::list(register, *json),
        Verb::List(List { keys: Some(keys), roots, json, .. }) => published::list(keys, roots, *json),
        Verb::List(_) => Err(WorkstationError::Bug("a list of neither a register nor keys").into()),
        Verb::Show(arguments) => recorded::show(arguments),
    }
}

fn print_json(report: &impl Serialize) -> Result<(), CliError> {
    let text =
        serde_json::to_string_pretty(report).map_err(|_| WorkstationError::Bug("a report that JSON cannot hold"))?;
    Screen::new().line(&text)
}
