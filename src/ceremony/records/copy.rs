//! A copy of a register, file by file, compared by hash.

use std::collections::BTreeMap;
use std::path::Path;

use super::RecordsError;
use super::audit::{self, Checked};
use super::book::Book;
use crate::model::shown::Shown;
use crate::workstation::WorkstationError;
use crate::workstation::files;
use crate::workstation::register::{LARGEST, Register};

/// Copies a register that is whole into a new folder. Gives its ceremonies, and how many files were copied.
///
/// # Errors
/// Whatever a check of the register finds; foreign files; FILE-1 when the folder exists. A failure leaves no folder.
pub fn copy(register: &Register, to: &Path) -> Result<(Vec<Checked>, usize), RecordsError> {
    must_be_possible(register.root(), to)?;
    let book = Book::open(register)?;
    let (checked, inventory) = audit::check_register(&book, &[], None)?;
    inventory.only_own()?;
    let mut contents = BTreeMap::new();
    for path in inventory.own {
        let bytes = files::read(&register.path(&path), LARGEST)?;
        contents.insert(path, bytes);
    }
    write(to, &contents)?;
    // The copy is judged as everybody will judge it: from the disk, by itself.
    let copied = Register::look_at(to)?;
    let again = audit::check_all(&Book::open(&copied)?, None)?;
    if again.last().map(|last| last.head) != checked.last().map(|last| last.head) {
        return Err(WorkstationError::Changed { path: to.to_owned() }.into());
    }
    Ok((checked, contents.len()))
}

/// Demands that a copy can be made at a path: nothing lies there, the folder above is there, and it is not in the register. A
/// folder that had to be made first would be on the disk, and not on the medium that somebody forgot to mount.
///
/// # Errors
/// [`WorkstationError::Exists`], [`RecordsError::Inside`], and when there is no folder above it.
pub fn must_be_possible(register: &Path, to: &Path) -> Result<(), RecordsError> {
    must_be_new(to)?;
    let above = to.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::read_dir(above).map_err(WorkstationError::io("copy into", above))?;
    if is_inside(to, register)? {
        return Err(RecordsError::Inside(Shown::new(&to.to_string_lossy())));
    }
    Ok(())
}

/// Demands that nothing lies at a path.
///
/// # Errors
/// [`WorkstationError::Exists`].
pub(super) fn must_be_new(path: &Path) -> Result<(), RecordsError> {
    match path.symlink_metadata() {
        Ok(_) => Err(WorkstationError::Exists { path: path.to_owned() }.into()),
        Err(_) => Ok(()),
    }
}

/// Whether a folder that does not exist yet would lie inside `root`.
fn is_inside(path: &Path, root: &Path) -> Result<bool, RecordsError> {
    let root = root.canonicalize().map_err(WorkstationError::io("find", root))?;
    let absolute = std::path::absolute(path).map_err(WorkstationError::io("find", path))?;
    let existing = absolute.ancestors().find_map(|above| above.canonicalize().ok());
    Ok(existing.is_some_and(|above| above.starts_with(&root)))
}

/// Writes a register as a new folder.
///
/// # Errors
/// As [`files::write_new_folder`].
pub(super) fn write(to: &Path, contents: &BTreeMap<String, Vec<u8>>) -> Result<(), RecordsError> {
    Ok(files::write_new_folder(to, &["transcripts"], contents)?)
}
