//! `read-requests`: the incoming bundle is read once and every request in it is verified.

use super::parameters::{OfRoot, unknown_root};
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::inbox::Inbox;
use crate::ceremony::scene::Scene;
use crate::model::event::Evidence;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::room::{Clock, Contract, Fact, Machine, Requests, Root, Undo};
use crate::model::shown::Shown;
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
                Fact::Root(self.root.clone(), Root::Drawn),
            ],
            leaves: vec![Fact::Requests(Requests::Read)],
            undo: Undo::Repeatable,
            minutes: 3,
        }
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        unknown_root(&self.root, organization)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec!["Signature, certificate and policy of every request are checked.".to_owned()]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let folder = scene.bundles.incoming.as_ref().ok_or(CeremonyError::NoBundle)?;
        scene.inbox.bundle = Some(Bundle::read(folder)?);
        let requests: Vec<_> = Inbox::requests(scene, &self.root)?
            .iter()
            .map(|request| (request.id().clone(), request.sha256(), Shown::new(&request.text().signer)))
            .collect();
        for (id, hash, signer) in &requests {
            scene.dialogue.tell(&format!("Request {id} of {signer} is in order."));
            scene.dialogue.tell(&format!("    sha256 {}", hash.groups()));
        }
        scene.note(Evidence::RequestsRead { requests: requests.into_iter().map(|(id, hash, _)| (id, hash)).collect() })
    }
}
