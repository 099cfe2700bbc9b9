//! `keyrite plan`: what a ceremony needs, as a list to be ticked off before the day.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{CliError, Screen};
use crate::ceremony::print::handed::Sealing;
use crate::ceremony::written::Written;
use crate::ceremony::{CeremonyError, lint};
use crate::model::name::CardName;
use crate::model::organization::{Organization, Sharing};
use crate::model::role::Seat;
use crate::model::room::{Contract, Drill, Fact, Requests};
use crate::model::shown::Shown;
use crate::workstation::WorkstationError;

/// The version of the list's JSON form.
const VERSION: u32 = 1;
/// How many requests the card's work is reckoned for.
const BATCH: u32 = 10;
/// Minutes of rest after each hour of work.
const BREAK: u32 = 10;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The script
    #[arg(value_name = "FILE")]
    script: PathBuf,
    /// The organization; by default organization.toml beside the script
    #[arg(long, value_name = "FILE")]
    organization: Option<PathBuf>,
    /// In JSON, for programs
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Plan {
    version: u32,
    title: String,
    script_sha256: String,
    steps: usize,
    minutes: u32,
    people: Vec<Person>,
    cards: Vec<String>,
    sheets: Vec<Sheets>,
    batches: Vec<Batch>,
    drills: Vec<DrillPlan>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Person {
    seat: String,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Sheets {
    root: String,
    of: String,
    threshold: u8,
    shares: u8,
}

/// A backup that is tried.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct DrillPlan {
    root: String,
    card: String,
    every_days: u64,
}

/// What a root's card works for a batch of requests.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Batch {
    root: String,
    requests: u32,
    /// `once`, `each`.
    pin: &'static str,
    /// On a card that takes 100 ms for a signature.
    seconds_at_100_ms: u32,
    /// On one that takes 1 s.
    seconds_at_1_s: u32,
}

/// Lists it.
///
/// # Errors
/// A script that does not lint.
pub fn run(arguments: &Arguments) -> Result<(), CliError> {
    let written = Written::read(&arguments.script, arguments.organization.as_deref())?;
    let linted = lint::lint(&written.script()?, written.organization(), None).map_err(CeremonyError::Lint)?;
    let plan = plan(&linted, written.organization());
    let mut screen = Screen::new();
    if arguments.json {
        let text =
            serde_json::to_string_pretty(&plan).map_err(|_| WorkstationError::Bug("a plan that JSON cannot hold"))?;
        return screen.line(&text);
    }
    for line in lines(&plan) {
        screen.line(&line)?;
    }
    Ok(())
}

fn plan(script: &lint::Linted, organization: &Organization) -> Plan {
    let contracts: Vec<_> = script.steps.iter().map(|step| step.act.contract(organization)).collect();
    let work: u32 = contracts.iter().map(|contract| u32::from(contract.minutes)).sum();
    let facts = || contracts.iter().flat_map(|contract| contract.needs.iter().chain(&contract.leaves));
    let cards: BTreeSet<CardName> = facts()
        .filter_map(|fact| match fact {
            Fact::Card(card, _) | Fact::Hand(card, _) | Fact::Bag(card, _) => Some(card.clone()),
            _ => None,
        })
        .collect();
    let seats = script.header.roles.iter().flat_map(|(role, count)| Seat::all(*role, *count));
    let person = |seat: Seat| {
        let name = organization.person(seat).map_or_else(String::new, |person| Shown::new(&person.name).to_string());
        Person { seat: seat.to_string(), name }
    };
    Plan {
        version: VERSION,
        title: Shown::new(&script.header.title).to_string(),
        script_sha256: script.sha256.to_string(),
        steps: script.steps.len(),
        minutes: work + work / 60 * BREAK,
        people: seats.map(person).collect(),
        cards: cards.iter().map(ToString::to_string).collect(),
        sheets: contracts
            .iter()
            .flat_map(|contract| &contract.leaves)
            .filter_map(|fact| sheets(fact, organization))
            .collect(),
        batches: contracts.iter().filter_map(|contract| batch(contract, organization)).collect(),
        drills: contracts
            .iter()
            .flat_map(|contract| &contract.leaves)
            .filter_map(|fact| drill(fact, organization))
            .collect(),
    }
}

