//! Floor 2: sealing, shares, restoring. Pure: bytes and randomness in, bytes out.
//!
//! A secret is sealed under a drawn [`passphrase`] as an OpenPGP [`message`]; the passphrase is split into [`share`]s, each on a
//! [`sheet`] of its own; the public [`statement`] says what a genuine share looks like. Debian's gfcombine and gpg restore it
//! without keyrite.

mod error;
pub mod message;
mod packet;
pub mod passphrase;
pub mod share;

pub use error::BackupError;
