//! A virtual OpenPGP smartcard: opcard, the card application of the Nitrokey 3 firmware, as a program.
//!
//! One process is one card. Its flash is one file, its reader a Unix socket that speaks [`wire`]. Rehearsals and tests use
//! it; it names itself a test card (manufacturer 0xFFFF), which production refuses. It is a program apart so that the
//! firmware's dependencies stay out of keyrite, and so that a killed keyrite does not cut the card's power, as in life.

mod apdu;
mod card;
mod card_file;
mod client;
mod dispatch;
mod firmware;
mod lobby;
mod new_card;
mod platform;
#[cfg(test)]
mod power_cut;
mod reader;
mod server;
mod storage;
mod vpcd;

pub mod cli;
pub mod error;
pub mod report;
pub mod wire;
