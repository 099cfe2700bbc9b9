//! `gather`: every role of the script is filled, and it is recorded by whom.

use super::parameters::Nothing;
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Contract, Fact, People, Undo};
use crate::model::script::Kind as Ceremony;

pub(super) static KIND: Kind = Kind {
    name: "gather",
    read: |step, source| step.parameters::<Nothing>(source).map(|Nothing {}| Box::new(Gather) as _),
    examples: |_| vec![Box::new(Gather)],
};

/// The act.
pub struct Gather;

impl Act for Gather {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract { needs: Vec::new(), leaves: vec![Fact::People(People::Present)], undo: Undo::Repeatable, minutes: 5 }
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        organization
            .people
            .iter()
            .map(|person| {
                let roles: Vec<String> = person.roles.iter().map(ToString::to_string).collect();
                format!("{}: {}", person.name, roles.join(", "))
            })
            .collect()
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let (mut seats, mut certificates, mut absent) = (Vec::new(), Vec::new(), Vec::new());
        for (role, count) in scene.header.roles.clone() {
            for seat in Seat::all(role, count) {
                let person = scene.organization.person(seat).ok_or(CeremonyError::EmptySeat(seat))?;
                let question = format!("{} is here as {seat}.", person.name);
                match scene.ask(|room| room.confirm(seat, &question, None)) {
                    // A lot among all of them may pass over some.
                    Err(CeremonyError::Declined { .. }) if is_by_lot(scene, seat) => {
                        absent.push(seat);
                        continue;
                    }
                    answer => answer?,
                }
                seats.push((seat, person.name.clone()));
                let named = person.certificate.map(|certificate| (person.name.clone(), certificate));
                certificates.extend(named.filter(|named| !certificates.contains(named)));
            }
        }
        for seat in absent {
            without(scene, seat)?;
        }
        scene.dialogue.seated(&seats);
        scene.dialogue.tell(&format!("{} seats are filled.", seats.len()));
        scene.note(Evidence::People { seats, certificates })
    }
}

/// Whether somebody may be absent: in a drill, a custodian whom no lot needs.
fn is_by_lot(scene: &Scene<'_>, seat: Seat) -> bool {
    scene.header.kind == Ceremony::RestoreDrill && seat.role == Role::Custodian
}

/// The drill goes on without a custodian, and leader and witness say so: nobody is left out in silence.
fn without(scene: &mut Scene<'_>, seat: Seat) -> Result<(), CeremonyError> {
    let words = format!("{seat} is not here. The drill is held without them; the lot passes them over.");
    [Role::Leader, Role::Witness].into_iter().try_for_each(|role| scene.confirm(Seat::first(role), &words, None))
}
