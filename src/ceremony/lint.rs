//! Lint: a script that the room cannot bear does not run.

use crate::format::FormatError;
use crate::format::script::{Script, UnreadStep};
use crate::model::control::Control;
use crate::model::hash::Hash;
use crate::model::history::History;
use crate::model::name::{CardName, RootName};
use crate::model::organization::{Organization, Origin};
use crate::model::role::{Role, Seat};
use crate::model::room::{
    Backup, Bundle, Card, Contract, Drill, Fact, Memory, Minutes, Releases, Requests, Reshare, Room, Root,
};
use crate::model::script::{Header, Kind, Step};

use super::act::{self, Act};
use super::resume::mends;

/// A script in which every step can be done after the one before it. Run, print and resume take nothing else.
pub struct Linted {
    /// The file it came from.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Hash,
    /// The part above the steps.
    pub header: Header,
    /// The steps with their acts.
    pub steps: Vec<LintedStep>,
}

/// A step of a linted script.
pub struct LintedStep {
    /// Its words.
    pub step: Step,
    /// What it does.
    pub act: Box<dyn Act>,
}

/// Lints a script against the organization, and the past of the register it will run on. Without a register, the organization
/// is taken to have what a ceremony of that kind begins with.
///
/// # Errors
/// Every fault, each with file, line, step and what mends it.
pub fn lint(
    script: &Script<'_>,
    organization: &Organization,
    past: Option<&History>,
) -> Result<Linted, Vec<FormatError>> {
    let mut faults = Vec::new();
    let mut steps = Vec::new();
    for unread in &script.steps {
        match act::read(unread, script.source) {
            Ok(act) => steps.push(LintedStep { step: unread.step.clone(), act }),
            Err(fault) => faults.push(fault),
        }
    }
    faults.extend(role_faults(script, organization).into_iter().map(|text| header_fault(script, &text)));
    faults.extend(past.and_then(|past| too_early(script, past)));
    // Only a script whose every step is known can be followed through the room.
    if faults.is_empty() {
        faults.extend(step_faults(script, &steps, organization, past));
    }
    if faults.is_empty() {
        let file = script.source.file().to_owned();
        Ok(Linted { file, sha256: script.sha256, header: script.header.clone(), steps })
    } else {
        Err(faults)
    }
}

/// The room in which a ceremony begins.
#[must_use]
pub fn start(kind: Kind, organization: &Organization, past: Option<&History>) -> Room {
    let mut room = past.map(History::room).unwrap_or_default();
    // What belongs to the ceremony before this one.
    room.set(Fact::Requests(Requests::Unread));
    room.set(Fact::Releases(Releases::Unread));
    room.set(Fact::Bundle(Bundle::Unwritten));
    room.set(Fact::Minutes(Minutes::Open));
    room.forget_ceremony();
    // These are for an organization that has its roots.
    if kind != Kind::RootGeneration && past.is_none() {
        for card in organization.first_cards() {
            room.set(Fact::Card(card.clone(), Card::InService));
        }
        for root in organization.roots.keys() {
            room.set(Fact::Root(root.clone(), Root::Kept));
            if !organization.is_card_only(root) {
                room.set(Fact::Backup(root.clone(), Backup::Proved));
            }
            room.set(Fact::Revocation(root.clone(), Backup::Sealed));
        }
    }
    room
}

/// The acts that serve a card: a card-service does one of them at least.
const SERVICES: [&str; 5] = ["change-pins", "erase-card", "load-card", "retire-card", "unblock-card"];

/// What must be true when a ceremony is over.
fn end(kind: Kind, organization: &Organization, begun: &Room, room: &Room) -> Vec<Fact> {
    let mut facts = vec![Fact::Minutes(Minutes::Signed)];
    facts.extend(organization.roots.keys().map(|root| Fact::Memory(root.clone(), Memory::Empty)));
    // Whatever was done to a card in between, it serves as it did, or has left for good.
    let is_retired = |card: &&CardName| room.holds(&Fact::Card((*card).clone(), Card::Retired));
    let staying = organization.cards().filter(|card| !is_retired(card));
    let in_service = staying.map(|card| Fact::Card(card.clone(), Card::InService));
    facts.extend(in_service.filter(|fact| begun.holds(fact)));
    facts.extend(organization.roots.keys().flat_map(|root| tended(root, organization, begun, room)));
    match kind {
        Kind::CardService => facts.extend(served(organization, begun, room)),
        Kind::Reshare | Kind::RestoreDrill => {}
        Kind::Delegation => {
            facts.push(Fact::Requests(Requests::Certified));
            facts.push(Fact::Bundle(Bundle::Written));
        }
        Kind::RootGeneration => {
            let drawn = |root: &&RootName| !room.holds(&Fact::Root((*root).clone(), Root::Absent));
            facts.push(Fact::Card(organization.records.card.clone(), Card::InService));
            for root in organization.roots.keys().filter(drawn) {
                facts.extend(whole(root, organization));
            }
        }
    }
    facts
}

