//! `generate-records-key`: the records key is generated on its card and gets its certificate.

use super::noted::{self, Row};
use super::parameters::Nothing;
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::generating::{self, Planned};
use crate::ceremony::scene::Scene;
use crate::model::evidence::Evidence;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Card, Clock, Contract, Fact, Hand, Undo};
use crate::trust::openpgp::Profile;

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

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![noted::fingerprint("the records key")]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let records = &scene.organization.records;
        let card = records.card.clone();
        let profile = Profile {
            policy_uri: scene.organization.policy_uri.clone(),
            ..Profile::records(scene.marked(&records.user_id), records.validity)
        };
        let planned = Planned { card: card.clone(), root: None, algorithm: records.algorithm, profile };
        let path = |fingerprint| format!("records/{fingerprint}.asc");
        let fingerprint = generating::generate(scene, &planned, path, |fingerprint, certificate| {
            Evidence::RecordsKey { card, fingerprint, certificate }
        })?;
        scene.dialogue.tell("The records key has the fingerprint");
        scene.dialogue.tell(&format!("    {}", fingerprint.groups()));
        Ok(())
    }
}
