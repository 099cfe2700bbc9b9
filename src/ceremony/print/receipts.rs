//! Custody receipts: who took what over, and where it is kept; one part for the organization, one for the holder.

use std::collections::BTreeMap;

use super::{Printed, heading, text};
use crate::ceremony::dialogue::Half;
use crate::model::role::{Role, Seat};
use crate::paper::{Blank, Block, Column};

/// The receipts of everybody who leaves with something.
pub(super) fn blocks(printed: &Printed<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (seat, things) in taken(printed) {
        let whose = ["This part stays with the organization.", "This part goes with its holder."];
        blocks.push(Block::NewPage);
        blocks.push(part(printed, seat, &things, whose[0]));
        blocks.push(Block::Gap);
        blocks.push(Block::Rule);
        blocks.push(part(printed, seat, &things, whose[1]));
    }
    blocks
}

/// What each holder takes over.
fn taken(printed: &Printed<'_>) -> BTreeMap<Seat, Vec<String>> {
    let mut taken: BTreeMap<Seat, Vec<String>> = BTreeMap::new();
    let mut takes = |seat, thing| taken.entry(seat).or_default().push(thing);
    for card in printed.cards() {
        takes(Seat::first(Role::CardKeeper), format!("Card {card}, in its bag"));
    }
    for sealing in printed.sealings() {
        let (root, sealed, shares) = (&sealing.root, sealing.sealed, sealing.sharing.shares);
        for holder in sealing.holders() {
            takes(holder, format!("Share {} of {shares} of the sealed {sealed} of root {root}", holder.number));
        }
    }
    // One line for the codes of a card.
    for halves in printed.halves().chunk_by(|one, next| (one.seat, &one.card) == (next.seat, &next.card)) {
        let codes: Vec<String> = halves.iter().map(|half| half.code.to_string()).collect();
        if let Some(Half { card, seat, .. }) = halves.first() {
            takes(*seat, format!("Half {} of 2 of the {} of card {card}", seat.number, codes.join(" and the ")));
        }
    }
    taken
}

fn part(printed: &Printed<'_>, seat: Seat, things: &[String], whose: &str) -> Block {
    let columns = vec![
        Column::new("What", 5),
        Column::new("Serial, bag, set or envelope", 3),
        Column::new("Where it is kept", 4),
    ];
    let rows = things.iter().map(|thing| vec![thing.clone(), String::new(), String::new()]).collect();
    Block::Together(vec![
        heading(&format!("Custody receipt: {}", printed.who(seat))),
        text(&format!(
            "{}, {}. Whoever signs has taken this over, keeps it as their role says, and gives it to nobody but in a ceremony.",
            super::shown(&printed.organization.name),
            super::shown(&printed.script.header.title)
        )),
        Block::Table { columns, rows },
        Block::Fill(vec![Blank::new("holder"), Blank::new("witness"), Blank::new("date")]),
        text(whose),
    ])
}
