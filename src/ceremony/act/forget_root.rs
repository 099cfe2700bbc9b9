//! `forget-root`: the root's secret leaves this machine's memory.

use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::room::{Contract, Fact, Memory, Root, Source, Undo};

pub(super) static KIND: Kind = Kind {
    name: "forget-root",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(ForgetRoot { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(ForgetRoot { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct ForgetRoot {
    root: RootName,
}

impl Act for ForgetRoot {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![Fact::Memory(self.root.clone(), Memory::Held), Fact::Root(self.root.clone(), Root::Kept)],
            leaves: vec![
                Fact::Memory(self.root.clone(), Memory::Empty),
                Fact::Source(self.root.clone(), Source::Nowhere),
            ],
            undo: Undo::Harmless,
            minutes: 1,
        }
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        not_backed_up(&self.root, organization, "its key never is in this machine's memory")
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![format!("The memory that held root {} is wiped.", self.root)]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        // Dropping it wipes its pages.
        drop(scene.held.remove(&self.root));
        scene.dialogue.tell(&format!("Root {} is not in this machine's memory any more.", self.root));
        scene.note(Evidence::RootForgotten { root: self.root.clone() })
    }
}