/// A card that a root was written to was tested with it; a drill card is no such card.
fn served(organization: &Organization, begun: &Room, room: &Room) -> Vec<Fact> {
    let is_loaded = |room: &Room, card: &CardName| room.holds(&Fact::Card(card.clone(), Card::Loaded));
    let loaded = organization.cards().filter(|card| is_loaded(room, card) && !is_loaded(begun, card));
    let serving = loaded.filter(|card| !organization.is_drill_card(card));
    serving.map(|card| Fact::Card(card.clone(), Card::InService)).collect()
}

/// A drill or a resharing that was begun is brought to its end, and a drill card keeps nothing.
fn tended(root: &RootName, organization: &Organization, begun: &Room, room: &Room) -> Vec<Fact> {
    let drill = |state| Fact::Drill(root.clone(), state);
    let reshare = |state| Fact::Reshare(root.clone(), state);
    let mut facts = Vec::new();
    if !room.holds(&drill(Drill::NotBegun)) {
        facts.push(drill(Drill::Over));
    }
    if !room.holds(&reshare(Reshare::NotBegun)) {
        facts.push(reshare(Reshare::Over));
    }
    let card = organization.roots.get(root).and_then(|root| root.drill_card());
    let empty = card.map(|card| Fact::Card(card.clone(), Card::Unknown));
    facts.extend(empty.filter(|fact| begun.holds(fact)));
    facts
}

/// What makes a root one that people can rely on.
fn whole(root: &RootName, organization: &Organization) -> Vec<Fact> {
    let mut facts = vec![Fact::Revocation(root.clone(), Backup::Sealed)];
    match organization.roots.get(root).map(|root| &root.origin) {
        Some(Origin::BackedUp { .. }) => facts.push(Fact::Backup(root.clone(), Backup::Proved)),
        // Another card is its backup: those with the same user ID are there too.
        _ => facts.extend(organization.equals(root).map(|equal| Fact::Root(equal.clone(), Root::Kept))),
    }
    let cards = organization.roots.get(root).map(|root| root.cards()).unwrap_or_default();
    facts.extend(cards.iter().map(|card| Fact::Card(card.clone(), Card::InService)));
    facts
}

fn step_faults(
    script: &Script<'_>,
    steps: &[LintedStep],
    organization: &Organization,
    past: Option<&History>,
) -> Vec<FormatError> {
    let mut faults = Vec::new();
    let begun = start(script.header.kind, organization, past);
    let mut room = begun.clone();
    for (unread, linted) in script.steps.iter().zip(steps) {
        let mut said = linted.act.faults(organization);
        // What an act on a card or root that there is not would need says nothing.
        let known = said.is_empty();
        said.extend(seat_faults(script, linted, organization));
        faults.extend(said.iter().map(|text| step_fault(script, unread, text)));
        let contract = act::contract(linted.act.as_ref(), organization);
        if let Some(card) = retired(&contract, &room) {
            let text = format!("card {card} is retired: take its name out of this step, and out of organization.toml");
            faults.push(step_fault(script, unread, &text));
        } else if let Err(lacks) = room.admit(&contract)
            && known
        {
            for lack in lacks {
                let text = format!("{lack}{}", remedy(&lack.need, organization));
                faults.push(step_fault(script, unread, &text));
            }
        }
        room.leave(&contract);
    }
    faults.extend(end_faults(script, steps, organization, &begun, &room));
    faults
}

/// A card that an act is about, and that has left the organization.
fn retired(contract: &Contract, room: &Room) -> Option<CardName> {
    let card = |fact: &Fact| match fact {
        Fact::Card(card, _) | Fact::Hand(card, _) | Fact::Code(card, ..) | Fact::Bag(card, _) => Some(card.clone()),
        _ => None,
    };
    let mut about = contract.needs.iter().chain(&contract.leaves).filter_map(card);
    about.find(|card| room.holds(&Fact::Card(card.clone(), Card::Retired)))
}

