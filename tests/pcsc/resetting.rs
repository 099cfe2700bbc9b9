//! `keyrite card reset`: cards that nobody needs, and those that are not reset.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use keyrite::model::event::Intent;
use keyrite::workstation::card::{Action, Answer, Apdu, CardError, Portrait, RackExt as _, Slot, Tap};

use crate::desk::{CREATED, Desk, any, expected, name, rack};
use crate::readers::{Readers, SLOTS};
use crate::stage::{Ran, keyrite};
use crate::typed::typed;

const SERIAL: &str = "FFFF:0000000A";

fn reset(out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(keyrite());
    command.args(["card", "reset", SERIAL, "--out"]).arg(out).args(more);
    command
}

/// Where nobody can type.
fn refused(command: &mut Command) -> Ran {
    Ran::of(&command.output().unwrap())
}

fn portrait() -> Portrait {
    rack().session(&expected(0xa), |card| card.portrait()).unwrap()
}

#[test]
fn a_card_with_a_key_is_shown_and_reset() {
    let Some(mut readers) = Readers::for_test(a_card_with_a_key_is_shown_and_reset) else { return };
    let mut desk = Desk::new();
    readers.insert_new(1, &desk.card("a"), "0000000A");
    desk.generate(&mut rack()).unwrap();
    let Slot::Complete { fingerprint, created, .. } = portrait().survey.slot else { panic!("no key") };
    assert_eq!(created, CREATED);
    // Without a register: its serial alone does not do.
    let out = desk.card("out");
    for keys in [format!("{SERIAL}\n\n"), format!("{SERIAL}\nDelete\n"), "delete\n".to_owned(), "q\n".to_owned()] {
        let ran = typed(&reset(&out, &[]), &keys, |_| {});
        assert!(ran.refused(5, None).contains("was not typed, and nothing was done to the card"), "{}", ran.err);
    }
    assert!(portrait().used().is_some() && !out.exists());
    let ran = typed(&reset(&out, &[]), &format!("{SERIAL}\ndelete\n"), |_| {});
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(ran.out.starts_with(&format!("{}: card {SERIAL}, test card\n", SLOTS[1])), "{}", ran.out);
    assert!(ran.out.contains(&format!("In SIG: key {}.", fingerprint.groups())), "{}", ran.out);
    assert!(ran.out.contains("Cardholder: DRESS REHEARSAL, NOT FOR USE. Signatures: 0."), "{}", ran.out);
    assert!(ran.out.contains("nobody here knows whose card this is"), "{}", ran.out);
    assert!(ran.out.ends_with("was reset and read again: it is blank, with the PINs of a new card.\n"), "{}", ran.out);
    assert_eq!(portrait().used(), None);
    assert!(out.join("journal/transcripts/0001-card-reset.jsonl").is_file());
    assert!(refused(&mut reset(&out, &[])).refused(1, Some("FILE-1")).contains("out"));
}

#[test]
fn a_card_that_the_register_needs_is_not_reset() {
    let Some(mut readers) = Readers::for_test(a_card_that_the_register_needs_is_not_reset) else { return };
    let mut desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let (out, register) = (desk.card("out"), desk.card("register"));
    let with = ["--register", register.to_str().unwrap()];
    // A register that does not know the card is one that says so: no other word is wanted.
    desk.generate(&mut rack()).unwrap();
    let ran = typed(&reset(&out, &with), &format!("{SERIAL}\n"), |_| {});
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(!ran.out.contains("nobody here knows"), "{}", ran.out);

    desk.present(name().as_str(), 0xa);
    let permit = desk.permit(Intent::GenerateKey { card: name(), root: None });
    let before = portrait();
    let ran = refused(&mut reset(&desk.card("other"), &with));
    let said = ran.refused(1, Some("CARD-4"));
    assert!(said.contains("card FFFF:0000000A is card packages-a of this register, blank"), "{said}");
    assert_eq!(portrait(), before);
    drop(permit);
    readers.pull(0);
    assert!(refused(&mut reset(&desk.card("other"), &[])).refused(4, None).starts_with("error: no card"));
}

/// Cuts a reset off between TERMINATE DF and ACTIVATE FILE.
struct Half;

impl Tap for Half {
    fn before(&mut self, apdu: &Apdu) -> Action {
        if apdu.instruction == 0x44 { Action::Cut } else { Action::Pass }
    }

    fn after(&mut self, _apdu: &Apdu, _answer: &Answer) -> Action {
        Action::Pass
    }
}

#[test]
fn a_card_that_was_reset_half_way_is_reset_whole() {
    let Some(mut readers) = Readers::for_test(a_card_that_was_reset_half_way_is_reset_whole) else { return };
    let mut desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let permit = desk.leave_to_reset();
    let error = rack().tapped(Arc::new(Mutex::new(Half))).session(&any(), |card| card.reset(&permit)).unwrap_err();
    assert!(matches!(error, CardError::Removed { .. }), "{error}");
    let out = desk.card("out");
    let ran = typed(&reset(&out, &[]), &format!("{SERIAL}\ndelete\n"), |_| {});
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(ran.out.contains("A card answers nothing, for its reset was cut off."), "{}", ran.out);
    assert_eq!(portrait().used(), None);
}

#[test]
fn a_card_whose_test_was_cut_off_is_reset() {
    let Some(mut readers) = Readers::for_test(a_card_whose_test_was_cut_off_is_reset) else { return };
    let desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let mut test = Command::new(keyrite());
    test.args(["card", "test", SERIAL, "--out"]).arg(desk.card("test"));
    let ran = typed(&test, &format!("{SERIAL}\n"), |line| {
        if line.ends_with("sign with it: Ed25519") {
            readers.snatch(0);
        }
    });
    ran.refused(4, None);
    readers.insert(0, &desk.card("a"));
    let ran = typed(&reset(&desk.card("out"), &[]), &format!("{SERIAL}\ndelete\n"), |_| {});
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert_eq!(portrait().used(), None);
}
