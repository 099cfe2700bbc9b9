//! `confirm-clock`: two witnesses enter the time from clocks of their own (custody rule 9).

use std::time::Duration;

use super::noted::Row;
use super::parameters::Nothing;
use super::{Act, Kind};
use crate::ceremony::dialogue::Reading;
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Clock, Contract, Fact, People, Undo};
use crate::paper::Blank;

/// How far a witness's clock and the workstation's may be apart.
const ALLOWED: Duration = Duration::from_secs(120);

/// The witnesses whose clocks are compared.
const WITNESSES: u8 = 2;

pub(super) static KIND: Kind = Kind {
    name: "confirm-clock",
    read: |step, source| step.parameters::<Nothing>(source).map(|Nothing {}| Box::new(ConfirmClock) as _),
    examples: |_| vec![Box::new(ConfirmClock)],
};

/// The act.
pub struct ConfirmClock;

impl Act for ConfirmClock {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![Fact::People(People::Present)],
            leaves: vec![Fact::Clock(Clock::Confirmed)],
            undo: Undo::Repeatable,
            minutes: 3,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Witness, WITNESSES)]
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![format!("More than {} seconds of difference stop the ceremony.", ALLOWED.as_secs())]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        let clock = |seat: Seat| Blank::new(&format!("clock of {seat}, UTC"));
        let mut row: Row = Seat::all(Role::Witness, WITNESSES).map(clock).collect();
        row.push(Blank::new("apart, in seconds"));
        vec![row]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let (mut witnesses, mut skew) = (Vec::new(), Duration::ZERO);
        for seat in Seat::all(Role::Witness, WITNESSES) {
            let Reading { theirs, ours } = scene.ask(|room| room.time(seat))?;
            let apart = ours.distance(theirs);
            if apart > ALLOWED {
                let (seconds, allowed) = (apart.as_secs(), ALLOWED.as_secs());
                return Err(CeremonyError::ClockSkew { seat, seconds, allowed });
            }
            scene.dialogue.tell(&format!("{seat} reads {theirs}: {} s from this machine's clock.", apart.as_secs()));
            witnesses.push(theirs);
            skew = skew.max(apart);
        }
        scene.note(Evidence::Clock { witnesses, skew: skew.as_secs() })
    }
}
