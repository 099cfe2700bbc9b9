//! The transcript of a ceremony, which is also its journal.

mod permit;

pub use permit::Permit;
