//! `keyrite card reset`: a card that nobody needs, back to its factory state.

use std::path::PathBuf;

use clap::Args;

use super::report::Report;
use super::{Readers, show};
use crate::ceremony::run::own_path;
use crate::ceremony::trial::{self, Resetting};
use crate::cli::{CliError, Screen, Terminal};
use crate::model::history::History;
use crate::model::mode::Mode;
use crate::workstation::WorkstationError;
use crate::workstation::card::{Absence, Holds, Seen, Serial, Slot};
use crate::workstation::clock;
use crate::workstation::sandbox::Writable;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The card's serial, such as 0006:0A0B0C0D
    #[arg(value_name = "SERIAL")]
    serial: Serial,
    /// A new folder for the journal of the reset
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The register that knows whose cards are whose: one that it needs is not reset. Nothing is written there
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
}

impl Arguments {
    /// Where it writes.
    pub(super) fn writable(&self) -> Writable {
        Writable::default().and_new(&self.out)
    }
}

/// What is typed when no register says whose card it is.
const WORD: &str = "delete";

/// Resets the card, when nothing is known that lives on it and its serial is typed.
///
/// # Errors
/// CARD-4 for a card that the register needs; when what is asked for is not typed; when the card is cut off, or not blank then.
pub(super) fn run(arguments: &Arguments, readers: &dyn Readers) -> Result<(), CliError> {
    let Arguments { serial, out, register } = arguments;
    let history = super::history(register.as_deref())?;
    if out.symlink_metadata().is_ok() {
        return Err(WorkstationError::Exists { path: out.clone() }.into());
    }
    trial::to_reset(*serial, history.as_ref())?;
    let found = find(readers, *serial)?;
    let mut screen = Screen::new();
    for line in found.iter().flat_map(|seen| show::lines(&report(seen, history.as_ref()), false)) {
        screen.line(&line)?;
    }
    let mut terminal = Terminal::open(None)?;
    terminal.must_type(&words(*serial, found.as_ref()), &serial.to_string())?;
    if history.is_none() {
        terminal.must_type(&unknown(found.as_ref()), WORD)?;
    }
    drop(terminal);
    let portrait = found.map(super::portrait).transpose()?;
    let mode = portrait.as_ref().map_or(Mode::DressRehearsal, |portrait| trial::mode_of(&portrait.survey));
    let (mut rack, keyrite) = (readers.rack(mode), own_path()?);
    let is_half = portrait.is_none();
    trial::reset(Resetting { rack: rack.as_mut(), serial: *serial, is_half, folder: out, keyrite: &keyrite })?;
    screen.line(&format!("Card {serial} was reset and read again: it is blank, with the PINs of a new card."))
}

/// The card; none when exactly what answers nothing is there instead, because a reset of it was cut off.
fn find(readers: &dyn Readers, serial: Serial) -> Result<Option<Seen>, CliError> {
    let seen = super::look(readers)?;
    let is_there = seen.iter().any(|one| one.place.holds == Holds::Card(serial));
    let half = seen.iter().filter(|one| one.place.holds == Holds::Terminated).count();
    match half {
        0 => super::only(seen, serial).map(Some),
        _ if is_there => super::only(seen, serial).map(Some),
        1 => Ok(None),
        _ => {
            let places = seen.into_iter().map(|one| one.place).collect();
            Err(CliError::Readers { serial: Some(serial), reason: Absence::NotThere(places) })
        }
    }
}

fn words(serial: Serial, found: Option<&Seen>) -> Vec<String> {
    let what = match found {
        Some(_) => format!("All that is on card {serial} is deleted, and cannot be had back from it."),
        None => format!("A card answers nothing, for its reset was cut off. It is taken for {serial}."),
    };
    vec![what, "Type its serial, as it stands on the card.".to_owned()]
}

/// What is said when no register was named.
fn unknown(found: Option<&Seen>) -> Vec<String> {
    let mut lines = vec!["No register was named: nobody here knows whose card this is, and who needs it.".to_owned()];
    if let Some(Ok(portrait)) = found.and_then(|seen| seen.portrait.as_ref()) {
        let survey = &portrait.survey;
        let key = match &survey.slot {
            Slot::Complete { fingerprint, .. } => format!("key {}", fingerprint.groups()),
            Slot::Orphan { .. } => "half a key".to_owned(),
            Slot::Empty => "no key".to_owned(),
        };
        let holder = survey.holder.as_deref().filter(|name| !name.is_empty()).unwrap_or("not written");
        lines.push(format!("In SIG: {key}."));
        lines.push(format!("Cardholder: {holder}. Signatures: {}.", survey.signatures));
    }
    lines.push(format!("Type {WORD}, when nobody does."));
    lines
}

fn report(seen: &Seen, history: Option<&History>) -> Report {
    // Only the age of the advisories hangs on the clock.
    Report::new(std::slice::from_ref(seen), history, clock::now().unwrap_or(clock::WRITTEN))
}
