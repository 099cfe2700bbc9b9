//! `keyrite release check`: is this file good? One line for each link of the chain, and a verdict.

use std::path::{Path, PathBuf};

use clap::Args;
use sequoia_openpgp::types::HashAlgorithm;
use serde::Serialize;

use super::ReleaseError;
use super::files::shown;
use crate::cli::{CliError, Screen};
use crate::format::{manifest, past_releases, release, signers};
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::trust::release::{
    Answer, Folder, Kind, LARGEST, Link, No, Published, Question, Signed, State, UntrustedSignature, judge,
};
use crate::workstation::digest::{self, Digested};
use crate::workstation::{WorkstationError, clock, files};

/// The version of the JSON.
const VERSION: u32 = 1;
/// The largest signature that is read.
const SIGNATURE: u64 = 64 * 1024;
/// What a file is read with beside SHA-256; whatever else a signature is over proves nothing.
const HASHES: [HashAlgorithm; 3] = [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512];

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its signature; by default FILE.asc
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// What the organization publishes: an outgoing bundle, or a published folder
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// The root's fingerprint, from another place than that folder
    #[arg(long, value_name = "FINGERPRINT")]
    root: Fingerprint,
    /// The scope that the signer must have
    #[arg(long, value_name = "WORDS")]
    scope: Option<String>,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    version: u32,
    file: &'a str,
    size: u64,
    sha256: String,
    good: bool,
    verdict: &'a str,
    words: &'a str,
    control: Option<&'a str>,
    signer: Option<Signer<'a>>,
    links: Vec<One<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Signer<'a> {
    signer: &'a str,
    user_id: &'a str,
    fingerprint: String,
    signed_on: String,
    scope: &'a str,
    from: String,
    until: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct One<'a> {
    link: &'a str,
    state: &'a str,
    words: &'a str,
}

/// The files of the folder, as they are read.
struct Read {
    keys: Vec<u8>,
    records: Vec<u8>,
    sums: (Vec<u8>, Vec<u8>),
    signers: Option<Vec<u8>>,
    past: Option<(Vec<u8>, Vec<u8>)>,
}

impl Read {
    fn from(folder: &Path) -> Result<Self, CliError> {
        let read = |name: &str| Ok::<_, CliError>(files::read_named(&folder.join(name), LARGEST)?);
        let if_there = |name: &str| match folder.join(name).symlink_metadata() {
            Ok(_) => read(name).map(Some),
            Err(_) => Ok(None),
        };
        let signature = format!("{}.asc", manifest::NAME);
        Ok(Self {
            keys: read("keys.txt")?,
            records: read("records.asc")?,
            sums: (read(manifest::NAME)?, read(&signature)?),
            signers: if_there(signers::NAME)?,
            past: if_there(past_releases::NAME)?.zip(if_there(past_releases::SIGNATURE)?),
        })
    }

    fn folder(&self) -> Folder<'_> {
        Folder {
            keys: &self.keys,
            records: &self.records,
            sums: Signed { bytes: &self.sums.0, signature: &self.sums.1 },
            signers: self.signers.as_deref(),
            past: self.past.as_ref().map(|(bytes, signature)| Signed { bytes, signature }),
        }
    }
}

/// Judges, tells, and fails when the file is not good.
pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let now = clock::now()?;
    let name = arguments.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = arguments.signature.clone().unwrap_or_else(|| {
        let mut path = arguments.file.clone().into_os_string();
        path.push(".asc");
        path.into()
    });
    let bytes = files::read_named(&path, SIGNATURE)?;
    let signature = UntrustedSignature::parse(&bytes)
        .map_err(|error| ReleaseError::Unsigned { path: shown(&path), reason: Shown::new(&error.to_string()) })?;
    let read = Read::from(&arguments.keys)?;
    let published = Published::read(&read.folder(), arguments.root, &signature, now);
    let (digested, scope) = hashed(arguments, &name, signature.algorithm())?;
    let question = Question {
        file: &name,
        sha256: digested.sha256,
        signature: &signature,
        context: digested.context(signature.algorithm()),
        scope: scope.as_deref(),
        now,
    };
    let answer = judge(&question, &published);
    let name = Shown::new(&name);
    if arguments.json {
        json(&name, &digested, &answer)?
    } else {
        tell(&name, &digested, &answer)?
    }
    match answer.verdict {
        Ok(_) => Ok(()),
        Err(No { control, words }) => Err(ReleaseError::NotGood { file: name, words, control }.into()),
    }
}

/// The file's hashes, and the scope that it has to be signed in: a manifest says its own.
fn hashed(arguments: &Arguments, name: &str, algorithm: HashAlgorithm) -> Result<(Digested, Option<String>), CliError> {
    let algorithms: Vec<HashAlgorithm> = HASHES.into_iter().filter(|known| *known == algorithm).collect();
    let asked = arguments.scope.clone();
    if !name.ends_with(release::ENDING) {
        return Ok((digest::file(&arguments.file, &algorithms)?, asked));
    }
    let bytes = files::read_named(&arguments.file, release::LARGEST as u64)?;
    let said = release::read(name, &bytes)?.head.map(|head| head.scope);
    match (&asked, &said) {
        (Some(asked), Some(said)) if asked != said => {
            let (file, asked, said) = (Shown::new(name), Shown::new(asked), Shown::new(said));
            Err(ReleaseError::OtherScope { file, asked, said }.into())
        }
        _ => Ok((Digested::of(&bytes, &algorithms)?, asked.or(said))),
    }
}

fn tell(name: &Shown, digested: &Digested, answer: &Answer) -> Result<(), CliError> {
    let mut screen = Screen::new();
    screen.line(&format!("{name}, {} bytes", digested.size))?;
    screen.line(&format!("    {}", digested.sha256))?;
    for Link { name, state, words } in &answer.links {
        let state = match state {
            State::Ok => "ok",
            State::No => "NO",
            State::Open => "-",
        };
        screen.line(&format!("{state:<3} {name:<15} {words}"))?;
    }
    screen.line(answer.sentence.as_str())
}

fn json(name: &Shown, digested: &Digested, answer: &Answer) -> Result<(), CliError> {
    let (verdict, control) = match &answer.verdict {
        Ok(Kind::Current) => ("current", None),
        Ok(Kind::Past) => ("past", None),
        Err(no) => ("not-good", Some(no.control.id())),
    };
    let signer = answer.who.as_ref().map(|who| Signer {
        signer: who.name.as_str(),
        user_id: who.user_id.as_str(),
        fingerprint: who.fingerprint.to_string(),
        signed_on: who.signed_on.to_string(),
        scope: who.scope.as_str(),
        from: who.from.to_string(),
        until: who.until.to_string(),
    });
    let links = answer.links.iter().map(|link| {
        let state = match link.state {
            State::Ok => "ok",
            State::No => "no",
            State::Open => "open",
        };
        One { link: link.name, state, words: link.words.as_str() }
    });
    let report = Report {
        version: VERSION,
        file: name.as_str(),
        size: digested.size,
        sha256: digested.sha256.to_string(),
        good: answer.verdict.is_ok(),
        verdict,
        words: answer.sentence.as_str(),
        control,
        signer,
        links: links.collect(),
    };
    let text =
        serde_json::to_string_pretty(&report).map_err(|_| WorkstationError::Bug("a report that JSON cannot hold"))?;
    Screen::new().line(&text)
}
