//! `restore-root`: a fresh process restores the root from shares and the sealed message alone.

use super::noted::{self, Row};
use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::restoring::{self, Restored};
use crate::ceremony::scene::Scene;
use crate::model::evidence::Evidence;
use crate::model::fault::{Class, Fault as _};
use crate::model::name::RootName;
use crate::model::organization::{Organization, Root};
use crate::model::role::Role;
use crate::model::room::{Backup, Contract, Fact, Memory, People, Source, Undo};
use crate::paper::Blank;

pub(super) static KIND: Kind = Kind {
    name: "restore-root",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(RestoreRoot { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(RestoreRoot { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct RestoreRoot {
    root: RootName,
}

impl RestoreRoot {
    /// For a root.
    #[must_use]
    pub fn of(root: RootName) -> Self {
        Self { root }
    }
}

impl Act for RestoreRoot {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::People(People::Present),
                Fact::Backup(self.root.clone(), Backup::Sealed),
                Fact::Memory(self.root.clone(), Memory::Empty),
            ],
            leaves: vec![
                Fact::Memory(self.root.clone(), Memory::Held),
                Fact::Source(self.root.clone(), Source::Restored),
            ],
            undo: Undo::Harmless,
            minutes: 10,
        }
    }

    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        let backup = organization.roots.get(&self.root).and_then(Root::backup);
        backup.map(|backup| (Role::Custodian, backup.threshold)).into_iter().collect()
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        not_backed_up(&self.root, organization, "it has no backup from which it could be restored")
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        let backup = organization.roots.get(&self.root).and_then(Root::backup);
        let threshold = backup.map_or(0, |backup| backup.threshold);
        vec![
            format!("{threshold} custodians give their shares."),
            "A new process that knows nothing else opens the sealed message with them.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![
            vec![Blank::new("share set"), Blank::wide("shares that were used, by their numbers", 2)],
            noted::ends(&format!("root {}", self.root)),
        ]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let sealed = restoring::in_force(scene, &self.root)?;
        let lots = scene.history().current.tending.get(&self.root).and_then(|tending| tending.order.clone());
        let restored = restoring::restore(scene, &self.root, &sealed, lots.as_deref());
        let Restored { secret, shares } = match restored {
            Err(error) if lots.is_some() => return Err(self.failed(scene, sealed.set, error)?),
            restored => restored?,
        };
        let fingerprint = scene.root_record(&self.root)?.fingerprint;
        scene.held.insert(self.root.clone(), secret);
        scene.dialogue.tell(&format!("Restored: root {} {}", self.root, fingerprint.groups()));
        scene.note(Evidence::RootRestored { root: self.root.clone(), fingerprint, set: sealed.set, shares })
    }
}

impl RestoreRoot {
    /// A drill whose backup does not restore the root has found what it is held for: that is recorded (BACKUP-3). What says
    /// nothing of the backup, such as somebody who stops, is no outcome.
    fn failed(&self, scene: &mut Scene<'_>, set: String, error: CeremonyError) -> Result<CeremonyError, CeremonyError> {
        if !matches!(error.class(), Class::Input | Class::Refused) {
            return Ok(error);
        }
        let (root, reason) = (self.root.clone(), error.to_string());
        scene.note(Evidence::DrillFailed { root: root.clone(), set, reason })?;
        Ok(CeremonyError::DrillFailed { root, reason: Box::new(error) })
    }
}
