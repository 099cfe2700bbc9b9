//! `open-bags`: cards come out of the bags in which they lay since the last ceremony, and each bag is looked at first.

use super::noted::Row;
use super::parameters::{OfCards, faulty_cards};
use super::{Act, Kind};
use crate::ceremony::records::book::Book;
use crate::ceremony::records::closing::{self, Recorded};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::{Evidence, OpenedBag};
use crate::model::name::CardName;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Bag, Contract, Fact, Machine, People, Undo};
use crate::model::shown::Shown;
use crate::paper::Blank;

pub(super) static KIND: Kind = Kind {
    name: "open-bags",
    read: |step, source| step.parameters(source).map(|OfCards { cards }| Box::new(OpenBags { cards }) as _),
    examples: |organization| vec![Box::new(OpenBags { cards: organization.cards().cloned().collect() })],
};

const KEEPER: Seat = Seat::first(Role::CardKeeper);
const WITNESS: Seat = Seat::first(Role::Witness);

/// The act.
pub struct OpenBags {
    cards: Vec<CardName>,
}

impl Act for OpenBags {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            // On a machine that is refused no ceremony is held: the bags stay closed.
            needs: vec![Fact::Machine(Machine::Checked), Fact::People(People::Present)],
            leaves: self.cards.iter().map(|card| Fact::Bag(card.clone(), Bag::Opened)).collect(),
            undo: Undo::Repeatable,
            minutes: 3,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::CardKeeper, 1), (Role::Witness, 1)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        faulty_cards(&self.cards, organization)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        let compared = |card| format!("Card {card}: the bag's number must be that of the closing record.");
        let mut page: Vec<String> = self.cards.iter().map(compared).collect();
        page.push("No bag is opened before all were looked at; a torn one stays closed.".to_owned());
        page
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        let bag = |card| {
            vec![Blank::new(&format!("card {card}: number on the bag")), Blank::new("whole and closed, seen by")]
        };
        self.cards.iter().map(bag).collect()
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let book = Book::open(scene.register)?;
        let mut bags = Vec::new();
        for card in &self.cards {
            // Whoever does this again after a cut has the card on the table, and no bag to look at.
            if scene.history().current.unbagged.contains(card) {
                scene.dialogue.tell(&format!("Card {card} is out of its bag since this ceremony began."));
                continue;
            }
            let recorded = closing::bag_of(&book, card)?;
            look(scene, card, recorded.as_ref()).map_err(doubt(card))?;
            bags.push(OpenedBag { card: card.clone(), number: recorded.map(|bag| bag.number) });
        }
        if !bags.is_empty() {
            scene.note(Evidence::BagsOpened { bags })?;
            scene.dialogue.tell("The cards may be taken out.");
        }
        Ok(())
    }
}

/// Has the card keeper read the number, and keeper and witness say how the bag is.
fn look(scene: &mut Scene<'_>, card: &CardName, recorded: Option<&Recorded>) -> Result<(), CeremonyError> {
    let question = match recorded {
        Some(Recorded { ceremony, number }) => {
            scene.ask(|room| room.read_bag(KEEPER, card, number))?;
            let number = Shown::new(number);
            scene.dialogue.tell(&format!("Card {card}: bag {number}, as the closing record of {ceremony} says."));
            format!("Bag {number} of card {card} is whole and closed, and this is the number on it.")
        }
        None => {
            scene.dialogue.tell(&format!("Card {card}: no closing record names its bag."));
            format!("Since it was last used, card {card} was kept where it belongs, and nobody had it alone.")
        }
    };
    [KEEPER, WITNESS].into_iter().try_for_each(|seat| scene.confirm(seat, &question, None))
}

/// A no to a bag is more than a no to a question.
fn doubt(card: &CardName) -> impl Fn(CeremonyError) -> CeremonyError {
    move |error| match error {
        CeremonyError::Declined { seat, .. } => CeremonyError::Doubted { seat, card: card.clone() },
        other => other,
    }
}
