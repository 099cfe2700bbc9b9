//! Labels for cards and for the bags they lie in.

use super::{Printed, heading, text};
use crate::model::name::CardName;
use crate::paper::{Blank, Block, Cell};

/// Millimetres: a card is 86 mm wide and 54 mm high, its chip above the middle.
const CARD: u16 = 48;
const BAG: u16 = 76;

/// Labels of every card that comes to the table.
pub(super) fn blocks(printed: &Printed<'_>) -> Vec<Block> {
    let cards = printed.cards();
    if cards.is_empty() {
        return Vec::new();
    }
    vec![
        heading("Labels for cards"),
        text(
            "One on each card that is new, cut close to its words, where it hides neither chip nor serial, when keyrite has told its \
             serial. A card that has its label keeps it: then this one is destroyed.",
        ),
        Block::Gap,
        Block::Cut {
            columns: 2,
            height: printed.height(CARD),
            cells: cards.iter().map(|card| on_card(printed, card)).collect(),
        },
        Block::NewPage,
        heading("Labels for bags"),
        text(
            "One on each bag, which is closed over its card before a witness. The number is the one that is printed on the bag: it goes \
             into the closing record (keyrite minutes close), and is compared before the bag is opened again.",
        ),
        Block::Gap,
        Block::Cut {
            columns: 2,
            height: printed.height(BAG),
            cells: cards.iter().map(|card| on_bag(printed, card)).collect(),
        },
    ]
}

/// What a card is for.
fn holds(printed: &Printed<'_>, card: &CardName) -> String {
    printed.organization.root_of(card).map_or_else(|| "records key".to_owned(), |root| format!("root {root}"))
}

fn on_card(printed: &Printed<'_>, card: &CardName) -> Cell {
    let mut cell: Cell = printed.marked().into_iter().collect();
    cell.extend([
        heading(card.as_str()),
        text(&holds(printed, card)),
        Block::Fill(vec![Blank::new("last four of its serial")]),
    ]);
    cell
}

fn on_bag(printed: &Printed<'_>, card: &CardName) -> Cell {
    let mut cell: Cell = printed.marked().into_iter().collect();
    cell.extend([
        heading(&format!("Card {card}")),
        text(&format!("{}, {}", super::shown(&printed.organization.name), holds(printed, card))),
        Block::Fill(vec![Blank::new("serial of the card"), Blank::new("number of the bag")]),
        Block::Fill(vec![Blank::new("closed on"), Blank::new("card keeper, witness")]),
    ]);
    cell
}
