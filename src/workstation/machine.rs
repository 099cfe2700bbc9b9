//! The program that runs.

use std::path::Path;

use super::{WorkstationError, files};
use crate::model::hash::Hash;

/// The largest program file that is hashed.
const LARGEST_PROGRAM: u64 = 1 << 30;

/// SHA-256 of a program's file.
///
/// # Errors
/// When it cannot be read.
pub fn program_hash(path: &Path) -> Result<Hash, WorkstationError> {
    Ok(Hash::of(&files::read(path, LARGEST_PROGRAM)?))
}
