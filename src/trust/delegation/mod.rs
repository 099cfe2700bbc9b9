//! Request, change, review: one concept for every trust format.
//!
//! `UntrustedRequest -> Request -> Change -> Review -> Approved -> Artefact`: each step takes only the type before it, so
//! nothing is signed that was not verified, compared with the present state, put into words, and confirmed by its hash.

mod approved;
mod batch;
mod change;
mod error;
mod policy;
mod request;
mod review;
mod roster;
pub(in crate::trust) mod words;

pub use approved::{Approved, Artefact};
pub use batch::Batch;
pub use change::{Change, Comparison, InForce};
pub use error::Error;
pub use policy::Policy;
pub use request::{Request, UntrustedRequest};
pub use review::Review;
pub use roster::RosterReview;

#[cfg(test)]
mod testing;
