use std::collections::BTreeMap;

use super::*;
use crate::format::signers::{RootKey, VERSION};
use crate::model::fault::Fault as _;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::past_releases::PastRelease;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::Profile;
use crate::trust::openpgp::testing::{self, NOW, YEAR};
use crate::workstation::files;

/// What a bundle of a ceremony holds, with a list of these releases.
struct Made {
    ceremony: &'static str,
    as_of: Timestamp,
    releases: &'static [&'static str],
    /// The seed of the key that signs manifest and list.
    key: u8,
    /// The seed of the key that signs the list instead.
    list_key: u8,
}

const OLD: Made = Made { ceremony: "0002-delegation", as_of: NOW, releases: &["a-1"], key: 3, list_key: 3 };

impl Made {
    fn list(&self) -> PastReleases {
        let one = |name: &&str| PastRelease {
            release: name.parse().unwrap(),
            signed_by: Fingerprint([1; 20]),
            signed_on: NOW,
            scope: "packages".to_owned(),
            taken_in: "0002-delegation".parse().unwrap(),
            files: BTreeMap::from([(format!("{name}.tar").parse().unwrap(), Hash([9; 32]))]),
        };
        let releases = self.releases.iter().map(one).collect();
        PastReleases { organization: "Acme".to_owned(), number: 1, as_of: self.as_of, releases }
    }

    fn read(&self) -> Result<Sealed, CeremonyError> {
        let sign = |seed: u8, data: &[u8]| {
            let key = testing::drawn(seed, &Profile::records("Records", YEAR));
            signed_text::sign_detached(data, NOW, &mut testing::signer(&key)).unwrap()
        };
        let records = testing::drawn(self.key, &Profile::records("Records", YEAR)).certificate;
        let signers = Signers {
            version: VERSION,
            organization: "Acme".to_owned(),
            ceremony: self.ceremony.parse().unwrap(),
            as_of: self.as_of,
            roots: vec![RootKey { root: "packages".parse().unwrap(), fingerprint: Fingerprint([2; 20]) }],
            records: records.fingerprint(),
            signers: Vec::new(),
        };
        let list = past_releases::write(&self.list()).into_bytes();
        let mut contents = BTreeMap::from([
            ("records.asc".to_owned(), records.armored(&[]).unwrap()),
            (signers::NAME.to_owned(), signers::write(&signers).unwrap().into_bytes()),
            (past_releases::SIGNATURE.to_owned(), sign(self.list_key, &list)),
            (past_releases::NAME.to_owned(), list),
        ]);
        let sums = manifest::write(contents.iter().map(|(name, bytes)| (name.as_str(), &bytes[..]))).into_bytes();
        contents.insert(manifest::SIGNATURE.to_owned(), sign(self.key, &sums));
        contents.insert(manifest::NAME.to_owned(), sums);
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("bundle");
        files::write_new_folder(&folder, &[], &contents).unwrap();
        assert!(is_outgoing(&folder));
        Sealed::read(&folder)
    }

    #[track_caller]
    fn refused(&self, control: &str, words: &str) {
        let older = OLD.read().unwrap();
        let refused = self.read().and_then(|sealed| sealed.follows(Path::new("new"), &older)).expect_err("refused");
        assert_eq!(refused.control().map(crate::model::control::Control::id), Some(control), "{refused}");
        assert!(refused.to_string().contains(words), "{words}? {refused}");
        assert!(refused.hint().is_some());
    }
}

#[test]
fn a_bundle_follows_the_one_before() {
    let next = Made { ceremony: "0010-delegation", as_of: Timestamp(NOW.0 + 1), releases: &["a-1", "a-2"], ..OLD };
    let next = next.read().unwrap();
    next.follows(Path::new("new"), &OLD.read().unwrap()).unwrap();
    next.follows(Path::new("new"), &next).unwrap();
    assert_eq!(next.releases.unwrap().releases.len(), 2);
}

#[test]
fn a_list_that_another_key_signed_or_that_lost_something_is_refused() {
    let next = || Made { ceremony: "0003-delegation", ..OLD };
    Made { releases: &[], ..next() }.refused("RELEASE-8", "release a-1 is not in it as it was in the list before");
    Made { list_key: 4, ..next() }.refused("RELEASE-8", "past-releases.txt: ");
    Made { key: 4, list_key: 4, ..next() }.refused("BUNDLE-2", "the one before");
    Made { ceremony: "0001-delegation", ..OLD }.refused("BUNDLE-2", "it is of ceremony 0001-delegation");
    Made { as_of: Timestamp(NOW.0 - 1), ..OLD }.refused("BUNDLE-2", "it is of ceremony 0002-delegation");
}
