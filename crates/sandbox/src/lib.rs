//! What a program gives up before it reads what others made, by the kernel alone (docs/decisions/0020-sandbox.md).
//!
//! [`Sandbox`] is for a program that works with files and starts others: no network, and writing in named folders only.
//! [`Cell`] is for one that turns bytes into other bytes: it keeps what it has open, and gets nothing else.
//!
//! Nothing of it can be taken back.
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::panic, clippy::unwrap_used))]

mod calls;
mod cell;
mod error;
mod folders;
mod sandbox;

pub use cell::{Cell, Limits};
pub use error::{NotGranted, UnseenPlace};
pub use sandbox::{Sandbox, Writable};
