//! `keyrite ceremony`: scripts, before anybody comes together.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, Screen, papers, run};
use crate::ceremony::written::Written;
use crate::ceremony::{CeremonyError, abandon, lint};
use crate::model::name::CardName;
use crate::model::shown::Shown;
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;

/// What can be done with ceremonies.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Follow scripts through a model of the room, and say what could not be done in it
    Check(Check),
    /// Print the papers of a ceremony: its script, labels, slips, receipts, blank share sheets, what to do if
    Print(papers::Arguments),
    /// Give up a ceremony that nobody will finish
    Abandon(Abandon),
    /// Run a script on real cards, with people at this terminal; goes on where it was cut off
    Run(run::Arguments),
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
    /// The incoming bundle: requests, or certificates to which shares are copied
    #[arg(long, value_name = "DIR")]
    pub bundle: Option<PathBuf>,
    /// People at this terminal answer, instead of the cast
    #[arg(long)]
    pub by_hand: bool,
    /// A printer for share sheets, such as /dev/usb/lp0: a device that takes PDF as it is
    #[arg(long, value_name = "DEVICE", requires = "by_hand")]
    pub printer: Option<PathBuf>,
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
    screen.line(&done.head.to_string())?;
    for (root, fingerprint) in done.roots {
        screen
            .line(&format!("Root {root} is nowhere any more. Destroy every paper that names it, before witnesses:"))?;
        screen.line(&format!("    {}", fingerprint.groups()))?;
    }
    if !done.cards.is_empty() {
        let cards: Vec<&str> = done.cards.iter().map(CardName::as_str).collect();
        screen.line(&format!("The register keeps these cards as they are: {}.", cards.join(", ")))?;
        screen.line("The next ceremony takes other cards, with other names in organization.toml and in its script.")?;
    }
    Ok(())
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
        let written = Written::read(file, arguments.organization.as_deref())?;
        let (script, organization) = (written.script()?, written.organization());
        let linted = lint::lint(&script, organization, past.as_ref()).map_err(CeremonyError::Lint)?;
        let minutes: u32 = linted.steps.iter().map(|step| u32::from(step.act.contract(organization).minutes)).sum();
        screen.line(&format!("{}: {}", written.script_file(), linted.header.title))?;
        screen.line(&format!("    sha256 {}", linted.sha256))?;
        screen.line(&format!("    {} steps, about {minutes} minutes", linted.steps.len()))?;
    }
    Ok(())
}
