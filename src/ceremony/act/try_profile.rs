//! `try-profile`: the root's structure is made with a throwaway key and judged (custody rule 7).

use super::parameters::{OfRoot, unknown_root};
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::room::{Card, Clock, Contract, Fact, Profile, Undo};
use crate::trust::openpgp::throwaway;

pub(super) static KIND: Kind = Kind {
    name: "try-profile",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(TryProfile { root }) as _),
    examples: |organization| {
        organization.roots.keys().map(|root| Box::new(TryProfile { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct TryProfile {
    root: RootName,
}

impl Act for TryProfile {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::Clock(Clock::Confirmed),
                // The structure names the records key.
                Fact::Card(organization.records.card.clone(), Card::InService),
            ],
            leaves: vec![Fact::Profile(self.root.clone(), Profile::Tried)],
            undo: Undo::Harmless,
            minutes: 1,
        }
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        unknown_root(&self.root, organization)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec!["Flags, expiry, algorithms and names are checked as every consumer reads them.".to_owned()]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let (profile, algorithm) = (scene.root_profile(&self.root)?, scene.root(&self.root)?.algorithm);
        let life = scene.dialogue.busy("A throwaway key is drawn.");
        throwaway::rehearse(algorithm, &profile, scene.opened()?)?;
        drop(life);
        scene.dialogue.tell("The throwaway certificate is as planned.");
        scene.note(Evidence::ProfileTried { root: self.root.clone() })
    }
}
