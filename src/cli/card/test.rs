//! `keyrite card test`: everything that ceremonies ask of a card, tried on a blank one of its model.

use std::path::PathBuf;

use clap::Args;

use super::Readers;
use crate::ceremony::card_reports;
use crate::ceremony::run::own_path;
use crate::ceremony::trial::{self, Setting, Tested};
use crate::cli::{CliError, Screen, Terminal};
use crate::model::card_report::Found;
use crate::model::shown::Shown;
use crate::workstation::WorkstationError;
use crate::workstation::card::Serial;
use crate::workstation::files;
use crate::workstation::register::{LARGEST, Register};
use crate::workstation::sandbox::Writable;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The card's serial, such as 0006:0A0B0C0D
    #[arg(value_name = "SERIAL")]
    serial: Serial,
    /// A new folder for the report, and for the journal of the test
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The register that the report is for, where production looks for it; made when it is not there. A card that it knows is not
    /// tested
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
}

impl Arguments {
    /// Where it writes.
    pub(super) fn writable(&self) -> Writable {
        let writable = Writable::default().and_new(&self.out);
        match &self.register {
            Some(register) if !register.is_dir() => writable.and_new(register),
            Some(register) => Writable { below: [writable.below, vec![register.clone()]].concat(), ..writable },
            None => writable,
        }
    }
}

/// Tests the card, when it may be tested and its serial is typed.
///
/// # Errors
/// CARD-4 for a card that is not blank, or known; when the serial is not typed; when the card is cut off, or fails a check.
pub(super) fn run(arguments: &Arguments, readers: &dyn Readers) -> Result<(), CliError> {
    let Arguments { serial, out, register } = arguments;
    // Open until the report is in it: nobody presents the card meanwhile. A new one is made for a report that is there.
    let known = register.as_deref().filter(|path| path.exists()).map(Register::open_or_create).transpose()?;
    let history = known.as_ref().map(Register::past).transpose()?.map(|past| past.history);
    trial::to_be_unknown(*serial, history.as_ref())?;
    if out.symlink_metadata().is_ok() {
        return Err(WorkstationError::Exists { path: out.clone() }.into());
    }
    let portrait = super::portrait(super::only(super::look(readers)?, *serial)?)?;
    trial::to_test(&portrait)?;
    let words = [
        format!("Card {serial}, {}. Keys of every kind are generated on it and written to it,", serial.maker()),
        "its PINs are changed and blocked, and at the end it is reset. It takes minutes.".to_owned(),
        "Type its serial to begin.".to_owned(),
    ];
    Terminal::open(None)?.must_type(&words, &serial.to_string())?;
    let mut screen = Screen::new();
    let mut tell = |line: &str| {
        // The test goes on to its reset, whoever still reads.
        let _ = screen.line(line);
    };
    let mut rack = readers.rack(trial::MODE);
    let keyrite = own_path()?;
    let setting = Setting { rack: rack.as_mut(), serial: *serial, folder: out, keyrite: &keyrite, tell: &mut tell };
    let tested = trial::test(setting)?;
    let register = match (known, register) {
        (None, Some(path)) => Some(Register::open_or_create(path)?),
        (known, _) => known,
    };
    finish(&tested, register.as_ref())
}

fn finish(tested: &Tested, register: Option<&Register>) -> Result<(), CliError> {
    let path = Shown::new(&tested.path.to_string_lossy()).to_string();
    let failed =
        tested.report.checks.iter().filter(|check| matches!(check.outcome, Found::Failed | Found::Skipped)).count();
    Screen::new().line(&format!("The report is in {path}."))?;
    if let Some(register) = register {
        let filed = card_reports::file(register, &tested.report.model, &files::read(&tested.path, LARGEST)?)?;
        Screen::new().line(&format!("It is in the register too: {}.", filed.path))?;
    }
    match failed {
        0 => Screen::new().line("Everything was as it should be, and the card is blank again."),
        failed => Err(CliError::TestFailed { failed }),
    }
}
