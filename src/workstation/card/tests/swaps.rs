//! Another card, another key, another count, in the middle of things: nothing that was approved for one comes from another.

use sequoia_openpgp::crypto::{KeyPair, Signer, mpi};
use sequoia_openpgp::packet::key::UnspecifiedRole;
use sequoia_openpgp::types::{Curve, HashAlgorithm};
use std::sync::{Arc, Mutex};

use super::super::*;
use super::support::*;
use crate::model::control::Control;
use crate::model::fault::{Class, Fault as _};
use crate::workstation::card::survey::Slot;

const HASH: HashAlgorithm = HashAlgorithm::SHA512;
/// INS, P1, P2 of reading the public key (7.2.14), of PSO:CDS (7.2.10), and of the security support template (4.4.3.5).
const PUBLIC_KEY: (u8, u8, u8) = (0x47, 0x81, 0x00);
const SIGN: (u8, u8, u8) = (0x2a, 0x9e, 0x9a);
const COUNTER: (u8, u8, u8) = (0xca, 0x00, 0x7a);

/// Puts `answer` in place of what the card says to the `nth` command of a kind, which it has executed.
struct Swap {
    command: (u8, u8, u8),
    nth: u32,
    answer: Vec<u8>,
    seen: u32,
}

impl Swap {
    fn at(command: (u8, u8, u8), nth: u32, mut answer: Vec<u8>) -> Arc<Mutex<Self>> {
        answer.extend([0x90, 0x00]);
        Arc::new(Mutex::new(Self { command, nth, answer, seen: 0 }))
    }
}

impl Tap for Swap {
    fn before(&mut self, _apdu: &Apdu) -> Action {
        Action::Pass
    }

    fn after(&mut self, apdu: &Apdu, _answer: &Answer) -> Action {
        self.seen += u32::from((apdu.instruction, apdu.p1, apdu.p2) == self.command);
        let is_it = (apdu.instruction, apdu.p1, apdu.p2) == self.command && self.seen == self.nth;
        if is_it { Action::Replace(self.answer.clone()) } else { Action::Pass }
    }
}

/// What the register says of the card in this reader.
fn recorded(reader: &Reader) -> Expected {
    let survey = reader.survey();
    let Slot::Complete { fingerprint, .. } = survey.slot else { panic!("no key") };
    let (key, counter) = (ExpectedKey::Fingerprint(fingerprint), Some(survey.signatures..=survey.signatures));
    Expected { serial: Some(survey.serial), key, counter, ..any() }
}

/// The public key of a new Ed25519 key, as a card gives it (7F49 with 86, 7.2.14).
fn another_public_key() -> Vec<u8> {
    let key = drawn(Curve::Ed25519);
    let mpi::PublicKey::EdDSA { q, .. } = key.mpis() else { panic!("Ed25519") };
    [&[0x7f, 0x49, 0x22, 0x86, 0x20][..], &q.value()[1..]].concat()
}

#[test]
fn between_approval_and_signature_a_card_of_the_same_serial_is_put_in() {
    let (approved, other) = (Reader::start(), Reader::start());
    for reader in [&approved, &other] {
        generate(&mut reader.rack()).expect("a key");
        sign(&mut reader.rack(), 1, HASH).expect("signed");
    }
    let expected = recorded(&approved);
    assert_eq!(other.survey().serial, approved.survey().serial);
    let tap = Fault::none();
    let error = sign_as(&mut other.rack().tapped(tap.clone()), &expected, 1, HASH).expect_err("another key");
    assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::CardIdentity)), "{error}");
    assert!(matches!(error, CardError::Identity { what: "key", .. }), "{error}");
    assert_eq!(tap.lock().expect("tap").tally.mutating(), 0, "no PIN was sent to it");
    assert_eq!(other.survey().signatures, 1);
    assert_eq!(sign_as(&mut approved.rack(), &expected, 1, HASH).expect("the approved one"), 2);
}

