//! Floor 1: bytes to model and back; where hostile input ends.

pub mod card_report;
pub mod closing;
mod error;
pub mod ledger;
pub mod manifest;
pub mod organization;
pub mod past_releases;
pub mod place;
pub mod release;
pub mod request;
pub mod roster;
pub mod script;
pub mod signers;
pub mod transcript;

pub use error::FormatError;
