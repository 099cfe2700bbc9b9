//! The sandbox: no network, and writing in named folders only, for this process and all that it starts.
//!
//! Both parts are inherited through fork and exec and cannot be taken back. What the kernel does not grant is no error here:
//! [`Sandbox`] says what it granted, and the caller judges.

use std::path::{Path, PathBuf};

use super::{UnseenPlace, calls, folders};

/// What the kernel granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sandbox {
    /// No program that is started has more rights than its parent (`no_new_privs`).
    pub no_new_rights: bool,
    /// No socket but one of this machine can be opened (seccomp).
    pub no_network: bool,
    /// The kernel's version of Landlock, when it keeps writing to the named folders.
    pub landlock: Option<u32>,
}

/// Where a ceremony writes. What is not there is left out: it cannot be made either, unless it lies below another one.
#[derive(Debug, Clone, Default)]
pub struct Writable {
    /// Files and folders may be made, written and removed below these.
    pub below: Vec<PathBuf>,
    /// Empty folders below these may be removed, and nothing else.
    pub emptied: Vec<PathBuf>,
}

impl Writable {
    /// One folder, when it is there.
    #[must_use]
    pub fn below(folder: &Path) -> Self {
        Self { below: vec![folder.to_owned()], ..Self::default() }
    }

    /// Also where a new folder is made: the nearest one above it that is there.
    #[must_use]
    pub fn and_new(mut self, folder: &Path) -> Self {
        let above = folder.ancestors().skip(1);
        let above = above.map(|above| if above.as_os_str().is_empty() { Path::new(".") } else { above });
        self.below.extend(above.filter(|above| above.is_dir()).take(1).map(Path::to_owned));
        self
    }
}

impl Sandbox {
    /// Closes the network. To be called before anything else: threads and children that are there already keep theirs.
    #[must_use]
    pub fn without_network() -> Self {
        Self {
            no_new_rights: rustix::thread::set_no_new_privs(true).is_ok(),
            no_network: calls::without_network(),
            landlock: None,
        }
    }

    /// Keeps writing to these places. To be called while there is one thread: Landlock binds the calling one and its
    /// children.
    ///
    /// # Errors
    /// When a place cannot be looked at. A kernel without Landlock is no error.
    pub fn confined(self, writable: &Writable) -> Result<Self, UnseenPlace> {
        let mut rules = Vec::new();
        let devices = folders::devices();
        let places =
            [(&writable.below, folders::FOLDER), (&writable.emptied, folders::EMPTIED), (&devices, folders::DEVICE)];
        for (places, access) in places {
            for place in places {
                rules.extend(folders::rule(place, access)?);
            }
        }
        Ok(Self { landlock: folders::confine(rules), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_is_made_in_the_nearest_one_that_is_there() {
        let above = tempfile::tempdir().unwrap();
        let there = above.path().to_owned();
        assert_eq!(Writable::default().and_new(&there.join("new")).below, vec![there.clone()]);
        assert_eq!(Writable::default().and_new(&there.join("a/b/new")).below, vec![there.clone()]);
        assert_eq!(Writable::default().and_new(Path::new("new")).below, vec![PathBuf::from(".")]);
        assert_eq!(Writable::below(&there).and_new(&there.join("new")).below, vec![there.clone(), there]);
    }
}
