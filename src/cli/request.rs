//! `keyrite request`: asking for a delegation, and looking at a request before it is carried in.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{CliError, Screen};
use crate::ceremony::{CeremonyError, inbox, rosters};
use crate::format::request::{RequestFile, VERSION};
use crate::model::day::Day;
use crate::model::domain::Domain;
use crate::model::name::{RequestId, RootName, SignerName};
use crate::model::roster::Kept;
use crate::model::shown::Shown;
use crate::trust::openpgp::UntrustedCertificate;
use crate::workstation::files::Readers;
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;
use crate::workstation::{WorkstationError, clock, files};

/// The largest certificate, request or roster that is read.
const LARGEST: u64 = 512 * 1024;

/// What can be done with requests.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a request for a delegation, to be signed by the key that it is about
    New(New),
    /// Check requests as the ceremony will, and show the change in the words that will be read aloud
    Check(Check),
}

/// Arguments of `new`.
#[derive(Debug, Args)]
pub struct New {
    /// The new file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The certificate: gpg --armor --export-options export-minimal --export FINGERPRINT
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// The signer's name on the roster
    #[arg(long, value_name = "NAME")]
    signer: SignerName,
    /// The organization, by the name that its roster has
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// The root that is to vouch for the key
    #[arg(long, value_name = "NAME", default_value = "packages")]
    root: RootName,
    /// What is to be signed, as the roster says it
    #[arg(long, value_name = "WORDS")]
    scope: String,
    /// The domain in which the signer is to vouch for others without a ceremony, as the roster grants it
    #[arg(long, value_name = "DOMAIN")]
    vouches: Option<Domain>,
    /// For how many days
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    days: u32,
    /// The user ID to be certified; by default the only one that the certificate has
    #[arg(long, value_name = "USER-ID")]
    user_id: Option<String>,
    /// Where the key is kept
    #[arg(long, value_enum, default_value_t = Place::File)]
    kept: Place,
    /// The request's own name; by default the day and the signer
    #[arg(long, value_name = "NAME")]
    id: Option<RequestId>,
}

/// Where a key is kept.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Place {
    /// On a card or token that does not give it out
    Card,
    /// In a file
    File,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Clearsigned requests
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The register, or a copy of it
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// A roster that will be carried in with them; by default the one in force
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
}

impl Verb {
    /// Where it writes: a new file, or the lock of the register.
    #[must_use]
    pub fn writable(&self) -> Writable {
        match self {
            Self::New(arguments) => Writable::default().and_new(&arguments.file),
            Self::Check(arguments) => Writable::below(&arguments.register),
        }
    }
}

/// Does it.
///
/// # Errors
/// A certificate that no ceremony would take; the first request that is not in order.
pub fn run(verb: &Verb) -> Result<(), CliError> {
    match verb {
        Verb::New(arguments) => new(arguments),
        Verb::Check(arguments) => check(arguments),
    }
}

fn new(arguments: &New) -> Result<(), CliError> {
    let now = clock::now()?;
    let bytes = files::read_named(&arguments.certificate, LARGEST)?;
    let file = || Shown::new(&arguments.certificate.to_string_lossy());
    let unfit =
        |error| CeremonyError::Request { file: file(), error: crate::trust::delegation::Error::Certificate(error) };
    let certificate = UntrustedCertificate::parse(&bytes).and_then(|found| found.judge(now)).map_err(unfit)?;
    let user_id = match (&arguments.user_id, certificate.user_ids()) {
        (Some(user_id), _) => user_id.clone(),
        (None, [only]) => only.clone(),
        (None, many) => return Err(CliError::UserIds { count: many.len() }),
    };
    certificate.must_have(&user_id).map_err(unfit)?;
    let id = arguments.id.clone().map_or_else(|| format!("{}-{}", Day::of(now), arguments.signer).parse(), Ok);
    let request = RequestFile {
        version: VERSION,
        id: id.map_err(|_| CliError::LongId)?,
        organization: arguments.organization.clone(),
        root: arguments.root.clone(),
        signer: arguments.signer.to_string(),
        user_id,
        scope: arguments.scope.clone(),
        vouches: arguments.vouches.clone(),
        lifetime_days: arguments.days,
        kept: Some(match arguments.kept {
            Place::Card => Kept::Card,
            Place::File => Kept::File,
        }),
        date: now,
        certificate: String::from_utf8(bytes).map_err(|_| CliError::Binary { path: file() })?,
    };
    let text = request.render().map_err(|_| WorkstationError::Bug("a request that TOML cannot hold"))?;
    files::write_new(&arguments.file, text.as_bytes(), Readers::All)?;
    let (mut screen, file) = (Screen::new(), Shown::new(&arguments.file.to_string_lossy()));
    screen.line(&format!("{file} asks for a delegation of root {} to", arguments.root))?;
    screen.line(&format!("    {}", certificate.fingerprint().groups()))?;
    screen.line("Read it, sign it with that very key, and hand on what comes of it:")?;
    screen.line(&format!("    gpg --local-user {} \\", certificate.fingerprint()))?;
    screen.line(&format!("        --clearsign --output {}.request.asc {file}", arguments.signer))
}

fn check(arguments: &Check) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let history = register.past()?.history;
    let roster = match &arguments.roster {
        Some(path) => rosters::read(&path.to_string_lossy(), &files::read_named(path, LARGEST)?)?,
        None => rosters::in_force(&register, &history)?.ok_or(CeremonyError::NoRoster)?,
    };
    let mut screen = Screen::new();
    for path in &arguments.files {
        let name = path.to_string_lossy();
        let review = inbox::foreseen(&history, roster.clone(), &name, &files::read_named(path, LARGEST)?)?;
        screen.line(&format!("{}: in order. It would be read aloud so:", Shown::new(&name)))?;
        screen.line("")?;
        for line in review.text().lines() {
            screen.line(&format!("    {line}"))?;
        }
        screen.line("")?;
    }
    Ok(())
}
