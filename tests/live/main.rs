//! Whole ceremonies with `keyrite ceremony run`: virtual cards in the readers of a real pcscd, people at a pseudo-terminal, and
//! shares that go from the screen to paper and back.
#![cfg(feature = "pcsc")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../refusals/engineer.rs"]
mod engineer;
#[path = "../support/gpg.rs"]
mod gpg;
#[path = "../terminal/people.rs"]
mod people;
#[path = "../terminal/pty.rs"]
mod pty;
#[path = "../support/readers.rs"]
mod readers;
mod room;
#[path = "../support/stage.rs"]
mod stage;

use readers::Readers;
use room::{Room, flat};
use stage::{DELEGATION, ROOT_GENERATION};

#[test]
fn a_dress_rehearsal_of_both_scripts() {
    let Some(readers) = Readers::for_test(a_dress_rehearsal_of_both_scripts) else { return };
    let mut room = Room::new(readers);

    let seen = room.run(ROOT_GENERATION, "copy-1").to_the_end();
    assert!(seen.contains("DRESS REHEARSAL, NOT FOR USE"), "{seen}");
    assert!(flat(&seen).contains("The register is copied to"), "{seen}");
    room.asserts_nothing_of_the_papers_on_disk();

    let bundle = engineer::good_bundle(&room.stage);
    let seen = room.run_with(DELEGATION, "copy-2", &bundle).to_the_end();
    assert!(flat(&seen).contains("NEW DELEGATION"), "{seen}");
    let past = room.past();
    assert_eq!((past.names.len(), past.history.delegations.len()), (2, 1));
    // The copy is a register of its own, and as far as the other.
    let copy = keyrite::workstation::register::Register::look_at(&room.path("copy-2")).unwrap().past().unwrap();
    assert_eq!(copy.head, past.head);
    assert!(room.path("out/outgoing-0002-delegation/current.gpg").is_file());
}
