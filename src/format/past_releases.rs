//! The list of past releases as a file: `sha256sum --check --ignore-missing` reads it, and its comments say who signed what.
//!
//! There is one spelling of each list: what is read must be what would be written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::FromStr;

use super::FormatError;
use super::place::shortened;
use super::release::is_value;
use crate::model::hash::Hash;
use crate::model::past_releases::{PastRelease, PastReleases};
use crate::model::release::FileName;
use crate::model::shown::Shown;

/// The list's name in an outgoing bundle.
pub const NAME: &str = "past-releases.txt";
/// The name of its signature.
pub const SIGNATURE: &str = "past-releases.txt.asc";
/// The largest list.
const LARGEST: usize = 16 * 1024 * 1024;
/// The first line.
const FIRST: &str = "# keyrite-past-releases 1";

/// Writes a list.
#[must_use]
pub fn write(list: &PastReleases) -> String {
    let mut out = format!("{FIRST}\n");
    // Writing to a String cannot fail.
    let _ = write!(out, "# organization: {}\n# number: {}\n# as-of: {}\n", list.organization, list.number, list.as_of);
    for release in &list.releases {
        let PastRelease { release: name, signed_by, signed_on, scope, taken_in, files } = release;
        let _ = write!(
            out,
            "#\n# release: {name}\n# signed-by: {signed_by}\n# signed-on: {signed_on}\n# scope: {scope}\n\
             # taken-in: {taken_in}\n"
        );
        for (file, hash) in files {
            let _ = writeln!(out, "{hash}  {file}");
        }
    }
    out
}

/// Reads a list; `file` is what errors call it.
///
/// # Errors
/// The first line that is not as keyrite writes it, and a file name that stands for two contents.
pub fn read(file: &str, bytes: &[u8]) -> Result<PastReleases, FormatError> {
    if bytes.len() > LARGEST {
        return Err(FormatError::TooLarge { file: Shown::new(file).to_string(), size: bytes.len(), largest: LARGEST });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        FormatError::NotUtf8 {
            file: Shown::new(file).to_string(),
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
        }
    })?;
    Lines { file, lines: text.split_inclusive('\n').enumerate().peekable() }.list(text)
}

/// The lines that are still to be read.
struct Lines<'a, I: Iterator<Item = (usize, &'a str)>> {
    file: &'a str,
    lines: Peekable<I>,
}

impl<'a, I: Iterator<Item = (usize, &'a str)>> Lines<'a, I> {
    fn fault(&self, line: usize, what: impl Into<String>) -> FormatError {
        FormatError::Published {
            file: Shown::new(self.file).to_string(),
            line: line + 1,
            what: shortened(&what.into()),
        }
    }

    fn list(mut self, text: &str) -> Result<PastReleases, FormatError> {
        self.exactly(FIRST)?;
        let mut list = PastReleases {
            organization: self.plain("organization")?,
            number: self.value("number")?,
            as_of: self.value("as-of")?,
            releases: Vec::new(),
        };
        if list.number == 0 {
            return Err(self.fault(2, "the first number is 1"));
        }
        // Looked up by name: a list made to do harm has many.
        let (mut names, mut contents) = (BTreeSet::new(), BTreeMap::new());
        while let Some(at) = self.lines.peek().map(|(at, _)| *at) {
            let release = self.release()?;
            if !names.insert(release.release.clone()) {
                return Err(self.fault(at, format!("release {} stands in the list twice", release.release)));
            }
            for (file, hash) in &release.files {
                if contents.insert(file.clone(), *hash).is_some_and(|listed| listed != *hash) {
                    return Err(self.fault(at, format!("{file} stands in the list with another hash")));
                }
            }
            list.releases.push(release);
        }
        // Numbers, hashes and moments have other spellings; this list has one.
        let ours = write(&list);
        match ours.lines().zip(text.lines()).position(|(ours, theirs)| ours != theirs) {
            Some(at) => Err(self.fault(at, "not as keyrite writes it")),
            None if ours == text => Ok(list),
            None => Err(self.fault(text.lines().count(), "not as keyrite writes it")),
        }
    }

    fn release(&mut self) -> Result<PastRelease, FormatError> {
        self.exactly("#")?;
        Ok(PastRelease {
            release: self.value("release")?,
            signed_by: self.value("signed-by")?,
            signed_on: self.value("signed-on")?,
            scope: self.plain("scope")?,
            taken_in: self.value("taken-in")?,
            files: self.files()?,
        })
    }

    /// The files of one release: one at the least.
    fn files(&mut self) -> Result<BTreeMap<FileName, Hash>, FormatError> {
        let mut files = BTreeMap::new();
        while let Some((at, line)) = self.lines.next_if(|(_, line)| !line.starts_with('#')) {
            let line = line.strip_suffix('\n').ok_or_else(|| self.fault(at, "the last line is not ended"))?;
            let (hash, name) =
                line.split_once("  ").ok_or_else(|| self.fault(at, "not a hash, two spaces and a name"))?;
            let hash: Hash = hash.parse().map_err(|error| self.fault(at, format!("{error}")))?;
            let file: FileName =
                name.parse().map_err(|error| self.fault(at, format!("{error} ({})", Shown::new(name))))?;
            if files.insert(file, hash).is_some() {
                return Err(self.fault(at, format!("{name} stands here twice")));
            }
        }
        if files.is_empty() {
            let at = self.lines.peek().map_or(0, |(at, _)| *at);
            return Err(self.fault(at, "a release without a file"));
        }
        Ok(files)
    }

    fn next(&mut self) -> Result<(usize, &'a str), FormatError> {
        let (at, line) = self.lines.next().ok_or_else(|| self.fault(0, "the list ends too early"))?;
        Ok((at, line.strip_suffix('\n').ok_or_else(|| self.fault(at, "the last line is not ended"))?))
    }

    fn exactly(&mut self, expected: &str) -> Result<(), FormatError> {
        let (at, line) = self.next()?;
        if line == expected { Ok(()) } else { Err(self.fault(at, format!("\"{expected}\" belongs here"))) }
    }

    fn value<T: FromStr<Err: std::fmt::Display>>(&mut self, key: &str) -> Result<T, FormatError> {
        let (at, line) = self.next()?;
        let value = line.strip_prefix("# ").and_then(|line| line.strip_prefix(key)?.strip_prefix(": "));
        let value = value.ok_or_else(|| self.fault(at, format!("\"# {key}: \" belongs here")))?;
        value.parse().map_err(|error| self.fault(at, format!("{key}: {error}")))
    }

    fn plain(&mut self, key: &str) -> Result<String, FormatError> {
        let at = self.lines.peek().map_or(0, |(at, _)| *at);
        let text: String = self.value(key)?;
        if is_value(&text) {
            Ok(text)
        } else {
            Err(self.fault(at, format!("{key} is \"{}\": 1 to 200 plain characters are allowed", Shown::new(&text))))
        }
    }
}

#[cfg(test)]
#[path = "past_releases_tests.rs"]
mod tests;
