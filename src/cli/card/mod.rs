//! `keyrite card`: what is in the readers. It reads alone, asks for no PIN, and writes nothing.

mod report;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, Screen};
use crate::ceremony::CeremonyError;
use crate::model::history::History;
use crate::model::name::CardName;
use crate::workstation::WorkstationError;
use crate::workstation::card::{Absence, CardError, Holds, Seen, Serial, Which};
use crate::workstation::clock;
use crate::workstation::register::Register;
use report::Report;

/// What errors call a card before a register says what it is called.
const UNNAMED: &str = "unnamed";

/// What can be done with cards.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Every reader, and what the card in it says of itself
    List(View),
    /// One card, with all that its maker has published of it
    Show(Show),
}

/// How cards are shown.
#[derive(Debug, Args)]
pub struct View {
    /// The register that knows the cards: their names, roots and signatures; nothing is written there
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The card's serial, such as 0006:0A0B0C0D
    #[arg(value_name = "SERIAL")]
    serial: Serial,
    #[command(flatten)]
    view: View,
}

/// Looks with `look`, which is given what to call a card, and shows.
///
/// # Errors
/// When there is no reader, or no such card; a register that cannot be read.
pub fn run(verb: &Verb, look: impl FnOnce(&CardName) -> Result<Vec<Seen>, Absence>) -> Result<(), CliError> {
    let (view, serial) = match verb {
        Verb::List(view) => (view, None),
        Verb::Show(Show { serial, view }) => (view, Some(*serial)),
    };
    let history = match &view.register {
        Some(path) => Some(Register::look_at(path)?.past()?.history),
        None => None,
    };
    let called = UNNAMED.parse().map_err(|_| WorkstationError::Bug("a name that is none"))?;
    let seen = look(&called).map_err(|reason| CliError::Readers { serial: None, reason })?;
    let seen = match serial {
        Some(serial) => vec![only(seen, serial, called)?],
        None => seen,
    };
    print(view, &seen, history.as_ref(), serial.is_some())
}

fn print(view: &View, seen: &[Seen], history: Option<&History>, in_full: bool) -> Result<(), CliError> {
    let report = Report::new(seen, history, clock::now()?);
    let mut screen = Screen::new();
    if view.json {
        let text = serde_json::to_string_pretty(&report);
        return screen.line(&text.map_err(|_| WorkstationError::Bug("a report that JSON cannot hold"))?);
    }
    for line in show::lines(&report, in_full) {
        screen.line(&line)?;
    }
    Ok(())
}

/// The card with this serial. A card and its copy are refused, as in a ceremony (CARD-1).
fn only(seen: Vec<Seen>, serial: Serial, called: CardName) -> Result<Seen, CliError> {
    let places: Vec<_> = seen.iter().map(|one| one.place.clone()).collect();
    let mut found: Vec<Seen> = seen.into_iter().filter(|one| one.place.holds == Holds::Card(serial)).collect();
    if found.len() > 1 {
        let readers = found.into_iter().map(|one| one.place.reader).collect();
        let card = Which { name: called, serial: Some(serial) };
        return Err(CeremonyError::from(CardError::Twins { card, readers }).into());
    }
    found.pop().ok_or(CliError::Readers { serial: Some(serial), reason: Absence::NotThere(places) })
}
