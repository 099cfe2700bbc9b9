//! What an organization publishes: derived by the real program from whole rehearsals, and judged by stock tools, by the commands that
//! stand on the page.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod commands;
mod directory;
#[path = "../support/engineer.rs"]
mod engineer;
mod folder;
#[path = "../support/gpg.rs"]
mod gpg;
mod page;
mod played;
mod refusals;
#[path = "../support/stage.rs"]
mod stage;
