//! `keyrite minutes`: the signed records of ceremonies, checked from the disk.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ceremonies::Report;
use super::papers::Sheet;
use super::{CliError, Screen};
use crate::ceremony::records::book::{self, Book};
use crate::ceremony::records::cosign::Incoming;
use crate::ceremony::records::{RecordsError, audit, closing, cosign, minutes};
use crate::ceremony::{CeremonyError, print, written};
use crate::format::{closing as form, organization};
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::name::CeremonyName;
use crate::model::shown::Shown;
use crate::workstation::files::{self, Readers};
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;

/// The largest file that is named.
const LARGEST: u64 = 1024 * 1024;

/// What can be done with minutes.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show the minutes of a ceremony, after they were verified
    Show(Show),
    /// Print the minutes of a ceremony on paper, after they were verified
    Print(Print),
    /// Check ceremonies from the disk: transcript, minutes, cosignatures, closing record, every file
    Check(Check),
    /// Take in a witness's own signature on the minutes, made with gpg on their own device
    Cosign(Cosign),
    /// Write what happened after the head was written down: bags, copies, power-off
    Close(Close),
}

impl Verb {
    /// Where it writes: the register, if only its lock, and beside a new file.
    #[must_use]
    pub fn writable(&self) -> Writable {
        match self {
            Self::Show(arguments) => Writable::below(&arguments.register),
            Self::Print(arguments) => Writable::below(&arguments.register).and_new(&arguments.out),
            Self::Check(arguments) => Writable::below(&arguments.register),
            Self::Cosign(arguments) => Writable::below(&arguments.register),
            Self::Close(arguments) => Writable::below(&arguments.register),
        }
    }
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The ceremony, such as 0001-root-generation
    ceremony: CeremonyName,
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
}

/// Arguments of `print`.
#[derive(Debug, Args)]
pub struct Print {
    /// The ceremony, such as 0001-root-generation
    ceremony: CeremonyName,
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// The size of the sheets
    #[arg(long, value_enum, default_value_t)]
    size: Sheet,
    /// The PDF, which is new
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The ceremonies; by default all of them
    ceremony: Vec<CeremonyName>,
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// Refuse ceremonies of another mode
    #[arg(long, value_name = "MODE")]
    mode: Option<Wanted>,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

/// A mode, as it is asked for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Wanted {
    /// Virtual cards
    Rehearsal,
    /// Real cards, everything marked
    DressRehearsal,
    /// The real thing
    Production,
}

impl From<Wanted> for Mode {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Rehearsal => Self::Rehearsal,
            Wanted::DressRehearsal => Self::DressRehearsal,
            Wanted::Production => Self::Production,
        }
    }
}

/// Arguments of `cosign`.
#[derive(Debug, Args)]
pub struct Cosign {
    /// The ceremony
    ceremony: CeremonyName,
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// The organization, which names the witness's certificate
    #[arg(long, value_name = "FILE")]
    organization: PathBuf,
    /// The witness's certificate: gpg --armor --export FINGERPRINT
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Their signature: gpg --armor --detach-sign CEREMONY.asc
    #[arg(long, value_name = "FILE")]
    signature: PathBuf,
}

/// Arguments of `close`.
#[derive(Debug, Args)]
pub struct Close {
    /// The ceremony
    ceremony: CeremonyName,
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// The closing record
    #[arg(long, value_name = "FILE", required_unless_present = "template")]
    record: Option<PathBuf>,
    /// Print a closing record to fill in, and write nothing
    #[arg(long, conflicts_with = "record")]
    template: bool,
}

/// Does it.
///
/// # Errors
/// The first thing that is not as it should be.
pub fn run(verb: &Verb) -> Result<(), CliError> {
    match verb {
        Verb::Show(arguments) => show(arguments),
        Verb::Print(arguments) => on_paper(arguments),
        Verb::Check(arguments) => check(arguments),
        Verb::Cosign(arguments) => cosign(arguments),
        Verb::Close(arguments) => close(arguments),
    }
}

