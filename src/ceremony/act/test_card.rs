//! `test-card`: a card signs a challenge, which proves that it holds the key it should hold.

use super::parameters::{OfCard, only_for_drills, unknown_card};
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::cards::Purpose;
use crate::ceremony::scene::Scene;
use crate::model::evidence::Evidence;
use crate::model::hash::Hash;
use crate::model::name::{CardName, RootName};
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Backup, Card, Contract, Fact, Hand, Root, Undo};
use crate::trust::openpgp::challenge::Challenge;
use crate::workstation::{clock, randomness};

pub(super) static KIND: Kind = Kind {
    name: "test-card",
    read: |step, source| step.parameters(source).map(|OfCard { card }| Box::new(TestCard { card }) as _),
    examples: |organization| {
        organization.cards().map(|card| Box::new(TestCard { card: card.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct TestCard {
    card: CardName,
}

impl Act for TestCard {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let mut leaves = vec![Fact::Card(self.card.clone(), Card::InService)];
        leaves.extend(organization.root_of(&self.card).map(|root| Fact::Root(root.clone(), Root::Kept)));
        let mut needs = vec![Fact::Hand(self.card.clone(), Hand::Here), Fact::Card(self.card.clone(), Card::Loaded)];
        // Once such a card is lost nothing can revoke its root any more. What is loaded from memory was sealed before.
        needs.extend(organization.generates(&self.card).map(|root| Fact::Revocation(root.clone(), Backup::Sealed)));
        Contract { needs, leaves, undo: Undo::Harmless, minutes: 3 }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::PinHolder, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        let mut faults = unknown_card(&self.card, organization);
        faults.extend(only_for_drills(&self.card, organization));
        if faults.is_empty() && organization.root_of(&self.card).is_none() {
            faults.push(format!("card {} holds no root", self.card));
        }
        faults
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec!["The challenge says what it is for, so its signature can serve for nothing else.".to_owned()]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let Some(root) = scene.organization.root_of(&self.card).cloned() else {
            return Err(CeremonyError::Bug(format!("card {} holds no root", self.card)));
        };
        let purpose = match scene.organization.generates(&self.card) {
            None => "test after loading",
            Some(_) => "test after generating",
        };
        challenge(scene, &root, &self.card, purpose)?;
        scene.dialogue.tell(&format!("Card {} signed its challenge with root {root}.", self.card));
        scene.note(Evidence::CardTested { card: self.card.clone() })
    }
}

/// Lets a card sign a fresh challenge, and verifies it with the root's certificate from the register (custody rule 5).
pub(super) fn challenge(
    scene: &mut Scene<'_>,
    root: &RootName,
    card: &CardName,
    purpose: &str,
) -> Result<(), CeremonyError> {
    let certificate = scene.root_certificate(root)?;
    let mut nonce = [0; 16];
    nonce.copy_from_slice(&randomness::kernel(16)?);
    let challenge = Challenge {
        purpose: purpose.to_owned(),
        organization: scene.organization.name.clone(),
        root: Some(root.clone()),
        fingerprint: certificate.fingerprint(),
        card: scene.card_record(card)?.serial.clone(),
        ceremony: scene.history().ceremony().to_owned(),
        nonce,
        time: clock::now()?,
    };
    let subject = Hash::of(&challenge.bytes());
    let purpose = Purpose { name: "challenge", items: 1, request: None, subject, artefact: None };
    let signed = scene.sign(card, &purpose, |signer| challenge.answer(signer))?;
    let answer = scene.keep(signed)?;
    Ok(challenge.verify(&answer, &certificate)?)
}
