//! What a ceremony asks of people, whoever answers: a room at a terminal, or the cast of a rehearsal.

use keyrite_locked::Locked;

use super::CeremonyError;
pub use crate::model::code::Code;
use crate::model::evidence::Sealed;
use crate::model::hash::Hash;
use crate::model::name::{CardName, RootName, StepId};
use crate::model::role::Seat;
use crate::model::room::Undo;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// Which of two halves that one person may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// The one that the card knows.
    Present,
    /// The one that was chosen last, in place of another.
    New,
    /// The one before that: a cut left open which of the two the card knows.
    Before,
}

/// One half of a card's code, held by one person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Half {
    /// The card.
    pub card: CardName,
    /// Which of its codes.
    pub code: Code,
    /// Whose half: seat 1 types first.
    pub seat: Seat,
    /// Which one, when there are two.
    pub choice: Choice,
}

/// A share sheet in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SheetName {
    /// The root.
    pub root: RootName,
    /// What was sealed.
    pub sealed: Sealed,
    /// The share set.
    pub set: String,
    /// The share's number.
    pub number: u8,
    /// How many lines the share has.
    pub lines: u8,
}

/// What a holder brings.
pub enum Brought {
    /// The sheet, as the records key signed it.
    Sheet(Locked),
    /// What was typed from a copy in somebody's own hand: labels and lines of a sheet, each line with its checksum.
    Copy(Locked),
}

/// What the room hears before a step.
pub struct Announcement<'a> {
    /// The step.
    pub step: &'a StepId,
    /// Who acts.
    pub who: Seat,
    /// What the leader reads.
    pub say: &'a str,
    /// What is about to happen, in short lines.
    pub expect: Vec<String>,
    /// Whether it can be taken back.
    pub undo: Undo,
    /// Whether it mends what a cut left.
    pub mend: bool,
}

/// What people may want at any question, instead of answering it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aside {
    /// To have it recorded that something happened which the script does not foresee, and why.
    Exception(Shown),
    /// To pause. The time counts: it is recorded.
    Pause,
    /// To see what is true now.
    Room,
    /// To see what was recorded last.
    Record,
    /// To stop the ceremony.
    Stop,
}

/// Why a question has no answer yet, or never will have.
#[derive(Debug)]
pub enum Unanswered {
    /// Something comes first; then it is asked again.
    Aside(Aside),
    /// The ceremony stops here.
    Stop(CeremonyError),
}

impl<E: Into<CeremonyError>> From<E> for Unanswered {
    fn from(error: E) -> Self {
        Self::Stop(error.into())
    }
}

/// What a question gives.
pub type Answer<T> = Result<T, Unanswered>;

/// Something that goes on as long as it is held: a sign of life on the screen.
pub type Heartbeat = Box<dyn std::any::Any>;

/// A clock that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// What it showed.
    pub theirs: Timestamp,
    /// What the machine's clock showed when that was entered.
    pub ours: Timestamp,
}

