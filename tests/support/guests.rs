//! People who come without PINs, and some of them without cards: a ceremony with them ends there at the latest.

use std::time::Duration;

use keyrite::ceremony::CeremonyError;
use keyrite::ceremony::dialogue::{Announcement, Answer, Brought, Dialogue, Half, Reading, SheetName};
use keyrite::model::hash::Hash;
use keyrite::model::role::Seat;
use keyrite::model::shown::Shown;
use keyrite::workstation::clock;
use keyrite_locked::Locked;

/// The people.
pub(crate) struct Guests<'a> {
    /// Whether they have cards. If so, they go when PINs are to be chosen; if not, they say no to the first card.
    pub(crate) bring_cards: bool,
    /// How far their clocks are ahead.
    pub(crate) ahead: Duration,
    /// How many more times one of them dares what is refused otherwise.
    pub(crate) dares: usize,
    /// The step before which they go.
    pub(crate) leave_at: Option<&'static str>,
    /// Done when a step is announced.
    pub(crate) at_step: Box<dyn FnMut(&str) + 'a>,
    /// What they were told.
    pub(crate) told: Vec<String>,
    /// They are going.
    pub(crate) leaving: bool,
}

impl Default for Guests<'_> {
    fn default() -> Self {
        Self {
            bring_cards: false,
            ahead: Duration::ZERO,
            dares: 0,
            leave_at: None,
            at_step: Box::new(|_| {}),
            told: Vec::new(),
            leaving: false,
        }
    }
}

impl Dialogue for Guests<'_> {
    fn announce(&mut self, announcement: &Announcement<'_>) {
        (self.at_step)(announcement.step.as_str());
        self.leaving = self.leave_at == Some(announcement.step.as_str()) && !announcement.mend;
    }

    fn begin(&mut self) -> Answer<()> {
        if self.leaving { Err(CeremonyError::Stopped { how: "by hand" }.into()) } else { Ok(()) }
    }

    fn tell(&mut self, line: &str) {
        self.told.push(line.to_owned());
    }

    fn confirm(&mut self, seat: Seat, question: &str, _compare: Option<Hash>) -> Answer<()> {
        if !self.bring_cards && question.starts_with("Card ") {
            return Err(CeremonyError::Declined { seat, question: Shown::new(question) }.into());
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

    fn type_out(&mut self, _seat: Seat, question: &str, _words: &str) -> Answer<()> {
        panic!("nothing is erased: {question}")
    }

    fn dare(&mut self, seat: Seat, question: &str, words: &str) -> Answer<bool> {
        self.told.push(format!("{seat}: {question} {words}?"));
        let dares = self.dares > 0;
        self.dares = self.dares.saturating_sub(1);
        Ok(dares)
    }

    fn half(&mut self, _half: &Half) -> Answer<Locked> {
        assert!(self.bring_cards, "no code is asked for");
        Err(CeremonyError::Stopped { how: "by hand" }.into())
    }

    fn choose(&mut self, _half: &Half, _least: usize) -> Answer<Locked> {
        assert!(self.bring_cards, "no code is chosen");
        Err(CeremonyError::Stopped { how: "by hand" }.into())
    }

    fn again(&mut self, error: &str, _question: &str) -> Answer<bool> {
        assert!(!self.bring_cards, "{error}");
        // There is no card, and none comes.
        Ok(false)
    }

    fn hand(&mut self, _seat: Seat, _name: &SheetName, _sheet: &Locked) -> Answer<()> {
        panic!("nothing is handed out")
    }

    fn fetch(&mut self, _seat: Seat, _name: &SheetName) -> Answer<Brought> {
        panic!("nothing is taken back")
    }

    fn throws(&mut self, _seat: Seat, _thrown: usize, _wanted: usize) -> Answer<Locked> {
        panic!("no dice are thrown")
    }

    fn bag_number(&mut self, _seat: Seat, what: &str) -> Answer<String> {
        panic!("nothing is put into a bag: {what}")
    }

    fn destroy(&mut self, _seat: Seat, _name: &SheetName) -> Answer<bool> {
        panic!("nothing is destroyed")
    }
}
