//! `keyrite status`: what a register says.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{CliError, Screen};
use crate::model::code::Code;
use crate::model::evidence::Sealed;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::history::History;
use crate::model::name::CardName;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::workstation::WorkstationError;
use crate::workstation::clock;
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;

/// The version of the report's JSON form.
const VERSION: u32 = 1;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Where it writes: the lock of the register.
    #[must_use]
    pub fn writable(&self) -> Writable {
        Writable::below(&self.register)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    version: u32,
    ceremony: &'a str,
    finished: bool,
    abandoned: bool,
    head: Option<Hash>,
    records: Option<Fingerprint>,
    roots: Vec<Root<'a>>,
    cards: Vec<Card<'a>>,
    delegations: Vec<Delegation<'a>>,
    artefacts: Vec<File<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Root<'a> {
    root: &'a str,
    fingerprint: Fingerprint,
    backup: &'static str,
    /// The card that alone has it, which generated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    generated_on: Option<&'a str>,
    /// The share set of its key that is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    set: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drill: Option<Drill>,
    /// Why the last drill failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    drill_failed: Option<&'a str>,
    /// Share sets that are out of force, and those that never were in force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    out_of_force: Vec<&'a str>,
    /// The set of which as many old shares are unaccounted for as open its message.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_large: Option<&'a str>,
}

/// The last drill, and the next one.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Drill {
    held: String,
    due: String,
    overdue: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Card<'a> {
    card: &'a str,
    serial: &'a str,
    state: String,
    signatures: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubtful: Vec<Code>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Delegation<'a> {
    signer: &'a str,
    fingerprint: Fingerprint,
    root: &'a str,
    scope: &'a str,
    from: String,
    until: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct File<'a> {
    name: &'a str,
    path: &'a str,
    sha256: Hash,
}

/// Shows it.
///
/// # Errors
/// A transcript whose chain is broken, or an artefact that is not what was recorded.
pub fn run(arguments: &Arguments) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let past = register.past()?;
    for (_, artefact) in &past.history.artefacts {
        register.read(artefact)?;
    }
    let report = report(&past.history, past.head, clock::now()?);
    let mut screen = Screen::new();
    if arguments.json {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|_| WorkstationError::Bug("a report that JSON cannot hold"))?;
        return screen.line(&text);
    }
    show(&mut screen, &report)
}

fn report<'a>(history: &'a History, head: Option<Hash>, now: Timestamp) -> Report<'a> {
    Report {
        version: VERSION,
        ceremony: history.ceremony(),
        finished: history.current.finished,
        abandoned: history.current.abandoned,
        head,
        records: history.records.as_ref().map(|(fingerprint, _)| *fingerprint),
        roots: history
            .roots
            .iter()
            .map(|(name, root)| Root {
                root: name.as_str(),
                fingerprint: root.fingerprint,
                backup: match (root.proved, root.sealed.contains_key(&Sealed::Key)) {
                    (true, _) => "proved",
                    (false, true) => "sealed",
                    (false, false) => "none",
                },
                generated_on: root.generated_on.as_ref().map(CardName::as_str),
                set: root.sealed.get(&Sealed::Key).map(|sealed| sealed.set.as_str()),
                drill: root.care.drill.map(|(held, due)| Drill {
                    held: held.date(),
                    due: due.date(),
                    overdue: due < now,
                }),
                drill_failed: root.care.failed.as_ref().map(|(_, reason)| reason.as_str()),
                out_of_force: root.care.out_of_force(),
                at_large: root.care.at_large.as_deref(),
            })
            .collect(),
        cards: history
            .cards
            .iter()
            .map(|(name, card)| Card {
                card: name.as_str(),
                serial: &card.serial,
                state: card.state.to_string(),
                signatures: card.signatures,
                doubtful: card.doubtful.iter().copied().collect(),
            })
            .collect(),
        delegations: history
            .delegations
            .iter()
            .map(|d| Delegation {
                signer: &d.signer,
                fingerprint: d.fingerprint,
                root: d.root.as_str(),
                scope: &d.scope,
                from: d.from.to_string(),
                until: d.expires.to_string(),
            })
            .collect(),
        artefacts: history
            .artefacts
            .iter()
            .map(|(name, artefact)| File { name, path: &artefact.path, sha256: artefact.sha256 })
            .collect(),
    }
}

/// What people must know of a backup that was made.
fn backup_lines(root: &Root<'_>) -> Vec<String> {
    let mut lines: Vec<String> = root.set.iter().map(|set| format!("share set {set}")).collect();
    match &root.drill {
        None if root.set.is_some() => lines.push("no drill was held yet".to_owned()),
        None => {}
        Some(Drill { held, due, overdue: false }) => lines.push(format!("last drill {held}; the next is due by {due}")),
        Some(Drill { held, due, overdue: true }) => {
            lines.push(format!("last drill {held}; the next is OVERDUE since {due}"));
        }
    }
    lines.extend(root.drill_failed.map(|reason| format!("the last drill FAILED: {}", Shown::new(reason))));
    lines.extend(
        root.out_of_force.iter().map(|set| format!("sheets of set {set} are out of force: destroy any that is found")),
    );
    lines.extend(
        root.at_large
            .map(|set| format!("ROTATE THIS ROOT: enough sheets of set {set} are unaccounted for to restore it")),
    );
    lines
}

fn show(screen: &mut Screen, report: &Report<'_>) -> Result<(), CliError> {
    let state = match (report.ceremony, report.finished) {
        ("", _) => "no ceremony yet".to_owned(),
        (name, true) if report.abandoned => format!("last ceremony {name}, given up"),
        (name, true) => format!("last ceremony {name}, finished"),
        (name, false) => format!("ceremony {name} is not finished"),
    };
    screen.line(&state)?;
    if let Some(head) = report.head {
        screen.line(&format!("head {head}"))?;
    }
    for root in &report.roots {
        screen.line(&format!("root {}  {}", root.root, root.fingerprint.groups()))?;
        let alone = root.generated_on.map_or(String::new(), |card| format!(": it is on card {card} alone"));
        screen.line(&format!("    backup {}{alone}", root.backup))?;
        for line in backup_lines(root) {
            screen.line(&format!("    {line}"))?;
        }
    }
    for card in &report.cards {
        let Card { card, serial, state, signatures, doubtful } = card;
        screen.line(&format!("card {card:<14}{serial}  {state}, {signatures} signature(s)"))?;
        for code in doubtful {
            screen.line(&format!("    a cut left open whether it took its new {code}"))?;
        }
    }
    for d in &report.delegations {
        screen.line(&format!("signer {}  {}", Shown::new(d.signer), d.fingerprint.groups()))?;
        screen.line(&format!("    {}, until {}", Shown::new(d.scope), d.until))?;
    }
    for file in &report.artefacts {
        screen.line(&format!("{}  {}", file.sha256, Shown::new(file.path)))?;
    }
    Ok(())
}
