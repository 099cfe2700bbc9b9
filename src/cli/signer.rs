//! `keyrite signer`: who may be delegated, on which conditions, and what is delegated to them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{CliError, Screen};
use crate::ceremony::CeremonyError;
use crate::ceremony::rosters;
use crate::model::day::Day;
use crate::model::domain::Domain;
use crate::model::history::{DelegationRecord, History};
use crate::model::name::SignerName;
use crate::model::roster::{Roster, Signer};
use crate::model::shown::Shown;
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;
use crate::workstation::{WorkstationError, clock, files};

/// The version of the report's JSON form.
const VERSION: u32 = 1;
/// The largest roster that is read.
const LARGEST: u64 = 256 * 1024;

/// What can be done with signers.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List who is on the roster, what they may have, and what stands in the way
    List(List),
    /// Show one of them, with every condition and every delegation
    Show(Show),
    /// Show what a new roster would change, in the words that will be read aloud
    Check(Check),
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Their name on the roster
    #[arg(value_name = "NAME")]
    signer: SignerName,
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The new roster
    #[arg(value_name = "FILE")]
    roster: PathBuf,
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
}

impl Verb {
    /// Where it writes: the lock of the register.
    #[must_use]
    pub fn writable(&self) -> Writable {
        match self {
            Self::List(List { register, .. })
            | Self::Show(Show { register, .. })
            | Self::Check(Check { register, .. }) => Writable::below(register),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    version: u32,
    serial: u32,
    signers: Vec<One<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct One<'a> {
    signer: &'a str,
    since: Day,
    user_ids: Vec<&'a str>,
    may: Vec<May<'a>>,
    /// Where they may vouch for others without a ceremony.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vouches: Vec<Vouches<'a>>,
    conditions: Vec<Condition<'a>>,
    /// Why nothing is delegated to them now.
    unmet: Vec<String>,
    delegations: Vec<Delegation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct May<'a> {
    root: &'a str,
    scope: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Vouches<'a> {
    root: &'a str,
    domain: &'a Domain,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Condition<'a> {
    condition: &'a str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recheck: Option<Day>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Delegation<'a> {
    root: &'a str,
    scope: &'a str,
    user_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    vouches: Option<&'a Domain>,
    fingerprint: String,
    from: String,
    until: String,
    in_force: bool,
    request: &'a str,
    ceremony: &'a str,
}

/// Does it.
///
/// # Errors
/// A register without a roster, or that is not whole; a signer whom the roster does not have; a roster that is not the next one.
pub fn run(verb: &Verb) -> Result<(), CliError> {
    match verb {
        Verb::List(arguments) => {
            let (roster, history) = read(&arguments.register)?;
            let all = roster.signers.iter().map(|(name, signer)| one(name, signer, &roster, &history));
            let report = Report { version: VERSION, serial: roster.serial, signers: all.collect::<Result<_, _>>()? };
            if arguments.json { json(&report) } else { list(&report) }
        }
        Verb::Show(arguments) => {
            let (roster, history) = read(&arguments.register)?;
            let found = roster.signers.get(&arguments.signer);
            let signer = found.ok_or_else(|| CliError::NoSigner { signer: arguments.signer.clone() })?;
            let one = one(&arguments.signer, signer, &roster, &history)?;
            if arguments.json { json(&one) } else { show(&one) }
        }
        Verb::Check(arguments) => check(arguments),
    }
}

fn read(register: &std::path::Path) -> Result<(Roster, History), CliError> {
    let register = Register::open(register)?;
    let history = register.past()?.history;
    let roster = rosters::in_force(&register, &history)?.ok_or(CeremonyError::NoRoster)?;
    Ok((roster, history))
}

fn json(report: &impl Serialize) -> Result<(), CliError> {
    let text =
        serde_json::to_string_pretty(report).map_err(|_| WorkstationError::Bug("a report that JSON cannot hold"))?;
    Screen::new().line(&text)
}

fn one<'a>(
    name: &'a SignerName,
    signer: &'a Signer,
    roster: &'a Roster,
    history: &'a History,
) -> Result<One<'a>, CliError> {
    let now = clock::now()?;
    let condition =
        |(name, condition): (&'a crate::model::name::ConditionName, &'a crate::model::roster::Condition)| {
            let met = signer.met.get(name);
            Condition {
                condition: name.as_str(),
                what: &condition.what,
                evidence: met.map(|met| met.evidence.as_str()),
                by: met.map(|met| met.by.as_str()),
                on: met.map(|met| met.on),
                recheck: met.map(|met| met.recheck),
            }
        };
    let delegation = |record: &'a DelegationRecord| Delegation {
        root: record.root.as_str(),
        scope: &record.scope,
        user_id: &record.user_id,
        vouches: record.vouches.as_ref(),
        fingerprint: record.fingerprint.to_string(),
        from: record.from.date(),
        until: record.expires.date(),
        in_force: now < record.expires,
        request: record.request.as_str(),
        ceremony: &record.ceremony,
    };
    let scopes =
        signer.may.iter().flat_map(|(root, scopes)| scopes.iter().map(|scope| May { root: root.as_str(), scope }));
    Ok(One {
        signer: name.as_str(),
        since: signer.since,
        user_ids: signer.user_ids.iter().map(String::as_str).collect(),
        may: scopes.collect(),
        vouches: signer.vouches.iter().map(|(root, domain)| Vouches { root: root.as_str(), domain }).collect(),
        conditions: roster.conditions.iter().map(condition).collect(),
        unmet: roster.unmet(signer, Day::of(now)).iter().map(ToString::to_string).collect(),
        delegations: history.delegations.iter().filter(|d| d.signer == name.as_str()).map(delegation).collect(),
    })
}

fn list(report: &Report<'_>) -> Result<(), CliError> {
    let mut screen = Screen::new();
    screen.line(&format!("roster {}: {} signer(s)", report.serial, report.signers.len()))?;
    for one in &report.signers {
        screen.line(&format!("signer {}, since {}", one.signer, one.since))?;
        for Delegation { root, scope, until, .. } in one.delegations.iter().filter(|d| d.in_force) {
            screen.line(&format!("    {root}: {}, until {until}", Shown::new(scope)))?;
        }
        if !one.delegations.iter().any(|d| d.in_force) {
            screen.line("    nothing is delegated")?;
        }
        for why in &one.unmet {
            screen.line(&format!("    NOT NOW: {why}"))?;
        }
    }
    Ok(())
}

fn show(one: &One<'_>) -> Result<(), CliError> {
    let mut screen = Screen::new();
    screen.line(&format!("signer {}, since {}", one.signer, one.since))?;
    for user_id in &one.user_ids {
        screen.line(&format!("    user ID {}", Shown::new(user_id)))?;
    }
    for May { root, scope } in &one.may {
        screen.line(&format!("    may have of root {root}: {}", Shown::new(scope)))?;
    }
    for Vouches { root, domain } in &one.vouches {
        screen.line(&format!("    may vouch for others at {domain} under root {root}, without a ceremony"))?;
    }
    for condition in &one.conditions {
        screen.line(&format!("condition {}: {}", condition.condition, Shown::new(condition.what)))?;
        match (condition.evidence, condition.by, condition.on, condition.recheck) {
            (Some(evidence), Some(by), Some(on), Some(recheck)) => {
                screen.line(&format!("    {}", Shown::new(evidence)))?;
                screen.line(&format!("    seen by {} on {on}; again by {recheck}", Shown::new(by)))?;
            }
            _ => screen.line("    NEVER SEEN TO BE MET")?,
        }
    }
    for why in &one.unmet {
        screen.line(&format!("NOT NOW: {why}"))?;
    }
    for delegation in &one.delegations {
        let Delegation { root, scope, from, until, in_force, ceremony, .. } = delegation;
        let state = if *in_force { "" } else { ", OVER" };
        screen.line(&format!("delegation of root {root}: {}, {from} to {until}{state}", Shown::new(scope)))?;
        screen.line(&format!("    {}", Shown::new(delegation.user_id)))?;
        screen.line(&format!("    {}", delegation.fingerprint))?;
        if let Some(domain) = delegation.vouches {
            screen.line(&format!("    vouches for others at {domain}, without a ceremony"))?;
        }
        screen.line(&format!("    request {}, ceremony {ceremony}", delegation.request))?;
    }
    Ok(())
}

/// What the room will read.
fn check(arguments: &Check) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let history = register.past()?.history;
    let name = arguments.roster.to_string_lossy();
    let bytes = files::read_named(&arguments.roster, LARGEST)?;
    let review = rosters::review_of(&register, &history, &name, &bytes, clock::now()?)?;
    let mut screen = Screen::new();
    for line in review.text().lines() {
        screen.line(line)?;
    }
    screen.line(&format!("sha256 of these words {}", review.hash()))
}
