//! Hashing files of any size: read once, in pieces, and refused when they are not one content from beginning to end.
//!
//! An OpenPGP signature over a file is one over the hash of its bytes and of a few more (RFC 9580 5.2.4). So the context that read
//! the file is kept: finished as it is, it gives the file's SHA-256; finished with a signature's own bytes, what is signed.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, Mode, OFlags, fadvise};
use rustix::io::Errno;
use sequoia_openpgp::crypto::hash::Context;
use sequoia_openpgp::types::HashAlgorithm;

use super::WorkstationError;
use crate::model::hash::Hash;
use crate::model::shown::Shown;

/// How much is read at once: larger ones were measured to be no faster.
const PIECE: usize = 64 * 1024;

/// What was read of a file.
#[derive(Clone)]
pub struct Digested {
    /// How many bytes.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: Hash,
    /// One context for each algorithm that was asked for, and one for SHA-256, with all bytes in them.
    contexts: Vec<Context>,
}

impl Digested {
    /// The context of an algorithm that was asked for, for a v4 signature.
    #[must_use]
    pub fn context(&self, algorithm: HashAlgorithm) -> Option<&Context> {
        self.contexts.iter().find(|context| context.algo() == algorithm)
    }

    /// Hashes bytes that are in memory already.
    ///
    /// # Errors
    /// An algorithm that the library does not have.
    pub fn of(bytes: &[u8], algorithms: &[HashAlgorithm]) -> Result<Self, WorkstationError> {
        let mut contexts = contexts(algorithms)?;
        contexts.iter_mut().for_each(|context| context.update(bytes));
        Self::finished(bytes.len() as u64, contexts)
    }

    fn finished(size: u64, contexts: Vec<Context>) -> Result<Self, WorkstationError> {
        let bug = || WorkstationError::Bug("a hash that cannot be finished");
        let sha256 = contexts.iter().find(|context| context.algo() == HashAlgorithm::SHA256).ok_or_else(bug)?;
        let digest = sha256.clone().into_digest().ok().and_then(|digest| digest.try_into().ok()).ok_or_else(bug)?;
        Ok(Self { size, sha256: Hash(digest), contexts })
    }
}

/// A file that is open for hashing: a regular one, and not through a link.
pub struct Steady {
    file: File,
    path: PathBuf,
    before: Seen,
}

/// What must not change while a file is read.
#[derive(PartialEq, Eq)]
struct Seen {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Seen {
    fn of(metadata: &std::fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Reads a file once and hashes it: with SHA-256, and with each of `algorithms`.
///
/// # Errors
/// [`WorkstationError::Unsteady`] for a link, for what is no regular file, and for one that changes meanwhile;
/// [`WorkstationError::Named`] for one that cannot be opened; [`WorkstationError::Io`].
pub fn file(path: &Path, algorithms: &[HashAlgorithm]) -> Result<Digested, WorkstationError> {
    Steady::open(path)?.digest(algorithms)
}

impl Steady {
    /// Opens a file.
    ///
    /// # Errors
    /// As [`file`].
    pub fn open(path: &Path) -> Result<Self, WorkstationError> {
        // NOFOLLOW refuses a link, NONBLOCK a FIFO that would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::LOOP => unsteady(path, "it is a link"),
            errno => WorkstationError::Named { path: path.to_owned(), source: errno.into() },
        })?;
        let file = File::from(file);
        let metadata = file.metadata().map_err(WorkstationError::io("look at", path))?;
        if !metadata.is_file() {
            return Err(unsteady(path, "it is not a regular file"));
        }
        Ok(Self { file, path: path.to_owned(), before: Seen::of(&metadata) })
    }

    /// Its size, before it is read.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.before.size
    }