fn show(arguments: &Show) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let book = Book::open(&register)?;
    let text = minutes::verify(&book, book.find(arguments.ceremony.as_str())?)?.text;
    let mut screen = Screen::new();
    for line in String::from_utf8_lossy(&text).lines() {
        screen.line(Shown::new(line).as_str())?;
    }
    Ok(())
}

fn on_paper(arguments: &Print) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let book = Book::open(&register)?;
    let at = book.find(arguments.ceremony.as_str())?;
    let checked = audit::check(&book, at, None)?;
    let unfinished = || RecordsError::Unfinished { ceremony: checked.ceremony.clone() };
    let entry = book.entries.get(at).filter(|_| checked.bound.is_some()).ok_or_else(unfinished)?;
    let opening = entry.opening().ok_or_else(unfinished)?;
    let document = print::minutes::document(&checked, opening, &book::seats(entry), arguments.size.into());
    let file = arguments.out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = document.to_pdf().map_err(|reason| CeremonyError::Paper { file, reason })?;
    files::write_new(&arguments.out, &bytes, Readers::All)?;
    let path = arguments.out.to_string_lossy();
    Screen::new().line(&format!("{}  {}", Hash::of(&bytes), Shown::new(&path)))
}

fn check(arguments: &Check) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let book = Book::open(&register)?;
    let mode = arguments.mode.map(Mode::from);
    let mut checked = Vec::new();
    for ceremony in &arguments.ceremony {
        checked.push(audit::check(&book, book.find(ceremony.as_str())?, mode)?);
    }
    if arguments.ceremony.is_empty() {
        checked = audit::check_all(&book, mode)?;
    }
    Report::new(&checked, None).print(arguments.json)
}

fn cosign(arguments: &Cosign) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let book = Book::open(&register)?;
    let source = written::source(&arguments.organization)?;
    let organization = organization::read(&source)?;
    let incoming = Incoming {
        certificate_file: &arguments.certificate.to_string_lossy(),
        certificate: &files::read_named(&arguments.certificate, LARGEST)?,
        signature_file: &arguments.signature.to_string_lossy(),
        signature: &files::read_named(&arguments.signature, LARGEST)?,
    };
    let at = book.find(arguments.ceremony.as_str())?;
    let (cosigner, is_new) = cosign::take_in(&book, at, (source.file(), &organization), &incoming)?;
    let taken = if is_new { "taken in" } else { "the register has it already" };
    let name = Shown::new(&cosigner.name);
    let mut screen = Screen::new();
    screen.line(&format!("{} cosigned by {name}, {}: {taken}", arguments.ceremony, cosigner.made))?;
    screen.line(&format!("    {}", cosigner.fingerprint.groups()))
}

fn close(arguments: &Close) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let book = Book::open(&register)?;
    let at = book.find(arguments.ceremony.as_str())?;
    let mut screen = Screen::new();
    let Some(record) = &arguments.record else {
        let template =
            book.entries.get(at).map(|entry| closing::of(entry).map(|of| form::template(&of))).transpose()?;
        return screen.line(template.unwrap_or_default().trim_end());
    };
    let (closing, hash, is_new) = closing::write(&book, at, &written::source(record)?)?;
    let written = if is_new { "written" } else { "the register has it already" };
    screen.line(&format!("closing record of {}: {written}", closing.ceremony))?;
    screen.line(&format!("    sha256 {hash}"))?;
    screen.line(&format!(
        "    bags: {}, copies: {}, power off {}",
        closing.bags.len(),
        closing.copies.len(),
        closing.power_off
    ))?;
    for card in book.history(at).cards.keys() {
        let bag = closing.bag_of(card).map_or_else(|| "in no bag".to_owned(), |bag| format!("bag {}", bag.number));
        screen.line(&format!("    card {card}: {bag}"))?;
    }
    Ok(())
}
