//! The papers of a ceremony, by the real program, read back by stock tools (poppler).
//!
//! After a change of what is printed: `BLESS=1 cargo test --test print` writes the golden files anew. The text of the papers is then for
//! people to read, and the pages to look at (docs/paper.md).
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod backup;
mod papers;
#[path = "../support/stage.rs"]
mod stage;

mod content;
mod golden;
mod refused;
