//! Slips for halves of codes, one for each holder and half, to be closed into an envelope.

use super::{Printed, heading, item, text};
use crate::ceremony::dialogue::Half;
use crate::model::role::Seat;
use crate::paper::{Blank, Block, Cell};

/// Millimetres.
const SLIP: u16 = 76;

/// The slips of every holder, each holder's on pages of their own.
pub(super) fn blocks(printed: &Printed<'_>) -> Vec<Block> {
    let halves = printed.halves();
    let mut seats: Vec<Seat> = halves.iter().map(|half| half.seat).collect();
    seats.dedup();
    seats.into_iter().flat_map(|seat| of(printed, seat, &halves)).collect()
}

fn of(printed: &Printed<'_>, seat: Seat, halves: &[Half]) -> Vec<Block> {
    let own = halves.iter().filter(|half| half.seat == seat);
    vec![
        Block::NewPage,
        Block::Title(printed.who(seat)),
        text(
            "For what you cannot keep in your head for a year. Nobody has to write a half down, and nobody writes down another one's.",
        ),
        item("Write the half on its slip, alone. It has 4 to 16 letters and digits, a box for each."),
        item(
            "Fold the slip twice with the writing inside, and close it into an envelope of your own, one for each slip.",
        ),
        item("On the envelope: the card, the code, your name, the date; and your signature over the flap."),
        item(
            "It lies where you alone can reach it, and never beside a card. When a new half is chosen, burn it before a witness.",
        ),
        Block::Gap,
        Block::Cut { columns: 2, height: printed.height(SLIP), cells: own.map(|half| slip(printed, half)).collect() },
    ]
}

fn slip(printed: &Printed<'_>, half: &Half) -> Cell {
    let Half { card, code, seat, .. } = half;
    let mut cell: Cell = printed.marked().into_iter().collect();
    cell.extend([
        heading(&format!("{card}: {code}")),
        text(&format!("Half {} of 2, of {}", seat.number, printed.who(*seat))),
        Block::Gap,
        Block::boxes("", &"_".repeat(LONGEST)),
        Block::Fill(vec![Blank::new("date"), Blank::new("instead of that of")]),
    ]);
    cell
}

/// The longest half (docs/roles/pin-holder.md).
const LONGEST: usize = 16;
