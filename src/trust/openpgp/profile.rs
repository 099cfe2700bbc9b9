//! What a certificate of ours is to say.

use std::time::Duration;

use sequoia_openpgp::types::KeyFlags;

use crate::model::fingerprint::Fingerprint;

/// What the key may do, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A root certifies signers. It cannot sign data: gpg answers "Wrong key usage" to a tarball signed by it.
    Root,
    /// The records key signs minutes and manifests. Its flags let it certify nobody; sequoia keeps to that, while gpg 2.2
    /// takes every primary key for able to certify, so there it is the missing ownertrust that keeps it from vouching.
    Records,
}

impl Purpose {
    /// The key flags (RFC 9580 5.2.3.29).
    #[must_use]
    pub fn flags(self) -> KeyFlags {
        match self {
            Self::Root => KeyFlags::empty().set_certification(),
            Self::Records => KeyFlags::empty().set_signing(),
        }
    }
}

/// What a certificate of ours is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// What the key may do.
    pub purpose: Purpose,
    /// Its one user ID, with the mark of a rehearsal in it when it is one.
    pub user_id: String,
    /// From now to its expiry. Bounded: expiry is the only brake on a root that somebody trusts ultimately.
    pub validity: Duration,
    /// Where the organization's policy can be read.
    pub policy_uri: Option<String>,
    /// The records key, named in a notation of the root's direct-key signature.
    pub records: Option<Fingerprint>,
}

impl Profile {
    /// A root with nothing optional.
    #[must_use]
    pub fn root(user_id: impl Into<String>, validity: Duration) -> Self {
        Self { purpose: Purpose::Root, user_id: user_id.into(), validity, policy_uri: None, records: None }
    }

    /// A records key with nothing optional.
    #[must_use]
    pub fn records(user_id: impl Into<String>, validity: Duration) -> Self {
        Self { purpose: Purpose::Records, ..Self::root(user_id, validity) }
    }
}