#[test]
fn a_signature_by_another_key_is_not_given_out() {
    let reader = Reader::start();
    generate(&mut reader.rack()).expect("a key");
    // A good signature of the same text, by a key that is not this card's.
    let other = drawn(Curve::Ed25519);
    let mut context = HASH.context().expect("a hash").for_digest();
    context.update(&0_u32.to_be_bytes());
    let digest = context.into_digest().expect("a digest");
    let mut pair: KeyPair = other.role_into_unspecified().into_keypair().expect("a pair");
    let _: &sequoia_openpgp::packet::Key<_, UnspecifiedRole> = pair.public();
    let mpi::Signature::EdDSA { r, s } = pair.sign(HASH, &digest).expect("signed") else { panic!("EdDSA") };
    let raw = [r.value_padded(32).expect("r"), s.value_padded(32).expect("s")].concat();
    let error = sign(&mut reader.rack().tapped(Swap::at(SIGN, 1, raw)), 1, HASH).expect_err("another key's");
    assert!(matches!(error, CardError::BadSignature { .. }), "{error}");
    // The card counted, and whoever goes on knows.
    assert_eq!(reader.survey().signatures, 1);
}

fn generated(rack: &mut VirtualRack) -> Result<(), CardError> {
    generate(rack).map(drop)
}

fn imported(rack: &mut VirtualRack) -> Result<(), CardError> {
    let (key, pins) = (drawn(Curve::Ed25519), Pocket::factory());
    rack.session(&any(), |card| card.import(&to_import(&key), &key, &pins.admin))
}

#[test]
fn a_public_key_that_changes_is_noticed_whenever_it_is_read() {
    let reader = Reader::start();
    for act in [generated, imported] {
        let mut noticed = 0;
        for nth in 1.. {
            let tap = Swap::at(PUBLIC_KEY, nth, another_public_key());
            let result = act(&mut reader.rack().tapped(tap.clone()));
            if tap.lock().expect("tap").seen < nth {
                result.expect("nothing was changed");
                break;
            }
            let error = result.expect_err("a changed public key");
            assert_ne!(error.class(), Class::Bug, "{error}");
            assert!(error.hint().is_some(), "{error}");
            noticed += 1;
            reader.rack().session(&any(), |card| card.reset(&to_reset())).expect("reset");
        }
        assert!(noticed >= 1);
        // A key that changes after it was recorded is half a key: its fingerprint is another one's.
        let expected = recorded(&reader);
        let tap = Swap::at(PUBLIC_KEY, 1, another_public_key());
        let error = sign_as(&mut reader.rack().tapped(tap), &expected, 1, HASH).expect_err("a changed public key");
        assert_eq!(error.control(), Some(Control::CardIdentity), "{error}");
        assert_eq!(reader.survey().signatures, 0);
        reader.rack().session(&any(), |card| card.reset(&to_reset())).expect("reset");
    }
}

#[test]
fn a_counter_that_jumps_within_a_session_stops_it() {
    let reader = Reader::start();
    generate(&mut reader.rack()).expect("a key");
    for jumped in [0, 2, 0xff_ffff] {
        let before = reader.survey().signatures;
        let [_, a, b, c] = u32::to_be_bytes(before.wrapping_add(jumped) & 0xff_ffff);
        let answer = vec![0x7a, 0x05, 0x93, 0x03, a, b, c];
        // The first reading is the survey's, the second follows the signature.
        let tap = Swap::at(COUNTER, 2, answer);
        let error = sign(&mut reader.rack().tapped(tap.clone()), 2, HASH).expect_err("a jump");
        assert!(tap.lock().expect("tap").seen >= 2, "the counter is read after the signature");
        assert!(matches!(error, CardError::Counter { .. }), "{error}");
        assert_eq!(reader.survey().signatures, before + 1, "no second signature was asked for");
    }
}
