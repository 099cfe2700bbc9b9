//! `seal-backup`: the root is sealed, its passphrase is shared, and every share is exercised.

use super::noted::Row;
use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind, Outside};
use crate::ceremony::CeremonyError;
use crate::ceremony::copies;
use crate::ceremony::scene::Scene;
use crate::ceremony::sealing::{self, needs, seats};
use crate::model::evidence::Sealed;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Backup, Contract, Fact, Memory, Undo};

pub(super) static KIND: Kind = Kind {
    name: "seal-backup",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(SealBackup { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(SealBackup { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct SealBackup {
    root: RootName,
}

impl Act for SealBackup {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let mut needs = needs(organization);
        needs.push(Fact::Memory(self.root.clone(), Memory::Held));
        needs.push(Fact::Backup(self.root.clone(), Backup::Absent));
        let leaves = vec![Fact::Backup(self.root.clone(), Backup::Sealed)];
        Contract { needs, leaves, undo: Undo::Harmless, minutes: 25 }
    }

    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        seats(&self.root, Sealed::Key, organization)
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        not_backed_up(&self.root, organization, "its key cannot be read from its card, so there is nothing to seal")
    }

    fn ready(&self, outside: &Outside<'_>) -> Result<(), CeremonyError> {
        copies::ready(outside, &self.root, Sealed::Key)
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        sealing::page(&self.root, Sealed::Key, organization)
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        sealing::blanks(Sealed::Key)
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let held = scene.held.get(&self.root);
        let held = held.ok_or_else(|| CeremonyError::Bug(format!("root {} is not in memory", self.root)))?;
        let secret = held.duplicate()?;
        sealing::seal(scene, &self.root, Sealed::Key, &secret)
    }
}
