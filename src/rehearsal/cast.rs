//! The cast: it answers at once, always the same, and says so on the screen.

use std::io::Write;
use std::path::Path;

use keyrite_locked::Locked;

use super::pockets::{self, Pockets};
use crate::ceremony::CeremonyError;
use crate::ceremony::dialogue::{Announcement, Answer, Brought, Dialogue, Half, Papers, Reading, SheetName};
use crate::ceremony::screen;
use crate::model::hash::Hash;
use crate::model::role::Seat;
use crate::model::shown::Shown;
use crate::workstation::clock;

/// People who are not there.
pub struct Cast<'a> {
    pockets: Pockets,
    out: &'a mut dyn Write,
    /// Nobody sees what is said any more.
    unseen: bool,
}

impl<'a> Cast<'a> {
    /// A cast with its pockets in the scratch folder.
    pub fn new(scratch: &Path, out: &'a mut dyn Write) -> Self {
        Self { pockets: Pockets::new(scratch), out, unseen: false }
    }

    /// A screen that is gone is no reason to stop in the middle of something, but no further step begins.
    fn line(&mut self, line: &str) {
        self.unseen |= writeln!(self.out, "{line}").is_err();
    }
}

impl Dialogue for Cast<'_> {
    fn announce(&mut self, announcement: &Announcement<'_>) {
        for line in screen::announcement(announcement) {
            self.line(&line);
        }
        self.unseen |= self.out.flush().is_err();
    }

    fn begin(&mut self) -> Answer<()> {
        match self.unseen {
            true => Err(CeremonyError::Stopped { how: "because nobody sees what it says" }.into()),
            false => Ok(()),
        }
    }

    fn tell(&mut self, line: &str) {
        for line in screen::told(line) {
            self.line(&line);
        }
    }

    fn confirm(&mut self, seat: Seat, question: &str, _compare: Option<Hash>) -> Answer<()> {
        self.tell(&format!("{seat}: {} Yes.", Shown::new(question)));
        Ok(())
    }

    fn type_out(&mut self, seat: Seat, question: &str, words: &str) -> Answer<()> {
        self.tell(&format!("{seat}: {} {words}.", Shown::new(question)));
        Ok(())
    }

    fn time(&mut self, _seat: Seat) -> Answer<Reading> {
        let now = clock::now()?;
        Ok(Reading { theirs: now, ours: now })
    }

    fn channel(&mut self, _seat: Seat, _fingerprint: &str) -> Answer<Option<String>> {
        Ok(Some("in person, on this stage".to_owned()))
    }

    fn half(&mut self, half: &Half) -> Answer<Locked> {
        Ok(self.pockets.half(half)?)
    }

    fn choose(&mut self, half: &Half, _least: usize) -> Answer<Locked> {
        Ok(self.pockets.choose(half)?)
    }

    fn known(&mut self, half: &Half) -> Result<(), CeremonyError> {
        Ok(self.pockets.known(half)?)
    }

    fn again(&mut self, _error: &str, _question: &str) -> Answer<bool> {
        // It would only say the same again.
        Ok(false)
    }

    fn hand(&mut self, seat: Seat, name: &SheetName, sheet: &Locked) -> Answer<()> {
        Ok(self.pockets.put(seat, name, sheet)?)
    }

    fn fetch(&mut self, seat: Seat, name: &SheetName) -> Answer<Brought> {
        Ok(Brought::Sheet(self.pockets.take(seat, name)?))
    }

    fn throws(&mut self, _seat: Seat, thrown: usize, wanted: usize) -> Answer<Locked> {
        Ok(pockets::throws(wanted.saturating_sub(thrown))?)
    }

    fn bag_number(&mut self, _seat: Seat, _what: &str) -> Answer<String> {
        Ok(self.pockets.bag()?)
    }

    fn destroy(&mut self, seat: Seat, name: &SheetName) -> Answer<bool> {
        Ok(self.pockets.destroy(seat, name)?)
    }
}
