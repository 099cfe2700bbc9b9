//! The witnesses' clocks against the machine's (CLOCK-1).
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/guests.rs"]
mod guests;
#[path = "support/stage.rs"]
mod stage;

use std::path::Path;
use std::time::Duration;

use guests::Guests;
use keyrite::ceremony::CeremonyError;
use keyrite::model::control::Control;
use keyrite::model::fault::{Class, Fault};
use keyrite::rehearsal::Rehearsal;

/// Begins a root generation with people whose clocks are so many seconds ahead; gives what stopped it, and what was said of the clocks.
fn begin(ahead: u64) -> (CeremonyError, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let rehearsal = Rehearsal {
        scratch: folder.path().to_owned(),
        virtual_card: stage::virtual_card(),
        keyrite: stage::keyrite(),
        hardening: keyrite_locked::Hardening { undumpable: false, no_core: false, all_locked: false },
        sandbox: keyrite::workstation::sandbox::Sandbox::default(),
        tap: None,
        observer: None,
    };
    let mut people = Guests { ahead: Duration::from_secs(ahead), ..Guests::default() };
    let script = Path::new(stage::ROOT_GENERATION);
    let organization = Path::new("ceremony/organization.toml");
    let stopped = rehearsal.run_by_hand(script, Some(organization), None, &mut people).unwrap_err();
    people.told.retain(|line| line.contains("from this machine's clock"));
    (stopped, people.told)
}

#[test]
fn clocks_that_agree_go_on_to_the_cards() {
    let (stopped, skews) = begin(100);
    assert!(matches!(stopped, CeremonyError::Declined { .. }), "{stopped}");
    assert_eq!(skews.len(), 2);
}

#[test]
fn clocks_too_far_apart_stop_the_ceremony() {
    let (stopped, _) = begin(200);
    assert_eq!((stopped.class(), stopped.control()), (Class::Refused, Some(Control::ClockAgreed)));
    assert!(stopped.hint().is_some());
}
