//! Which card is taken, and what is said when none is.

use keyrite::model::control::Control;
use keyrite::model::fault::{Class, Fault as _};
use keyrite::model::mode::Mode;
use keyrite::workstation::card::{CardError, Expected, RackExt as _, ReaderRack, Serial, Slot};

use crate::desk::{Desk, any, expected, rack, serial, slot};
use crate::foreign;
use crate::readers::{Readers, SLOTS};

/// The serial that the rack finds.
fn found(expected: &Expected) -> Serial {
    rack().session(expected, |card| Ok(card.survey().serial)).unwrap()
}

/// Whether nothing but cards at the readers is needed, what is said, and the hint.
fn absent(expected: &Expected) -> (bool, String, String) {
    let error = rack().session(expected, |_| Ok(())).unwrap_err();
    assert_eq!((error.class(), error.control()), (Class::Machine, None), "{error}");
    (error.is_absence(), error.to_string(), error.hint().unwrap())
}

/// Asserts that people are told this, and to do that.
fn assert_absent(expected: &Expected, words: &str, hint: &str) {
    let (at_the_readers, said, hinted) = absent(expected);
    assert!(at_the_readers, "{said}");
    let words = words.replace("FIRST", SLOTS[0]).replace("SECOND", SLOTS[1]);
    // A serial that is known stands between.
    let (serial, words) = words.split_once(": ").unwrap();
    assert_eq!(said, format!("card packages-a{serial} is not at hand: {words}"));
    assert!(hinted.starts_with(hint), "{hinted}");
}

#[test]
fn a_card_is_found_by_its_serial_in_either_reader() {
    let Some(mut readers) = Readers::for_test(a_card_is_found_by_its_serial_in_either_reader) else { return };
    let desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    readers.insert_new(1, &desk.card("b"), "0000000B");
    assert_eq!((found(&expected(0xa)), found(&expected(0xb))), (serial(0xa), serial(0xb)));
    let new = Expected { not: vec![serial(0xa)], ..any() };
    assert_eq!(found(&new), serial(0xb));
    readers.pull(0);
    readers.pull(1);
    readers.insert(0, &desk.card("b"));
    readers.insert(1, &desk.card("a"));
    assert_eq!((found(&expected(0xa)), found(&expected(0xb)), found(&new)), (serial(0xa), serial(0xb), serial(0xb)));
}

#[test]
fn without_pcscd_or_readers_it_is_said_what_is_missing() {
    let Some(mut readers) = Readers::for_test(without_pcscd_or_readers_it_is_said_what_is_missing) else { return };
    readers.stop();
    let (at_the_readers, said, hint) = absent(&any());
    assert!(!at_the_readers, "{said}");
    assert!(said.starts_with("card packages-a is not at hand: the service pcscd cannot be reached: "), "{said}");
    assert!(hint.contains("systemctl start pcscd.socket"), "{hint}");

    readers.restart(false);
    assert_absent(&any(), ": there is no card reader", "plug in a card reader");

    readers.restart(true);
    assert_absent(&any(), ": FIRST is empty; SECOND is empty", "insert the card");
}

#[test]
fn a_wrong_card_is_named() {
    let Some(mut readers) = Readers::for_test(a_wrong_card_is_named) else { return };
    let desk = Desk::new();
    readers.insert_new(1, &desk.card("b"), "0000000B");
    let words = " (FFFF:0000000A): FIRST is empty; SECOND holds card FFFF:0000000B";
    assert_absent(&expected(0xa), words, "insert the right card");
    let new = Expected { not: vec![serial(0xb)], ..any() };
    let words = ": FIRST is empty; SECOND holds card FFFF:0000000B, which is in the inventory already";
    assert_absent(&new, words, "insert the right card");
}

#[test]
fn a_card_without_the_application_is_named() {
    let Some(mut readers) = Readers::for_test(a_card_without_the_application_is_named) else { return };
    let desk = Desk::new();
    readers.insert_program(0, &mut foreign::program(0, foreign::NOT_FOUND));
    let words = ": FIRST holds a card that is no OpenPGP card; SECOND is empty";
    assert_absent(&any(), words, "insert the right card");
    // It is in nobody's way.
    readers.insert_new(1, &desk.card("b"), "0000000B");
    assert_eq!(found(&any()), serial(0xb));
}

#[test]
fn a_card_that_says_nothing_of_itself_is_named() {
    let Some(mut readers) = Readers::for_test(a_card_that_says_nothing_of_itself_is_named) else { return };
    readers.insert_program(1, &mut foreign::program(1, foreign::NOTHING));
    let words = ": FIRST is empty; SECOND holds a card that does not answer (it has no serial)";
    assert_absent(&any(), words, "take out the card that does not answer");
}

#[test]
fn two_cards_that_could_be_it_are_named_and_none_is_taken() {
    let Some(mut readers) = Readers::for_test(two_cards_that_could_be_it_are_named_and_none_is_taken) else { return };
    let desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    readers.insert_new(1, &desk.card("b"), "0000000B");
    let words = ": more than one card could be it: FIRST holds card FFFF:0000000A; SECOND holds card FFFF:0000000B";
    assert_absent(&any(), words, "leave the right card");
    readers.pull(0);
    assert_eq!(found(&any()), serial(0xb));
}

#[test]
fn a_card_and_its_copy_are_refused() {
    let Some(mut readers) = Readers::for_test(a_card_and_its_copy_are_refused) else { return };
    let desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    std::fs::copy(desk.card("a"), desk.card("copy")).unwrap();
    readers.insert(1, &desk.card("copy"));
    for expected in [expected(0xa), any()] {
        let error = rack().session(&expected, |_| Ok(())).unwrap_err();
        assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::CardIdentity)), "{error}");
        assert!(matches!(error, CardError::Twins { .. }) && !error.is_absence());
        let said = "card packages-a (FFFF:0000000A) is not the only one of its serial: there is one each in ";
        assert_eq!(error.to_string(), format!("{said}{}; {}", SLOTS[0], SLOTS[1]));
    }
}

#[test]
fn production_refuses_test_cards_in_readers_too() {
    let Some(mut readers) = Readers::for_test(production_refuses_test_cards_in_readers_too) else { return };
    let desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let error = ReaderRack::new(Mode::Production).session(&any(), |_| Ok(())).unwrap_err();
    assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::ModeApart)));
    assert!(error.to_string().contains("test card"), "{error}");
    assert_eq!(slot().unwrap(), Slot::Empty, "a dress rehearsal takes it");
}
