//! `keyrite card test`: a blank card at a real pcscd, and the cards that are not tested.

use std::path::Path;
use std::process::Command;

use keyrite::format::card_report;
use keyrite::model::card_report::Found;
use keyrite::workstation::card::{RackExt as _, Slot};

use crate::desk::{Desk, any, rack, slot};
use crate::readers::Readers;
use crate::stage::{Ran, copy, keyrite};
use crate::typed::typed;

const SERIAL: &str = "FFFF:0000000A";

fn test(out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(keyrite());
    command.args(["card", "test", SERIAL, "--out"]).arg(out).args(more);
    command
}

/// Where nobody can type.
fn refused(command: &mut Command) -> Ran {
    Ran::of(&command.output().unwrap())
}

#[test]
fn a_blank_card_is_tested_reported_and_blank_again() {
    let Some(mut readers) = Readers::for_test(a_blank_card_is_tested_reported_and_blank_again) else { return };
    let desk = Desk::new();
    readers.insert_new(1, &desk.card("a"), "0000000A");
    let out = desk.card("out");
    let register = desk.card("new");
    let ran = typed(&test(&out, &["--register", register.to_str().unwrap()]), &format!("{SERIAL}\n"), |_| {});
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(ran.out.contains("passed ") && ran.out.contains("generate a key: NIST P-521"), "{}", ran.out);
    assert!(ran.out.ends_with("Everything was as it should be, and the card is blank again.\n"), "{}", ran.out);
    let mut names: Vec<String> =
        out.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let [journal, name] = names.as_slice() else { panic!("{names:?}") };
    let report = card_report::read(name, &std::fs::read(out.join(name)).unwrap()).unwrap();
    assert_eq!((journal.as_str(), report.fault("Ed25519")), ("journal", None));
    assert!(report.checks.iter().all(|check| check.outcome == Found::Passed), "{report:?}");
    assert_eq!(slot().unwrap(), Slot::Empty);
    assert_eq!(std::fs::read(register.join("card-models").join(name)).unwrap(), std::fs::read(out.join(name)).unwrap());
    // Once more into the same folder.
    assert!(refused(&mut test(&out, &[])).refused(1, Some("FILE-1")).contains("out"));
}

#[test]
fn a_card_that_is_not_blank_or_known_is_not_tested() {
    let Some(mut readers) = Readers::for_test(a_card_that_is_not_blank_or_known_is_not_tested) else { return };
    let mut desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    desk.present("packages-a", 0xa);
    // Nobody else may be at work on a register that a report goes into.
    let (out, register) = (desk.card("out"), desk.card("copy"));
    copy(&desk.card("register"), &register);
    let ran = refused(&mut test(&out, &["--register", register.to_str().unwrap()]));
    let said = ran.refused(1, Some("CARD-4"));
    assert!(said.contains("card FFFF:0000000A is card packages-a of this register, blank"), "{said}");
    desk.generate(&mut rack()).unwrap();
    let ran = refused(&mut test(&out, &[]));
    assert!(ran.refused(1, Some("CARD-4")).contains("card FFFF:0000000A is not blank: it holds a key"), "{}", ran.err);
    assert!(!out.exists(), "nothing was begun");
    readers.pull(0);
    assert!(refused(&mut test(&out, &[])).refused(4, None).starts_with("error: no card FFFF:0000000A: "));
    // What the register says needs no reader, and no register is made for a report that is not there.
    refused(&mut test(&out, &["--register", register.to_str().unwrap()])).refused(1, Some("CARD-4"));
    let new = desk.card("new");
    refused(&mut test(&out, &["--register", new.to_str().unwrap()])).refused(4, None);
    assert!(!new.exists());
}

#[test]
fn a_serial_that_is_not_typed_changes_nothing() {
    let Some(mut readers) = Readers::for_test(a_serial_that_is_not_typed_changes_nothing) else { return };
    let desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let portrait = || rack().session(&any(), |card| card.portrait()).unwrap();
    let (out, before) = (desk.card("out"), portrait());
    for keys in ["FFFF:0000000B\n", "Yes\n", "\n", "q\n"] {
        let ran = typed(&test(&out, &[]), keys, |_| {});
        assert!(ran.refused(5, None).contains("FFFF:0000000A was not typed, and nothing was done"), "{}", ran.err);
    }
    assert!(refused(&mut test(&out, &[])).refused(4, None).contains("is not a terminal"));
    assert!(!out.exists() && portrait() == before && before.used().is_none());
}

#[test]
fn a_card_that_is_pulled_in_its_test_is_said_how_to_reset() {
    let Some(mut readers) = Readers::for_test(a_card_that_is_pulled_in_its_test_is_said_how_to_reset) else { return };
    let desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let out = desk.card("out");
    let ran = typed(&test(&out, &[]), &format!("{SERIAL}\n"), |line| {
        if line.ends_with("write a key: NIST P-256") {
            readers.snatch(0);
        }
    });
    let said = ran.refused(4, None);
    assert!(said.contains("the test of card FFFF:0000000A was cut off: "), "{said}");
    assert!(said.contains("keyrite card reset FFFF:0000000A"), "{said}");
    assert!(out.join("journal").is_dir() && out.read_dir().unwrap().count() == 1, "there is no report");
}
