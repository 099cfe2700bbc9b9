//! `generate-records-key`: the records key is generated on its card and gets its certificate.

use super::parameters::Nothing;
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::cards::Purpose;
use crate::ceremony::scene::Scene;
use crate::model::event::{Intent, Outcome};
use crate::model::evidence::Evidence;
use crate::model::hash::Hash;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Card, Clock, Contract, Fact, Hand, Undo};
use crate::trust::openpgp::{Profile, fingerprint_of, root, throwaway};
use crate::workstation::card::{ExpectedKey, PublicKey};

pub(super) static KIND: Kind = Kind {
    name: "generate-records-key",
    read: |step, source| step.parameters::<Nothing>(source).map(|Nothing {}| Box::new(GenerateRecordsKey) as _),
    examples: |_| vec![Box::new(GenerateRecordsKey)],
};

/// The act.
pub struct GenerateRecordsKey;

impl Act for GenerateRecordsKey {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let card = &organization.records.card;
        Contract {
            needs: vec![
                Fact::Clock(Clock::Confirmed),
                Fact::Hand(card.clone(), Hand::Here),
                Fact::Card(card.clone(), Card::Pinned),
            ],
            leaves: vec![Fact::Card(card.clone(), Card::InService)],
            undo: Undo::Harmless,
            minutes: 4,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::PinHolder, 2), (Role::AdminHolder, 2)]
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        vec![format!("Card {} draws the key itself and signs its own certificate.", organization.records.card)]
    }

    /// The intent to generate stays open until the certificate is in the register: a cut before that leaves a key that
    /// nobody knows, and the card is reset.
    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let (card, now) = (scene.organization.records.card.clone(), scene.opened()?);
        let algorithm = scene.organization.records.algorithm;
        let mut expected = scene.expected(&card)?;
        let intent = Intent::GenerateKey { card: card.clone() };
        let (key, generating) = scene
            .change(&expected, &intent, |guarded, permit, admin| guarded.generate(permit, algorithm, now, admin))?;

        let records = &scene.organization.records;
        let profile = Profile {
            policy_uri: scene.organization.policy_uri.clone(),
            ..Profile::records(scene.marked(&records.user_id), records.validity)
        };
        let fingerprint = fingerprint_of(&key.fingerprint())?;
        expected.key = ExpectedKey::Fingerprint(fingerprint);
        let purpose = Purpose {
            name: "certificate",
            // The direct-key signature and the user ID's binding.
            items: 2,
            request: None,
            subject: Hash::of(profile.user_id.as_bytes()),
            artefact: None,
        };
        let signed = scene.sign_as(&expected, &purpose, |signer| {
            let statement = signer.attest(&generating)?;
            Ok::<_, CeremonyError>((root::certificate(&key, &profile, now, signer)?, statement))
        })?;
        let (certificate, statement) = scene.keep(signed)?;
        scene.attested(&card, &PublicKey::from(key), statement)?;
        let artefact = scene.write(&format!("records/{fingerprint}.asc"), &certificate.armored(&[])?)?;
        throwaway::judge(&scene.register.read(&artefact)?, fingerprint, &profile, now)?;
        scene.note(Evidence::RecordsKey { card, fingerprint, certificate: artefact })?;
        scene.journal.close(generating, Outcome::Done { signatures: 0 })?;
        scene.dialogue.tell("The records key has the fingerprint");
        scene.dialogue.tell(&format!("    {}", fingerprint.groups()));
        Ok(())
    }
}
