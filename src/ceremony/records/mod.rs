//! What lasts of ceremonies: their transcripts and minutes checked from the disk, cosignatures, closing records, and
//! registers copied and recovered.

pub mod audit;
pub mod backups;
pub mod book;
pub mod closing;
pub mod copy;
pub mod cosign;
mod error;
pub mod inventory;
pub mod minutes;
pub mod outgoing;
pub mod recover;

pub use error::RecordsError;