    /// Reads it, once.
    ///
    /// # Errors
    /// As [`file`].
    pub fn digest(mut self, algorithms: &[HashAlgorithm]) -> Result<Digested, WorkstationError> {
        let mut contexts = contexts(algorithms)?;
        let mut piece = vec![0; PIECE];
        let mut size: u64 = 0;
        // What is read once need not stay in the page cache's working set; whether the kernel heeds it changes nothing.
        let _ = fadvise(&self.file, 0, None, Advice::Sequential);
        loop {
            let read = match self.file.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(source) => return Err(WorkstationError::io("read", &self.path)(source)),
            };
            size += read as u64;
            if size > self.before.size {
                return Err(unsteady(&self.path, "it grew while it was read"));
            }
            let bytes = piece.get(..read).unwrap_or_default();
            contexts.iter_mut().for_each(|context| context.update(bytes));
        }
        self.unchanged(size)?;
        Digested::finished(size, contexts)
    }

    /// The name still leads to the open file, and that one is as it was.
    fn unchanged(&self, read: u64) -> Result<(), WorkstationError> {
        let named = std::fs::symlink_metadata(&self.path).map(|metadata| (metadata.dev(), metadata.ino()));
        if named.ok() != Some((self.before.device, self.before.inode)) {
            return Err(unsteady(&self.path, "another file took its name while it was read"));
        }
        let after = Seen::of(&self.file.metadata().map_err(WorkstationError::io("look at", &self.path))?);
        if read < self.before.size {
            return Err(unsteady(&self.path, "it shrank while it was read"));
        }
        if after != self.before {
            return Err(unsteady(&self.path, "it changed while it was read"));
        }
        Ok(())
    }
}

fn unsteady(path: &Path, what: &str) -> WorkstationError {
    WorkstationError::Unsteady { path: path.to_owned(), what: Shown::new(what) }
}

/// A context for SHA-256, and one for each other algorithm.
fn contexts(algorithms: &[HashAlgorithm]) -> Result<Vec<Context>, WorkstationError> {
    let mut wanted = vec![HashAlgorithm::SHA256];
    for algorithm in algorithms {
        if !wanted.contains(algorithm) {
            wanted.push(*algorithm);
        }
    }
    let missing = |_| WorkstationError::Bug("a hash that the library does not have");
    wanted.into_iter().map(|hash| hash.context().map(|builder| builder.for_signature(4)).map_err(missing)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write as _;

    use rustix::fs::{CWD, FileType, mknodat};

    use super::*;
    use crate::model::control::Control;
    use crate::model::fault::{Class, Fault as _};

    fn said(result: Result<Digested, WorkstationError>) -> String {
        let error = result.err().expect("refused");
        assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::ReleaseSteady)), "{error}");
        error.to_string()
    }

    #[test]
    fn a_file_is_hashed_in_pieces_once_for_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        for size in [0, 1, PIECE - 1, PIECE, 2 * PIECE + 7] {
            let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            fs::write(&path, &bytes).expect("written");
            let digested = file(&path, &[HashAlgorithm::SHA512]).expect("hashed");
            assert_eq!((digested.size, digested.sha256), (size as u64, Hash::of(&bytes)));
            let in_memory = Digested::of(&bytes, &[HashAlgorithm::SHA512]).expect("hashed");
            let sha512 = |of: &Digested| of.context(HashAlgorithm::SHA512).expect("asked for").clone().into_digest();
            assert_eq!(sha512(&digested).expect("a digest"), sha512(&in_memory).expect("a digest"));
            assert!(digested.context(HashAlgorithm::SHA384).is_none());
        }
    }

    #[test]
    fn a_link_a_fifo_and_a_folder_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), "x").expect("written");
        std::os::unix::fs::symlink(at("a"), at("link")).expect("a link");
        mknodat(CWD, at("fifo"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a FIFO");
        assert!(said(file(&at("link"), &[])).ends_with("it is a link"));
        assert!(said(file(&at("fifo"), &[])).ends_with("it is not a regular file"));
        assert!(said(file(folder.path(), &[])).ends_with("it is not a regular file"));
        assert_eq!(file(&at("none"), &[]).err().expect("refused").class(), Class::Input);
    }

    /// What somebody else does between the first look and the last.
    #[test]
    fn a_file_that_changes_is_refused() {
        type Change = fn(&Path);
        let changes: [(Change, &str); 5] = [
            (|path| OpenOptions::new().append(true).open(path).unwrap().write_all(b"more").unwrap(), "grew"),
            (|path| OpenOptions::new().write(true).open(path).unwrap().set_len(3).unwrap(), "shrank"),
            (|path| fs::write(path, "changed.").unwrap(), "it changed"),
            (|path| fs::rename(path, path.with_extension("old")).unwrap(), "another file took its name"),
            (
                |path| {
                    fs::write(path.with_extension("new"), "original").unwrap();
                    fs::rename(path.with_extension("new"), path).unwrap();
                },
                "another file took its name",
            ),
        ];
        for (change, words) in changes {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("a");
            fs::write(&path, "original").expect("written");
            let steady = Steady::open(&path).expect("opened");
            // The clock of a file system has steps of some milliseconds.
            std::thread::sleep(std::time::Duration::from_millis(20));
            change(&path);
            let said = said(steady.digest(&[]));
            assert!(said.contains(words), "{said}");
        }
    }
}
