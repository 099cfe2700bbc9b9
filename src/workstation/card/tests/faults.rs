//! Cut, refused, garbled at each command: the card is always in a state that has a name, and a reset brings it back.

use sequoia_openpgp::types::{Curve, HashAlgorithm};

use super::super::*;
use super::support::*;
use crate::model::fault::{Class, Fault as _};
use crate::model::settings::{Settings, Touch};

/// One act, and the state it starts from.
struct Case {
    name: &'static str,
    with_key: bool,
    act: fn(&mut VirtualRack) -> Result<(), CardError>,
}

const CASES: [Case; 6] = [
    Case { name: "generate", with_key: false, act: |rack| generate(rack).map(drop) },
    Case {
        name: "import",
        with_key: false,
        act: |rack| {
            let (key, pins) = (drawn(Curve::Ed25519), Pocket::factory());
            rack.session(&any(), |card| card.import(&to_import(&key), &key, &pins.admin))
        },
    },
    Case {
        name: "set pins",
        with_key: false,
        act: |rack| {
            let (old, new) = (Pocket::factory(), Pocket::chosen());
            let plain = Settings::default();
            rack.session(&any(), |card| card.set_pins(&to_set_pins(), &plain, &new.as_new(), &old.as_old())).map(drop)
        },
    },
    Case {
        name: "set up",
        with_key: false,
        act: |rack| {
            let (old, new, wanted) = (Pocket::factory(), Pocket::chosen(), every_setting());
            rack.session(&any(), |card| card.set_pins(&to_set_pins(), &wanted, &new.as_new(), &old.as_old())).map(drop)
        },
    },
    Case { name: "reset", with_key: true, act: |rack| rack.session(&any(), |card| card.reset(&to_reset())) },
    Case { name: "sign", with_key: true, act: |rack| sign(rack, 2, HashAlgorithm::SHA512).map(drop) },
];

impl Case {
    fn prepare(&self, reader: &Reader) {
        if self.with_key {
            generate(&mut reader.rack()).expect("a key");
        }
    }

    /// How many commands the act has: those that change the card, and all.
    fn length(&self, reader: &Reader) -> (u32, u32) {
        self.prepare(reader);
        let tap = Fault::none();
        (self.act)(&mut reader.rack().tapped(tap.clone())).expect("undisturbed");
        let tally = tap.lock().expect("tap").tally.clone();
        recover(reader);
        (tally.mutating(), tally.total())
    }

    fn disturbed(
        &self,
        reader: &Reader,
        at: u32,
        mutating_only: bool,
        when: When,
        action: Action,
    ) -> Result<(), CardError> {
        self.prepare(reader);
        let tap = Fault::at(at, mutating_only, when, action);
        (self.act)(&mut reader.rack().tapped(tap))
    }
}

/// Whatever happened to the card: it says what it holds, and a reset makes it blank.
fn recover(reader: &Reader) -> Option<Slot> {
    let mut rack = reader.rack();
    let slot = match rack.session(&any(), |card| Ok(card.survey().slot.clone())) {
        Ok(slot) => Some(slot),
        Err(error @ CardError::Terminated { .. }) => {
            assert!(error.hint().is_some());
            rack.revive(&any(), &to_reset()).expect("revived");
            None
        }
        Err(error) => panic!("no survey: {error}"),
    };
    rack.session(&any(), |card| card.reset(&to_reset())).expect("reset");
    let survey = reader.survey();
    assert_eq!((survey.slot, survey.signatures, survey.tries.user, survey.tries.admin), (Slot::Empty, 0, 3, 3));
    let settings = rack.session(&any(), |card| card.settings(&every_setting())).expect("settings");
    assert_eq!((settings.pin_each_signature, settings.touch), (Some(true), Some(Touch::Off)));
    assert_eq!(settings.kdf, Some(false));
    assert_eq!((settings.holder.as_deref(), settings.url.as_deref()), (Some(""), Some("")));
    slot
}

