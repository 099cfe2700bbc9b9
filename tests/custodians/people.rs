//! The cast of a rehearsal, some of whom are absent, and who ask the next one when somebody has no sheet.

use std::path::Path;

use keyrite::ceremony::CeremonyError;
use keyrite::ceremony::dialogue::{Announcement, Answer, Brought, Dialogue, Half, Reading, SheetName};
use keyrite::model::hash::Hash;
use keyrite::model::role::{Role, Seat};
use keyrite::model::shown::Shown;
use keyrite::rehearsal::{Cast, Rehearsal};
use keyrite_locked::{Hardening, Locked};

use crate::stage::{Stage, keyrite, virtual_card};

/// Who they are.
#[derive(Default)]
pub(crate) struct People {
    /// Custodians who did not come.
    pub(crate) absent: Vec<u8>,
    /// Numbers that are read from bags, one after the other, before those that nobody has used.
    pub(crate) bags: Vec<String>,
    /// What a die shows whenever some throws are asked for; otherwise the cast throws.
    pub(crate) throws: Option<&'static str>,
}

struct Room<'a> {
    cast: Cast<'a>,
    people: People,
}

/// Plays a script with them; gives what was told, or what stopped it.
pub(crate) fn play(stage: &Stage, script: &str, people: People) -> Result<String, String> {
    let mut told = Vec::new();
    let rehearsal = Rehearsal {
        scratch: stage.scratch(),
        keyrite: keyrite(),
        virtual_card: virtual_card(),
        hardening: Hardening { undumpable: false, no_core: false, all_locked: false },
        sandbox: keyrite::workstation::sandbox::Sandbox::default(),
        tap: None,
        observer: None,
    };
    let mut room = Room { cast: Cast::new(&stage.scratch(), &mut told), people };
    let ended = rehearsal.run_by_hand(Path::new(script), None, None, &mut room);
    drop(room);
    let told = String::from_utf8(told).unwrap();
    ended.map(|_| told).map_err(|error| error.to_string())
}

impl Dialogue for Room<'_> {
    fn announce(&mut self, announcement: &Announcement<'_>) {
        self.cast.announce(announcement);
    }

    fn tell(&mut self, line: &str) {
        self.cast.tell(line);
    }

    fn confirm(&mut self, seat: Seat, question: &str, compare: Option<Hash>) -> Answer<()> {
        if seat.role == Role::Custodian
            && question.contains(" is here as ")
            && self.people.absent.contains(&seat.number)
        {
            return Err(CeremonyError::Declined { seat, question: Shown::new(question) }.into());
        }
        self.cast.confirm(seat, question, compare)
    }

    fn type_out(&mut self, seat: Seat, question: &str, words: &str) -> Answer<()> {
        self.cast.type_out(seat, question, words)
    }

    fn time(&mut self, seat: Seat) -> Answer<Reading> {
        self.cast.time(seat)
    }

    fn channel(&mut self, seat: Seat, fingerprint: &str) -> Answer<Option<String>> {
        self.cast.channel(seat, fingerprint)
    }

    fn half(&mut self, half: &Half) -> Answer<Locked> {
        self.cast.half(half)
    }

    fn choose(&mut self, half: &Half, least: usize) -> Answer<Locked> {
        self.cast.choose(half, least)
    }

    fn known(&mut self, half: &Half) -> Result<(), CeremonyError> {
        self.cast.known(half)
    }

    fn again(&mut self, _error: &str, question: &str) -> Answer<bool> {
        Ok(question == "Ask the next one by lot?")
    }

    fn hand(&mut self, seat: Seat, name: &SheetName, sheet: &Locked) -> Answer<()> {
        self.cast.hand(seat, name, sheet)
    }

    fn fetch(&mut self, seat: Seat, name: &SheetName) -> Answer<Brought> {
        assert!(!self.people.absent.contains(&seat.number), "{seat} is not here");
        self.cast.fetch(seat, name)
    }

    fn throws(&mut self, seat: Seat, thrown: usize, wanted: usize) -> Answer<Locked> {
        match self.people.throws {
            Some(throws) => Ok(Locked::copy_of(throws.as_bytes())?),
            None => self.cast.throws(seat, thrown, wanted),
        }
    }

    fn bag_number(&mut self, seat: Seat, what: &str) -> Answer<String> {
        if self.people.bags.is_empty() { self.cast.bag_number(seat, what) } else { Ok(self.people.bags.remove(0)) }
    }

    fn destroy(&mut self, seat: Seat, name: &SheetName) -> Answer<bool> {
        self.cast.destroy(seat, name)
    }
}
