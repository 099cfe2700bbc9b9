//! Why a program was not shut in.

use std::io;
use std::path::PathBuf;

/// A place that is to stay writable cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[error("cannot look at {}: {source}", place.display())]
pub struct UnseenPlace {
    /// Which.
    pub place: PathBuf,
    /// Why not.
    pub source: io::Error,
}

/// The kernel does not grant something without which a cell is none.
#[derive(Debug, thiserror::Error)]
#[error("the kernel grants no {0}")]
pub struct NotGranted(pub &'static str);
