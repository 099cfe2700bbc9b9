//! Reading /proc and /sys: short texts and lists of names, below a root that tests can lay out themselves.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::model::shown::Shown;

/// The most that is read of a file: /proc/cpuinfo is longer, and its beginning says enough.
const LONGEST: u64 = 64 * 1024;
/// The most characters of a name that a device or a file gives.
const NAME: usize = 40;

/// Why something was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unseen {
    /// It is not there.
    Missing,
    /// It is there, perhaps, and the system gives it to nobody.
    Closed,
}

impl From<io::Error> for Unseen {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::Closed }
    }
}

/// The system's files.
pub(super) struct Files(PathBuf);

impl Files {
    pub(super) fn below(root: &Path) -> Self {
        Self(root.to_owned())
    }

    /// The beginning of a file, as text.
    pub(super) fn text(&self, path: &str) -> Result<String, Unseen> {
        let mut bytes = Vec::new();
        File::open(self.0.join(path))?.take(LONGEST).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A file's text without blanks around it; nothing where it cannot be read.
    pub(super) fn word(&self, path: &str) -> String {
        self.text(path).map(|text| text.trim().to_owned()).unwrap_or_default()
    }

    /// The names in a folder, in order.
    pub(super) fn names(&self, folder: &str) -> Result<Vec<String>, Unseen> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.0.join(folder))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// As [`Self::names`]; a class of devices that the kernel does not know has none.
    pub(super) fn class(&self, folder: &str) -> Result<Vec<String>, Unseen> {
        match self.names(folder) {
            Err(Unseen::Missing) => Ok(Vec::new()),
            other => other,
        }
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.0.join(path).symlink_metadata().is_ok()
    }
}

/// Text from a device or a file, as it may be shown: escaped, and not longer than a name.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.trim().chars().take(NAME).collect();
    Shown::new(&short).to_string()
}

/// `eth0, eth1`.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(shown).collect::<Vec<_>>().join(", ")
}
