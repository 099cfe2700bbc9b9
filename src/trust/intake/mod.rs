//! Releases that come in: verified at the moment at which they were signed, put into words, and then into the list of past releases.
//!
//! `Release -> Judged -> Review`: what people confirm names the very list that the records key signs.

mod error;
mod judge;
mod review;

pub use error::Error;
pub use judge::{Judged, Known, Spell, Term};
pub use review::Review;

#[cfg(test)]
mod tests;
