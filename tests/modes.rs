//! Registers of rehearsals and of production refuse each other's ceremonies (MODE-1).
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/stage.rs"]
mod stage;

use keyrite::model::event::{Event, Opening};
use keyrite::model::hash::Hash;
use keyrite::model::mode::Mode;
use keyrite::model::script::Kind;
use keyrite::workstation::journal::Journal;
use keyrite::workstation::register::Register;

#[test]
fn a_rehearsal_on_a_production_register_is_refused() {
    let stage = stage::Stage::empty();
    let register = Register::open_or_create(&stage.scratch().join("register")).unwrap();
    let opening = Opening {
        format: 1,
        ceremony: "0001-root-generation".to_owned(),
        kind: Kind::RootGeneration,
        mode: Mode::Production,
        program: "keyrite".to_owned(),
        binary: Hash::of(b"program"),
        script: Hash::of(b"script"),
        title: "A real one".to_owned(),
        organization: Hash::of(b"organization"),
        organization_name: "Example Organization".to_owned(),
        previous_head: None,
        previous_closing: None,
    };
    let mut journal = Journal::begin(&register, register.past().unwrap(), opening).unwrap();
    journal.append(Event::Finished).unwrap();
    drop((journal, register));
    let ran = stage.run(stage::ROOT_GENERATION, None);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("refused by control MODE-1"), "{}", ran.err);
    // Nothing was begun.
    assert_eq!(std::fs::read_dir(stage.scratch().join("register/transcripts")).unwrap().count(), 1);
}
