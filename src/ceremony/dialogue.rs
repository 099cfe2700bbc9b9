//! What a ceremony asks of people, whoever answers: a room at a terminal, or the cast of a rehearsal.

use keyrite_locked::Locked;

use super::CeremonyError;
use crate::model::event::Sealed;
use crate::model::hash::Hash;
use crate::model::name::{CardName, RootName, StepId};
use crate::model::role::Seat;
use crate::model::room::Undo;
use crate::model::timestamp::Timestamp;

/// One of a card's secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The user PIN: signs.
    User,
    /// The admin PIN: writes keys.
    Admin,
    /// The reset code: sets a new user PIN.
    Reset,
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::User => "user PIN",
            Self::Admin => "admin PIN",
            Self::Reset => "reset code",
        })
    }
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

/// The room.
pub trait Dialogue {
    /// Announces a step.
    fn announce(&mut self, announcement: &Announcement<'_>);

    /// Whether the room lets begin what was announced: somebody may have asked to stop.
    ///
    /// # Errors
    /// [`CeremonyError::Stopped`].
    fn begin(&mut self) -> Result<(), CeremonyError> {
        Ok(())
    }

    /// Tells the room something.
    fn tell(&mut self, line: &str);

    /// Shows the room a picture: rows that stay together on one screen, under the words that say what it is.
    fn picture(&mut self, caption: &str, rows: &[String]) {
        self.tell(caption);
        rows.iter().for_each(|row| self.tell(row));
    }

    /// Asks for a plain yes. For what cannot be undone, it is typed.
    ///
    /// # Errors
    /// [`CeremonyError::Declined`].
    fn confirm(&mut self, seat: Seat, question: &str, compare: Option<Hash>) -> Result<(), CeremonyError>;

    /// Asks a witness for the time in UTC, from a clock of their own.
    ///
    /// # Errors
    /// When nobody answers.
    fn time(&mut self, seat: Seat) -> Result<Timestamp, CeremonyError>;

    /// Asks whether, and over which channel, a fingerprint was compared with its owner: `in person`, `video call`.
    ///
    /// # Errors
    /// When nobody answers.
    fn channel(&mut self, seat: Seat, fingerprint: &str) -> Result<Option<String>, CeremonyError>;

    /// Asks a holder for a half that they know.
    ///
    /// # Errors
    /// When nobody answers.
    fn half(&mut self, half: &Half) -> Result<Locked, CeremonyError>;

    /// Asks a holder to choose a half, at least `least` characters long.
    ///
    /// # Errors
    /// When nobody answers.
    fn choose(&mut self, half: &Half, least: usize) -> Result<Locked, CeremonyError>;

    /// Whether people want to try again after a wrong code.
    fn again(&mut self, error: &str) -> bool;

    /// Hands a share sheet to its holder, and to nobody else.
    ///
    /// # Errors
    /// When it cannot be handed over.
    fn hand(&mut self, seat: Seat, name: &SheetName, sheet: &Locked) -> Result<(), CeremonyError>;

    /// Takes a share sheet from its holder.
    ///
    /// # Errors
    /// When they do not have it.
    fn fetch(&mut self, seat: Seat, name: &SheetName) -> Result<Locked, CeremonyError>;
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
}
