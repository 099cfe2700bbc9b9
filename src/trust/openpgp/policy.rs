//! What signatures are good enough, at a given moment.

use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::HashAlgorithm;

use crate::model::timestamp::Timestamp;

/// Sequoia's policy as of `now`, never the machine's clock, and without SHA-1 and its elders whatever the date.
pub(in crate::trust) fn strict(now: Timestamp) -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::at(std::time::SystemTime::from(now));
    for hash in [HashAlgorithm::MD5, HashAlgorithm::RipeMD, HashAlgorithm::SHA1] {
        policy.reject_hash(hash);
    }
    policy
}

/// The same with SHA-1 let in: only to tell "bound by SHA-1" from "not bound at all".
pub(in crate::trust) fn with_sha1(now: Timestamp) -> StandardPolicy<'static> {
    let mut policy = strict(now);
    policy.accept_hash(HashAlgorithm::SHA1);
    policy
}
