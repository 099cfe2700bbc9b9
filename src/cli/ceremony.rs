//! `keyrite ceremony`: scripts, before anybody comes together.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{CliError, Screen};
use crate::ceremony::{CeremonyError, abandon, lint};
use crate::format::place::Source;
use crate::format::{organization, script};
use crate::model::shown::Shown;
use crate::workstation::files;
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;

/// The largest script or organization.
const LARGEST: u64 = 1024 * 1024;

/// What can be done with ceremonies.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Follow scripts through a model of the room, and say what could not be done in it
    Check(Check),
    /// Give up a ceremony that nobody will finish
    Abandon(Abandon),
    /// Run a script on virtual cards, with a cast that answers; goes on where it was cut off
    Rehearse(Rehearse),
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The scripts
    #[arg(required = true, value_name = "FILE")]
    scripts: Vec<PathBuf>,
    /// The organization; by default organization.toml beside the script
    #[arg(long, value_name = "FILE")]
    organization: Option<PathBuf>,
    /// The register the ceremony will run on; by default an empty or a complete one, as the script needs
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
}

impl Check {
    /// Where it writes: the lock of the register.
    #[must_use]
    pub fn writable(&self) -> Writable {
        self.register.as_deref().map_or_else(Writable::default, Writable::below)
    }
}

/// Arguments of `rehearse`.
#[derive(Debug, Args)]
pub struct Rehearse {
    /// The script
    #[arg(value_name = "FILE")]
    pub script: PathBuf,
    /// The organization; by default organization.toml beside the script
    #[arg(long, value_name = "FILE")]
    pub organization: Option<PathBuf>,
    /// The folder for register, cards, pockets and bundles; made when it is not there
    #[arg(long, value_name = "DIR")]
    pub scratch: PathBuf,
    /// The incoming bundle, for a script that reads requests
    #[arg(long, value_name = "DIR")]
    pub bundle: Option<PathBuf>,
    /// People at this terminal answer, instead of the cast
    #[arg(long)]
    pub by_hand: bool,
}

/// Arguments of `abandon`.
#[derive(Debug, Args)]
pub struct Abandon {
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// Why, in words for the transcript
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Abandon {
    /// Where it writes: the register.
    #[must_use]
    pub fn writable(&self) -> Writable {
        Writable::below(&self.register)
    }
}

/// The longest reason, in characters.
const REASON: usize = 200;

/// `keyrite ceremony abandon`.
///
/// # Errors
/// When nothing is open, or it must go on.
pub fn abandon(arguments: &Abandon) -> Result<(), CliError> {
    let reason = Shown::new(arguments.reason.trim());
    if !(1..=REASON).contains(&reason.as_str().chars().count()) {
        return Err(CliError::Reason { longest: REASON });
    }
    let done = abandon::abandon(&Register::open(&arguments.register)?, &reason)?;
    let mut screen = Screen::new();
    screen.line(&format!("Ceremony {} is given up. The head of its transcript:", done.ceremony))?;
    screen.line(&done.head.to_string())
}

/// The organization's file: as named, or beside the script.
#[must_use]
pub fn organization_file(named: Option<&Path>, script: &Path) -> PathBuf {
    named.map_or_else(|| script.with_file_name("organization.toml"), Path::to_owned)
}

/// `keyrite ceremony check`.
///
/// # Errors
/// The faults of the first script that has any.
pub fn check(arguments: &Check) -> Result<(), CliError> {
    let mut screen = Screen::new();
    let past = match &arguments.register {
        Some(folder) => Some(Register::open(folder)?.past()?.history),
        None => None,
    };
    for file in &arguments.scripts {
        let source = read(file)?;
        let script = script::read(&source)?;
        let organization = organization::read(&read(&organization_file(arguments.organization.as_deref(), file))?)?;
        let linted = lint::lint(&script, &organization, past.as_ref()).map_err(CeremonyError::Lint)?;
        let minutes: u32 = linted.steps.iter().map(|step| u32::from(step.act.contract(&organization).minutes)).sum();
        screen.line(&format!("{}: {}", source.file(), linted.header.title))?;
        screen.line(&format!("    sha256 {}", linted.sha256))?;
        screen.line(&format!("    {} steps, about {minutes} minutes", linted.steps.len()))?;
    }
    Ok(())
}

pub(super) fn read(path: &Path) -> Result<Source, CliError> {
    Ok(Source::new(&path.to_string_lossy(), &files::read_named(path, LARGEST)?)?)
}
