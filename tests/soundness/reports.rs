//! Reports of tested models, which production asks for (CARD-6).

use crate::reached_the_pins;
use crate::room::{Disguise, Room};
use keyrite::ceremony::CeremonyError;
use keyrite::model::card_report::{CardReport, Found, What};
use keyrite::model::control::Control;
use keyrite::model::fault::{Class, Fault};
use keyrite::model::hash::Hash;
use keyrite::model::mode::Mode;

fn untested(stopped: &CeremonyError, words: &str) {
    assert_eq!((stopped.class(), stopped.control()), (Class::Refused, Some(Control::CardTested)), "{stopped}");
    assert!(
        stopped.to_string().starts_with("card records (0006:00000001): no report says that its model"),
        "{stopped}"
    );
    assert!(stopped.to_string().contains(words) && stopped.hint().unwrap().contains("keyrite card test"), "{stopped}");
}

#[test]
fn production_takes_a_model_whose_test_is_in_the_register() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    let path = room.tested(|_| {});
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("Card records: its model was tested, card-models/yubico-3.4-5.7.1-"), "{told}");
    let recorded = format!(r#""sha256":"{}""#, Hash::of(&std::fs::read(path).unwrap()));
    assert_eq!(room.transcript().matches(&recorded).count(), 3, "{}", room.transcript());
}

#[test]
fn production_refuses_a_model_without_a_good_report() {
    let refused = |change: fn(&mut CardReport), words: &str| {
        let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
        room.tested(change);
        let (stopped, _) = room.play();
        untested(&stopped, words);
        assert!(!room.transcript().contains("card-presented"), "{}", room.transcript());
    };
    refused(|report| report.model.firmware = "5.7.2".to_owned(), ": of another model, for its firmware differs");
    refused(|report| report.model.algorithms = None, ": of another model, for its algorithms differs");
    let failed = |report: &mut CardReport| {
        let check = report.checks.iter_mut().find(|one| one.check == What::SignGenerated).unwrap();
        check.outcome = Found::Failed;
    };
    refused(failed, ": a check failed: sign with it: Ed25519");
    refused(|report| drop(report.checks.pop()), ": a check is missing: return to its factory state");
    refused(|report| report.version = 2, ": its version is 2, and 1 alone is known here");

    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    untested(&room.play().0, "(Yubico, OpenPGP application 3.4, firmware 5.7.1)");
    // Damaged, and then mended by another test.
    let path = room.tested(|_| {});
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"milliseconds\": 100", "\"milliseconds\": 101")).unwrap();
    untested(&room.play().0, ": damaged, for its name is of another content");
    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    untested(&room.play().0, ": damaged at line ");
    room.tested(|report| report.serial = "0006:0000000A".to_owned());
    reached_the_pins(&room.play().0);
}

#[test]
fn of_two_tests_of_a_model_the_last_one_counts() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    room.tested(|_| {});
    room.tested(|report| {
        report.tested = "2026-11-22T10:59:57Z".parse().unwrap();
        report.checks[0].outcome = Found::Failed;
    });
    untested(&room.play().0, ": a check failed: generate a key: Ed25519");
    room.tested(|report| report.tested = "2026-11-22T11:59:57Z".parse().unwrap());
    reached_the_pins(&room.play().0);
}

#[test]
fn a_dress_rehearsal_tells_that_a_model_was_not_tested() {
    let mut room = Room::new(Mode::DressRehearsal, Disguise::yubikey([5, 7, 1]));
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    let words =
        "Card packages-b: no report says that its model (Yubico, OpenPGP application 3.4, firmware 5.7.1) was tested.";
    assert!(told.contains(words), "{told}");
    assert!(!room.transcript().contains("card-models"), "{}", room.transcript());
}

#[test]
fn a_card_of_before_reports_is_told_and_taken() {
    let mut room = Room::new(Mode::Production, Disguise::yubikey([5, 7, 1]));
    let path = room.tested(|_| {});
    reached_the_pins(&room.play().0);
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(!told.contains("no report says"), "{told}");
    std::fs::remove_file(path).unwrap();
    let (stopped, told) = room.play();
    reached_the_pins(&stopped);
    assert!(told.contains("Card records: no report says that its model"), "{told}");
}
