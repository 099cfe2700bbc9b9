//! keyrite: parse, run, print the error and its hint, exit code.

use std::process::ExitCode;

use clap::Parser;
use keyrite::cli::{self, Cli, CliError, Press, Screen, Terminal, Verb};
use keyrite::model::fault::Class;
#[cfg(feature = "pcsc")]
use keyrite::model::{mode::Mode, name::CardName};
use keyrite::paper::Size;
use keyrite::rehearsal::{Pockets, Rehearsal};
#[cfg(feature = "pcsc")]
use keyrite::workstation::card::{Absence, Rack, ReaderRack, Seen};
use keyrite::workstation::printer::Printer;
use keyrite::workstation::sandbox::{Sandbox, Writable};
use keyrite::workstation::{self, WorkstationError};

/// What libraries free of their working copies is wiped.
#[global_allocator]
static HEAP: keyrite_locked::Wiping = keyrite_locked::Wiping;

fn main() -> ExitCode {
    // Before anything else: nothing of this process may end in a core file.
    let hardening = keyrite_locked::harden();
    // For every verb, and for all that it starts.
    let sandbox = Sandbox::without_network();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Class::Usage.code() } else { 0 };
            // There is nowhere left to tell of a closed standard error.
            let _ = error.print();
            return code.into();
        }
    };
    match run(cli, hardening, sandbox) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::report(&error).into(),
    }
}

fn run(cli: Cli, hardening: keyrite_locked::Hardening, sandbox: Sandbox) -> Result<(), CliError> {
    // A verb names the places it writes in; a rehearsal does so itself, when it has made them.
    let confined = |writable: &Writable| sandbox.confined(writable).map_err(WorkstationError::from);
    match cli.verb {
        Verb::Backup { verb } => {
            confined(&verb.writable())?;
            cli::backup::run(&verb)
        }
        Verb::Bundle { verb } => {
            confined(&verb.writable())?;
            cli::bundle::run(&verb)
        }
        Verb::Card { verb } => {
            confined(&verb.writable())?;
            cards(&verb)
        }
        Verb::Ceremony { verb: cli::ceremony::Verb::Check(arguments) } => {
            confined(&arguments.writable())?;
            cli::ceremony::check(&arguments)
        }
        Verb::Ceremony { verb: cli::ceremony::Verb::Print(arguments) } => {
            confined(&arguments.writable())?;
            cli::papers::run(&arguments)
        }
        Verb::Ceremony { verb: cli::ceremony::Verb::Abandon(arguments) } => {
            confined(&arguments.writable())?;
            cli::ceremony::abandon(&arguments)
        }
        Verb::Ceremony { verb: cli::ceremony::Verb::Rehearse(arguments) } => rehearse(arguments, hardening, sandbox),
        Verb::Ceremony { verb: cli::ceremony::Verb::Run(arguments) } => live(&arguments, hardening, sandbox),
        Verb::Delegation { verb } => {
            confined(&verb.writable())?;
            cli::delegation::run(&verb)
        }
        // It only looks, as a ceremony does.
        Verb::Doctor(arguments) => cli::doctor::run(&arguments, hardening, confined(&Writable::default())?),
        Verb::Init(arguments) => {
            confined(&Writable::default().and_new(&arguments.folder))?;
            cli::init::run(&arguments)
        }
        Verb::Plan(arguments) => {
            confined(&Writable::default())?;
            cli::plan::run(&arguments)
        }
        Verb::Minutes { verb } => {
            confined(&verb.writable())?;
            cli::minutes::run(&verb)
        }
        Verb::Publish(arguments) => {
            confined(&arguments.writable())?;
            cli::publish::run(&arguments)
        }
        Verb::Register { verb } => {
            confined(&verb.writable())?;
            cli::register::run(&verb)
        }
        Verb::Release { verb } => {
            confined(&verb.writable())?;
            cli::release::run(&verb, &signers_cards)
        }
        Verb::Request { verb } => {
            confined(&verb.writable())?;
            cli::request::run(&verb)
        }
        Verb::Signer { verb } => {
            confined(&verb.writable())?;
            cli::signer::run(&verb)
        }
        Verb::Status(arguments) => {
            confined(&arguments.writable())?;
            cli::status::run(&arguments)
        }
        Verb::Worker { verb: cli::worker::Verb::Restore { message, statement } } => {
            // It writes to a pipe that is open already, and to no file.
            confined(&Writable::default())?;
            cli::worker::restore(&message, &statement)
        }
    }
}

