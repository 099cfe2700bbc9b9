//! What a card announces of keys and PINs.

use std::sync::{Arc, Mutex};

use super::super::*;
use super::support::*;
use crate::model::algorithm::Algorithm;
use crate::model::control::Control;
use crate::model::fault::{Class, Fault as _};

/// A card that answers GET DATA for this DO otherwise.
struct Answers(u8, Action);

impl Tap for Answers {
    fn before(&mut self, apdu: &Apdu) -> Action {
        let is_it = (apdu.instruction, apdu.p1, apdu.p2) == (0xca, 0x00, self.0);
        if is_it { self.1.clone() } else { Action::Pass }
    }

    fn after(&mut self, _apdu: &Apdu, _answer: &Answer) -> Action {
        Action::Pass
    }
}

fn asked(reader: &Reader, data_object: u8, answer: Action, algorithm: Algorithm) -> Result<Abilities, CardError> {
    let tap = Arc::new(Mutex::new(Answers(data_object, answer)));
    reader.rack().tapped(tap).session(&any(), |card| {
        let abilities = card.require_able(algorithm)?;
        // Whatever it answered, the session goes on.
        card.resurvey()?;
        Ok(abilities)
    })
}

const LIST: u8 = 0xfa;
const KDF: u8 = 0xf9;

fn list(entries: &[&[u8]]) -> Action {
    let entries: Vec<u8> = entries.concat();
    Action::Replace([&[LIST, u8::try_from(entries.len()).expect("short")], entries.as_slice(), &[0x90, 0x00]].concat())
}

/// RSA-2048 and Ed25519 in SIG (DO C1, 4.4.3.9).
const RSA: &[u8] = &[0xc1, 0x06, 0x01, 0x08, 0x00, 0x00, 0x11, 0x00];
const ED25519: &[u8] = &[0xc1, 0x0a, 0x16, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

#[test]
fn a_card_says_which_keys_it_can_hold() {
    let reader = Reader::start();
    for algorithm in Algorithm::ALL.iter().copied() {
        assert_eq!(asked(&reader, LIST, Action::Pass, algorithm).expect("its own").holds, Holding::Yes, "{algorithm}");
    }
    let holds = |answer, algorithm| asked(&reader, LIST, answer, algorithm).map(|abilities| abilities.holds);
    assert_eq!(holds(list(&[RSA, ED25519]), Algorithm::Ed25519).expect("listed"), Holding::Yes);
    for (entries, algorithm) in [(&[RSA][..], Algorithm::Ed25519), (&[RSA, ED25519], Algorithm::NistP256)] {
        let error = holds(list(entries), algorithm).expect_err("not listed");
        assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::CardSound)));
        assert_eq!(error.to_string(), format!("card packages-a (FFFF:0A0B0C0D) cannot hold {algorithm} in SIG"));
    }
    for none in [Action::Refuse(0x6a88), Action::Replace(vec![0x90, 0x00]), Action::Replace(vec![0xff; 40])] {
        let untold = holds(none.clone(), Algorithm::Ed25519);
        // An empty list is one; what cannot be read is none.
        match none {
            Action::Replace(ref answer) if answer.len() == 2 => assert!(untold.is_err()),
            _ => assert_eq!(untold.expect("no list"), Holding::Untold),
        }
    }
    assert!(matches!(holds(Action::Cut, Algorithm::Ed25519), Err(CardError::Removed { .. })));
}

#[test]
fn a_card_says_whether_it_wants_hashed_pins() {
    let reader = Reader::start();
    let hashed = |answer| asked(&reader, KDF, answer, Algorithm::Ed25519).expect("abilities").hashed_pins;
    assert!(!hashed(Action::Pass));
    assert!(!hashed(Action::Refuse(0x6a88)));
    assert!(!hashed(Action::Replace(vec![0x81, 0x01, 0x00, 0x90, 0x00])));
    let one_salt = [0x81, 1, 3, 0x82, 1, 8, 0x83, 4, 0, 0, 0, 1, 0x84, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00];
    assert!(hashed(Action::Replace(one_salt.to_vec())));
    let unknown = asked(&reader, KDF, Action::Replace(vec![0x81, 0x01, 0x07, 0x90, 0x00]), Algorithm::Ed25519);
    let error = unknown.expect_err("unknown");
    assert!(matches!(error, CardError::Unsupported { .. }) && error.hint().is_some(), "{error}");
}
