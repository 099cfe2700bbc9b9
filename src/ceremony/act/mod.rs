//! Acts: one file each. Lint, run, resume and paper all come from an act's contract and page.

use super::CeremonyError;
use super::scene::{Bundles, Scene};
use crate::format::FormatError;
use crate::format::place::Source;
use crate::format::script::UnreadStep;
use crate::model::history::History;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Contract, Fact, Lack, Minutes, Room};
use crate::paper::Blank;
use crate::workstation::register::Register;

pub mod bag_sheets;
pub mod certify;
pub mod change_pins;
pub mod check_machine;
pub mod confirm_clock;
pub mod destroy_shares;
pub mod draw_keys;
pub mod draw_lots;
pub mod erase_card;
pub mod erase_drill_card;
pub mod forget_root;
pub mod gather;
pub mod generate_records_key;
pub mod generate_root;
pub mod load_card;
mod noted;
pub mod open_bags;
mod parameters;
pub mod present_cards;
pub mod prove_backup;
pub mod prove_drill;
pub mod read_requests;
pub mod replace_set;
pub mod reseal_backup;
pub mod reset_card;
pub mod restore_root;
pub mod retire_card;
pub mod review_requests;
pub mod review_roster;
pub mod seal_backup;
pub mod seal_revocation;
pub mod set_pins;
pub mod sign_minutes;
pub mod take_cards;
pub mod take_releases;
pub mod test_card;
pub mod throw_dice;
pub mod try_profile;
pub mod unblock_card;
pub mod write_bundle;

/// What lies ready before a ceremony begins.
pub struct Outside<'a> {
    /// Bundles.
    pub bundles: &'a Bundles,
    /// The organization.
    pub organization: &'a Organization,
    /// The register.
    pub register: &'a Register,
    /// What it says.
    pub history: &'a History,
    /// Whether this ceremony is open already, and goes on.
    pub is_open: bool,
}

/// Something that a step does.
pub trait Act {
    /// Its name in scripts.
    fn name(&self) -> &'static str;

    /// What it needs and leaves.
    fn contract(&self, organization: &Organization) -> Contract;

    /// The people it needs beside the one who acts.
    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        Vec::new()
    }

    /// Parameters that the organization does not bear out.
    fn faults(&self, _organization: &Organization) -> Vec<String> {
        Vec::new()
    }

    /// Whether doing it again after a cut goes on where it stopped: then what it has already left of its own does not stand
    /// in its way.
    fn continues(&self) -> bool {
        false
    }

    /// What a cut in the middle of it may leave in place of what it needs: then it goes on from there.
    fn begun(&self, _organization: &Organization) -> Vec<Fact> {
        Vec::new()
    }

    /// Judges what the act will need from outside the room, before the ceremony is begun: what would be refused in the middle of
    /// it is refused now.
    ///
    /// # Errors
    /// What is missing.
    fn ready(&self, _outside: &Outside<'_>) -> Result<(), CeremonyError> {
        Ok(())
    }

    /// What is about to happen, in short lines, for screen and paper.
    fn page(&self, organization: &Organization) -> Vec<String>;

    /// What the room writes down of it on the printed script, as rows of blanks.
    fn blanks(&self, _organization: &Organization) -> Vec<Vec<Blank>> {
        Vec::new()
    }

    /// Does it.
    ///
    /// # Errors
    /// Whatever stops it. What happened until then stands in the journal.
    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError>;
}

/// Reads an act's parameters from a step.
type Read = fn(&UnreadStep<'_>, &Source) -> Result<Box<dyn Act>, FormatError>;

/// What an act needs and leaves. Whatever it is, the minutes do not know what happens after them: they are the last.
#[must_use]
pub fn contract(act: &dyn Act, organization: &Organization) -> Contract {
    let mut contract = act.contract(organization);
    let open = Fact::Minutes(Minutes::Open);
    if !contract.needs.contains(&open) {
        contract.needs.push(open);
    }
    contract
}

/// Whether a room admits an act, now or, for one that continues, in the middle of it.
///
/// # Errors
/// Every need that is not met.
pub fn admit(act: &dyn Act, room: &Room, organization: &Organization) -> Result<(), Vec<Lack>> {
    let contract = contract(act, organization);
    let begun =
        |need: &Fact, from: &[Fact]| from.iter().any(|left| left.subject() == need.subject() && room.holds(left));
    let goes_on =
        |need: &Fact| act.continues() && begun(need, &contract.leaves) || begun(need, &act.begun(organization));
    room.admit(&contract).or_else(|lacks| {
        let lacks: Vec<Lack> = lacks.into_iter().filter(|lack| !goes_on(&lack.need)).collect();
        if lacks.is_empty() { Ok(()) } else { Err(lacks) }
    })
}

/// A kind of act: how a script names it.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    read: Read,
    examples: fn(&Organization) -> Vec<Box<dyn Act>>,
}

impl Kind {
    /// The acts of this kind that an organization can do: one for each root or card it is for.
    #[must_use]
    pub fn examples(&self, organization: &Organization) -> Vec<Box<dyn Act>> {
        (self.examples)(organization)
    }
}

/// Every kind of act that a script can name.
pub static ACTS: &[&Kind] = &[
    &bag_sheets::KIND,
    &certify::KIND,
    &change_pins::KIND,
    &check_machine::KIND,
    &confirm_clock::KIND,
    &destroy_shares::KIND,
    &draw_keys::KIND,
    &draw_lots::KIND,
    &erase_card::KIND,
    &erase_drill_card::KIND,
    &forget_root::KIND,
    &gather::KIND,
    &generate_records_key::KIND,
    &generate_root::KIND,
    &load_card::KIND,
    &open_bags::KIND,
    &present_cards::KIND,
    &prove_backup::KIND,
    &prove_drill::KIND,
    &read_requests::KIND,
    &replace_set::KIND,
    &reseal_backup::KIND,
    &restore_root::KIND,
    &retire_card::KIND,
    &review_requests::KIND,
    &review_roster::KIND,
    &seal_backup::KIND,
    &seal_revocation::KIND,
    &set_pins::KIND,
    &sign_minutes::KIND,
    &take_cards::KIND,
    &take_releases::KIND,
    &test_card::KIND,
    &throw_dice::KIND,
    &try_profile::KIND,
    &unblock_card::KIND,
    &write_bundle::KIND,
];

/// Reads a step's act.
///
/// # Errors
/// For an act that nobody knows, and for parameters it does not take; at their place in the file.
pub fn read(step: &UnreadStep<'_>, source: &Source) -> Result<Box<dyn Act>, FormatError> {
    match ACTS.iter().find(|kind| kind.name == step.act) {
        Some(kind) => (kind.read)(step, source),
        None => {
            let known: Vec<&str> = ACTS.iter().map(|kind| kind.name).collect();
            let message =
                format!("step {}: no act is called {}; there are {}", step.step.id, step.act, known.join(", "));
            Err(source.fault(step.place.clone(), &message))
        }
    }
}
