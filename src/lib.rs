//! keyrite: the offline half of a release-signing organization.
//!
//! The modules are floors of a house; each imports only from those below it (docs/design.md):
//! `cli` and `rehearsal` (4), `ceremony` (3), `trust`, `backup`, `paper`, `publication`, `workstation` (2), `format` (1), `model` (0).
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::panic, clippy::unwrap_used))]

pub mod backup;
pub mod ceremony;
pub mod cli;
pub mod entropy;
pub mod format;
pub mod model;
pub mod paper;
pub mod publication;
pub mod rehearsal;
pub mod trust;
pub mod workstation;
