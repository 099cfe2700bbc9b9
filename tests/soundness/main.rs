//! Cards of makers who have published faults, played by a virtual card, at present-cards and take-cards (CARD-5).
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/card.rs"]
mod card;
#[path = "../support/guests.rs"]
mod guests;
#[path = "../support/organization.rs"]
mod organization;
#[path = "../support/report.rs"]
mod report;
mod reports;
mod room;
#[path = "../support/stage.rs"]
mod stage;
#[path = "../support/system.rs"]
mod system;

use keyrite::ceremony::CeremonyError;
use keyrite::model::control::Control;
use keyrite::model::fault::{Class, Fault};
use keyrite::model::mode::Mode;
use room::{Disguise, Room};

/// All cards were taken: it came as far as their PINs.
fn reached_the_pins(stopped: &CeremonyError) {
    assert!(matches!(stopped, CeremonyError::Stopped { .. }), "{stopped}");
}

fn refused(stopped: &CeremonyError, words: &str) {
    assert_eq!((stopped.class(), stopped.control()), (Class::Refused, Some(Control::CardSound)), "{stopped}");
    assert!(stopped.to_string().contains(words) && stopped.hint().is_some(), "{stopped}");
}

#[test]
fn a_fault_that_spares_the_key_is_told_and_recorded_in_production() {
    for (firmware, id, broken) in [([4, 3, 4], "YSA-2017-01", "ROCA"), ([5, 6, 0], "YSA-2024-03", "EUCLEAK")] {
        let mut room = Room::new(Mode::Production, Disguise::yubikey(firmware));
        room.tested(|_| {});
        let (stopped, told) = room.play();
        reached_the_pins(&stopped);
        assert!(told.contains("Card records: maker Yubico."), "{told}");
        assert!(told.contains("looked up on 2026-11-22, ") && told.contains(" day(s) ago"), "{told}");
        assert!(
            told.contains(id) && told.contains("is not known to concern this key") && told.contains(broken),
            "{told}"
        );
        let recorded = format!(r#""concerns":[{{"advisory":"{id}","bearing":"spares"}}]"#);
        assert_eq!(room.transcript().matches(&recorded).count(), 3, "{}", room.transcript());
    }
}

#[test]
fn a_card_without_known_faults_is_recorded_as_compared() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    room.tested(|_| {});
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("Of advisories, none is known here"), "{told}");
    assert_eq!(room.transcript().matches(r#""advisories":{"looked-up":"2026-11-22","concerns":[]}"#).count(), 3);
}

#[test]
fn production_refuses_a_card_whose_fault_concerns_its_key() {
    // The records card generates its key; the others are not reached.
    for (firmware, id) in [([1, 0, 9], "YSA-2015-1"), ([4, 4, 4], "YSA-2019-02")] {
        let mut room = Room::new(Mode::Production, Disguise::yubikey(firmware));
        let (stopped, told) = room.play();
        refused(&stopped, &format!("card records (0006:00000001) is not fit for its key: {id}"));
        assert!(told.contains("concerns this key") && !room.transcript().contains("card-presented"), "{told}");
    }
    let unknown = Disguise { firmware: None, ..Disguise::yubikey([0; 3]) };
    let (stopped, told) = Room::new(Mode::Production, unknown).play();
    refused(&stopped, "YSA-2019-02 (YubiKey FIPS (4 Series) 4.4.2 and 4.4.4) may concern this key");
    assert!(told.contains("it does not tell its firmware"), "{told}");
}

#[test]
fn what_a_fault_means_goes_by_the_algorithm_and_by_where_the_key_is_made() {
    let tested = |firmware| {
        let room = Room::new(Mode::Production, Disguise::yubikey(firmware));
        room.tested(|_| {});
        room
    };
    // EUCLEAK: the records key on Ed25519 is spared, the root on P-256 is not.
    let mut room = tested([5, 6, 0]).for_keys("ed25519", "nist-p256");
    refused(&room.play().0, "card packages-a (0006:00000002) is not fit for its key: YSA-2024-03");
    assert!(room.transcript().contains(r#"{"advisory":"YSA-2024-03","bearing":"spares"}"#), "{}", room.transcript());
    // Nor is a records key on such a curve.
    let mut room = tested([5, 6, 0]).for_keys("nist-p521", "ed25519");
    refused(&room.play().0, "card records (0006:00000001) is not fit for its key: YSA-2024-03");
    // ROCA: only RSA keys that the card itself generates.
    let mut room = tested([4, 3, 4]).for_keys("rsa3072", "ed25519");
    refused(&room.play().0, "card records (0006:00000001) is not fit for its key: YSA-2017-01");
    let mut room = tested([4, 3, 4]).for_keys("ed25519", "rsa4096");
    reached_the_pins(&room.play().0);
    assert_eq!(room.transcript().matches(r#"{"advisory":"YSA-2017-01","bearing":"spares"}"#).count(), 3);
    let room = tested([4, 3, 4]).of_cards_alone();
    refused(
        &room.for_keys("ed25519", "rsa4096").play().0,
        "card packages-a (0006:00000002) is not fit for its key: YSA-2017-01",
    );
}

#[test]
fn a_card_with_kdf_on_is_told_before_its_pins() {
    let hashing = Disguise { hashed_pins: true, ..Disguise::yubikey([5, 7, 1]) };
    let (stopped, told) = Room::new(Mode::DressRehearsal, hashing).play();
    reached_the_pins(&stopped);
    assert!(told.contains("Card records takes its codes as hashes of them (KDF) already"), "{told}");
}

#[test]
fn a_card_that_cannot_be_set_up_is_refused_before_its_pins() {
    let untouchable = Disguise { touchable: false, ..Disguise::yubikey([5, 7, 1]) };
    let hashing = Disguise { hashed_pins: true, ..Disguise::yubikey([5, 7, 1]) };
    for (disguise, wanted, words) in [
        (untouchable, "touch = \"on\"", "it does not announce that it can be touched"),
        (hashing, "kdf = false", "it takes its codes as hashes already, which a reset takes back"),
    ] {
        for mode in [Mode::DressRehearsal, Mode::Production] {
            let mut room = Room::new(mode, disguise);
            room.organization = organization::with(&[("[cards]", wanted)]);
            let words = format!("card records (0006:00000001) cannot be set up as organization.toml wants it: {words}");
            refused(&room.play().0, &words);
            assert!(!room.transcript().contains("card-presented"));
        }
    }
}

#[test]
fn a_dress_rehearsal_tells_such_a_fault_and_goes_on() {
    let mut room = Room::new(Mode::DressRehearsal, Disguise::yubikey([1, 0, 9]));
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("YSA-2015-1") && told.contains("it signs without the right user PIN"), "{told}");
    assert_eq!(room.transcript().matches(r#"{"advisory":"YSA-2015-1","bearing":"breaks"}"#).count(), 3);
}

#[test]
fn a_card_that_is_taken_in_hand_again_is_compared_again() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    room.tested(|_| {});
    reached_the_pins(&room.play().0);
    room.rack.disguise.firmware = Some([1, 0, 9]);
    let (stopped, told) = room.play();
    refused(&stopped, "YSA-2015-1");
    assert!(told.contains("serial 0006:00000001, 0 signature(s), as recorded"), "{told}");
    room.rack.disguise.firmware = Some([5, 6, 0]);
    reached_the_pins(&room.play().0);
    let transcript = room.transcript();
    let seen = transcript.lines().filter(|line| line.contains("card-seen") && line.contains("YSA-2024-03"));
    assert!(seen.count() >= 1, "{transcript}");
}

#[test]
fn a_card_in_service_is_used_once_more_when_leader_and_witnesses_say_so() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    room.tested(|_| {});
    // Before it is in service, another card can be taken: nobody is asked.
    reached_the_pins(&room.play().0);
    room.rack.disguise.firmware = Some([1, 0, 9]);
    room.dares = 3;
    let (stopped, told) = room.play();
    refused(&stopped, "YSA-2015-1");
    assert!(!told.contains("use it all the same"), "{told}");

    room.has_records_card_in_service();
    for few in [0, 1, 2] {
        room.dares = few;
        let (stopped, told) = room.play();
        refused(&stopped, "YSA-2015-1");
        assert_eq!(told.matches("use it all the same?").count(), few + 1, "{told}");
    }
    room.dares = 3;
    let before = room.transcript().matches("Typed: use it all the same.").count();
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("witness 2: Card records is in service"), "{told}");
    let transcript = room.transcript();
    assert_eq!(transcript.matches("Typed: use it all the same.").count() - before, 3, "{transcript}");
    assert!(transcript.contains(r#"{"advisory":"YSA-2015-1","bearing":"breaks"}"#), "{transcript}");
}

#[test]
fn a_card_that_cannot_hold_the_key_is_refused_before_its_pins() {
    // As a YubiKey 4 and older cards: version 2.1 of the application, RSA alone, and no list of algorithms.
    let identity = [2, 1, 0, 5];
    let old = Disguise { identity, firmware: None, lists_algorithms: false, hashed_pins: false, touchable: true };
    for mode in [Mode::DressRehearsal, Mode::Production] {
        let (stopped, _) = Room::new(mode, old).play();
        refused(&stopped, "card records (0005:00000001) cannot hold Ed25519 in SIG");
    }
    let (stopped, told) = Room::new(Mode::DressRehearsal, Disguise { identity: [3, 3, 0, 5], ..old }).play();
    reached_the_pins(&stopped);
    assert!(told.contains("Card records does not say whether it can hold Ed25519"), "{told}");
    // Such a card may hold RSA.
    for mode in [Mode::DressRehearsal, Mode::Production] {
        let room = Room::new(mode, old);
        room.tested(|_| {});
        let (stopped, told) = room.for_keys("rsa3072", "rsa4096").play();
        reached_the_pins(&stopped);
        assert!(told.contains("Card packages-b does not say whether it can hold RSA-4096"), "{told}");
    }
}
