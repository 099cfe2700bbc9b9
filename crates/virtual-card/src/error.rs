//! What can go wrong, with the exit code and the remedy.

use std::{io, path::PathBuf};

use crate::card_file::Serial;

/// Why the program did not do what it was told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The card file cannot be opened, read or made.
    #[error("{}: {source}", path.display())]
    CardFile {
        /// The card file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process has the card.
    #[error("{}: another process holds this card", path.display())]
    CardInUse {
        /// The card file.
        path: PathBuf,
    },
    /// The card's thread could not start, or is gone.
    #[error("the card does not run")]
    CardStopped,
    /// The file is not a virtual card.
    #[error("{}: not a virtual card: {why}", path.display())]
    NotACard {
        /// The file.
        path: PathBuf,
        /// What is not as it should be.
        why: &'static str,
    },
    /// Something that is no socket is where the socket should be.
    #[error("{}: exists, and is not a socket", path.display())]
    NotASocket {
        /// The path.
        path: PathBuf,
    },
    /// No card process answers at the socket.
    #[error("{}: no card answers: {source}", path.display())]
    NoAnswer {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The card has another serial than asked for.
    #[error("{}: serial is {}, not {}", path.display(), hex(*has), hex(*wanted))]
    OtherSerial {
        /// The card file.
        path: PathBuf,
        /// The serial it has.
        has: Serial,
        /// The serial asked for.
        wanted: Serial,
    },
    /// The socket cannot be made.
    #[error("{}: {source}", path.display())]
    Socket {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A live card process has the socket.
    #[error("{}: another card is served here", path.display())]
    SocketInUse {
        /// The socket.
        path: PathBuf,
    },
    /// Standard output cannot be written to.
    #[error("standard output: {0}")]
    Stdout(io::Error),
    /// vpcd is not there, or the talk with it broke off.
    #[error("vpcd at {host}:{port}: {source}")]
    Vpcd {
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// The exit code: 3 for input that is not acceptable, 4 for trouble with card or machine.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotACard { .. } | Self::NotASocket { .. } | Self::OtherSerial { .. } => 3,
            _ => 4,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::CardInUse { .. } => "stop the other process, or use a card file of its own for each",
            Self::NotACard { .. } => "name a file made by this program, or one that does not exist yet",
            Self::NotASocket { .. } => "name a path that does not exist yet",
            Self::NoAnswer { .. } => "start one with `keyrite-virtual-card serve`",
            Self::OtherSerial { .. } => "leave out --serial: it is for new cards",
            Self::SocketInUse { .. } => "end it with `keyrite-virtual-card stop`, or name another socket",
            Self::Vpcd { .. } => "is pcscd running, with vpcd as a reader? Debian: apt-get install vsmartcard-vpcd",
            Self::CardFile { .. } | Self::CardStopped | Self::Socket { .. } | Self::Stdout(_) => {
                return None;
            }
        })
    }
}

fn hex(serial: Serial) -> String {
    format!("{:08X}", u32::from_be_bytes(serial))
}