#[test]
fn cut_at_each_command_that_changes_the_card() {
    let reader = Reader::start();
    for case in &CASES {
        let (mutating, _) = case.length(&reader);
        for at in 1..=mutating {
            for when in [When::Before, When::After] {
                let error = case.disturbed(&reader, at, true, when, Action::Cut).expect_err("cut");
                assert!(matches!(error, CardError::Removed { .. }), "{} {at} {when:?}: {error}", case.name);
                let slot = recover(&reader);
                let whole = matches!(slot, Some(Slot::Complete { .. }));
                match case.name {
                    "sign" => assert!(whole),
                    "set pins" | "set up" => assert_eq!(slot, Some(Slot::Empty)),
                    // Only the last command makes the key whole.
                    "generate" | "import" => assert_eq!(whole, (at, when) == (mutating, When::After), "{at} {when:?}"),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn refused_at_each_command_that_changes_the_card() {
    let reader = Reader::start();
    for case in &CASES {
        let (mutating, _) = case.length(&reader);
        for at in 1..=mutating {
            for status in [0x6985, 0x6f00, 0x6581] {
                let result = case.disturbed(&reader, at, true, When::Before, Action::Refuse(status));
                // A reset wants its PINs refused; whether it worked is seen at its end.
                let told = result.is_err() || (case.name == "reset" && at <= mutating - 2);
                assert!(told, "{} {at} {status:x}", case.name);
                recover(&reader);
            }
        }
    }
}

#[test]
fn no_answer_makes_it_panic_or_repeat_a_command() {
    let answers: [&[u8]; 9] = [
        &[],
        &[0x90],
        &[0x90, 0x00],
        &[0x61, 0x10],
        &[0x6c, 0x10],
        &[0x6e, 0x82, 0xff, 0xff, 0x90, 0x00],
        &[0xff; 40],
        &[0x7a, 0x03, 0x93, 0x01, 0x05, 0x90, 0x00],
        &[0x4f, 0x01, 0x00, 0xde, 0x01, 0x00, 0x90, 0x00],
    ];
    let reader = Reader::start();
    for case in &CASES {
        let (_, total) = case.length(&reader);
        for at in 1..=total {
            let answer = answers[at as usize % answers.len()];
            for answer in [answer, &[0x6c, 0x10][..], &[0x61, 0x10]] {
                case.prepare(&reader);
                let tap = Fault::at(at, false, When::After, Action::Replace(answer.to_vec()));
                // An error or none, but never a panic: it would end the test.
                let result = (case.act)(&mut reader.rack().tapped(tap.clone()));
                if let Err(error) = result {
                    assert_ne!(error.class(), Class::Bug, "{} {at} {answer:x?}: {error}", case.name);
                }
                assert!(tap.lock().expect("tap").tally.of(0x2a) <= 2);
                recover(&reader);
            }
        }
    }
}

#[test]
fn half_answers_are_errors() {
    let reader = Reader::start();
    generate(&mut reader.rack()).expect("a key");
    // The application related data of a card with a key, cut off at each byte.
    let whole = reader.application_data();
    for length in 0..whole.len() {
        let mut answer = whole[..length].to_vec();
        answer.extend([0x90, 0x00]);
        let tap = Fault::at(2, false, When::Before, Action::Replace(answer));
        let result = reader.rack().tapped(tap).session(&any(), |card| Ok(card.survey().clone()));
        assert!(result.is_err(), "{length} of {} bytes", whole.len());
    }
}

#[test]
fn a_signature_that_does_not_verify_is_not_given_out() {
    let reader = Reader::start();
    generate(&mut reader.rack()).expect("a key");
    let tap = Fault::none();
    sign(&mut reader.rack().tapped(tap.clone()), 1, HashAlgorithm::SHA512).expect("signed");
    let before_pso = tap.lock().expect("tap").tally.total() - 1;
    let mut garbage = vec![1; 64];
    garbage.extend([0x90, 0x00]);
    for (when, expected) in [(When::After, "BadSignature"), (When::Before, "Counter")] {
        let tap = Fault::at(before_pso, false, when, Action::Replace(garbage.clone()));
        let error = sign(&mut reader.rack().tapped(tap), 1, HashAlgorithm::SHA512).expect_err("bad");
        assert!(format!("{error:?}").starts_with(expected), "{error:?}");
    }
}
