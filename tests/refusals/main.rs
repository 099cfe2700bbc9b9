//! What a ceremony refuses, what it says then, and that it goes on when the cause is mended. Whole rehearsals, by the real
//! programs.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod cards;
mod disk;
#[path = "../support/engineer.rs"]
mod engineer;
#[path = "../support/gpg.rs"]
mod gpg;
mod outputs;
#[path = "../support/secrets.rs"]
mod pockets;
mod register;
mod releases;
mod requests;
mod roster;
mod screen;
mod secrets;
#[path = "../support/stage.rs"]
mod stage;
