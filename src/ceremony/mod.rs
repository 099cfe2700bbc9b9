//! Floor 3: scripts made of acts: lint, run, resume. It wires the floor below together.

pub mod act;
pub mod dialogue;
mod error;
pub mod lint;
pub mod resume;

pub use error::CeremonyError;
