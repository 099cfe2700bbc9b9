//! What keyrite and all that it starts may not do: reach a network, write elsewhere, be read by others.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

#[path = "../support/engineer.rs"]
mod engineer;
#[path = "../support/gpg.rs"]
mod gpg;
mod library;
#[path = "../terminal/people.rs"]
mod people;
mod planted;
mod probe;
#[path = "../terminal/pty.rs"]
#[allow(dead_code, reason = "these tests need some of it")]
mod pty;
mod scene;
#[path = "../support/secrets.rs"]
mod secrets;
#[path = "../support/stage.rs"]
mod stage;
mod whole;
