//! Which card is taken, and what is said when none is.

use std::path::PathBuf;

use keyrite::model::control::Control;
use keyrite::model::fault::{Class, Fault as _};
use keyrite::model::mode::Mode;
use keyrite::workstation::card::{CardError, Expected, RackExt as _, ReaderRack, Serial, Slot};

use crate::readers::Readers;

/// The rack as people have it who try keyrite with real cards.
pub(crate) fn rack() -> ReaderRack {
    ReaderRack::new(Mode::DressRehearsal)
}

pub(crate) fn any() -> Expected {
    Expected::any("packages-a".parse().unwrap())
}

pub(crate) fn serial(number: u32) -> Serial {
    Serial { manufacturer: 0xffff, number }
}

pub(crate) fn expected(number: u32) -> Expected {
    Expected { serial: Some(serial(number)), ..any() }
}

/// A folder for card files.
pub(crate) struct Cards(tempfile::TempDir);

impl Cards {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// The serial that the rack finds.
fn found(expected: &Expected) -> Serial {
    rack().session(expected, |card| Ok(card.survey().serial)).unwrap()
}

/// What is said when the card is not there, and the hint.
fn absent(expected: &Expected) -> (String, String) {
    let error = rack().session(expected, |_| Ok(())).unwrap_err();
    assert!(error.is_absence() && error.class() == Class::Machine, "{error}");
    (error.to_string(), error.hint().unwrap())
}

#[test]
fn a_card_is_found_by_its_serial_in_either_reader() {
    let Some(mut readers) = Readers::for_test(a_card_is_found_by_its_serial_in_either_reader) else { return };
    let cards = Cards::new();
    readers.insert_new(0, &cards.file("a"), "0000000A");
    readers.insert_new(1, &cards.file("b"), "0000000B");
    assert_eq!((found(&expected(0xa)), found(&expected(0xb))), (serial(0xa), serial(0xb)));
    let new = Expected { not: vec![serial(0xa)], ..any() };
    assert_eq!(found(&new), serial(0xb));
    readers.pull(0);
    readers.pull(1);
    readers.insert(0, &cards.file("b"));
    readers.insert(1, &cards.file("a"));
    assert_eq!((found(&expected(0xa)), found(&expected(0xb)), found(&new)), (serial(0xa), serial(0xb), serial(0xb)));
}
