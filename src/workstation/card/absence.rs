//! Why there is no card to work with, and what people do about it at the readers.

use std::fmt;

use super::serial::Serial;
use crate::model::shown::Shown;

/// What keeps a session from its card. Nothing was asked of any card yet but what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absence {
    /// No reader at all.
    NoReader,
    /// Readers, and the card in none of them.
    NotThere(Vec<Place>),
    /// More than one card that it could be.
    Several(Vec<Place>),
    /// A virtual card out of reach: what the way to it says.
    Unplugged(Shown),
    /// The service pcscd cannot be reached: what PC/SC says.
    Unreachable(Shown),
}

/// A reader, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The reader's name, as PC/SC has it.
    pub reader: Shown,
    /// What is in it.
    pub holds: Holds,
}

/// What is in a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holds {
    /// An OpenPGP card.
    Card(Serial),
    /// A card without the OpenPGP application.
    Foreign,
    /// A card that another program uses.
    Held,
    /// An OpenPGP card that is in the inventory already, where a new one is looked for.
    Known(Serial),
    /// No card.
    Nothing,
    /// A card that does not say what it is: why.
    Silent(Shown),
    /// An OpenPGP card in termination state, which does not say which one it is.
    Terminated,
}

impl Absence {
    /// Whether people mend it at the readers, with cards and nothing else. A token is a reader and its card in one.
    pub(super) fn is_at_the_readers(&self) -> bool {
        !matches!(self, Self::Unreachable(_))
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoReader => {
                "plug in a card reader, one that pcscd has a driver for; on Debian, libccid has most of them"
            }
            Self::NotThere(places) => mend(places),
            Self::Several(_) => "leave the right card in its reader, and take the others out",
            Self::Unplugged(_) => "insert the card and run the ceremony again; nothing is lost",
            Self::Unreachable(_) => {
                "install pcscd, start it, and let this user talk to it: systemctl start pcscd.socket"
            }
        }
    }
}

/// The first thing to do, when none of these is the card: what is hidden may be it.
fn mend(places: &[Place]) -> &'static str {
    let any = |is: fn(&Holds) -> bool| places.iter().any(|place| is(&place.holds));
    if any(|holds| matches!(holds, Holds::Held)) {
        "close the program that uses the card; if it is scdaemon, which serves gpg: gpgconf --kill scdaemon"
    } else if any(|holds| matches!(holds, Holds::Silent(_))) {
        "take out the card that does not answer, and insert it again, contacts first; nothing is lost"
    } else if any(|holds| matches!(holds, Holds::Terminated)) {
        "leave one card that was reset half way in its reader, and take the others out"
    } else if any(|holds| !matches!(holds, Holds::Nothing)) {
        "insert the right card; a wrong one may be taken out. Nothing is lost"
    } else {
        "insert the card; nothing is lost"
    }
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReader => f.write_str("there is no card reader"),
            Self::NotThere(places) => f.write_str(&listed(places)),
            Self::Several(places) => write!(f, "more than one card could be it: {}", listed(places)),
            Self::Unplugged(reason) => reason.fmt(f),
            Self::Unreachable(reason) => write!(f, "the service pcscd cannot be reached: {reason}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reader = &self.reader;
        match &self.holds {
            Holds::Card(serial) => write!(f, "{reader} holds card {serial}"),
            Holds::Foreign => write!(f, "{reader} holds a card that is no OpenPGP card"),
            Holds::Held => write!(f, "{reader} holds a card that another program uses"),
            Holds::Known(serial) => write!(f, "{reader} holds card {serial}, which is in the inventory already"),
            Holds::Nothing => write!(f, "{reader} is empty"),
            Holds::Silent(reason) => write!(f, "{reader} holds a card that does not answer ({reason})"),
            Holds::Terminated => write!(f, "{reader} holds a card that was reset only half way"),
        }
    }
}

/// Parts of a sentence, one after the other.
pub(super) fn listed(parts: &[impl ToString]) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
