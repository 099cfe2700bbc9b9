//! `seal-revocation`: the certificate that revokes the root is made and sealed apart from the key (custody rule 10).

use keyrite_locked::Locked;

use super::noted::Row;
use super::parameters::{OfRoot, unknown_root};
use super::{Act, Kind, Outside};
use crate::ceremony::CeremonyError;
use crate::ceremony::cards::Purpose;
use crate::ceremony::copies;
use crate::ceremony::scene::Scene;
use crate::ceremony::sealing::{self, needs, seats};
use crate::model::evidence::Sealed;
use crate::model::hash::Hash;
use crate::model::name::{CardName, RootName};
use crate::model::organization::{Organization, Origin};
use crate::model::role::Role;
use crate::model::room::{Backup, Card, Contract, Fact, Hand, Memory, Undo};
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
        let mut needs = needs(organization);
        // What signs it: the root in memory, or the card that alone has it.
        match self.card(organization) {
            None => needs.push(Fact::Memory(self.root.clone(), Memory::Held)),
            Some(card) => {
                needs.push(Fact::Hand(card.clone(), Hand::Here));
                needs.push(Fact::Card(card.clone(), Card::Loaded));
            }
        }
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

    fn ready(&self, outside: &Outside<'_>) -> Result<(), CeremonyError> {
        copies::ready(outside, &self.root, Sealed::Revocation)
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        let signs = self.card(organization).map(|card| format!("Card {card} signs the certificate that revokes it."));
        signs.into_iter().chain(sealing::page(&self.root, Sealed::Revocation, organization)).collect()
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        sealing::blanks(Sealed::Revocation)
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let revocation = match self.card(scene.organization).cloned() {
            None => self.by_memory(scene)?,
            Some(card) => self.by_card(scene, &card)?,
        };
        revocation::verify(&revocation, &scene.root_certificate(&self.root)?, scene.opened()?)?;
        sealing::seal(scene, &self.root, Sealed::Revocation, &revocation)
    }
}

impl SealRevocation {
    /// The card that alone has the root; none for a root that is in memory.
    fn card<'o>(&self, organization: &'o Organization) -> Option<&'o CardName> {
        match &organization.roots.get(&self.root)?.origin {
            Origin::BackedUp { .. } => None,
            Origin::CardOnly { card } => Some(card),
        }
    }

    fn by_memory(&self, scene: &Scene<'_>) -> Result<Locked, CeremonyError> {
        let held = scene.held.get(&self.root);
        let held = held.ok_or_else(|| CeremonyError::Bug(format!("root {} is not in memory", self.root)))?;
        let secret = SecretRoot::parse(held)?;
        let mut signer = secret.signer()?;
        Ok(Locked::absorb(revocation::revoke(secret.certificate(), scene.opened()?, &mut signer)?)?)
    }

    /// A cut before it is sealed loses the certificate, and the card signs another: both say the same.
    fn by_card(&self, scene: &mut Scene<'_>, card: &CardName) -> Result<Locked, CeremonyError> {
        let (certificate, now) = (scene.root_certificate(&self.root)?, scene.opened()?);
        let subject = Hash::of(&certificate.bytes()?);
        let purpose = Purpose { name: "revocation", items: 1, request: None, subject, artefact: None };
        let signed = scene.sign(card, &purpose, |signer| -> Result<Locked, CeremonyError> {
            Ok(Locked::absorb(revocation::revoke(&certificate, now, signer)?)?)
        })?;
        scene.keep(signed)
    }
}
