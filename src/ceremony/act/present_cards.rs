//! `present-cards`: new cards, empty, get their names in the organization.

use super::noted::{self, Row};
use super::parameters::{OfCards, faulty_cards};
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::algorithm::Algorithm;
use crate::model::card_report::CardModel;
use crate::model::evidence::Evidence;
use crate::model::name::CardName;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Bag, Card, Clock, Contract, Fact, Hand, Machine, People, Undo};
use crate::workstation::card::{Abilities, Expected, ExpectedKey, Serial, Tries, Versions};

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

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        self.cards.iter().map(|card| noted::serial(card, "label on it, seen by")).collect()
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        for card in &self.cards {
            // A cut between two cards leaves the first one known: it is not presented twice.
            if scene.history().cards.contains_key(card) {
                let expected = scene.expected(card)?;
                scene.session(&expected, |_| Ok(()))?;
                continue;
            }
            present(scene, card)?;
        }
        Ok(())
    }
}

/// What a new card says of itself before anybody sets a PIN.
struct New {
    serial: Serial,
    tries: Tries,
    model: CardModel,
    versions: Versions,
    abilities: Abilities,
}

fn present(scene: &mut Scene<'_>, card: &CardName) -> Result<(), CeremonyError> {
    let algorithm = scene.algorithm_of(card)?;
    let New { serial, tries, model, versions, abilities } = look(scene, card, algorithm)?;
    if let Some((other, _)) = scene.history().cards.iter().find(|(_, r)| r.serial == serial.to_string()) {
        let (first, second) = (other.clone(), card.clone());
        return Err(CeremonyError::SameCard { first, second, serial: serial.to_string() });
    }
    scene.tell_versions(card, &versions);
    scene.tell_abilities(card, algorithm, abilities);
    tell_tries(scene, card, tries);
    let advisories = scene.compare(card, serial, &versions)?;
    let report = scene.require_report(card, serial, &model)?;
    let question = format!("Card {card} has serial {serial}, as printed on it, and is empty.");
    scene.confirm(Seat::first(Role::CardKeeper), &question, None)?;
    let (serial, Versions { application, firmware }) = (serial.to_string(), versions);
    let last = serial.get(serial.len().saturating_sub(4)..).unwrap_or_default();
    scene.dialogue.tell(&format!("Stick a label on it: {card}, and the last digits of its serial, {last}."));
    let (card, application) = (card.clone(), Some(application));
    scene.note(Evidence::CardPresented { card, serial, application, firmware, advisories, report })
}

/// The card that is to be `card`: a new one that can hold its key, be set up as the organization wants it, and attest where it must.
fn look(scene: &mut Scene<'_>, card: &CardName, algorithm: Algorithm) -> Result<New, CeremonyError> {
    let not = scene.history().cards.values().filter_map(|known| known.serial.parse().ok()).collect();
    let expected = Expected { not, key: ExpectedKey::Empty, counter: Some(0..=0), ..Expected::any(card.clone()) };
    let wanted = scene.organization.settings(card);
    let must_attest = scene.organization.records.attested && scene.organization.records.card == *card;
    scene.session(&expected, |guarded| {
        let abilities = guarded.require_able(algorithm)?;
        guarded.require_settable(&wanted)?;
        if must_attest {
            guarded.require_attesting()?;
        }
        let (serial, tries) = (guarded.survey().serial, guarded.survey().tries);
        let (model, versions) = guarded.model()?;
        Ok(New { serial, tries, model, versions, abilities })
    })
}

/// Whether a card has the PINs of its maker is not asked of it: that would cost a try. What it says of tries tells enough.
fn tell_tries(scene: &mut Scene<'_>, card: &CardName, tries: Tries) {
    let Tries { user, reset_code, admin } = tries;
    if (user, reset_code, admin) != (3, 0, 3) {
        scene.dialogue.tell(&format!(
            "Card {card} has {user} tries for its user PIN, {reset_code} for a reset code and {admin} for its admin PIN, where most new \
             cards have 3, 0 and 3: somebody may have used it. If it refuses the PINs of its maker, reset it with keyrite card reset."
        ));
    }
}
