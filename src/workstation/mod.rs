//! Floor 2: the machine: register, transcript, cards, files, stock tools.

pub mod bundle;
pub mod card;
mod child;
pub mod clock;
pub mod digest;
mod error;
pub mod files;
pub mod fitness;
pub mod journal;
pub mod machine;
pub mod page_reader;
pub mod printer;
pub mod randomness;
pub mod read_back;
pub mod register;
pub mod runtime;
pub mod sandbox;
pub mod stock;
pub mod worker;

pub use error::WorkstationError;
