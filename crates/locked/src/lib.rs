//! Memory for secrets: locked against swapping, left out of core dumps, wiped when dropped.
//!
//! [`Locked`] owns whole pages of its own (`mmap`), so that locking and wiping one secret never touches another's page.
//! It has no `Debug`, no `Clone` and no `Serialize`: a secret leaves it only by a borrow that somebody wrote down.
//!
//! [`Wiping`] does the last of these for the ordinary heap, where libraries keep what they work on.
//!
//! This crate is the one place of the workspace that contains `unsafe`; every block says why it is sound.
#![deny(missing_docs)]

mod heap;
mod pages;
mod process;

pub use heap::Wiping;
pub use pages::{LockError, Locked};
pub use process::{Hardening, harden};
