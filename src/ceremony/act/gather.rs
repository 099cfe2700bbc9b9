//! `gather`: every role of the script is filled, and it is recorded by whom.

use super::parameters::Nothing;
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::organization::Organization;
use crate::model::role::Seat;
use crate::model::room::{Contract, Fact, People, Undo};

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
        let (mut seats, mut certificates) = (Vec::new(), Vec::new());
        for (role, count) in scene.header.roles.clone() {
            for seat in Seat::all(role, count) {
                let person = scene.organization.person(seat).ok_or(CeremonyError::EmptySeat(seat))?;
                let question = format!("{} is here as {seat}.", person.name);
                scene.ask(|room| room.confirm(seat, &question, None))?;
                seats.push((seat, person.name.clone()));
                let named = person.certificate.map(|certificate| (person.name.clone(), certificate));
                certificates.extend(named.filter(|named| !certificates.contains(named)));
            }
        }
        scene.dialogue.seated(&seats);
        scene.dialogue.tell(&format!("{} seats are filled.", seats.len()));
        scene.note(Evidence::People { seats, certificates })
    }
}
