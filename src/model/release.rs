//! What a release is: a name, and files with their hashes.

use std::fmt;
use std::str::FromStr;

use super::hash::Hash;
use super::shown::is_plain;
use super::timestamp::Timestamp;

/// The most characters of a release's name.
const LONGEST_NAME: usize = 100;
/// The most bytes of a file's name, as file systems have it.
const LONGEST_FILE: usize = 255;

/// A release's name: `keyrite-1.2`. Its manifest is called `NAME.SHA256SUMS`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseName(String);

/// Not a release's name.
#[derive(Debug, thiserror::Error)]
#[error(
    "not a release's name: use 1 to {LONGEST_NAME} of A-Z, a-z, 0-9, '.', '_', '+' and '-', not beginning with '.' or '-'"
)]
pub struct NotAReleaseName;

impl ReleaseName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ReleaseName {
    type Err = NotAReleaseName;

    fn from_str(text: &str) -> Result<Self, NotAReleaseName> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'-');
        let is_name =
            (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with(['.', '-']);
        if is_name { Ok(Self(text.to_owned())) } else { Err(NotAReleaseName) }
    }
}

/// The name of a file of a release: of a file alone, never a path, and nothing that a screen or a shell takes for something else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

/// Why a text is no file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a file of a release may not be called so: {0}")]
pub struct NotAFileName(&'static str);

impl FileName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FileName {
    type Err = NotAFileName;

    fn from_str(text: &str) -> Result<Self, NotAFileName> {
        let faults = [
            (text.is_empty(), "the name is empty"),
            (text.len() > LONGEST_FILE, "the name is too long"),
            (text.contains('/'), "it is a path"),
            (text.contains('\\'), "it has a backslash, which sha256sum escapes"),
            (!text.chars().all(is_plain), "it has a character that is not plainly seen"),
            (text.starts_with(['-', '.']), "it begins with '-' or '.'"),
            (text.contains(".."), "it has two dots in a row"),
            (text.starts_with(' ') || text.ends_with(' '), "it begins or ends with a space"),
        ];
        match faults.into_iter().find(|(holds, _)| *holds) {
            Some((_, why)) => Err(NotAFileName(why)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFile {
    /// What it is called.
    pub name: FileName,
    /// Its SHA-256.
    pub hash: Hash,
}

/// What the head of a manifest says beside the name. One that was made by `sha256sum` alone has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Whose release it is.
    pub organization: String,
    /// In which scope it is signed, as the roster says it.
    pub scope: String,
    /// When it was prepared.
    pub date: Timestamp,
    /// From which commit or place it was built.
    pub source: Option<String>,
    /// Who, or what machine, prepared it.
    pub prepared_by: Option<String>,
}

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: ReleaseName,
    /// The rest of its head, where it has one.
    pub head: Option<Head>,
    /// Its files, in the manifest's order; no name twice, and at least one.
    pub files: Vec<ReleaseFile>,
}

impl Release {
    /// The hash of the file with this name.
    #[must_use]
    pub fn hash_of(&self, name: &str) -> Option<Hash> {
        self.files.iter().find(|file| file.name.as_str() == name).map(|file| file.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_releases() {
        for good in ["keyrite-1.2", "a", "libstdc++_6", &"a".repeat(100)] {
            assert!(good.parse::<ReleaseName>().is_ok(), "{good}");
        }
        for bad in ["", ".a", "-a", "a b", "a/b", "é", "a\n", &"a".repeat(101)] {
            assert!(bad.parse::<ReleaseName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_of_files() {
        for good in ["keyrite-1.2.tar.gz", "with space.txt", "größe.txt", "a~b@c"] {
            assert!(good.parse::<FileName>().is_ok(), "{good}");
        }
        for bad in ["", "a/b", "..", "a..b", ".a", "-a", " a", "a ", "a\\b", "a\nb", "a\u{202e}b", &"a".repeat(256)] {
            assert!(bad.parse::<FileName>().is_err(), "{bad}");
        }
    }
}