fn end_faults(
    script: &Script<'_>,
    steps: &[LintedStep],
    organization: &Organization,
    begun: &Room,
    room: &Room,
) -> Vec<FormatError> {
    let at = script.source.text().len();
    let mut texts: Vec<String> = end(script.header.kind, organization, begun, room)
        .into_iter()
        .filter(|fact| !room.holds(fact))
        .map(|fact| {
            let is = room.state(&fact.subject());
            format!("a {} may end only when {fact}, but {is}{}", script.header.kind, remedy(&fact, organization))
        })
        .collect();
    let drawn = |root: &RootName| !room.holds(&Fact::Root(root.clone(), Root::Absent));
    if script.header.kind == Kind::RootGeneration && !organization.roots.keys().any(drawn) {
        let acts = ["draw-keys", "generate-root"].into_iter().filter(|name| is_for(name, organization));
        let acts: Vec<String> = acts.map(|name| format!("[step.{name}]")).collect();
        texts.push(format!("a root-generation must draw a root: add a step with {}", acts.join(" or ")));
    }
    if script.header.kind == Kind::CardService && !steps.iter().any(|step| SERVICES.contains(&step.act.name())) {
        texts.push(format!("a card-service must serve a card: add a step with {}", SERVICES.join(" or ")));
    }
    let roots = || organization.roots.keys();
    if script.header.kind == Kind::RestoreDrill
        && roots().all(|root| room.holds(&Fact::Drill(root.clone(), Drill::NotBegun)))
    {
        texts.push("a restore-drill must try a backup: add a step with [step.draw-lots]".to_owned());
    }
    if script.header.kind == Kind::Reshare
        && roots().all(|root| room.holds(&Fact::Reshare(root.clone(), Reshare::NotBegun)))
    {
        texts.push("a reshare must seal a root anew: add a step with [step.reseal-backup]".to_owned());
    }
    texts.iter().map(|text| script.source.refusal(Control::ScriptLint, at..at, text)).collect()
}

/// Whether an organization has something that a kind of act is for.
fn is_for(name: &str, organization: &Organization) -> bool {
    act::ACTS.iter().any(|kind| kind.name == name && !kind.examples(organization).is_empty())
}

/// What would make a fact true: the same acts that mend it in a run.
fn remedy(need: &Fact, organization: &Organization) -> String {
    let mut names: Vec<&str> = act::ACTS
        .iter()
        .filter(|kind| kind.examples(organization).iter().any(|act| act.contract(organization).leaves.contains(need)))
        .map(|kind| kind.name)
        .collect();
    // What no script can name is no remedy for one.
    let scripted = |name: &&str| act::ACTS.iter().any(|kind| kind.name == *name);
    names.extend(mends(need, organization).iter().map(|act| act.name()).filter(scripted));
    // Nobody is advised to delete a key.
    names.retain(|name| *name != "erase-card");
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => String::new(),
        names => format!("; {} would do that", names.join(" or ")),
    }
}

/// A delegation or a service in a register that has no root: said once, and not of every card and root that there is not.
fn too_early(script: &Script<'_>, past: &History) -> Option<FormatError> {
    let is_early = script.header.kind != Kind::RootGeneration && past.roots.is_empty();
    let text = "this register holds no root yet: run a root-generation in it first, or name the register that has one";
    is_early.then(|| script.source.refusal(Control::ScriptLint, 0..0, text))
}

/// Roles that the organization cannot fill, and people who would hold too much in one hand.
fn role_faults(script: &Script<'_>, organization: &Organization) -> Vec<String> {
    let roles = &script.header.roles;
    let mut faults: Vec<String> = roles
        .iter()
        .filter(|(role, count)| organization.count(**role) < usize::from(**count))
        .map(|(role, count)| {
            format!("role {role}: {count} are needed, and the organization names {}", organization.count(*role))
        })
        .collect();
    for (role, others) in [
        (Role::PinHolder, [Role::AdminHolder, Role::CardKeeper, Role::Custodian].as_slice()),
        (Role::AdminHolder, &[Role::CardKeeper, Role::Custodian]),
        (Role::CardKeeper, &[Role::Custodian]),
    ] {
        for seat in Seat::all(role, roles.get(&role).copied().unwrap_or(0)) {
            let Some(person) = organization.person(seat) else { continue };
            for other in others.iter().filter(|other| person.roles.contains(other) && roles.contains_key(other)) {
                faults.push(format!("{} would be {role} and {other}: no hand may hold both", person.name));
            }
        }
    }
    faults
}

/// A step's roles against the script's head.
fn seat_faults(script: &Script<'_>, linted: &LintedStep, organization: &Organization) -> Vec<String> {
    let roles = &script.header.roles;
    let mut needed = linted.act.seats(organization);
    needed.push((linted.step.who, 1));
    needed
        .into_iter()
        .filter(|(role, count)| roles.get(role).copied().unwrap_or(0) < *count)
        .map(|(role, count)| {
            format!("role {role}: this step needs {count}, and [roles] has {}", roles.get(&role).unwrap_or(&0))
        })
        .collect()
}

fn step_fault(script: &Script<'_>, unread: &UnreadStep<'_>, text: &str) -> FormatError {
    script.source.refusal(Control::ScriptLint, unread.place.clone(), &format!("step {}: {text}", unread.step.id))
}

fn header_fault(script: &Script<'_>, text: &str) -> FormatError {
    let at = script.source.text().find("[roles]").unwrap_or(0);
    script.source.refusal(Control::TwoPeople, at..at, text)
}
