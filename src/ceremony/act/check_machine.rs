//! `check-machine`: what the workstation says of itself is read aloud and recorded.

use super::parameters::Nothing;
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::event::Evidence;
use crate::model::organization::Organization;
use crate::model::room::{Contract, Fact, Machine, Undo};

pub(super) static KIND: Kind = Kind {
    name: "check-machine",
    read: |step, source| step.parameters::<Nothing>(source).map(|Nothing {}| Box::new(CheckMachine) as _),
    examples: |_| vec![Box::new(CheckMachine)],
};

/// The act.
pub struct CheckMachine;

impl Act for CheckMachine {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: Vec::new(),
            leaves: vec![Fact::Machine(Machine::Checked)],
            undo: Undo::Repeatable,
            minutes: 3,
        }
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec!["Kernel, network interfaces, swap and memory are shown and recorded.".to_owned()]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        for finding in scene.findings {
            scene.dialogue.tell(finding);
        }
        scene.note(Evidence::Machine { findings: scene.findings.to_vec() })
    }
}
