//! Resume: from where the rest of a script still lints, and what must be mended first.

use crate::model::organization::Organization;
use crate::model::room::{Card, Fact, Hand, Memory, Room, Undo};

use super::act::{self, Act, reset_card, restore_root, set_pins, take_cards};
use super::lint::Linted;

/// One thing to do.
pub enum Planned {
    /// The step at this index.
    Step(usize),
    /// Something that a cut made necessary, before the step at this index.
    Mend(usize, Box<dyn Act>),
    /// An earlier step that only looks, asks or reads, done again before the step at this index.
    Again(usize, usize),
}

/// How deep one mend may need another: reset, PINs, restoring and taking a card in hand.
const DEPTH: usize = 6;

/// The acts that can make `need` true outside the order of a script.
#[must_use]
pub fn mends(need: &Fact, organization: &Organization) -> Vec<Box<dyn Act>> {
    match need {
        Fact::Hand(card, Hand::Here) => vec![Box::new(take_cards::TakeCards::of(card.clone()))],
        Fact::Card(card, Card::Blank) => vec![Box::new(reset_card::ResetCard::of(card.clone()))],
        Fact::Card(card, Card::Pinned) => vec![Box::new(set_pins::SetPins::of(card.clone()))],
        Fact::Memory(root, Memory::Held)
            if organization.roots.contains_key(root) && !organization.is_card_only(root) =>
        {
            vec![Box::new(restore_root::RestoreRoot::of(root.clone()))]
        }
        _ => Vec::new(),
    }
}

/// The plan from step `next` on, in a room as it is seen after a cut: the latest start from which the rest lints.
/// `None` when no start does.
#[must_use]
pub fn plan(script: &Linted, organization: &Organization, seen: &Room, next: usize) -> Option<Vec<Planned>> {
    let mut next = next;
    // A step that was cut off after its work but before its last line is done: what it leaves is there.
    while script.steps.get(next).is_some_and(|step| {
        let contract = step.act.contract(organization);
        let is_left = |fact| seen.holds(fact) || is_left_by_a_mend(fact, seen);
        contract.undo != Undo::Repeatable && contract.leaves.iter().all(is_left)
    }) {
        next += 1;
    }
    (0..=next).rev().find_map(|from| plan_from(script, organization, seen.clone(), from))
}

/// A card that was cut off in a reset holds nothing any more. What mends it resets it: the step that was to do that is over.
fn is_left_by_a_mend(fact: &Fact, seen: &Room) -> bool {
    matches!(fact, Fact::Card(card, Card::Blank) if seen.holds(&Fact::Card(card.clone(), Card::Spoiled)))
}

fn plan_from(script: &Linted, organization: &Organization, mut room: Room, from: usize) -> Option<Vec<Planned>> {
    let mut plan = Vec::new();
    for (at, step) in script.steps.iter().enumerate().skip(from) {
        let contract = step.act.contract(organization);
        let planner = Planner { script, organization, before: at };
        let lacks = act::admit(step.act.as_ref(), &room, organization).err().unwrap_or_default();
        for lack in &lacks {
            planner.achieve(&lack.need, &mut room, &mut plan, DEPTH)?;
        }
        act::admit(step.act.as_ref(), &room, organization).ok()?;
        room.leave(&contract);
        plan.push(Planned::Step(at));
    }
    Some(plan)
}

struct Planner<'a> {
    script: &'a Linted,
    organization: &'a Organization,
    before: usize,
}

impl Planner<'_> {
    /// Makes `need` true in `room` by repeating earlier steps or by mends, each of whose own needs come first.
    fn achieve(&self, need: &Fact, room: &mut Room, plan: &mut Vec<Planned>, depth: usize) -> Option<()> {
        if room.holds(need) {
            return Some(());
        }
        let depth = depth.checked_sub(1)?;
        for (at, step) in self.script.steps.iter().enumerate().take(self.before) {
            let contract = step.act.contract(self.organization);
            if contract.undo == Undo::Repeatable && contract.leaves.contains(need) {
                return self.perform(step.act.as_ref(), Planned::Again(self.before, at), room, plan, depth);
            }
        }
        for act in mends(need, self.organization) {
            let (mut tried, length) = (room.clone(), plan.len());
            let contract = act.contract(self.organization);
            if contract.needs.iter().all(|need| self.achieve(need, &mut tried, plan, depth).is_some()) {
                tried.leave(&contract);
                *room = tried;
                plan.push(Planned::Mend(self.before, act));
                return Some(());
            }
            plan.truncate(length);
        }
        None
    }

    fn perform(
        &self,
        act: &dyn Act,
        planned: Planned,
        room: &mut Room,
        plan: &mut Vec<Planned>,
        depth: usize,
    ) -> Option<()> {
        let contract = act.contract(self.organization);
        for need in &contract.needs {
            self.achieve(need, room, plan, depth)?;
        }
        room.leave(&contract);
        plan.push(planned);
        Some(())
    }
}
