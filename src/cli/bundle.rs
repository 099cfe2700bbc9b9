//! `keyrite bundle`: what is carried in and out, looked at on either side.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{CliError, Screen};
use crate::ceremony::carried::{self, CERTIFICATE, Foreseen, Sealed};
use crate::ceremony::inbox;
use crate::ceremony::records::book::Book;
use crate::ceremony::records::outgoing;
use crate::ceremony::{releases, rosters};
use crate::format::release;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::delegation::UntrustedRequest;
use crate::trust::openpgp::UntrustedCertificate;
use crate::workstation::WorkstationError;
use crate::workstation::bundle::Bundle;
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;

/// The version of the report's JSON form.
const VERSION: u32 = 1;

/// What can be done with bundles.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show what is in a bundle, as far as it says so itself
    Show(Show),
    /// Check a bundle: an incoming one as the ceremony will, an outgoing one as it left the room
    Check(Check),
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The bundle
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The bundle
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The register, or a copy of it; an incoming bundle is held against it
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
    /// An older outgoing bundle, which this one must follow
    #[arg(long, value_name = "DIR")]
    after: Option<PathBuf>,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

impl Verb {
    /// Where it writes: nowhere, or the lock of the register.
    #[must_use]
    pub fn writable(&self) -> Writable {
        match self {
            Self::Check(Check { register: Some(register), .. }) => Writable::below(register),
            Self::Show(_) | Self::Check(_) => Writable::default(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    version: u32,
    kind: &'static str,
    /// SHA-256 of its `SHA256SUMS`.
    manifest_sha256: Option<Hash>,
    files: Vec<File>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incoming: Option<Incoming>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outgoing: Option<Outgoing>,
    /// What was checked, in words; empty when it is only shown.
    checked: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    name: String,
    bytes: usize,
    sha256: Hash,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Incoming {
    requests: Vec<Request>,
    roster: Option<u32>,
    releases: Vec<Release>,
    certificates: Vec<Holder>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Request {
    file: String,
    request: String,
    signer: String,
    root: String,
    scope: String,
    user_id: String,
    sha256: Hash,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Release {
    file: String,
    release: String,
    scope: Option<String>,
    files: usize,
    signed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Holder {
    file: String,
    fingerprint: Fingerprint,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Outgoing {
    organization: String,
    ceremony: String,
    as_of: Timestamp,
    signed_by: Fingerprint,
    in_force: usize,
    over: usize,
    /// The list of past releases.
    list: Option<u32>,
    releases: usize,
}

/// Does it.
///
/// # Errors
/// A folder that is no bundle; what a ceremony would refuse; a bundle that another key signed, or that is older than another.
pub fn run(verb: &Verb) -> Result<(), CliError> {
    let (folder, json, checks) = match verb {
        Verb::Show(Show { folder, json }) => (folder, *json, None),
        Verb::Check(check) => (&check.folder, check.json, Some(check)),
    };
    if carried::is_outgoing(folder) {
        let sealed = Sealed::read(folder)?;
        let checked = checks.map_or(Ok(Vec::new()), |check| check_outgoing(check, &sealed))?;
        return told(json, &of_outgoing(&sealed, checked), &[]);
    }
    let bundle = Bundle::read(folder)?;
    let (checked, words) = checks.map_or(Ok(Default::default()), |check| check_incoming(check, &bundle))?;
    told(json, &of_incoming(&bundle, checked)?, &words)
}

/// What was checked, and what would be read aloud.
fn check_incoming(check: &Check, bundle: &Bundle) -> Result<(Vec<String>, Vec<String>), CliError> {
    if check.after.is_some() {
        return Err(CliError::Incoming("--after is for bundles that left the room"));
    }
    let register =
        check.register.as_ref().ok_or(CliError::Incoming("it is held against a register: name --register"))?;
    let register = Register::open(register)?;
    let Foreseen { roster, requests, releases } = carried::foreseen(&register, &register.past()?.history, bundle)?;
    let mut checked = Vec::new();
    let mut words: Vec<String> = roster.iter().map(|review| review.text().to_owned()).collect();
    checked.extend(roster.map(|_| "the roster is the next one".to_owned()));
    for (file, review) in &requests {
        checked.push(format!("{file} is in order"));
        words.push(review.text().to_owned());
    }
    checked.extend(releases.taken.iter().map(|one| format!("release {} may be listed", one.release.release)));
    checked.extend(releases.listed.iter().map(|name| format!("release {name} is listed already")));
    Ok((checked, words))
}

fn check_outgoing(check: &Check, sealed: &Sealed) -> Result<Vec<String>, CliError> {
    let mut checked = vec![format!("SHA256SUMS and every file are as {} signed them", sealed.records.fingerprint())];
    match &check.register {
        Some(register) => {
            let register = Register::open(register)?;
            let newest = outgoing::newest(&Book::open(&register)?, &check.folder)?;
            checked.push(format!("the register knows it: ceremony {}, and none wrote a newer one", newest.ceremony));
        }
        None => checked.push("whether that is the records key, a register or a root says: compare it".to_owned()),
    }
    if let Some(older) = &check.after {
        sealed.follows(&check.folder, &Sealed::read(older)?)?;
        checked.push("it follows the older bundle, and has all its past releases".to_owned());
    }
    Ok(checked)
}

fn files(bundle: &Bundle) -> Vec<File> {
    let one =
        |(name, bytes): (&str, &[u8])| File { name: name.to_owned(), bytes: bytes.len(), sha256: Hash::of(bytes) };
    bundle.ending("").map(one).collect()
}

fn of_outgoing(sealed: &Sealed, checked: Vec<String>) -> Report {
    let signers = &sealed.signers;
    let in_force = signers.signers.iter().filter(|one| one.in_force).count();
    let outgoing = Outgoing {
        organization: signers.organization.clone(),
        ceremony: signers.ceremony.to_string(),
        as_of: signers.as_of,
        signed_by: sealed.records.fingerprint(),
        in_force,
        over: signers.signers.len() - in_force,
        list: sealed.releases.as_ref().map(|list| list.number),
        releases: sealed.releases.as_ref().map_or(0, |list| list.releases.len()),
    };
    Report {
        version: VERSION,
        kind: "outgoing",
        manifest_sha256: Some(Hash::of(&sealed.manifest)),
        files: files(&sealed.bundle),
        incoming: None,
        outgoing: Some(outgoing),
        checked,
    }
}

fn of_incoming(bundle: &Bundle, checked: Vec<String>) -> Result<Report, CliError> {
    let mut requests = Vec::new();
    for (file, bytes) in bundle.ending(inbox::ENDING) {
        let request = inbox::claimed(file, bytes)?;
        requests.push(claims(file, bytes, &request));
    }
    let roster = bundle.file(rosters::NAME).map(|bytes| rosters::read(rosters::NAME, bytes)).transpose()?;
    let mut found = Vec::new();
    for (file, bytes) in bundle.ending(release::ENDING) {
        let read = release::read(file, bytes).map_err(WorkstationError::from)?;
        found.push(Release {
            file: file.to_owned(),
            release: read.name.to_string(),
            scope: read.head.map(|head| head.scope),
            files: read.files.len(),
            signed: bundle.file(&format!("{file}{}", releases::SIGNATURE)).is_some(),
        });
    }
    let holder = |(file, bytes): (&str, &[u8])| {
        let fingerprint = UntrustedCertificate::parse(bytes).and_then(|certificate| certificate.fingerprint());
        Ok(Holder { file: file.to_owned(), fingerprint: fingerprint.map_err(releases::in_certificate(file))? })
    };
    let certificates = bundle.ending(CERTIFICATE).map(holder).collect::<Result<_, CliError>>()?;
    Ok(Report {
        version: VERSION,
        kind: "incoming",
        manifest_sha256: None,
        files: files(bundle),
        incoming: Some(Incoming {
            requests,
            roster: roster.map(|roster| roster.serial),
            releases: found,
            certificates,
        }),
        outgoing: None,
        checked,
    })
}

fn claims(file: &str, bytes: &[u8], request: &UntrustedRequest) -> Request {
    let text = request.claims();
    Request {
        file: file.to_owned(),
        request: text.id.to_string(),
        signer: text.signer.clone(),
        root: text.root.to_string(),
        scope: text.scope.clone(),
        user_id: text.user_id.clone(),
        sha256: Hash::of(bytes),
    }
}

fn told(json: bool, report: &Report, words: &[String]) -> Result<(), CliError> {
    let mut screen = Screen::new();
    if json {
        let text = serde_json::to_string_pretty(report)
            .map_err(|_| WorkstationError::Bug("a report that JSON cannot hold"))?;
        return screen.line(&text);
    }
    screen.line(&format!("{} bundle, {} file(s)", report.kind, report.files.len()))?;
    for File { name, bytes, sha256 } in &report.files {
        screen.line(&format!("{sha256}  {name}, {bytes} bytes"))?;
    }
    report.incoming.iter().try_for_each(|incoming| show_incoming(&mut screen, incoming))?;
    report.outgoing.iter().try_for_each(|outgoing| show_outgoing(&mut screen, outgoing))?;
    for line in words.iter().flat_map(|words| words.lines()) {
        screen.line(&format!("    {line}"))?;
    }
    report.checked.iter().try_for_each(|words| screen.line(&format!("good: {words}")))
}

fn show_incoming(screen: &mut Screen, incoming: &Incoming) -> Result<(), CliError> {
    for one in &incoming.requests {
        let (signer, scope, user_id) = (Shown::new(&one.signer), Shown::new(&one.scope), Shown::new(&one.user_id));
        screen.line(&format!("request {} of {signer}, root {}: {scope}", one.request, one.root))?;
        screen.line(&format!("    {user_id}"))?;
    }
    if let Some(serial) = &incoming.roster {
        screen.line(&format!("roster {serial}"))?;
    }
    for one in &incoming.releases {
        let scope = one.scope.as_ref().map_or(String::new(), |scope| format!(", scope {}", Shown::new(scope)));
        let signed = if one.signed { "" } else { ", NOT SIGNED" };
        screen.line(&format!("release {}, {} file(s){scope}{signed}", one.release, one.files))?;
    }
    for one in &incoming.certificates {
        screen.line(&format!("certificate {}", one.fingerprint.groups()))?;
    }
    Ok(())
}

fn show_outgoing(screen: &mut Screen, outgoing: &Outgoing) -> Result<(), CliError> {
    let Outgoing { organization, ceremony, as_of, signed_by, in_force, over, list, releases } = outgoing;
    screen.line(&format!("{}, ceremony {ceremony}, as of {as_of}", Shown::new(organization)))?;
    screen.line(&format!("signed by {}", signed_by.groups()))?;
    screen.line(&format!("{in_force} delegation(s) in force, {over} over"))?;
    match list {
        Some(number) => screen.line(&format!("list {number} of past releases: {releases} release(s)")),
        None => screen.line("no list of past releases"),
    }
}
