//! `review-roster`: a roster that was carried in is read aloud as a change against the one in force, and agreed to (custody rule 6).

use super::noted::{self, Row};
use super::parameters::Nothing;
use super::{Act, Kind, Outside};
use crate::ceremony::CeremonyError;
use crate::ceremony::rosters::{self, Incoming};
use crate::ceremony::scene::Scene;
use crate::model::day::Day;
use crate::model::evidence::Evidence;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Clock, Contract, Fact, Machine, People, Roster as State, Undo};
use crate::model::roster::Roster;
use crate::model::timestamp::Timestamp;
use crate::paper::Blank;
use crate::trust::delegation::RosterReview;
use crate::workstation::bundle::Bundle;
use crate::workstation::clock;

pub(super) static KIND: Kind = Kind {
    name: "review-roster",
    read: |step, source| step.parameters(source).map(|Nothing {}| Box::new(ReviewRoster) as _),
    examples: |_| vec![Box::new(ReviewRoster)],
};

/// The act.
pub struct ReviewRoster;

impl Act for ReviewRoster {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![Fact::Machine(Machine::Checked), Fact::Clock(Clock::Confirmed), Fact::People(People::Present)],
            leaves: vec![Fact::Roster(State::InForce)],
            // Done again, it finds that roster in force already.
            undo: Undo::Repeatable,
            minutes: 6,
        }
    }

    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Leader, 1), (Role::Witness, organization.agreeing)]
    }

    fn ready(&self, outside: &Outside<'_>) -> Result<(), CeremonyError> {
        let now = match outside.history.current.opened.filter(|_| outside.is_open) {
            Some(opened) => opened,
            None => clock::now()?,
        };
        let in_force = rosters::in_force(outside.register, outside.history)?;
        let artefact = outside.history.roster.as_ref().map(|(_, artefact)| artefact);
        let Some(folder) = &outside.bundles.incoming else {
            return in_force.map(drop).ok_or(CeremonyError::NoBundle);
        };
        match rosters::incoming(&Bundle::read(folder)?, artefact)? {
            Some(incoming) => review(outside.organization, in_force.as_ref(), &incoming, now).map(drop),
            None => in_force.map(drop).ok_or(CeremonyError::NoRoster),
        }
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![
            "Who is a signer, and on which conditions: what is different is read aloud from the screen.".to_owned(),
            "What is confirmed is the hash of these words. Without another roster, the one in force stays.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![
            noted::words("the words that were read"),
            vec![Blank::new("serial of the roster"), Blank::wide("doubts, and whose", 3)],
        ]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let in_force = rosters::in_force(scene.register, scene.history())?;
        let artefact = scene.history().roster.as_ref().map(|(_, artefact)| artefact.clone());
        if let Some(folder) = &scene.bundles.incoming {
            scene.inbox.bundle = Some(Bundle::read(folder)?);
        }
        let incoming = match &scene.inbox.bundle {
            Some(bundle) => rosters::incoming(bundle, artefact.as_ref())?,
            None => None,
        };
        match (incoming, in_force) {
            (Some(incoming), in_force) => agree(scene, in_force.as_ref(), &incoming),
            (None, Some(in_force)) => {
                scene.dialogue.tell(&format!("Roster {} is in force, and stays.", in_force.serial));
                Ok(())
            }
            (None, None) => Err(CeremonyError::NoRoster),
        }
    }
}

/// The change in words.
fn review(
    organization: &Organization,
    in_force: Option<&Roster>,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<RosterReview, CeremonyError> {
    Ok(RosterReview::new(&organization.name, in_force, &incoming.roster, incoming.sha256, Day::of(now))?)
}

fn agree(scene: &mut Scene<'_>, in_force: Option<&Roster>, incoming: &Incoming) -> Result<(), CeremonyError> {
    let review = review(scene.organization, in_force, incoming, scene.opened()?)?;
    for line in review.text().lines() {
        scene.dialogue.tell(line);
    }
    let hash = review.hash();
    scene.tell_hash("These words have the sha256", hash);
    let seats = std::iter::once(Seat::first(Role::Leader)).chain(Seat::all(Role::Witness, scene.organization.agreeing));
    for seat in seats {
        scene.confirm(seat, "I have read this roster and agree to it.", Some(hash))?;
    }
    let serial = incoming.roster.serial;
    let roster =
        scene.keep_copy(&format!("roster/{serial:04}-{:.16}.toml", incoming.sha256.to_string()), &incoming.bytes)?;
    let text = scene.keep_copy(&format!("reviews/{hash}.txt"), review.text().as_bytes())?;
    scene.note(Evidence::RosterTaken { serial, roster, review: hash, text })
}
