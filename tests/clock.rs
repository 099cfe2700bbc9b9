//! The witnesses' clocks against the machine's (CLOCK-1).
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/stage.rs"]
mod stage;

use std::path::Path;
use std::time::Duration;

use keyrite::ceremony::CeremonyError;
use keyrite::ceremony::dialogue::{Announcement, Answer, Brought, Dialogue, Half, Reading, SheetName};
use keyrite::model::control::Control;
use keyrite::model::fault::{Class, Fault};
use keyrite::model::hash::Hash;
use keyrite::model::role::Seat;
use keyrite::rehearsal::Rehearsal;
use keyrite::workstation::clock;
use keyrite_locked::Locked;

/// People whose clocks are so far ahead, and who bring no cards: a ceremony with them ends at the cards at the latest.
struct People {
    ahead: Duration,
    skews: Vec<String>,
}

impl Dialogue for People {
    fn announce(&mut self, _announcement: &Announcement<'_>) {}

    fn tell(&mut self, line: &str) {
        if line.contains("from this machine's clock") {
            self.skews.push(line.to_owned());
        }
    }

    fn confirm(&mut self, seat: Seat, question: &str, _compare: Option<Hash>) -> Answer<()> {
        if question.starts_with("Card ") {
            let question = keyrite::model::shown::Shown::new(question);
            return Err(CeremonyError::Declined { seat, question }.into());
        }
        Ok(())
    }

    fn time(&mut self, _seat: Seat) -> Answer<Reading> {
        let ours = clock::now()?;
        Ok(Reading { theirs: ours.plus(self.ahead), ours })
    }

    fn channel(&mut self, _seat: Seat, _fingerprint: &str) -> Answer<Option<String>> {
        panic!("nothing is reviewed")
    }

    fn half(&mut self, _half: &Half) -> Answer<Locked> {
        panic!("no code is asked for")
    }

    fn choose(&mut self, _half: &Half, _least: usize) -> Answer<Locked> {
        panic!("no code is chosen")
    }

    fn again(&mut self, _error: &str, _question: &str) -> Answer<bool> {
        panic!("no code was wrong")
    }

    fn hand(&mut self, _seat: Seat, _name: &SheetName, _sheet: &Locked) -> Answer<()> {
        panic!("nothing is handed out")
    }

    fn fetch(&mut self, _seat: Seat, _name: &SheetName) -> Answer<Brought> {
        panic!("nothing is taken back")
    }
}

/// Begins a root generation with such people; gives what stopped it, and what was said of the clocks.
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
    let mut people = People { ahead: Duration::from_secs(ahead), skews: Vec::new() };
    let script = Path::new(stage::ROOT_GENERATION);
    let organization = Path::new("ceremony/organization.toml");
    let stopped = rehearsal.run_by_hand(script, Some(organization), None, &mut people).unwrap_err();
    (stopped, people.skews)
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
