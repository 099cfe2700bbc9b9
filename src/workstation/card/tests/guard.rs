//! The guard: the right card, the right key, the right count, the right mode, the right permit.

use std::time::{Duration, Instant};

use super::super::*;
use super::support::*;
use crate::model::algorithm::Algorithm;
use crate::model::control::Control;
use crate::model::event::Intent;
use crate::model::fault::{Class, Fault as _};
use crate::model::fingerprint::Fingerprint;
use crate::model::mode::Mode;
use crate::workstation::journal::Permit;
use sequoia_openpgp::types::HashAlgorithm;

fn refusal(rack: &mut VirtualRack, expected: &Expected) -> CardError {
    rack.session(expected, |_| Ok(())).expect_err("refused")
}

#[test]
fn a_blank_card_says_so() {
    let reader = Reader::start();
    let survey = reader.survey();
    assert_eq!(survey.serial.to_string(), "FFFF:0A0B0C0D");
    assert_eq!(survey.slot, Slot::Empty);
    assert_eq!(survey.tries, Tries { user: 3, reset_code: 0, admin: 3 });
    assert_eq!((survey.signatures, survey.pin_once, survey.holder.as_deref()), (0, true, Some("")));
}

#[test]
fn a_survey_stands_in_the_transcript() {
    let reader = Reader::start();
    generate(&mut reader.rack()).expect("a key");
    let survey = reader.survey();
    let text = serde_json::to_string(&survey).expect("written");
    assert!(text.contains(r#""state":"complete""#) && text.contains(r#""origin":"generated""#), "{text}");
    assert_eq!(serde_json::from_str::<Survey>(&text).expect("own output"), survey);
}

#[test]
fn any_rack_will_do() {
    let reader = Reader::start();
    let mut rack: Box<dyn Rack> = Box::new(reader.rack());
    let serial = rack.session(&any(), |card| Ok(card.survey().serial)).expect("a session");
    assert_eq!(serial.to_string(), "FFFF:0A0B0C0D");
}

#[test]
fn another_serial_is_refused() {
    let reader = Reader::with_serial("00000001");
    let expected = Expected { serial: Some("FFFF:0A0B0C0D".parse().expect("a serial")), ..any() };
    let error = refusal(&mut reader.rack(), &expected);
    assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::CardIdentity)));
    assert_eq!(
        error.to_string(),
        "card packages-a (FFFF:00000001) is not the expected one: its serial is FFFF:00000001, and FFFF:0A0B0C0D was expected"
    );
}

#[test]
fn another_key_or_none_is_refused() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    let wrong = Expected { key: ExpectedKey::Fingerprint(Fingerprint([7; 20])), ..any() };
    assert!(matches!(refusal(&mut rack, &wrong), CardError::Identity { what: "key", .. }));
    let key = generate(&mut rack).expect("a key");
    assert!(matches!(refusal(&mut rack, &wrong), CardError::Identity { what: "key", .. }));
    let empty = Expected { key: ExpectedKey::Empty, ..any() };
    assert!(matches!(refusal(&mut rack, &empty), CardError::Identity { what: "key", .. }));
    let right = PublicKey::from(key).fingerprint();
    rack.session(&Expected { key: ExpectedKey::Fingerprint(right), ..any() }, |_| Ok(())).expect("the right key");
}

#[test]
fn a_jumped_counter_is_refused() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    generate(&mut rack).expect("a key");
    assert_eq!(sign(&mut rack, 3, HashAlgorithm::SHA512).expect("signed"), 3);
    let explained = |counter| Expected { counter: Some(counter), ..any() };
    rack.session(&explained(1..=3), |_| Ok(())).expect("explained");
    let error = refusal(&mut rack, &explained(2..=2));
    assert_eq!(error.control(), Some(Control::CardCounter));
    assert!(error.to_string().ends_with("has made 3 signatures, and the records explain 2"), "{error}");
}

#[test]
fn modes_keep_apart() {
    let reader = Reader::start();
    let error = refusal(&mut reader.rack_for(Mode::Production), &any());
    assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::ModeApart)));
    assert!(error.to_string().contains("test card"), "{error}");

    generate(&mut reader.rack()).expect("a key");
    assert_eq!(reader.survey().holder.as_deref(), Mode::Rehearsal.mark());
    reader.rack_for(Mode::DressRehearsal).session(&any(), |_| Ok(())).expect("a marked card");
}

