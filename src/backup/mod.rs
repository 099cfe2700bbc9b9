//! Floor 2: sealing, shares, restoring. Pure: bytes and randomness in, bytes out.
//!
//! A secret is sealed under a drawn [`passphrase`] as an OpenPGP [`message`]; the passphrase is split into [`share`]s; the
//! public [`statement`] says what a genuine share looks like; each share goes onto a [`sheet`] of its own, and [`reading`] takes
//! it back. [`frames`] are the same bytes as texts of QR codes. Debian's gfcombine and gpg restore without keyrite.

mod error;
pub mod frames;
pub mod message;
mod packet;
pub mod passphrase;
pub mod reading;
pub mod share;
pub mod sheet;
pub mod statement;

pub use error::{BackupError, FrameFault, LineFault};
