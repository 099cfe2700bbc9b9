//! Real cards, as far as there can be any without hardware: virtual ones in the readers of a real pcscd.
#![cfg(feature = "pcsc")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod algorithms;
mod desk;
mod finding;
mod foreign;
#[path = "../support/gpg.rs"]
mod gpg;
mod looking;
#[path = "../support/readers.rs"]
mod readers;
mod releases;
mod resetting;
mod sessions;
#[path = "../support/stage.rs"]
mod stage;
mod stock;
mod testing;
#[path = "../support/typed.rs"]
mod typed;
