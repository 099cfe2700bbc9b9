//! Files: never overwritten, written whole or not at all, synced, read again.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};

use super::WorkstationError;

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Everybody: certificates, metadata, records.
    All,
    /// The owner alone.
    Owner,
}

/// Writes a file that must not exist yet: a temporary one beside it, fsync, rename that does not clobber, fsync of the
/// folder, and then every byte read again. A failure leaves nothing behind.
///
/// # Errors
/// [`WorkstationError::Exists`], [`WorkstationError::Io`], or [`WorkstationError::Changed`] when the disk gives back
/// something else than it was given.
pub fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), WorkstationError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(WorkstationError::Exists { path: path.to_owned() });
    }
    let temporary = Temporary::beside(path)?;
    write_synced(&temporary.path, bytes, readers)?;
    rename_new(&temporary.path, path)?;
    verify(path, bytes)
}

/// Writes files as [`write_new`] does, all in one folder, which is synced once when all have their names: then they are there for good
/// (docs/decisions/0045-grouped-fsync.md).
///
/// # Errors
/// As [`write_new`]. Files before the one that failed stay, whole.
pub fn write_new_group(files: &[(PathBuf, &[u8])], readers: Readers) -> Result<(), WorkstationError> {
    for (path, bytes) in files {
        if fs::symlink_metadata(path).is_ok() {
            return Err(WorkstationError::Exists { path: path.to_owned() });
        }
        let temporary = Temporary::beside(path)?;
        write_synced(&temporary.path, bytes, readers)?;
        rename_unsynced(&temporary.path, path)?;
    }
    if let Some((path, _)) = files.first() {
        sync_folder(path)?;
    }
    files.iter().try_for_each(|(path, bytes)| verify(path, bytes))
}

/// Writes a file that lives no longer than a ceremony, in a folder of this process alone: new, the owner's, and not synced, since nobody
/// looks for it after a power cut.
///
/// # Errors
/// [`WorkstationError::Io`].
pub fn write_passing(path: &Path, bytes: &[u8]) -> Result<(), WorkstationError> {
    let mut new = OpenOptions::new();
    let file = new.write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes)).map_err(WorkstationError::io("write", path))
}

/// Moves a file or folder to a name that must not exist yet, and syncs the folder.
///
/// # Errors
/// [`WorkstationError::Exists`] or [`WorkstationError::Io`].
pub fn rename_new(from: &Path, to: &Path) -> Result<(), WorkstationError> {
    rename_unsynced(from, to)?;
    sync_folder(to)
}

fn rename_unsynced(from: &Path, to: &Path) -> Result<(), WorkstationError> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::EXIST) => Err(WorkstationError::Exists { path: to.to_owned() }),
        Err(errno) => Err(WorkstationError::os("give its final name to", to)(errno)),
    }
}

/// Reads a regular file of at most `largest` bytes. Never through a memory mapping: a file that shrinks must be an error,
/// not a SIGBUS.
///
/// # Errors
/// [`WorkstationError::Io`] or [`WorkstationError::TooLarge`].
pub fn read(path: &Path, largest: u64) -> Result<Vec<u8>, WorkstationError> {
    read_if_there(path, largest)
        .map_err(WorkstationError::io("read", path))?
        .ok_or_else(|| WorkstationError::TooLarge { path: path.to_owned(), largest })
}

/// Reads a file that somebody named on the command line, as [`read`] does.
///
/// # Errors
/// [`WorkstationError::Named`] or [`WorkstationError::TooLarge`].
pub fn read_named(path: &Path, largest: u64) -> Result<Vec<u8>, WorkstationError> {
    read_if_there(path, largest)
        .map_err(|source| WorkstationError::Named { path: path.to_owned(), source })?
        .ok_or_else(|| WorkstationError::TooLarge { path: path.to_owned(), largest })
}

/// Opens a file that somebody named, for somebody else to read.
///
/// # Errors
/// As [`read_named`].
pub fn open_named(path: &Path, largest: u64) -> Result<File, WorkstationError> {
    let opened = open(path).and_then(|file| file.metadata().map(|metadata| (file, metadata.len())));
    match opened.map_err(|source| WorkstationError::Named { path: path.to_owned(), source })? {
        (file, length) if length <= largest => Ok(file),
        _ => Err(WorkstationError::TooLarge { path: path.to_owned(), largest }),
    }
}

/// A regular file, for reading.
fn open(path: &Path) -> io::Result<File> {
    // Without NONBLOCK, a FIFO would wait for a writer.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}

/// `None` when there are more than `largest` bytes.
fn read_if_there(path: &Path, largest: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    open(path)?.take(largest + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= largest).then_some(bytes))
}

/// Makes a folder and those above it, readable by the owner alone.
///
/// # Errors
/// [`WorkstationError::Io`].
pub fn make_folder(path: &Path) -> Result<(), WorkstationError> {
    make_folder_for(path, Readers::Owner)
}

fn make_folder_for(path: &Path, readers: Readers) -> Result<(), WorkstationError> {
    use std::os::unix::fs::DirBuilderExt;
    let mode = match readers {
        Readers::All => 0o755,
        Readers::Owner => 0o700,
    };
    fs::DirBuilder::new().recursive(true).mode(mode).create(path).map_err(|source| match source.kind() {
        // Something else than a folder is there.
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            WorkstationError::Named { path: path.to_owned(), source }
        }
        _ => WorkstationError::io("make the folder", path)(source),
    })
}