#[test]
fn a_dress_rehearsal_refuses_a_key_without_the_mark() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    generate(&mut rack).expect("a key");
    let admin = Pocket::factory().admin;
    // As a production card has it.
    rack.session(&any(), |card| {
        card.verify_admin(&admin)?;
        card.client.call("unmarking it", |tx| tx.set_name(b"Example"))
    })
    .expect("unmarked");
    let error = refusal(&mut reader.rack_for(Mode::DressRehearsal), &any());
    assert_eq!(error.control(), Some(Control::ModeApart));
}

#[test]
fn a_permit_is_for_one_card_and_one_act() {
    let reader = Reader::start();
    let pins = Pocket::factory();
    let other = Permit::new(1, Intent::GenerateKey { card: "packages-b".parse().expect("a name"), root: None });
    for permit in [other, to_reset(), to_sign(1)] {
        let tap = Fault::none();
        let error = reader
            .rack()
            .tapped(tap.clone())
            .session(&any(), |card| card.generate(&permit, Algorithm::Ed25519, CREATED, &pins.admin))
            .expect_err("refused");
        assert_eq!((error.class(), error.control()), (Class::Bug, Some(Control::JournalFirst)));
        assert_eq!(tap.lock().expect("tap").tally.mutating(), 0);
    }
    let error = reader.rack().session(&any(), |card| card.reset(&to_generate())).expect_err("refused");
    assert_eq!(error.class(), Class::Bug);
    assert_eq!(reader.rack().revive(&any(), &to_generate()).expect_err("refused").class(), Class::Bug);
}

#[test]
fn no_card_is_said_at_once() {
    let reader = Reader::start();
    reader.person(EJECT);
    let begin = Instant::now();
    let error = refusal(&mut reader.rack(), &any());
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert!(matches!(error, CardError::NoCard { .. }), "{error}");
    assert_eq!(error.class(), Class::Machine);
    reader.person(INSERT);
    assert_eq!(reader.survey().slot, Slot::Empty);

    let unknown = Expected::any("records".parse().expect("a name"));
    assert!(refusal(&mut reader.rack(), &unknown).to_string().starts_with("card records is not at hand: "));
}

#[test]
fn a_card_pulled_in_the_middle_is_an_error_with_a_way_on() {
    let reader = Reader::start();
    let error = reader
        .rack()
        .session(&any(), |card| {
            reader.person(EJECT);
            card.resurvey().map(drop)
        })
        .expect_err("pulled");
    assert!(matches!(error, CardError::Removed { .. }), "{error}");
    assert_eq!(error.hint().as_deref(), Some("insert the card and resume; nothing is lost"));
    reader.person(INSERT);
    reader.survey();
}

#[test]
fn no_verified_pin_outlives_a_session() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    let admin = Pocket::factory().admin;
    // With the admin PIN verified, a card takes a name; without, it does not.
    let name = |card: &mut GuardedCard<'_>| card.client.call("naming it", |tx| tx.set_name(b"X"));
    rack.session(&any(), |card| card.verify_admin(&admin).and_then(|()| name(card))).expect("verified");
    let error = rack.session(&any(), name).expect_err("not verified any more");
    assert!(matches!(error, CardError::Status { .. }), "{error}");

    // Nor one that a killed process left behind: its connection closes without a reset.
    let mut stream = std::os::unix::net::UnixStream::connect(reader.socket()).expect("connected");
    let verify = b"\0\x0d\0\x20\0\x83\x0812345678";
    std::io::Write::write_all(&mut stream, verify).expect("sent");
    let mut answer = [0; 4];
    std::io::Read::read_exact(&mut stream, &mut answer).expect("answered");
    drop(stream);
    assert!(rack.session(&any(), name).is_err());
}

#[test]
fn randomness_comes_in_any_length_and_differs() {
    let reader = Reader::start();
    reader
        .rack()
        .session(&any(), |card| {
            for length in [0, 1, 32, 255, 256, 600] {
                let random = card.random(length)?.expect("opcard has GET CHALLENGE");
                assert_eq!(random.len(), length);
            }
            assert_ne!(card.random(32)?.as_deref(), card.random(32)?.as_deref());
            Ok(())
        })
        .expect("random");
}

#[test]
fn a_card_without_randomness_has_none() {
    let reader = Reader::start();
    let length = {
        let tap = Fault::none();
        reader.rack().tapped(tap.clone()).session(&any(), |_| Ok(())).expect("a session");
        tap.lock().expect("tap").tally.total()
    };
    for status in [0x6d00, 0x6985] {
        let tap = Fault::at(length + 1, false, When::Before, Action::Refuse(status));
        assert!(reader.rack().tapped(tap).session(&any(), |card| card.random(32)).expect("no error").is_none());
    }
}
