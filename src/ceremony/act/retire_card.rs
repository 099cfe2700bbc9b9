//! `retire-card`: a card of a root leaves the organization for good: erased, destroyed before witnesses, or lost.

use serde::Deserialize;

use super::noted::{self, Row};
use super::parameters::unknown_card;
use super::reset_card::reset;
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::{Evidence, Gone};
use crate::model::name::{CardName, RootName};
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Backup, Bag, Card, Clock, Contract, Fact, Hand, People, Undo};

pub(super) static KIND: Kind = Kind {
    name: "retire-card",
    read: |step, source| {
        step.parameters(source).map(|Parameters { card, how }| Box::new(RetireCard { card, how }) as _)
    },
    examples: |organization| {
        let cards = organization.roots.values().flat_map(|root| root.own_cards().cloned());
        cards.map(|card| Box::new(RetireCard { card, how: Gone::Erased }) as Box<dyn Act>).collect()
    },
};

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Parameters {
    card: CardName,
    how: Gone,
}

/// The act.
pub struct RetireCard {
    card: CardName,
    how: Gone,
}

impl RetireCard {
    fn root<'o>(&self, organization: &'o Organization) -> Option<&'o RootName> {
        organization.root_of(&self.card)
    }

    /// The state of a card that is retired: a drill card leaves when its drill was given up with the root on it.
    fn whole(&self, organization: &Organization) -> Card {
        if organization.is_drill_card(&self.card) { Card::Loaded } else { Card::InService }
    }
}

impl Act for RetireCard {
    fn name(&self) -> &'static str {
        KIND.name
    }

    /// A proved backup: whatever becomes of the root's other cards, it is not lost with this one (CARD-4).
    fn contract(&self, organization: &Organization) -> Contract {
        let mut needs = vec![
            Fact::Clock(Clock::Confirmed),
            Fact::People(People::Present),
            Fact::Card(self.card.clone(), self.whole(organization)),
        ];
        needs.extend(self.root(organization).map(|root| Fact::Backup(root.clone(), Backup::Proved)));
        match self.how {
            Gone::Erased => needs.push(Fact::Hand(self.card.clone(), Hand::Here)),
            // It may answer nobody any more, but it is the one out of that bag.
            Gone::Destroyed => needs.push(Fact::Bag(self.card.clone(), Bag::Opened)),
            Gone::Lost => {}
        }
        Contract {
            needs,
            leaves: vec![Fact::Card(self.card.clone(), Card::Retired)],
            undo: Undo::Irreversible,
            minutes: 4,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::CardKeeper, 1), (Role::Witness, 1)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        if organization.records.card == self.card {
            return vec![format!(
                "card {} holds the records key, which has no backup, and no ceremony puts another in its place yet: it cannot \
                 be retired",
                self.card
            )];
        }
        match self.root(organization) {
            Some(root) if organization.is_card_only(root) => vec![format!(
                "card {} alone has root {root}: with it that root goes, and no ceremony puts another root in its place yet",
                self.card
            )],
            _ => unknown_card(&self.card, organization),
        }
    }

    /// A cut in its reset leaves the card blank or half written; then only the rest is left to do.
    fn begun(&self, _organization: &Organization) -> Vec<Fact> {
        match self.how {
            Gone::Erased => [Card::Blank, Card::Spoiled].map(|state| Fact::Card(self.card.clone(), state)).into(),
            Gone::Destroyed | Gone::Lost => Vec::new(),
        }
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        let card = &self.card;
        let first = match self.how {
            Gone::Erased => format!("Card {card} is reset to its factory state: its key goes, and so do its PINs."),
            Gone::Destroyed => format!("Card {card} is destroyed before everybody, its chip too."),
            Gone::Lost => format!("Nobody knows where card {card} is."),
        };
        let root = self.root(organization).map(|root| format!("Root {root} stays: its backup is proved."));
        let last = "Its serial is never taken again, under any name.".to_owned();
        [Some(first), root, Some(last)].into_iter().flatten().collect()
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![noted::serial(&self.card, "what became of it")]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let record = scene.card_record(&self.card)?;
        let (serial, is_whole) = (record.serial.clone(), record.state == self.whole(scene.organization));
        if is_whole {
            self.tell_what_is_left(scene);
            self.ask(scene, &serial)?;
        }
        if self.how == Gone::Erased && scene.card_record(&self.card)?.state != Card::Blank {
            reset(scene, &self.card)?;
            scene.dialogue.tell(&format!("Card {} is empty, and has the PINs of a new card.", self.card));
        }
        scene.note(Evidence::CardRetired { card: self.card.clone(), how: self.how })?;
        scene.dialogue.tell(&format!("Card {}, serial {serial}, is retired: {}.", self.card, self.how));
        scene.dialogue.tell("Before the next ceremony, another card takes its place in organization.toml.");
        Ok(())
    }
}

impl RetireCard {
    /// Card keeper and witness say so; of a card that is at hand, the keeper types the serial from the card.
    fn ask(&self, scene: &mut Scene<'_>, serial: &str) -> Result<(), CeremonyError> {
        let (card, keeper, witness) = (&self.card, Seat::first(Role::CardKeeper), Seat::first(Role::Witness));
        let question = match self.how {
            Gone::Erased => {
                let question = format!("Card {card} is erased now and leaves the organization.");
                scene.confirm(witness, &format!("{question} Its serial is {serial}, as printed on it."), None)?;
                return scene.confirm_serial(keeper, card, &question);
            }
            Gone::Destroyed => format!("Card {card}, serial {serial}, lies here destroyed, its chip too."),
            Gone::Lost => format!("Card {card}, serial {serial}, was looked for, and nobody knows where it is."),
        };
        [keeper, witness].into_iter().try_for_each(|seat| scene.confirm(seat, &question, None))
    }

    fn tell_what_is_left(&self, scene: &mut Scene<'_>) {
        let Some(root) = self.root(scene.organization).cloned() else { return };
        let held = scene.history().cards.get(&self.card).and_then(|card| card.holds);
        let others = scene.history().cards.iter().filter(|(name, card)| {
            **name != self.card && card.state == Card::InService && card.holds.is_some() && card.holds == held
        });
        let others: Vec<String> = others.map(|(name, _)| name.to_string()).collect();
        let words = if others.is_empty() {
            format!(
                "No other card of root {root} is in service: until one is loaded from its backup, nobody can use it."
            )
        } else {
            format!("Root {root} is in service on {}.", others.join(", "))
        };
        scene.dialogue.tell(&words);
        if self.how == Gone::Lost {
            scene.dialogue.tell("If it may be in strange hands, and its PINs too: revoke the root.");
        }
    }
}
