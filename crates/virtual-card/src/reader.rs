//! The reader's slot: a card that is in or out, and what a connection may ask of it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{card::Card, wire};

/// T=1 offered, and no historical bytes of any maker. The one of vpcd's own example, which pcscd and scdaemon accept.
const ATR: [u8; 11] = [0x3B, 0x95, 0x13, 0x81, 0x01, 0x80, 0x73, 0xFF, 0x01, 0x00, 0x0B];

/// A reader with one card.
pub(crate) struct Reader {
    slot: Mutex<Slot>,
}

struct Slot {
    card: Card,
    inserted: bool,
    insertions: u64,
}

/// One stay of the card in the reader. What was begun in one stay cannot go on in the next.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Insertion(u64);

/// What goes back over the connection.
pub(crate) enum Answer {
    HangUp,
    Message(Vec<u8>),
    Nothing,
}

impl Reader {
    /// A reader with the card in it.
    pub(crate) fn new(card: Card) -> Self {
        Self { slot: Mutex::new(Slot { card, inserted: true, insertions: 0 }) }
    }

    /// The present stay; `None` while the card is out.
    pub(crate) fn insertion(&self) -> Option<Insertion> {
        let slot = self.slot();
        slot.inserted.then_some(Insertion(slot.insertions))
    }

    /// Answers one message to the card (see [`wire`]).
    pub(crate) fn answer(&self, stay: Insertion, message: &[u8]) -> Answer {
        let slot = self.slot();
        if !slot.inserted || stay != Insertion(slot.insertions) {
            return Answer::HangUp;
        }
        match message {
            [wire::POWER_OFF | wire::RESET] => slot.card.cut_power().map_or(Answer::HangUp, |()| Answer::Nothing),
            [wire::POWER_ON] => Answer::Nothing,
            [wire::GET_ATR] => Answer::Message(ATR.to_vec()),
            [] | [_] => Answer::HangUp,
            apdu => slot.card.transmit(apdu).map_or(Answer::HangUp, Answer::Message),
        }
    }

    /// Pulls the card, after the APDU it is at: its power is cut.
    pub(crate) fn eject(&self) {
        let mut slot = self.slot();
        slot.inserted = false;
        // A card whose thread is gone has no power to lose.
        slot.card.cut_power().ok();
    }

    /// Puts the card back.
    pub(crate) fn insert(&self) {
        let mut slot = self.slot();
        if !slot.inserted {
            slot.inserted = true;
            slot.insertions += 1;
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
