//! Bundles: folders carried by hand. They are read once, into memory, without following anything.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::WorkstationError;
use crate::format::manifest;
use crate::model::hash::Hash;
use crate::model::shown::Shown;

/// The most files in a bundle.
const MOST_FILES: usize = 2048;
/// The largest file in an incoming bundle.
const LARGEST_FILE: u64 = 512 * 1024;
/// The largest file in an outgoing one: keyrings and lists grow for years.
const LARGEST_OUTGOING: u64 = 16 * 1024 * 1024;
/// The most bytes of all files of a bundle together.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// A bundle whose files are those of its manifest, byte for byte. It carries no authority of its own: each file in it is
/// judged by whoever reads it.
pub struct Bundle {
    files: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// Reads a folder: regular files with one link and a plain name, all of them listed in its `SHA256SUMS`, nothing else.
    ///
    /// # Errors
    /// [`WorkstationError::Bundle`] naming the file that is none of that.
    pub fn read(folder: &Path) -> Result<Self, WorkstationError> {
        Self::check(folder, read_files(folder, LARGEST_FILE)?)
    }

    fn check(folder: &Path, mut files: BTreeMap<String, Vec<u8>>) -> Result<Self, WorkstationError> {
        let refuse = |what: String| WorkstationError::Bundle { folder: folder.to_owned(), what: Shown::new(&what) };
        let sums = files.remove(manifest::NAME).ok_or_else(|| refuse("it has no SHA256SUMS".to_owned()))?;
        let listed = manifest::read(manifest::NAME, &sums)?;
        for (name, hash) in &listed {
            match files.get(name) {
                None => return Err(refuse(format!("{name} is in SHA256SUMS but not in the folder"))),
                Some(bytes) if Hash::of(bytes) != *hash => {
                    return Err(refuse(format!("{name} is not the file that SHA256SUMS names")));
                }
                Some(_) => {}
            }
        }
        match files.keys().find(|name| !listed.contains_key(*name)) {
            Some(name) => Err(refuse(format!("{name} is in the folder but not in SHA256SUMS"))),
            None => Ok(Self { files }),
        }
    }

    /// The file of this name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// The files whose names end so, in order.
    pub fn ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.files
            .iter()
            .filter(move |(name, _)| name.ends_with(ending))
            .map(|(name, bytes)| (name.as_str(), &bytes[..]))
    }
}

/// A bundle that left the room: its manifest bears a signature, which whoever reads it verifies.
pub struct SignedBundle {
    /// The files that the manifest lists.
    pub bundle: Bundle,
    /// `SHA256SUMS`, byte for byte.
    pub manifest: Vec<u8>,
    /// `SHA256SUMS.asc`, unverified.
    pub signature: Vec<u8>,
}

impl SignedBundle {
    /// Reads a folder as [`Bundle::read`] does, and beside the manifest its signature, which no manifest can list.
    ///
    /// # Errors
    /// As [`Bundle::read`].
    pub fn read(folder: &Path) -> Result<Self, WorkstationError> {
        let mut files = read_files(folder, LARGEST_OUTGOING)?;
        let missing = |name: &str| {
            let what = Shown::new(&format!("it has no {name}"));
            WorkstationError::Bundle { folder: folder.to_owned(), what }
        };
        let signature = files.remove(manifest::SIGNATURE).ok_or_else(|| missing(manifest::SIGNATURE))?;
        let manifest = files.get(manifest::NAME).cloned().ok_or_else(|| missing(manifest::NAME))?;
        Ok(Self { bundle: Bundle::check(folder, files)?, manifest, signature })
    }
}

/// Every file of a folder, by its name.
fn read_files(folder: &Path, largest: u64) -> Result<BTreeMap<String, Vec<u8>>, WorkstationError> {
    let refuse = |what: String| WorkstationError::Bundle { folder: folder.to_owned(), what: Shown::new(&what) };
    let names = names(folder)?;
    let handle = rustix::fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(WorkstationError::os("open the bundle", folder))?;
    let (mut files, mut total) = (BTreeMap::new(), 0);
    for name in names {
        if !manifest::is_bundle_name(&name) {
            return Err(refuse(format!("it may not hold a file called {name}")));
        }
        // NOFOLLOW refuses links, NONBLOCK a FIFO that would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&handle, name.as_str(), flags, Mode::empty()).map_err(|errno| match errno {
            Errno::LOOP => refuse(format!("{name} is a link, and a bundle holds files only")),
            errno => refuse(format!("{name} cannot be opened: {errno}")),
        })?;
        let stat = rustix::fs::fstat(&file).map_err(WorkstationError::os("look at a file of", folder))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink != 1 {
            return Err(refuse(format!("{name} is not a regular file with one name")));
        }
        let mut bytes = Vec::new();
        File::from(file)
            .take(largest + 1)
            .read_to_end(&mut bytes)
            .map_err(WorkstationError::io("read a file of", folder))?;
        if bytes.len() as u64 > largest {
            return Err(refuse(format!("{name} is larger than {largest} bytes")));
        }
        total += bytes.len() as u64;
        if total > MOST_BYTES {
            return Err(refuse(format!("its files have more than {MOST_BYTES} bytes together")));
        }
        files.insert(name, bytes);
    }
    Ok(files)
}

