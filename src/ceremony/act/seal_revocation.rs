//! `seal-revocation`: the certificate that revokes the root is made and sealed apart from the key (custody rule 10).

use keyrite_locked::Locked;

use super::parameters::{OfRoot, unknown_root};
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::scene::Scene;
use crate::ceremony::sealing::{self, needs, seats};
use crate::model::evidence::Sealed;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Backup, Contract, Fact, Undo};
use crate::trust::openpgp::revocation;
use crate::trust::openpgp::secret::SecretRoot;

pub(super) static KIND: Kind = Kind {
    name: "seal-revocation",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(SealRevocation { root }) as _),
    examples: |organization| {
        organization.roots.keys().map(|root| Box::new(SealRevocation { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct SealRevocation {
    root: RootName,
}

impl Act for SealRevocation {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let mut needs = needs(&self.root, organization);
        needs.push(Fact::Revocation(self.root.clone(), Backup::Absent));
        let leaves = vec![Fact::Revocation(self.root.clone(), Backup::Sealed)];
        Contract { needs, leaves, undo: Undo::Harmless, minutes: 15 }
    }

    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        seats(&self.root, Sealed::Revocation, organization)
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        unknown_root(&self.root, organization)
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        sealing::page(&self.root, Sealed::Revocation, organization)
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let now = scene.opened()?;
        let held = scene.held.get(&self.root);
        let held = held.ok_or_else(|| CeremonyError::Bug(format!("root {} is not in memory", self.root)))?;
        let secret = SecretRoot::parse(held)?;
        let certificate = secret.certificate();
        let revocation = {
            let mut signer = secret.signer()?;
            Locked::absorb(revocation::revoke(certificate, now, &mut signer)?)?
        };
        revocation::verify(&revocation, certificate, now)?;
        sealing::seal(scene, &self.root, Sealed::Revocation, &revocation)
    }
}