/// The room. Questions are asked through [`super::scene::Scene::ask`], which sees to asides.
pub trait Dialogue {
    /// Announces a step.
    fn announce(&mut self, announcement: &Announcement<'_>);

    /// Told who sits where: from here on people can be called by name.
    fn seated(&mut self, _seats: &[(Seat, String)]) {}

    /// Asks whether the room lets begin what was announced.
    ///
    /// # Errors
    /// [`CeremonyError::Stopped`].
    fn begin(&mut self) -> Answer<()> {
        Ok(())
    }

    /// Tells the room something.
    fn tell(&mut self, line: &str);

    /// Shows that work goes on until what it gives is dropped.
    fn busy(&mut self, _words: &'static str) -> Heartbeat {
        Box::new(())
    }

    /// Shows the room a picture: rows that stay together on one screen, under the words that say what it is.
    fn picture(&mut self, caption: &str, rows: &[String]) {
        self.tell(caption);
        rows.iter().for_each(|row| self.tell(row));
    }

    /// Waits until the room goes on after a pause.
    ///
    /// # Errors
    /// [`CeremonyError::Stopped`].
    fn pause(&mut self) -> Answer<()> {
        Ok(())
    }

    /// Asks for a plain yes. For what cannot be undone, it is typed.
    ///
    /// # Errors
    /// [`CeremonyError::Declined`].
    fn confirm(&mut self, seat: Seat, question: &str, compare: Option<Hash>) -> Answer<()>;

    /// Asks somebody to type `words`, which the question names: a habit of the fingers does not do it.
    ///
    /// # Errors
    /// [`CeremonyError::Declined`].
    fn type_out(&mut self, seat: Seat, question: &str, words: &str) -> Answer<()>;

    /// Whether somebody dares what is refused otherwise: they type `words`, which the question names. Nobody does, unless
    /// there are people to ask.
    ///
    /// # Errors
    /// When nobody answers.
    fn dare(&mut self, _seat: Seat, _question: &str, _words: &str) -> Answer<bool> {
        Ok(false)
    }

    /// Asks somebody to read the first and the last word of a hash from their own paper, and not from the screen. `words` are
    /// what the paper should say.
    ///
    /// # Errors
    /// [`CeremonyError::Declined`].
    fn read_back(&mut self, _seat: Seat, _what: &str, _words: [&str; 2]) -> Answer<()> {
        Ok(())
    }

    /// Asks somebody to read the number of a card's bag from the bag itself, and not from the screen. `number` is what should
    /// stand on it.
    ///
    /// # Errors
    /// [`CeremonyError::Declined`] when the bag has no such number.
    fn read_bag(&mut self, _seat: Seat, _card: &CardName, _number: &str) -> Answer<()> {
        Ok(())
    }

    /// Asks a witness for the time in UTC, from a clock of their own.
    ///
    /// # Errors
    /// When nobody answers.
    fn time(&mut self, seat: Seat) -> Answer<Reading>;

    /// Asks whether, and over which channel, a fingerprint was compared with its owner: `in person`, `video call`.
    ///
    /// # Errors
    /// When nobody answers.
    fn channel(&mut self, seat: Seat, fingerprint: &str) -> Answer<Option<String>>;

    /// Asks a holder for a half that they know.
    ///
    /// # Errors
    /// When nobody answers.
    fn half(&mut self, half: &Half) -> Answer<Locked>;

    /// Asks a holder to choose a half, at least `least` characters long.
    ///
    /// # Errors
    /// When nobody answers.
    fn choose(&mut self, half: &Half, least: usize) -> Answer<Locked>;

    /// Told when it is known that the card knows the halves of this choice, and not the others.
    ///
    /// # Errors
    /// When they cannot be put away.
    fn known(&mut self, _half: &Half) -> Result<(), CeremonyError> {
        Ok(())
    }

    /// Whether people want to try again after something was wrong.
    ///
    /// # Errors
    /// When nobody answers.
    fn again(&mut self, error: &str, question: &str) -> Answer<bool>;

    /// Hands a share sheet to its holder, and to nobody else.
    ///
    /// # Errors
    /// When it cannot be handed over.
    fn hand(&mut self, seat: Seat, name: &SheetName, sheet: &Locked) -> Answer<()>;

    /// Takes a share from its holder.
    ///
    /// # Errors
    /// When they do not have it.
    fn fetch(&mut self, seat: Seat, name: &SheetName) -> Answer<Brought>;

    /// Asks somebody for throws of a die, some at a time; `thrown` of `wanted` are there.
    ///
    /// # Errors
    /// When nobody answers.
    fn throws(&mut self, seat: Seat, thrown: usize, wanted: usize) -> Answer<Locked>;

    /// Asks somebody for the number on the new bag into which they put `what`.
    ///
    /// # Errors
    /// When nobody answers.
    fn bag_number(&mut self, seat: Seat, what: &str) -> Answer<String>;

    /// Has a sheet brought and destroyed. Whether that was done: nobody may have it any more.
    ///
    /// # Errors
    /// When nobody answers.
    fn destroy(&mut self, seat: Seat, name: &SheetName) -> Answer<bool>;
}

/// Where share sheets lie between two uses: the pockets of a rehearsal.
pub trait Papers {
    /// Puts a sheet away for its holder.
    ///
    /// # Errors
    /// When it cannot be put there.
    fn put(&mut self, seat: Seat, name: &SheetName, sheet: &Locked) -> Result<(), CeremonyError>;

    /// Takes a sheet out.
    ///
    /// # Errors
    /// When it is not there.
    fn take(&mut self, seat: Seat, name: &SheetName) -> Result<Locked, CeremonyError>;

    /// Destroys a sheet. Whether there was one.
    ///
    /// # Errors
    /// When it cannot be destroyed.
    fn destroy(&mut self, seat: Seat, name: &SheetName) -> Result<bool, CeremonyError>;
}
