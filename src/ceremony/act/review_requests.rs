//! `review-requests`: people read what will change, and confirm the hash of just these words (custody rule 6).

use super::noted::{self, Row};
use super::parameters::{OfRoot, unknown_root};
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::inbox::{Inbox, in_force};
use crate::ceremony::scene::Scene;
use crate::model::evidence::Evidence;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Contract, Fact, People, Requests, Undo};
use crate::paper::Blank;
use crate::trust::delegation::{Batch, Change, Comparison, Review};

pub(super) static KIND: Kind = Kind {
    name: "review-requests",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(ReviewRequests { root }) as _),
    examples: |organization| {
        organization.roots.keys().map(|root| Box::new(ReviewRequests { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct ReviewRequests {
    root: RootName,
}

impl Act for ReviewRequests {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![Fact::People(People::Present), Fact::Requests(Requests::Read)],
            leaves: vec![Fact::Requests(Requests::Reviewed)],
            undo: Undo::Repeatable,
            minutes: 8,
        }
    }

    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Leader, 1), (Role::Witness, organization.agreeing)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        unknown_root(&self.root, organization)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec!["The change is read aloud from the screen. What is confirmed is the hash of these words.".to_owned()]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![
            noted::words("the words that were read"),
            vec![Blank::wide("decision", 1), Blank::wide("doubts, and whose", 3)],
        ]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let now = scene.opened()?;
        let mut reviews = Vec::new();
        for request in Inbox::requests(scene, &self.root)? {
            let before = in_force(scene, &self.root, &request.text().signer, now);
            let compared = compared(scene, &request.certificate().fingerprint().groups())?;
            reviews.push(Review::new(Change::new(request, before, compared, now)));
        }
        let reviews = Batch::new(reviews);
        if reviews.is_empty() {
            scene.dialogue.tell("No request came in: there is nothing to agree to.");
            scene.inbox.reviews = Some(reviews);
            return Ok(());
        }
        let hash = reviews.hash();
        for line in reviews.text().lines() {
            scene.dialogue.tell(line);
        }
        scene.tell_hash("These words have the sha256", hash);
        let witnesses = Seat::all(Role::Witness, scene.organization.agreeing);
        for seat in std::iter::once(Seat::first(Role::Leader)).chain(witnesses) {
            scene.confirm(seat, "I have read this change and agree to it.", Some(hash))?;
        }
        let text = scene.keep_copy(&format!("reviews/{hash}.txt"), reviews.text().as_bytes())?;
        scene.inbox.reviews = Some(reviews);
        scene.note(Evidence::Reviewed { review: hash, text })
    }
}

/// Who compared the fingerprint with its owner, and over which channel.
fn compared(scene: &mut Scene<'_>, fingerprint: &str) -> Result<Option<Comparison>, CeremonyError> {
    let seat = Seat::first(Role::Witness);
    let by = scene.organization.person(seat).ok_or(CeremonyError::EmptySeat(seat))?.name.clone();
    let channel = scene.ask(|room| room.channel(seat, fingerprint))?;
    Ok(channel.map(|channel| Comparison { by, channel }))
}
