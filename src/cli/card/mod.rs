//! `keyrite card`: what is in the readers, and what is done to cards outside of ceremonies. `list` and `show` read alone, ask for
//! no PIN, and write nothing.

mod prefill;
mod report;
mod reset;
mod show;
mod test;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{CliError, Screen};
use crate::ceremony::CeremonyError;
use crate::model::history::History;
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::workstation::WorkstationError;
use crate::workstation::card::{Absence, CardError, Holds, Portrait, Rack, Seen, Serial, Which};
use crate::workstation::clock;
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;
use prefill::Wanted;
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
    /// Write the script of the ceremony that changes the PINs of a card in service
    Pin(prefill::Arguments),
    /// Return a card that no register needs to its factory state
    Reset(reset::Arguments),
    /// Write the script of the ceremony in which a card leaves the organization
    Retire(prefill::Retire),
    /// Try everything that ceremonies ask of a card on a blank one, which is reset at the end
    Test(test::Arguments),
    /// Write the script of the ceremony that gives a card a new user PIN
    Unblock(prefill::Arguments),
}

impl Verb {
    /// Where it writes.
    #[must_use]
    pub fn writable(&self) -> Writable {
        match self {
            Self::List(_) | Self::Show(_) => Writable::default(),
            Self::Pin(arguments) => Wanted::Pins(arguments).writable(),
            Self::Reset(arguments) => arguments.writable(),
            Self::Retire(retire) => Wanted::Retire(retire).writable(),
            Self::Test(arguments) => arguments.writable(),
            Self::Unblock(arguments) => Wanted::Unblock(arguments).writable(),
        }
    }
}

/// The readers of this machine.
pub trait Readers {
    /// Looks into every reader. `called` is what errors call a card.
    ///
    /// # Errors
    /// When there is no reader, or no way to any.
    fn look(&self, called: &CardName) -> Result<Vec<Seen>, Absence>;

    /// The same readers, for work on a card.
    fn rack(&self, mode: Mode) -> Box<dyn Rack>;
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

/// Does it.
///
/// # Errors
/// When there is no reader, or no such card; a register that cannot be read; whatever stops the work on a card.
pub fn run(verb: &Verb, readers: &dyn Readers) -> Result<(), CliError> {
    let (view, serial) = match verb {
        Verb::List(view) => (view, None),
        Verb::Show(Show { serial, view }) => (view, Some(*serial)),
        Verb::Pin(arguments) => return prefill::run(&Wanted::Pins(arguments)),
        Verb::Retire(retire) => return prefill::run(&Wanted::Retire(retire)),
        Verb::Unblock(arguments) => return prefill::run(&Wanted::Unblock(arguments)),
        Verb::Reset(arguments) => return reset::run(arguments, readers),
        Verb::Test(arguments) => return test::run(arguments, readers),
    };
    let history = history(view.register.as_deref())?;
    let seen = look(readers)?;
    let seen = match serial {
        Some(serial) => vec![only(seen, serial)?],
        None => seen,
    };
    print(view, &seen, history.as_ref(), serial.is_some())
}

/// What a register says, where one was named; nothing is written there.
fn history(register: Option<&Path>) -> Result<Option<History>, CliError> {
    Ok(match register {
        Some(path) => Some(Register::look_at(path)?.past()?.history),
        None => None,
    })
}

/// What errors call a card of which nothing else is known.
fn unnamed() -> Result<CardName, CliError> {
    Ok(UNNAMED.parse().map_err(|_| WorkstationError::Bug("a name that is none"))?)
}

fn look(readers: &dyn Readers) -> Result<Vec<Seen>, CliError> {
    readers.look(&unnamed()?).map_err(|reason| CliError::Readers { serial: None, reason })
}

/// What a card says of itself.
fn portrait(seen: Seen) -> Result<Portrait, CliError> {
    match seen.portrait {
        Some(portrait) => Ok(portrait.map_err(CeremonyError::from)?),
        None => Err(WorkstationError::Bug("a card without a portrait").into()),
    }
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
fn only(seen: Vec<Seen>, serial: Serial) -> Result<Seen, CliError> {
    let places: Vec<_> = seen.iter().map(|one| one.place.clone()).collect();
    let mut found: Vec<Seen> = seen.into_iter().filter(|one| one.place.holds == Holds::Card(serial)).collect();
    if found.len() > 1 {
        let readers = found.into_iter().map(|one| one.place.reader).collect();
        let card = Which { name: unnamed()?, serial: Some(serial) };
        return Err(CeremonyError::from(CardError::Twins { card, readers }).into());
    }
    found.pop().ok_or(CliError::Readers { serial: Some(serial), reason: Absence::NotThere(places) })
}
