//! Floor 4: the command line: one file per verb.

pub mod backup;
pub mod bundle;
pub mod card;
mod ceremonies;
pub mod ceremony;
pub mod delegation;
pub mod doctor;
mod error;
pub mod init;
pub mod minutes;
pub mod papers;
pub mod plan;
mod print;
pub mod publish;
pub mod register;
pub mod release;
pub mod request;
pub mod run;
mod shipped;
pub mod signer;
pub mod status;
mod terminal;
pub mod worker;

use clap::{Parser, Subcommand};

pub use error::{CliError, report};
pub use print::Screen;
pub use terminal::{Press, Terminal, TerminalError};

/// The offline half of a release-signing organization: key ceremonies, sealed backups, delegations
#[derive(Debug, Parser)]
#[command(name = "keyrite", version, max_term_width = 80)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Backups: what is sealed, who holds it, when it last restored, and whether a share is good
    Backup {
        /// What to do with them
        #[command(subcommand)]
        verb: backup::Verb,
    },
    /// Bundles: what is carried in and out, and whether it is what it should be
    Bundle {
        /// What to do with them
        #[command(subcommand)]
        verb: bundle::Verb,
    },
    /// Cards in the readers: what they are, what is on them, what is known against them
    Card {
        /// What to do with them
        #[command(subcommand)]
        verb: card::Verb,
    },
    /// Ceremonies: check, print, rehearse and run their scripts
    Ceremony {
        /// What to do with them
        #[command(subcommand)]
        verb: ceremony::Verb,
    },
    /// Delegations: list them, show one, verify those in published keys
    Delegation {
        /// What to do with them
        #[command(subcommand)]
        verb: delegation::Verb,
    },
    /// How fit this machine is: network, radios, memory, clock, devices, tools
    Doctor(doctor::Arguments),
    /// Write an example organization and the shipped scripts into a new folder
    Init(init::Arguments),
    /// What a ceremony needs, as a list to be ticked off before the day
    Plan(plan::Arguments),
    /// Minutes of ceremonies: show, check, print, cosign and close them
    Minutes {
        /// What to do with them
        #[command(subcommand)]
        verb: minutes::Verb,
    },
    /// Derive everything for the web server from the newest bundle: keys, page, minutes
    Publish(publish::Arguments),
    /// Registers: check, copy and recover them
    Register {
        /// What to do with them
        #[command(subcommand)]
        verb: register::Verb,
    },
    /// Releases: prepare their manifest, sign it, and check what others signed
    Release {
        /// What to do with them
        #[command(subcommand)]
        verb: release::Verb,
    },
    /// Requests for delegations: write one, check one before it is carried in
    Request {
        /// What to do with them
        #[command(subcommand)]
        verb: request::Verb,
    },
    /// Signers: who is on the roster, on which conditions, and what is delegated to them
    Signer {
        /// What to do with them
        #[command(subcommand)]
        verb: signer::Verb,
    },
    /// What a register says: roots, cards, delegations, and every file with its hash
    Status(status::Arguments),
    /// A fresh process that knows nothing but what comes through its pipe
    #[command(hide = true)]
    Worker {
        /// Its work
        #[command(subcommand)]
        verb: worker::Verb,
    },
}