/// The work of a step that answers requests: one signature each.
fn batch(contract: &Contract, organization: &Organization) -> Option<Batch> {
    if !contract.leaves.contains(&Fact::Requests(Requests::Certified)) {
        return None;
    }
    let root = contract.needs.iter().find_map(|need| match need {
        Fact::Root(root, _) => Some(root),
        _ => None,
    })?;
    let pin = match organization.roots.get(root)?.pin_each_signature {
        Some(false) => "once",
        Some(true) | None => "each",
    };
    Some(Batch { root: root.to_string(), requests: BATCH, pin, seconds_at_100_ms: BATCH / 10, seconds_at_1_s: BATCH })
}

/// A drill that comes to its end.
fn drill(fact: &Fact, organization: &Organization) -> Option<DrillPlan> {
    let Fact::Drill(root, Drill::Over) = fact else { return None };
    let planned = organization.roots.get(root)?;
    let (card, every) = (planned.drill_card()?.to_string(), planned.drill_every()?);
    Some(DrillPlan { root: root.to_string(), card, every_days: every.as_secs() / (24 * 60 * 60) })
}

/// The sheets that a sealing hands out.
fn sheets(fact: &Fact, organization: &Organization) -> Option<Sheets> {
    let Sealing { root, sealed, sharing: Sharing { threshold, shares } } = Sealing::of(fact, organization)?;
    Some(Sheets { root: root.to_string(), of: sealed.to_string(), threshold, shares })
}

fn lines(plan: &Plan) -> Vec<String> {
    let mut lines = vec![
        plan.title.clone(),
        format!("{} steps, about {} h {:02} min with breaks", plan.steps, plan.minutes / 60, plan.minutes % 60),
        String::new(),
        "People".to_owned(),
    ];
    lines.extend(plan.people.iter().map(|person| format!("[ ] {:<22}{}", person.seat, person.name)));
    lines.extend([String::new(), "Cards, each with a label and a bag of its own".to_owned()]);
    lines.extend(plan.cards.iter().map(|card| format!("[ ] {card}")));
    if !plan.sheets.is_empty() {
        lines.extend([String::new(), "Sheets to be written by hand, and an envelope for each".to_owned()]);
        lines.extend(plan.sheets.iter().map(|sheets| {
            let Sheets { root, of, threshold, shares } = sheets;
            format!("[ ] {shares} of the {of} of root {root}; any {threshold} open it")
        }));
    }
    if !plan.batches.is_empty() {
        lines.extend([String::new(), "At the card".to_owned()]);
        lines.extend(plan.batches.iter().flat_map(|batch| {
            let Batch { root, requests, pin, seconds_at_100_ms, seconds_at_1_s } = batch;
            let pin = if *pin == "once" { "once for all requests" } else { "for each request" };
            let fast = format!("{seconds_at_100_ms} s of its card at 100 ms for a signature");
            [
                format!("[ ] PIN holders of root {root} enter the user PIN {pin};"),
                format!("        {requests} requests take {fast}, {seconds_at_1_s} s at 1 s"),
            ]
        }));
    }
    if !plan.drills.is_empty() {
        lines.extend([String::new(), "Of the backup".to_owned()]);
        lines.extend(plan.drills.iter().flat_map(|DrillPlan { root, card, every_days }| {
            [
                format!("[ ] a blank card for root {root}, called {card}: it is empty again at the end"),
                "[ ] the sheets of every custodian in their bags, and as many new bags".to_owned(),
                format!("[ ] a day in {every_days} days: the next drill"),
            ]
        }));
    }
    lines.extend([String::new(), "In the room".to_owned()]);
    lines.extend(
        [
            "a machine that keyrite doctor calls fit, its charger, and a card reader",
            "a projector or a large screen; nothing else that shows or hears",
            "two clocks of the witnesses, set to UTC",
            "the script on paper, and its sha256 from somebody who checked it:",
        ]
        .map(|line| format!("[ ] {line}")),
    );
    lines.extend(
        plan.script_sha256.as_bytes().chunks(32).map(|half| format!("        {}", String::from_utf8_lossy(half))),
    );
    lines.extend(
        [
            "a sheet for each witness: head, first and last word, who was there, when",
            "pens, envelopes, bags with numbers, and the list of those numbers",
            "a medium for what leaves the room, and one for a copy of the register",
        ]
        .map(|line| format!("[ ] {line}")),
    );
    lines
}
