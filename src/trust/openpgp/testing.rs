//! Keys for the tests of this room. Their seeds are public: nothing here is a secret.

use std::time::Duration;

use keyrite_locked::Locked;
use sequoia_openpgp::crypto::KeyPair;

use super::profile::Profile;
use super::root::{DrawnRoot, draw};
use super::secret::SecretRoot;
use crate::model::algorithm::Algorithm;
use crate::model::timestamp::Timestamp;

/// 2026-11-21T10:59:57Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_258_797);
/// 365 days.
pub(crate) const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// The test root with this seed.
pub(crate) fn root(seed: u8) -> DrawnRoot {
    drawn(seed, &Profile::root("Test Root", YEAR))
}

/// A key with this seed and profile.
pub(crate) fn drawn(seed: u8, profile: &Profile) -> DrawnRoot {
    let seed = Locked::copy_of(&[seed; 32]).expect("locked memory");
    draw(Algorithm::Ed25519, &seed, profile, NOW).expect("a root")
}

/// Signs as `root`.
pub(crate) fn signer(root: &DrawnRoot) -> KeyPair {
    SecretRoot::parse(&root.secret).expect("own secret").key().clone().into_keypair().expect("not encrypted")
}
