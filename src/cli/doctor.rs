//! `keyrite doctor`: how fit this machine is, before anybody comes together.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use keyrite_locked::Hardening;
use serde::Serialize;

use super::{CliError, Screen};
use crate::ceremony::screen;
use crate::ceremony::written;
use crate::format::organization;
use crate::model::finding::Finding;
use crate::model::mode::Mode;
use crate::workstation::WorkstationError;
use crate::workstation::fitness::{self, Diagnosis, Own, Probe};
use crate::workstation::sandbox::Sandbox;

/// The version of the report's JSON form.
const VERSION: u32 = 1;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// For what: unfit findings refuse in production only
    #[arg(long, value_enum, default_value_t = For::Rehearsal)]
    mode: For,
    /// The organization, whose list of USB devices is compared with
    #[arg(long, value_name = "FILE")]
    organization: Option<PathBuf>,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

/// The modes, as they are named on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum For {
    Rehearsal,
    DressRehearsal,
    Production,
}

impl From<For> for Mode {
    fn from(mode: For) -> Self {
        match mode {
            For::Rehearsal => Self::Rehearsal,
            For::DressRehearsal => Self::DressRehearsal,
            For::Production => Self::Production,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    version: u32,
    mode: Mode,
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Entry<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    mend: Option<&'a str>,
}

/// Looks and shows, then judges.
///
/// # Errors
/// A machine that is not fit for the mode; an organization that cannot be read.
pub fn run(arguments: &Arguments, hardening: Hardening, sandbox: Sandbox) -> Result<(), CliError> {
    let mode = arguments.mode.into();
    let organization = match &arguments.organization {
        Some(path) => Some(organization::read(&written::source(path)?)?),
        None => None,
    };
    let usb = organization.as_ref().and_then(|organization| organization.usb.as_ref());
    let seen = Probe::new(Path::new("/"), Own::look(hardening, sandbox)).findings(usb);
    let mut screen = Screen::new();
    if arguments.json {
        screen.line(&json(mode, &seen)?)?;
    } else {
        for line in screen::findings(&seen, screen::WIDTH) {
            screen.line(&line)?;
        }
        screen.line(&screen::fitness(mode, &seen))?;
    }
    Ok(fitness::judge(mode, &seen)?)
}

fn json(mode: Mode, seen: &[Diagnosis]) -> Result<String, CliError> {
    let entries = seen.iter().map(|Diagnosis { finding, mend }| Entry { finding, mend: mend.as_deref() });
    let report = Report { version: VERSION, mode, findings: entries.collect() };
    Ok(serde_json::to_string_pretty(&report).map_err(|_| WorkstationError::Bug("a report that JSON cannot hold"))?)
}
