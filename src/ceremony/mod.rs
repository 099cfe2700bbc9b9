//! Floor 3: scripts made of acts: lint, run, resume. It wires the floor below together.

pub mod abandon;
pub mod act;
mod answers;
mod aside;
mod attesting;
pub mod card_reports;
pub mod cards;
pub mod carried;
mod clearing;
pub mod codes;
mod copies;
pub mod dialogue;
mod error;
mod generating;
mod hint;
pub mod inbox;
pub mod lint;
pub mod minutes;
pub mod print;
pub mod publish;
pub mod qr;
pub mod randomness;
pub mod records;
pub mod releases;
mod restoring;
pub mod resume;
pub mod rosters;
pub mod run;
pub mod scene;
pub mod screen;
mod sealing;
pub mod settle;
pub mod soundness;
pub mod trial;
pub mod written;

pub use error::CeremonyError;
