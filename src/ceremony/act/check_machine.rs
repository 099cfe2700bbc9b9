//! `check-machine`: what is seen of the workstation is read aloud and recorded; in production it must be fit.

use super::noted::Row;
use super::parameters::Nothing;
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene, screen};
use crate::model::evidence::Evidence;
use crate::model::organization::Organization;
use crate::model::room::{Contract, Fact, Machine, Undo};
use crate::paper::Blank;
use crate::workstation::fitness;

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
        vec!["Network, radios, memory, clock and devices are looked at and recorded.".to_owned()]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![vec![Blank::wide("what is unfit or to note", 3), Blank::wide("decision, and whose", 2)]]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let seen = scene.probe.findings(scene.organization.usb.as_ref());
        for line in screen::findings(&seen, screen::WIDTH - screen::INDENT) {
            scene.dialogue.tell(&line);
        }
        scene.dialogue.tell(&screen::fitness(scene.mode, &seen));
        let findings = seen.iter().map(|seen| seen.finding.clone()).collect();
        let ways = scene.probe.ways_out().into_iter().collect();
        scene.note(Evidence::Machine { findings, ways })?;
        Ok(fitness::judge(scene.mode, &seen)?)
    }
}
