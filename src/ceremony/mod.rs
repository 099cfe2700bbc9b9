//! Floor 3: scripts made of acts: lint, run, resume. It wires the floor below together.

pub mod act;
pub mod dialogue;
mod error;
pub mod inbox;
pub mod lint;
mod minutes;
mod published;
mod randomness;
pub mod resume;
pub mod run;
pub mod scene;
mod sealing;
mod settle;

pub use error::CeremonyError;
