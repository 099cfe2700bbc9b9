//! Settings: written before PINs, read back, compared; what a card cannot do is refused before anything is sent.

use std::sync::{Arc, Mutex};

use sequoia_openpgp::types::HashAlgorithm;

use super::super::*;
use super::support::*;
use crate::model::control::Control;
use crate::model::fault::{Class, Fault as _};
use crate::model::settings::{Settings, Touch};

const MARK: &str = "REHEARSAL, NOT FOR USE";
const PUT_DATA: u8 = 0xda;

fn set_up(rack: &mut VirtualRack, wanted: &Settings) -> Result<Settings, CardError> {
    let old = Pocket::factory();
    let new = old.with_reset_code();
    rack.session(&any(), |card| card.set_pins(&to_set_pins(), wanted, &new.as_new(), &old.as_old()))
}

fn touch(touch: Touch) -> Settings {
    Settings { touch: Some(touch), ..Settings::default() }
}

/// A card that answers this command otherwise.
struct Answers((u8, u8, u8), Action);

impl Tap for Answers {
    fn before(&mut self, apdu: &Apdu) -> Action {
        if (apdu.instruction, apdu.p1, apdu.p2) == self.0 { self.1.clone() } else { Action::Pass }
    }

    fn after(&mut self, _apdu: &Apdu, _answer: &Answer) -> Action {
        Action::Pass
    }
}

fn answering(reader: &Reader, command: (u8, u8, u8), answer: Action) -> VirtualRack {
    reader.rack().tapped(Arc::new(Mutex::new(Answers(command, answer))))
}

fn unsettable(rack: &mut VirtualRack, wanted: &Settings) -> String {
    let error = rack.session(&any(), |card| card.require_settable(wanted)).expect_err("refused");
    assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::CardSound)), "{error}");
    assert!(error.hint().is_some());
    error.to_string()
}

#[test]
fn a_card_is_set_up_and_signs_as_it_is_set_up() {
    let reader = Reader::start();
    let (mut rack, wanted) = (reader.rack(), every_setting());
    rack.session(&any(), |card| card.require_settable(&wanted)).expect("it can");
    let kept = set_up(&mut rack, &wanted).expect("set up");
    assert_eq!(kept, Settings { holder: Some(MARK.to_owned()), ..wanted.clone() }, "but for the mark, as wanted");
    assert_eq!(rack.session(&any(), |card| card.settings(&wanted)).expect("read"), kept);
    assert_eq!(rack.session(&any(), |card| card.settings(&Settings::default())).expect("read"), Settings::default());
    generate(&mut rack).expect("a key");
    // A finger touches the virtual card whenever it asks for that.
    assert_eq!(sign(&mut rack, 3, HashAlgorithm::SHA512).expect("signed"), 3);
}

#[test]
fn what_a_card_has_already_is_not_written() {
    let reader = Reader::start();
    let tap = Fault::none();
    let has = Settings { pin_each_signature: Some(true), touch: Some(Touch::Off), ..Settings::default() };
    assert_eq!(set_up(&mut reader.rack().tapped(tap.clone()), &has).expect("set up"), has);
    // The reset code alone.
    assert_eq!(tap.lock().expect("tap").tally.of(PUT_DATA), 1);
}

#[test]
fn a_permanent_touch_goes_with_a_reset_alone() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    set_up(&mut rack, &touch(Touch::Permanent)).expect("set up");
    for other in [Touch::Off, Touch::On] {
        let said = unsettable(&mut rack, &touch(other));
        assert!(said.ends_with("it wants to be touched for good, which only a reset takes back"), "{said}");
    }
    rack.session(&any(), |card| card.require_settable(&touch(Touch::Permanent))).expect("as it is");
    rack.session(&any(), |card| card.reset(&to_reset())).expect("reset");
    rack.session(&any(), |card| card.require_settable(&touch(Touch::Off))).expect("it is off");
}

#[test]
fn a_card_that_cannot_be_touched_is_refused() {
    let reader = Reader::start();
    let flag = |action| answering(&reader, (0xca, 0x00, 0xd6), action);
    for wanted in [Touch::On, Touch::Permanent] {
        let said = unsettable(&mut flag(Action::Refuse(0x6a88)), &touch(wanted));
        assert!(said.ends_with("it does not announce that it can be touched"), "{said}");
        let said = unsettable(&mut flag(Action::Replace(vec![0x00, 0x00, 0x90, 0x00])), &touch(wanted));
        assert!(said.ends_with("it has nothing to be touched"), "{said}");
    }
    let mut without = flag(Action::Refuse(0x6a88));
    without.session(&any(), |card| card.require_settable(&touch(Touch::Off))).expect("it never wants to be");
    assert_eq!(set_up(&mut without, &touch(Touch::Off)).expect("set up"), touch(Touch::Off));
}

#[test]
fn a_card_whose_pin_status_is_fixed_is_refused() {
    let reader = Reader::start();
    let mut related = reader.application_data();
    let at = related.windows(2).position(|window| window == [0xc0, 0x0a]).expect("extended capabilities") + 2;
    // "PW Status changeable" (4.4.3.7).
    related[at] &= !0x10;
    related.extend([0x90, 0x00]);
    let mut rack = answering(&reader, (0xca, 0x00, 0x6e), Action::Replace(related));
    let wanted = |each| Settings { pin_each_signature: Some(each), ..Settings::default() };
    let said = unsettable(&mut rack, &wanted(false));
    assert!(said.ends_with("how often it asks for its user PIN cannot be changed"), "{said}");
    rack.session(&any(), |card| card.require_settable(&wanted(true))).expect("it is so already");
}

#[test]
fn what_a_card_does_not_keep_is_found_out() {
    let cases = [
        ((PUT_DATA, 0x00, 0xc4), "how often it asks for its user PIN"),
        ((PUT_DATA, 0x00, 0xd6), "whether it wants to be touched"),
        ((PUT_DATA, 0x00, 0x5b), "its cardholder name"),
        ((PUT_DATA, 0x5f, 0x50), "its URL"),
    ];
    for (command, what) in cases {
        let reader = Reader::start();
        let mut rack = answering(&reader, command, Action::Replace(vec![0x90, 0x00]));
        let error = set_up(&mut rack, &every_setting()).expect_err("not kept");
        assert!(matches!(error, CardError::NotKept { what: found, .. } if found == what), "{what}: {error}");
    }
}

#[test]
fn texts_that_no_card_takes_are_not_sent() {
    let reader = Reader::start();
    let long_holder = Settings { holder: Some("x".repeat(40)), ..Settings::default() };
    let escape = Settings { holder: Some("a\u{1b}[2J".to_owned()), ..Settings::default() };
    let long_url = Settings { url: Some("x".repeat(255)), ..Settings::default() };
    for wanted in [long_holder, escape, long_url] {
        let tap = Fault::none();
        let result = set_up(&mut reader.rack().tapped(tap.clone()), &wanted);
        assert!(matches!(result, Err(CardError::Label { .. })));
        assert_eq!(tap.lock().expect("tap").tally.of(PUT_DATA), 0);
    }
}
