//! `present-cards`: new cards, empty, get their names in the organization.

use super::parameters::{OfCards, faulty_cards};
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::name::CardName;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Bag, Card, Clock, Contract, Fact, Hand, Machine, People, Undo};
use crate::workstation::card::{Expected, ExpectedKey, Versions};

pub(super) static KIND: Kind = Kind {
    name: "present-cards",
    read: |step, source| step.parameters(source).map(|OfCards { cards }| Box::new(PresentCards { cards }) as _),
    examples: |organization| vec![Box::new(PresentCards { cards: organization.cards().cloned().collect() })],
};

/// The act.
pub struct PresentCards {
    cards: Vec<CardName>,
}

impl Act for PresentCards {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        let mut needs =
            vec![Fact::Machine(Machine::Checked), Fact::People(People::Present), Fact::Clock(Clock::Confirmed)];
        needs.extend(self.cards.iter().map(|card| Fact::Card(card.clone(), Card::Unknown)));
        let leaves = self
            .cards
            .iter()
            .flat_map(|card| {
                // A new card came from its maker, in no bag that a record could name.
                let bag = Fact::Bag(card.clone(), Bag::Opened);
                [Fact::Card(card.clone(), Card::Blank), Fact::Hand(card.clone(), Hand::Here), bag]
            })
            .collect();
        Contract { needs, leaves, undo: Undo::Harmless, minutes: 4 }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::CardKeeper, 1)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        faulty_cards(&self.cards, organization)
    }

    fn continues(&self) -> bool {
        true
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        self.cards.iter().map(|card| format!("Card {card}: serial, empty key slot, counter at zero.")).collect()
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        for card in &self.cards {
            // A cut between two cards leaves the first one known: it is not presented twice.
            if scene.history().cards.contains_key(card) {
                let expected = scene.expected(card)?;
                scene.session(&expected, |_| Ok(()))?;
                continue;
            }
            let not = scene.history().cards.values().filter_map(|known| known.serial.parse().ok()).collect();
            let expected =
                Expected { not, key: ExpectedKey::Empty, counter: Some(0..=0), ..Expected::any(card.clone()) };
            let (algorithm, wanted) = (scene.algorithm_of(card)?, scene.organization.settings(card));
            let must_attest = scene.organization.records.attested && scene.organization.records.card == *card;
            let (serial, (model, versions), abilities) = scene.session(&expected, |guarded| {
                let abilities = guarded.require_able(algorithm)?;
                guarded.require_settable(&wanted)?;
                if must_attest {
                    guarded.require_attesting()?;
                }
                Ok((guarded.survey().serial, guarded.model()?, abilities))
            })?;
            if let Some((other, _)) = scene.history().cards.iter().find(|(_, r)| r.serial == serial.to_string()) {
                let (first, second) = (other.clone(), card.clone());
                return Err(CeremonyError::SameCard { first, second, serial: serial.to_string() });
            }
            scene.tell_versions(card, &versions);
            scene.tell_abilities(card, algorithm, abilities);
            let advisories = scene.compare(card, serial, &versions)?;
            let report = scene.require_report(card, serial, &model)?;
            scene.confirm(
                Seat::first(Role::CardKeeper),
                &format!("Card {card} has serial {serial}, as printed on it, and is empty."),
                None,
            )?;
            let (serial, Versions { application, firmware }) = (serial.to_string(), versions);
            let last = serial.get(serial.len().saturating_sub(4)..).unwrap_or_default();
            scene.dialogue.tell(&format!("Stick a label on it: {card}, and the last digits of its serial, {last}."));
            let application = Some(application);
            let card = card.clone();
            scene.note(Evidence::CardPresented { card, serial, application, firmware, advisories, report })?;
        }
        Ok(())
    }
}
