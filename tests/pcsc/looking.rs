//! `keyrite card list` and `show`: what is in the readers, for the eye and for programs.

use std::process::Command;

use serde_json::Value;

use crate::desk::{Desk, rack};
use crate::foreign;
use crate::readers::{Readers, SLOTS};
use crate::stage::{Ran, keyrite};

fn card(args: &[&str]) -> Ran {
    let mut command = Command::new(keyrite());
    Ran::of(&command.arg("card").args(args).env("COLUMNS", "80").output().unwrap())
}

/// What is shown, on lines that a screen has room for.
fn shown(args: &[&str]) -> String {
    let ran = card(args);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    ran.out
}

fn json(args: &[&str]) -> Value {
    let report: Value = serde_json::from_str(&shown_wide(args)).unwrap();
    assert_eq!(report["version"], 1);
    report
}

fn shown_wide(args: &[&str]) -> String {
    let ran = card(args);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    ran.out
}

#[test]
fn every_reader_is_a_row() {
    let Some(mut readers) = Readers::for_test(every_reader_is_a_row) else { return };
    let mut desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    desk.generate(&mut rack()).unwrap();
    let said = shown(&["list"]);
    let first = format!(
        "{}: card FFFF:0000000A, test card\n    OpenPGP application 3.4, firmware not told\n    cardholder ",
        SLOTS[0]
    );
    assert!(said.starts_with(&first), "{said}");
    assert!(said.contains("\n    SIG  Ed25519     ") && said.contains("  generated, touch off\n"), "{said}");
    assert!(said.contains("\n    DEC  RSA-2048    empty, touch off\n"), "{said}");
    assert!(said.contains("\n    tries left: user PIN 3, reset code 0, admin PIN 3\n"), "{said}");
    assert!(said.contains("\n    0 signature(s) with the key in SIG\n"), "{said}");
    assert!(said.ends_with(&format!("{}: no card\n", SLOTS[1])), "{said}");

    readers.insert_program(1, &mut foreign::program(1, foreign::NOT_FOUND));
    let said = shown(&["list"]);
    assert!(said.ends_with(&format!("{}: a card that is no OpenPGP card\n", SLOTS[1])), "{said}");
    let report = json(&["list", "--json"]);
    let [first, second] = report["readers"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&first["holds"], &second["holds"]), (&"card".into(), &"foreign".into()));
    assert_eq!((&first["reader"], &second["card"]), (&SLOTS[0].into(), &Value::Null));
    let card = &first["card"];
    assert_eq!((&card["serial"], &card["maker"]), (&"FFFF:0000000A".into(), &"test card".into()));
    assert_eq!((&card["firmware"], &card["advisories"]), (&Value::Null, &Value::Array(Vec::new())));
    assert_eq!((&card["slots"][0]["slot"], &card["slots"][0]["origin"]), (&"SIG".into(), &"generated".into()));
    assert_eq!((&card["slots"][1]["key"], &card["register"]), (&false.into(), &Value::Null));
}

#[test]
fn a_register_says_what_cards_are_called() {
    let Some(mut readers) = Readers::for_test(a_register_says_what_cards_are_called) else { return };
    let mut desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    desk.present("packages-a", 0xa);
    desk.present("packages-b", 0xb);
    desk.generate(&mut rack()).unwrap();
    readers.insert_new(1, &desk.card("b"), "0000000B");
    let register = desk.card("register");
    let files = || {
        let list = Command::new("find").arg(&register).args(["-type", "f", "-exec", "sha256sum", "{}", "+"]).output();
        String::from_utf8(list.unwrap().stdout).unwrap()
    };
    let before = files();
    let said = shown(&["list", "--register", register.to_str().unwrap()]);
    // The first has a key that no record explains.
    assert!(said.contains("register: card packages-a, blank, 0 signature(s): NOT as the card"), "{said}");
    assert!(said.contains("register: card packages-b, blank, 0 signature(s): as the card"), "{said}");
    let report = json(&["show", "FFFF:0000000B", "--json", "--register", register.to_str().unwrap()]);
    assert_eq!(report["readers"].as_array().unwrap().len(), 1);
    let recorded = &report["readers"][0]["card"]["register"];
    assert_eq!((&recorded["card"], &recorded["as-recorded"]), (&"packages-b".into(), &true.into()));
    assert_eq!(files(), before, "it only looks");
}

#[test]
fn one_card_is_shown_or_it_is_said_why_not() {
    let Some(mut readers) = Readers::for_test(one_card_is_shown_or_it_is_said_why_not) else { return };
    let desk = Desk::new();
    readers.insert_new(1, &desk.card("a"), "0000000A");
    let said = shown(&["show", "FFFF:0000000A"]);
    assert!(said.starts_with(&format!("{}: card FFFF:0000000A, test card\n", SLOTS[1])), "{said}");
    assert!(!said.contains(SLOTS[0]) && said.contains("\n    SIG  ") && said.contains(" empty"), "{said}");

    let ran = card(&["show", "0006:0000000A"]);
    let error = ran.refused(4, None);
    let words = format!("no card 0006:0000000A: {} is empty; {} holds card FFFF:0000000A", SLOTS[0], SLOTS[1]);
    assert!(error.starts_with(&format!("error: {words}\nhint: insert the right card")), "{error}");

    std::fs::copy(desk.card("a"), desk.card("copy")).unwrap();
    readers.insert(0, &desk.card("copy"));
    let ran = card(&["show", "FFFF:0000000A"]);
    assert!(ran.refused(1, Some("CARD-1")).contains("is not the only one of its serial"), "{}", ran.err);
    assert_eq!(shown(&["list"]).matches("card FFFF:0000000A").count(), 2);

    readers.restart(false);
    assert!(card(&["list"]).refused(4, None).starts_with("error: no card: there is no card reader\nhint: plug in"));
    readers.stop();
    assert!(card(&["list"]).refused(4, None).contains("the service pcscd cannot be reached"));
}
