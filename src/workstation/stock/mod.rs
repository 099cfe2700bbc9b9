//! Stock tools that give a second opinion: child processes without a network, in a scratch home of their own.

use std::path::PathBuf;

pub mod gpg;

/// Finds a program on the path.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}
