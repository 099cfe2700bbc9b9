//! Web Key Directory: where `gpg --locate-external-keys` looks for the key of a mail address.
//!
//! The draft "OpenPGP Web Key Directory", 3.1: the hash of the local part names the file; the direct method has one tree for the
//! domain that serves it, the advanced method one for each domain under its name.

use std::collections::{BTreeMap, BTreeSet};

use sequoia_openpgp::types::HashAlgorithm;

use super::error::Error;
use super::known::Certificate;
use crate::model::fingerprint::Fingerprint;

/// Where all of it lies.
pub const FOLDER: &str = ".well-known/openpgpkey";

/// z-base-32, in the order of its values.
const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// A mail address as it is looked up: in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// What stands before the `@`.
    local: String,
    /// What stands after it: a name of a host, fit to be the name of a folder.
    domain: String,
}

impl Address {
    /// The address in a user ID: what stands in its last angle brackets, or all of it. None where there is no address, or one of
    /// a domain that is not written in ASCII, as the directory wants it.
    #[must_use]
    pub fn of(user_id: &str) -> Option<Self> {
        let bracketed = user_id.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')).map(|(_, inner)| inner);
        let (local, domain) = bracketed.unwrap_or(user_id).rsplit_once('@')?;
        let is_local = !local.is_empty()
            && !local.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '@'));
        // Only A to Z have another case here.
        let this = Self { local: local.to_ascii_lowercase(), domain: domain.to_ascii_lowercase() };
        (is_local && is_host(&this.domain)).then_some(this)
    }

    /// The domain, in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The name of its file: z-base-32 of SHA-1 of the local part, 32 characters.
    ///
    /// # Errors
    /// [`Error::Library`].
    pub fn hash(&self) -> Result<String, Error> {
        // The draft wants SHA-1. It names a file here, and vouches for nothing.
        let mut context = HashAlgorithm::SHA1.context().map_err(Error::library)?.for_digest();
        context.update(self.local.as_bytes());
        Ok(z_base_32(&context.into_digest().map_err(Error::library)?))
    }
}

/// Whether `text` is the name of a host: labels of letters, digits and inner hyphens.
#[must_use]
pub fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// Five bits a character; a digest of 20 bytes leaves none over.
fn z_base_32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let value = |group: &[u8]| group.iter().fold(0, |value, bit| value * 2 + usize::from(*bit == b'1'));
    let letters = bits.as_bytes().chunks(5).filter_map(|group| ALPHABET.get(value(group)));
    letters.map(|letter| char::from(*letter)).collect()
}

/// The domains that have an address among these user IDs.
#[must_use]
pub fn domains<'a>(user_ids: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    user_ids.filter_map(Address::of).map(|address| address.domain).collect()
}

/// Both trees, by path: for each user ID its certificate, with no other user ID than those of the same address that stand here. Of
/// `direct`, the domain that serves the direct method, the addresses are in that tree too. Several certificates of one address
/// follow each other.
///
/// # Errors
/// [`Error::Library`].
pub fn tree(entries: &[(&Certificate, &str)], direct: Option<&str>) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut by_address: BTreeMap<Address, BTreeMap<Fingerprint, (&Certificate, BTreeSet<&str>)>> = BTreeMap::new();
    for (certificate, user_id) in entries {
        if let Some(address) = Address::of(user_id) {
            let of_address = by_address.entry(address).or_default();
            let entry = of_address.entry(certificate.fingerprint()).or_insert((certificate, BTreeSet::new()));
            entry.1.insert(user_id);
        }
    }
    let mut files = BTreeMap::new();
    for (address, certificates) in &by_address {
        let mut bytes = Vec::new();
        for (certificate, user_ids) in certificates.values() {
            bytes.extend_from_slice(&certificate.with_user_ids(user_ids).bytes()?);
        }
        let hash = address.hash()?;
        let mut folders = vec![format!("{FOLDER}/{}", address.domain)];
        if direct == Some(address.domain()) {
            folders.push(FOLDER.to_owned());
        }
        for folder in folders {
            files.insert(format!("{folder}/hu/{hash}"), bytes.clone());
            // It must be there, and may be empty.
            files.insert(format!("{folder}/policy"), Vec::new());
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::super::profile::Profile;
    use super::super::testing::{self, YEAR};
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_draft() {
        let address = Address::of("Joe Doe <Joe.Doe@Example.ORG>").expect("an address");
        assert_eq!(address.domain(), "example.org");
        assert_eq!(address.hash().expect("a hash"), "iy9q119eutrkn8s1mk4r39qejnbu3n5q");
    }

    #[test]
    fn only_addresses_that_can_be_looked_up_have_a_place() {
        assert!(Address::of("a@example.org").is_some());
        for none in [
            "",
            "Ann",
            "Ann <>",
            "Ann <@example.org>",
            "Ann <ann@>",
            "Ann <ann@../../etc>",
            "Ann <ann@.example.org>",
            "Ann <ann@example..org>",
            "Ann <ann@-example.org>",
            "Ann <ann@exämple.org>",
            "Ann <an n@example.org>",
            "Ann <a@b@example.org>",
            "Ann <ann@example.org> and more",
        ] {
            assert_eq!(Address::of(none), None, "{none}");
        }
    }

    #[test]
    fn a_tree_holds_what_its_domains_may_serve() {
        let drawn = |seed, user_id: &str| testing::drawn(seed, &Profile::root(user_id, YEAR)).certificate;
        let (ann, bob) = (drawn(1, "Ann <ann@a.example>"), drawn(2, "Bob <ANN@b.example>"));
        let entries = [(&ann, "Ann <ann@a.example>"), (&bob, "Bob <ANN@b.example>"), (&ann, "no address")];
        let files = tree(&entries, Some("a.example")).expect("a tree");
        let hash = Address::of("ann@a.example").expect("an address").hash().expect("a hash");
        let expected = [
            ("/a.example", ann.bytes().expect("bytes")),
            ("/b.example", bob.bytes().expect("bytes")),
            ("", ann.bytes().expect("bytes")),
        ];
        assert_eq!(files.len(), 2 * expected.len(), "{:?}", files.keys());
        for (folder, bytes) in expected {
            assert_eq!(files.get(&format!("{FOLDER}{folder}/hu/{hash}")), Some(&bytes), "{folder}");
            assert_eq!(files.get(&format!("{FOLDER}{folder}/policy")), Some(&Vec::new()), "{folder}");
        }
    }
}