fn names(folder: &Path) -> Result<Vec<String>, WorkstationError> {
    let mut names = Vec::new();
    for entry in
        std::fs::read_dir(folder).map_err(|source| WorkstationError::Named { path: folder.to_owned(), source })?
    {
        let entry = entry.map_err(WorkstationError::io("list the bundle", folder))?;
        let refuse = |what: &str| WorkstationError::Bundle { folder: folder.to_owned(), what: Shown::new(what) };
        match entry.file_name().into_string() {
            Ok(name) => names.push(name),
            Err(_) => return Err(refuse("it has a file whose name is not UTF-8")),
        }
        if names.len() > MOST_FILES {
            return Err(refuse("it has too many files"));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::workstation::files;

    fn bundle(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let sums = manifest::write(files.iter().map(|(name, bytes)| (*name, *bytes)));
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        std::fs::write(folder.path().join(manifest::NAME), sums).unwrap();
        folder
    }

    fn refused(folder: &tempfile::TempDir) -> String {
        Bundle::read(folder.path()).err().expect("refused").to_string()
    }

    #[test]
    fn reads_what_it_should() {
        let folder = bundle(&[("a.request.asc", b"x"), ("note.txt", b"y")]);
        let bundle = Bundle::read(folder.path()).unwrap();
        assert_eq!(bundle.ending(".request.asc").collect::<Vec<_>>(), [("a.request.asc", &b"x"[..])]);
    }

    #[test]
    fn a_link_a_fifo_and_a_second_name_are_refused() {
        let folder = bundle(&[("a", b"x")]);
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("b")).unwrap();
        assert!(refused(&folder).contains("b is a link"));
        let folder = bundle(&[("a", b"x")]);
        std::fs::hard_link(folder.path().join("a"), folder.path().join("b")).unwrap();
        assert!(refused(&folder).contains("not a regular file"));
        let folder = bundle(&[("a", b"x")]);
        rustix::fs::mknodat(rustix::fs::CWD, folder.path().join("b"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert!(refused(&folder).contains("not a regular file"));
    }

    #[test]
    fn what_the_manifest_does_not_say_is_refused() {
        let folder = bundle(&[("a", b"x")]);
        std::fs::write(folder.path().join("b"), b"y").unwrap();
        assert!(refused(&folder).contains("not in SHA256SUMS"));
        let folder = bundle(&[("a", b"x")]);
        std::fs::write(folder.path().join("a"), b"y").unwrap();
        assert!(refused(&folder).contains("not the file that SHA256SUMS names"));
        let folder = bundle(&[("a", b"x"), ("b", b"y")]);
        std::fs::remove_file(folder.path().join("b")).unwrap();
        assert!(refused(&folder).contains("not in the folder"));
    }

    #[test]
    fn a_bundle_that_left_the_room_has_its_signature_beside_the_manifest() {
        let folder = bundle(&[("keys.txt", b"x")]);
        let refused =
            |folder: &tempfile::TempDir| SignedBundle::read(folder.path()).err().expect("refused").to_string();
        assert!(refused(&folder).contains("it has no SHA256SUMS.asc"));
        std::fs::write(folder.path().join(manifest::SIGNATURE), b"signed").unwrap();
        let read = SignedBundle::read(folder.path()).unwrap();
        assert_eq!((read.bundle.file("keys.txt"), &read.signature[..]), (Some(&b"x"[..]), &b"signed"[..]));
        assert_eq!(read.manifest, std::fs::read(folder.path().join(manifest::NAME)).unwrap());
        std::fs::write(folder.path().join("more.txt"), b"y").unwrap();
        assert!(refused(&folder).contains("more.txt is in the folder but not in SHA256SUMS"));
    }

    #[test]
    fn writes_a_whole_folder_or_none() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("out");
        let contents = BTreeMap::from([("a".to_owned(), b"x".to_vec())]);
        files::write_new_folder(&folder, &[], &contents).unwrap();
        assert!(matches!(files::write_new_folder(&folder, &[], &contents), Err(WorkstationError::Exists { .. })));
        assert_eq!(std::fs::read_dir(above.path()).unwrap().count(), 1);
    }
}
