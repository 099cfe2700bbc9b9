//! What stock gpg and gpgv say to what keyrite makes, and what keyrite says to what they make.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod accepted;
mod certificates;
#[path = "../support/gpg.rs"]
mod gpg;
mod home;
mod hostile;
mod intermediate;
mod requests;