/// Writes a new folder with all its files, by their paths in it, and with `folders`, which are there even when nothing is in
/// them: every file synced, the folder named when all are there, and everything read again.
///
/// # Errors
/// As [`write_new`]. A failure leaves no folder.
pub fn write_new_folder(
    folder: &Path,
    folders: &[&str],
    contents: &BTreeMap<String, Vec<u8>>,
) -> Result<(), WorkstationError> {
    write_folder(folder, folders, contents, Readers::Owner)
}

/// The same for what everybody may read: a web server too.
///
/// # Errors
/// As [`write_new_folder`].
pub fn write_public_folder(folder: &Path, contents: &BTreeMap<String, Vec<u8>>) -> Result<(), WorkstationError> {
    write_folder(folder, &[], contents, Readers::All)
}

fn write_folder(
    folder: &Path,
    folders: &[&str],
    contents: &BTreeMap<String, Vec<u8>>,
    readers: Readers,
) -> Result<(), WorkstationError> {
    if folder.symlink_metadata().is_ok() {
        return Err(WorkstationError::Exists { path: folder.to_owned() });
    }
    if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
        make_folder(above)?;
    }
    let temporary = Temporary::beside(folder)?;
    make_folder_for(&temporary.path, readers)?;
    for inner in folders {
        make_folder_for(&temporary.path.join(inner), readers)?;
    }
    for (path, bytes) in contents {
        let path = temporary.path.join(path);
        let inner = path.parent().unwrap_or(&temporary.path).to_owned();
        make_folder_for(&inner, readers)?;
        write_new(&path, bytes, Readers::All)?;
        // Each folder's own name, up to the new one's.
        for inner in inner.ancestors().take_while(|above| *above != temporary.path) {
            sync_folder(inner)?;
        }
    }
    rename_new(&temporary.path, folder)?;
    contents.iter().try_for_each(|(path, bytes)| verify(&folder.join(path), bytes))
}

/// Syncs the folder that holds `path`, so that a new name in it survives a power cut.
///
/// # Errors
/// [`WorkstationError::Io`].
pub fn sync_folder(path: &Path) -> Result<(), WorkstationError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let handle = File::open(folder).map_err(WorkstationError::io("open the folder", folder))?;
    handle.sync_all().map_err(WorkstationError::io("sync the folder", folder))
}

fn write_synced(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), WorkstationError> {
    let mode = match readers {
        Readers::All => 0o644,
        Readers::Owner => 0o600,
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(WorkstationError::io("create", path))?;
    file.write_all(bytes).map_err(WorkstationError::io("write", path))?;
    file.sync_all().map_err(WorkstationError::io("sync", path))
}

fn verify(path: &Path, bytes: &[u8]) -> Result<(), WorkstationError> {
    let mut seen = read(path, bytes.len() as u64)?;
    let same = seen == bytes;
    zeroize::Zeroize::zeroize(&mut seen);
    if same { Ok(()) } else { Err(WorkstationError::Changed { path: path.to_owned() }) }
}

/// The mark of our own unfinished files and folders.
pub const UNFINISHED: &str = ".unfinished-";

/// An unfinished file or folder, removed when dropped: after the rename there is nothing left to remove.
pub struct Temporary {
    /// Where it lies.
    pub path: PathBuf,
}

impl Temporary {
    /// A name beside `path` on the same disk. What an earlier, killed keyrite left under that name is removed: it is
    /// ours by its name, and never was an output.
    ///
    /// # Errors
    /// When `path` has no file name.
    pub fn beside(path: &Path) -> Result<Self, WorkstationError> {
        let name = path.file_name().ok_or(WorkstationError::Bug("a file without a name"))?;
        let mut own = std::ffi::OsString::from(UNFINISHED);
        own.push(name);
        let this = Self { path: path.with_file_name(own) };
        this.remove();
        Ok(this)
    }

    fn remove(&self) {
        match fs::symlink_metadata(&self.path) {
            Ok(meta) if meta.is_dir() => drop(fs::remove_dir_all(&self.path)),
            Ok(_) => drop(fs::remove_file(&self.path)),
            Err(_) => {}
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Removes what killed writers left unfinished below a folder: ours by its name, and never an output. Follows no link.
pub fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            drop(Temporary { path });
        } else if kind.is_ok_and(|kind| kind.is_dir()) {
            sweep(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_once_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_new(&path, b"first", Readers::All).unwrap();
        assert!(matches!(write_new(&path, b"second", Readers::All), Err(WorkstationError::Exists { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_group_is_written_once_and_what_failed_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write_new_group(&[(path("a"), b"1"), (path("b"), b"2")], Readers::All).unwrap();
        assert_eq!((fs::read(path("a")).unwrap(), fs::read(path("b")).unwrap()), (b"1".to_vec(), b"2".to_vec()));
        let refused = write_new_group(&[(path("c"), b"3"), (path("a"), b"4")], Readers::All);
        assert!(matches!(refused, Err(WorkstationError::Exists { .. })));
        assert_eq!(fs::read(path("a")).unwrap(), b"1");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn does_not_follow_a_dangling_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &path).unwrap();
        assert!(matches!(write_new(&path, b"x", Readers::All), Err(WorkstationError::Exists { .. })));
        assert!(!folder.path().join("elsewhere").exists());
    }

    #[test]
    fn a_failure_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("a");
        assert!(matches!(write_new(&path, b"x", Readers::All), Err(WorkstationError::Io { .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn reads_no_more_than_it_may() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(matches!(read(&path, 4), Err(WorkstationError::TooLarge { .. })));
    }
}
