//! The folder for what lives no longer than a ceremony and must not lie in a register: sockets of cards, homes of gpg.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{WorkstationError, files};
use crate::model::hash::Hash;

/// It goes away with the value, when it is empty: a card that keeps its power keeps it.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes it among the temporary files, short: a socket's path has 107 bytes at the most (unix(7)), the path of `of` may
    /// have more. Its name follows from where `of` lies and from which folder that is, so that a resumed ceremony finds its
    /// cards again, and a new one of the same name does not find those of an old one.
    ///
    /// # Errors
    /// When the folder is there and is not this user's alone.
    pub fn of(of: &Path) -> Result<Self, WorkstationError> {
        let of = of.canonicalize().map_err(WorkstationError::io("find", of))?;
        let meta = std::fs::metadata(&of).map_err(WorkstationError::io("look at", &of))?;
        let made = meta.created().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        let identity = format!("{} {} {:?} {}", meta.dev(), meta.ino(), made, of.to_string_lossy());
        let name: String = Hash::of(identity.as_bytes()).to_string().chars().take(16).collect();
        let path = std::env::temp_dir().join(format!("keyrite-{name}"));
        files::make_folder(&path)?;
        let meta = std::fs::symlink_metadata(&path).map_err(WorkstationError::io("look at", &path))?;
        let own = rustix::process::geteuid().as_raw();
        if !meta.is_dir() || meta.uid() != own || meta.mode() & 0o077 != 0 {
            return Err(WorkstationError::Exists { path });
        }
        Ok(Self { path })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.path);
    }
}
