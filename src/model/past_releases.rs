//! The list of past releases: what an organization's signers released while they were delegated.
//!
//! A delegation ends, and what was signed under it stays good: this list says which files these are.

use std::collections::BTreeMap;

use super::evidence::Artefact;
use super::fingerprint::Fingerprint;
use super::hash::Hash;
use super::name::CeremonyName;
use super::release::{FileName, ReleaseName};
use super::timestamp::Timestamp;

/// The whole list. A file name stands for one content in all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastReleases {
    /// Whose it is.
    pub organization: String,
    /// One more than that of the list before it; the first is 1.
    pub number: u32,
    /// When the ceremony that signed it was opened.
    pub as_of: Timestamp,
    /// The releases, in the order in which they were taken in.
    pub releases: Vec<PastRelease>,
}

/// One release of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRelease {
    /// Its name: `keyrite-1.2`.
    pub release: ReleaseName,
    /// Whose signature its manifest has: the fingerprint of the signer's certificate.
    pub signed_by: Fingerprint,
    /// When the signer signed.
    pub signed_on: Timestamp,
    /// The scope of the delegation under which it was signed.
    pub scope: String,
    /// The ceremony that took it in.
    pub taken_in: CeremonyName,
    /// Its files: the SHA-256 of each by its name.
    pub files: BTreeMap<FileName, Hash>,
}

/// The list of past releases as the transcripts know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasesRecord {
    /// Its number.
    pub number: u32,
    /// The list.
    pub list: Artefact,
    /// The signature of the records key on it.
    pub signature: Artefact,
}

/// Why a release cannot stand in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clash<'a> {
    /// A release of this name is listed with other files.
    Release(&'a PastRelease),
    /// A file of this name is listed with another content.
    File(&'a FileName, &'a PastRelease),
}

impl PastReleases {
    /// The release of this name.
    #[must_use]
    pub fn release(&self, name: &ReleaseName) -> Option<&PastRelease> {
        self.releases.iter().find(|listed| listed.release == *name)
    }

    /// What stands against a release of this name with these files; nothing when it is in the list just so, or not at all.
    #[must_use]
    pub fn clash<'a>(&'a self, name: &'a ReleaseName, files: &'a BTreeMap<FileName, Hash>) -> Option<Clash<'a>> {
        for (file, hash) in files {
            let differs = |listed: &&PastRelease| listed.files.get(file).is_some_and(|other| other != hash);
            if let Some(listed) = self.releases.iter().find(differs) {
                return Some(Clash::File(file, listed));
            }
        }
        self.release(name).filter(|listed| listed.files != *files).map(Clash::Release)
    }

    /// How many files it names, each as often as it stands there.
    #[must_use]
    pub fn files(&self) -> usize {
        self.releases.iter().map(|release| release.files.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_stands_for_one_content() {
        let files = |hash: u8, names: &[&str]| {
            names.iter().map(|name| (name.parse().unwrap(), Hash([hash; 32]))).collect::<BTreeMap<FileName, _>>()
        };
        let release = PastRelease {
            release: "a-1".parse().unwrap(),
            signed_by: Fingerprint([1; 20]),
            signed_on: Timestamp(1),
            scope: "packages".to_owned(),
            taken_in: "0002-delegation".parse().unwrap(),
            files: files(1, &["a", "b"]),
        };
        let list = PastReleases {
            organization: "Acme".to_owned(),
            number: 1,
            as_of: Timestamp(2),
            releases: vec![release.clone()],
        };
        let (same, next) = ("a-1".parse().unwrap(), "a-2".parse().unwrap());
        assert_eq!(list.clash(&same, &files(1, &["a", "b"])), None);
        assert_eq!(list.clash(&next, &files(1, &["a", "c"])), None);
        assert_eq!(list.clash(&next, &files(2, &["c"])), None);
        assert_eq!(list.clash(&same, &files(1, &["a"])), Some(Clash::Release(&release)));
        assert_eq!(list.clash(&next, &files(2, &["b"])), Some(Clash::File(&"b".parse().unwrap(), &release)));
    }
}
