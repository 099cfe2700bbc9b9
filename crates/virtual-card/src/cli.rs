//! The command line.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    card::Card,
    card_file::Serial,
    client,
    error::Error,
    new_card::open_or_make,
    server::{self, Socket},
    vpcd, wire,
};

/// A virtual OpenPGP smartcard, for rehearsals and tests only
#[derive(Debug, Parser)]
#[command(name = "keyrite-virtual-card", version)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve a card on a Unix socket, until it is told to stop
    Serve {
        #[command(flatten)]
        card: CardArgs,
        /// The socket to listen on, for this user only
        #[arg(long, value_name = "SOCK")]
        socket: PathBuf,
        /// End when no connection has been open for so long; the socket's folder goes then too, when it is empty
        #[arg(long, value_name = "SECONDS")]
        idle_exit: Option<u64>,
    },
    /// Pull the card: open connections drop, and its power is cut
    Eject(At),
    /// Put the card back
    Insert(At),
    /// End the card's process
    Stop(At),
    /// Put a card into a reader of pcscd, through vpcd
    Vpcd {
        #[command(flatten)]
        card: CardArgs,
        /// Where vpcd runs
        #[arg(long, default_value = "127.0.0.1")]
        host: String,
        /// The port of the reader's slot: 35963 for the first by default
        #[arg(long)]
        port: u16,
    },
}

#[derive(Args, Debug)]
struct CardArgs {
    /// The card's file; a new card is made when there is none
    #[arg(long = "card", value_name = "FILE")]
    file: PathBuf,
    /// Serial of a new card, 8 hex digits; random when not given
    #[arg(long, value_name = "HEX8", value_parser = serial)]
    serial: Option<Serial>,
}

#[derive(Args, Debug)]
struct At {
    /// The socket the card is served on
    #[arg(long, value_name = "SOCK")]
    socket: PathBuf,
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn run(self) -> Result<(), Error> {
        match self.verb {
            Verb::Serve { card, socket, idle_exit } => {
                let (folder, socket) = (socket.parent().map(Path::to_owned), Socket::listen(&socket)?);
                server::run(card.start()?, &socket, idle_exit.map(Duration::from_secs))?;
                drop(socket);
                if let Some(folder) = folder.filter(|_| idle_exit.is_some()) {
                    // The last card of a ceremony that was killed and never went on; others keep theirs.
                    fs::remove_dir(folder).ok();
                }
                Ok(())
            }
            Verb::Eject(at) => client::tell(&at.socket, wire::EJECT),
            Verb::Insert(at) => client::tell(&at.socket, wire::INSERT),
            Verb::Stop(at) => client::tell(&at.socket, wire::STOP),
            Verb::Vpcd { card, host, port } => vpcd::run(card.start()?, &host, port),
        }
    }
}

impl CardArgs {
    fn start(&self) -> Result<Card, Error> {
        Card::start(open_or_make(&self.file, self.serial)?)
    }
}

fn serial(text: &str) -> Result<Serial, &'static str> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = digits.then(|| u32::from_str_radix(text, 16).ok()).flatten();
    number.map(u32::to_be_bytes).ok_or("8 hex digits are needed")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_serial_is_eight_hex_digits() {
        assert_eq!(serial("0aFF0001").unwrap(), [0x0A, 0xFF, 0, 1]);
        for wrong in ["", "1", "+1234567", "123456789", "1234567g"] {
            assert!(serial(wrong).is_err(), "{wrong}");
        }
    }
}
