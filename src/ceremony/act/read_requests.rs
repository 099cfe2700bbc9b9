//! `read-requests`: the incoming bundle is read once and every request in it is verified.

use std::collections::BTreeMap;

use super::noted::Row;
use super::parameters::{OfRoot, unknown_root};
use super::{Act, Kind, Outside};
use crate::ceremony::CeremonyError;
use crate::ceremony::inbox::{self, ENDING, Inbox, Present};
use crate::ceremony::scene::Scene;
use crate::model::evidence::Evidence;
use crate::model::hash::Hash;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::room::{Clock, Contract, Fact, Machine, Requests, Root, Roster, Undo};
use crate::model::shown::Shown;
use crate::paper::Blank;
use crate::workstation::bundle::Bundle;

pub(super) static KIND: Kind = Kind {
    name: "read-requests",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(ReadRequests { root }) as _),
    examples: |organization| {
        organization.roots.keys().map(|root| Box::new(ReadRequests { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct ReadRequests {
    root: RootName,
}

impl Act for ReadRequests {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::Machine(Machine::Checked),
                Fact::Clock(Clock::Confirmed),
                Fact::Root(self.root.clone(), Root::Kept),
                Fact::Roster(Roster::InForce),
            ],
            leaves: vec![Fact::Requests(Requests::Read)],
            undo: Undo::Repeatable,
            minutes: 3,
        }
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        unknown_root(&self.root, organization)
    }

    fn ready(&self, outside: &Outside<'_>) -> Result<(), CeremonyError> {
        let folder = outside.bundles.incoming.as_ref().ok_or(CeremonyError::NoBundle)?;
        let bundle = Bundle::read(folder)?;
        inbox::verified(&bundle, outside.organization, &self.root, Present::before(outside, &bundle)?).map(drop)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec!["Signature, certificate and policy of every request are checked.".to_owned()]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![vec![Blank::new("requests in order"), Blank::wide("their ids", 3)]]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        // What the roster was read from, when this process read it: one copy is shown and signed.
        if scene.inbox.bundle.is_none() {
            let folder = scene.bundles.incoming.as_ref().ok_or(CeremonyError::NoBundle)?;
            scene.inbox.bundle = Some(Bundle::read(folder)?);
        }
        let (mut ids, mut copies) = (Vec::new(), Vec::new());
        let bundle = scene.inbox.bundle.as_ref().ok_or(CeremonyError::NoBundle)?;
        let mut files: BTreeMap<Hash, Vec<u8>> =
            bundle.ending(ENDING).map(|(_, bytes)| (Hash::of(bytes), bytes.to_vec())).collect();
        let requests = Inbox::requests(scene, &self.root)?;
        if requests.is_empty() {
            scene.dialogue.tell("No request came in.");
        }
        for request in requests {
            let (id, hash) = (request.id().clone(), request.sha256());
            scene.tell_hash(&format!("Request {id} of {} is in order.", Shown::new(&request.text().signer)), hash);
            // Years later it can be seen what was asked for, and by whom.
            let bytes = files.remove(&hash);
            let bytes = bytes.ok_or_else(|| CeremonyError::Bug("a request that is in no bundle".to_owned()))?;
            copies.push((format!("requests/{id}-{hash:.16}.asc"), bytes));
            ids.push(id);
        }
        let kept = scene.keep_copies(copies)?;
        scene.note(Evidence::RequestsRead { requests: ids.into_iter().zip(kept).collect() })
    }
}
