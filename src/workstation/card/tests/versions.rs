//! What a card says of its making.

use std::sync::{Arc, Mutex};

use super::super::*;
use super::support::*;

/// GET VERSION, as Yubico has it.
const VERSION: u8 = 0xf1;

/// A card of another maker: it answers GET VERSION like this.
struct Made(Action);

impl Tap for Made {
    fn before(&mut self, apdu: &Apdu) -> Action {
        if (apdu.instruction, apdu.p1, apdu.p2) == (VERSION, 0, 0) { self.0.clone() } else { Action::Pass }
    }

    fn after(&mut self, _apdu: &Apdu, _answer: &Answer) -> Action {
        Action::Pass
    }
}

fn versions(reader: &Reader, answer: Action) -> Result<Versions, CardError> {
    let tap = Arc::new(Mutex::new(Made(answer)));
    reader.rack().tapped(tap).session(&any(), |card| card.versions())
}

fn firmware(reader: &Reader, answer: &[u8]) -> Option<String> {
    versions(reader, Action::Replace(answer.to_vec())).expect("versions").firmware
}

#[test]
fn the_firmware_of_a_card_that_tells_it() {
    let reader = Reader::start();
    assert_eq!(firmware(&reader, &[0x05, 0x07, 0x01, 0x90, 0x00]).as_deref(), Some("5.7.1"));
    // Two decimal digits a byte.
    assert_eq!(firmware(&reader, &[0x04, 0x03, 0x10, 0x90, 0x00]).as_deref(), Some("4.3.10"));
}

#[test]
fn a_card_that_does_not_tell_its_firmware_has_none() {
    let reader = Reader::start();
    // The virtual one itself.
    let own = Versions { application: "3.4".to_owned(), firmware: None };
    assert_eq!(versions(&reader, Action::Pass).expect("versions"), own);
    for status in [0x6d00, 0x6e00, 0x6a86, 0x6982] {
        assert_eq!(versions(&reader, Action::Refuse(status)).expect("versions"), own, "{status:x}");
    }
    for answer in
        [&[][..], &[0x90], &[0x90, 0x00], &[0x61, 0x10], &[0x6c, 0x03], &[1, 2, 3, 4, 5, 0x90, 0x00], &[0xff; 40]]
    {
        assert_eq!(firmware(&reader, answer), None, "{answer:x?}");
    }
    assert!(matches!(versions(&reader, Action::Cut), Err(CardError::Removed { .. })));
}

#[test]
fn nobody_is_asked_who_does_not_want_to_know() {
    let reader = Reader::start();
    let tap = Fault::none();
    reader.rack().tapped(tap.clone()).session(&any(), |card| card.resurvey().map(drop)).expect("a session");
    assert_eq!(tap.lock().expect("tap").tally.of(VERSION), 0);
}