#[cfg(feature = "pcsc")]
fn live(
    arguments: &cli::run::Arguments,
    hardening: keyrite_locked::Hardening,
    sandbox: Sandbox,
) -> Result<(), CliError> {
    let keyrite = keyrite::ceremony::run::own_path()?;
    let (runtime, writable) = arguments.prepare()?;
    let press = arguments.press()?;
    // Before the first file of somebody else is read.
    let sandbox = sandbox.confined(&writable).map_err(WorkstationError::from)?;
    let mut rack = ReaderRack::new(arguments.mode());
    let machine = cli::run::Machine { keyrite, hardening, sandbox, runtime: &runtime, rack: &mut rack, press };
    cli::run::run(arguments, machine)
}

/// The readers that pcscd serves.
#[cfg(feature = "pcsc")]
struct Readers;

#[cfg(feature = "pcsc")]
impl cli::card::Readers for Readers {
    fn look(&self, called: &CardName) -> Result<Vec<Seen>, Absence> {
        // Whatever is in the readers: nothing there depends on a mode.
        ReaderRack::new(Mode::Rehearsal).look(called)
    }

    fn rack(&self, mode: Mode) -> Box<dyn Rack> {
        Box::new(ReaderRack::new(mode))
    }
}

#[cfg(feature = "pcsc")]
fn cards(verb: &cli::card::Verb) -> Result<(), CliError> {
    cli::card::run(verb, &Readers)
}

/// The readers, for a signer's own card: in the mode that takes every card which holds the key that is expected.
#[cfg(feature = "pcsc")]
fn signers_cards() -> Result<Box<dyn Rack>, CliError> {
    Ok(Box::new(ReaderRack::new(Mode::DressRehearsal)))
}

/// Real cards are reached through PC/SC.
#[cfg(not(feature = "pcsc"))]
fn signers_cards() -> Result<Box<dyn keyrite::workstation::card::Rack>, CliError> {
    Err(CliError::NoReaders)
}

/// Real cards are reached through PC/SC.
#[cfg(not(feature = "pcsc"))]
fn cards(_: &cli::card::Verb) -> Result<(), CliError> {
    Err(CliError::NoReaders)
}

/// Real cards are reached through PC/SC.
#[cfg(not(feature = "pcsc"))]
fn live(_: &cli::run::Arguments, _: keyrite_locked::Hardening, _: Sandbox) -> Result<(), CliError> {
    Err(CliError::NoReaders)
}

fn rehearse(
    arguments: cli::ceremony::Rehearse,
    hardening: keyrite_locked::Hardening,
    sandbox: Sandbox,
) -> Result<(), CliError> {
    let keyrite = keyrite::ceremony::run::own_path()?;
    let virtual_card = keyrite.with_file_name("keyrite-virtual-card");
    workstation::files::make_folder(&arguments.scratch).map_err(CliError::from)?;
    let organization = arguments.organization.as_deref();
    if !virtual_card.is_file() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(WorkstationError::Io { doing: "find", path: virtual_card, source: missing }.into());
    }
    let press = match &arguments.printer {
        Some(path) => Some(Press::new(Printer::open(path).map_err(CliError::from)?, Size::default())?),
        None => None,
    };
    // Before the first file of somebody else is read.
    let (_runtime, writable) = Rehearsal::prepare(&arguments.scratch)?;
    let sandbox = sandbox.confined(&writable).map_err(WorkstationError::from)?;
    let rehearsal =
        Rehearsal { scratch: arguments.scratch, keyrite, virtual_card, hardening, sandbox, tap: None, observer: None };
    if arguments.by_hand {
        let mut pockets = Pockets::new(&rehearsal.scratch);
        let mut people = Terminal::open(Some(&mut pockets))?.printing(press);
        rehearsal.run_by_hand(&arguments.script, organization, arguments.bundle, &mut people)?;
    } else {
        rehearsal.run(&arguments.script, organization, arguments.bundle, &mut Screen::new())?;
    }
    Ok(())
}
