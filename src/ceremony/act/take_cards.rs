//! `take-cards`: cards of the organization come to the table and are recognized.

use super::noted::{self, Row};
use super::parameters::{OfCards, faulty_cards};
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::card_report::CardModel;
use crate::model::evidence::Evidence;
use crate::model::name::CardName;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Bag, Card, Contract, Fact, Hand, Machine, People, Undo};
use crate::model::settings::Settings;
use crate::workstation::card::{CardError, GuardedCard, Survey, Versions};

pub(super) static KIND: Kind = Kind {
    name: "take-cards",
    read: |step, source| step.parameters(source).map(|OfCards { cards }| Box::new(TakeCards { cards }) as _),
    examples: |organization| vec![Box::new(TakeCards { cards: organization.cards().cloned().collect() })],
};

/// The act.
pub struct TakeCards {
    cards: Vec<CardName>,
}

impl TakeCards {
    /// For one card.
    #[must_use]
    pub fn of(card: CardName) -> Self {
        Self { cards: vec![card] }
    }
}

impl Act for TakeCards {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        let mut needs = vec![Fact::Machine(Machine::Checked), Fact::People(People::Present)];
        needs.extend(self.cards.iter().map(|card| Fact::Bag(card.clone(), Bag::Opened)));
        Contract {
            needs,
            leaves: self.cards.iter().map(|card| Fact::Hand(card.clone(), Hand::Here)).collect(),
            undo: Undo::Repeatable,
            minutes: 3,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Leader, 1), (Role::Witness, 2), (Role::CardKeeper, 1)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        faulty_cards(&self.cards, organization)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        self.cards
            .iter()
            .map(|card| format!("Card {card}: serial, key and signature counter must be those of the register."))
            .collect()
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        self.cards.iter().map(|card| noted::serial(card, "signatures it has made")).collect()
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        for card in &self.cards {
            // Done again after a cut: no script begins with a card that is retired.
            if scene.card_record(card)?.state == Card::Retired {
                scene.dialogue.tell(&format!("Card {card} is retired and stays aside."));
                continue;
            }
            let expected = scene.expected(card)?;
            let (set_up, wanted) = (scene.card_record(card)?.settings.clone(), wanted(scene, card)?);
            let (survey, settings, (model, versions)) =
                match scene.session(&expected, |guarded| seen(guarded, &set_up, wanted.as_ref())) {
                    // A card whose reset was cut off answers nothing at all until the reset is done again.
                    Err(CeremonyError::Card(CardError::Terminated { .. })) if expected.counter.is_none() => {
                        scene.dialogue.tell(&format!("Card {card} was cut off in a reset, which is done again."));
                        continue;
                    }
                    other => other?,
                };
            let (serial, signatures) = (survey.serial.to_string(), survey.signatures);
            let known = if expected.counter.is_some() { ", as recorded" } else { "" };
            scene.dialogue.tell(&format!("Card {card}: serial {serial}, {signatures} signature(s){known}."));
            scene.tell_versions(card, &versions);
            let changed = changed(&set_up, &settings);
            for words in &changed {
                scene.dialogue.tell(&format!("Card {card} is NOT as it was set up any more, which was: {words}."));
            }
            let advisories = scene.compare(card, survey.serial, &versions)?;
            scene.look_for_report(card, &model)?;
            let Versions { application, firmware } = versions;
            let (card, application) = (card.clone(), Some(application));
            scene.note(Evidence::CardSeen { card, serial, signatures, application, firmware, advisories, changed })?;
        }
        Ok(())
    }
}

/// What a card will be set up to, when its PINs are still to be set.
fn wanted(scene: &Scene<'_>, card: &CardName) -> Result<Option<Settings>, CeremonyError> {
    let is_blank = scene.card_record(card)?.state == Card::Blank;
    Ok(is_blank.then(|| scene.organization.settings(card)))
}

/// What a card says of itself, of what it was set up to, and of its making.
fn seen(
    guarded: &mut GuardedCard<'_>,
    set_up: &Settings,
    wanted: Option<&Settings>,
) -> Result<(Survey, Settings, (CardModel, Versions)), CardError> {
    if let Some(wanted) = wanted {
        guarded.require_settable(wanted)?;
    }
    let settings = guarded.settings(set_up)?;
    Ok((guarded.survey().clone(), settings, guarded.model()?))
}

/// What is not as it was set up any more; as it was, in words.
fn changed(set_up: &Settings, now: &Settings) -> Vec<String> {
    let now = now.in_words();
    set_up.in_words().into_iter().filter(|was| !now.contains(was)).collect()
}
