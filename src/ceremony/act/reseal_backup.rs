//! `reseal-backup`: the root, restored from its shares, is sealed anew: another passphrase, another message, other shares. The set
//! before it stays in force.

use super::noted::Row;
use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind, Outside};
use crate::ceremony::sealing::{self, needs, seats};
use crate::ceremony::{CeremonyError, copies, scene::Scene};
use crate::model::evidence::Sealed;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Backup, Contract, Fact, Memory, Reshare, Source, Undo};

pub(super) static KIND: Kind = Kind {
    name: "reseal-backup",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(ResealBackup { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(ResealBackup { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct ResealBackup {
    root: RootName,
}

impl Act for ResealBackup {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let mut needs = needs(organization);
        needs.extend([
            Fact::Backup(self.root.clone(), Backup::Proved),
            Fact::Memory(self.root.clone(), Memory::Held),
            Fact::Source(self.root.clone(), Source::Restored),
            Fact::Reshare(self.root.clone(), Reshare::NotBegun),
        ]);
        let leaves = vec![Fact::Reshare(self.root.clone(), Reshare::Sealed)];
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
        let mut page = sealing::page(&self.root, Sealed::Key, organization);
        page.push("Old sheets stay in force until the new ones are proved: nobody destroys one yet.".to_owned());
        page
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        sealing::blanks(Sealed::Key)
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        for set in scene.root_record(&self.root)?.care.void.clone() {
            scene
                .dialogue
                .tell(&format!("Set {set} never was in force. Whoever has a sheet of it, or a copy, destroys it."));
        }
        let held = scene.held.get(&self.root);
        let held = held.ok_or_else(|| CeremonyError::Bug(format!("root {} is not in memory", self.root)))?;
        let secret = held.duplicate()?;
        sealing::seal_anew(scene, &self.root, &secret)
    }
}
