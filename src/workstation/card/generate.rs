//! Generating a key on the card.

use keyrite_locked::Locked;
use openpgp_card::ocard::KeyType;
use openpgp_card::ocard::algorithm::AlgoSimple;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PrimaryRole, PublicParts};

use super::error::CardError;
use super::guarded::GuardedCard;
use super::public_key::PublicKey;
use super::survey::{Origin, Slot};
use super::weak;
use crate::model::algorithm::Algorithm;
use crate::model::event::Intent;
use crate::model::timestamp::Timestamp;
use crate::workstation::journal::Permit;

/// GENERATE ASYMMETRIC KEY PAIR (7.2.14) for the SIG slot: its control reference template is B6, empty.
const GENERATE: [u8; 8] = [0x00, 0x47, 0x80, 0x00, 0x02, 0xb6, 0x00, 0x00];

impl From<Algorithm> for AlgoSimple {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Ed25519 => Self::Curve25519,
            Algorithm::NistP256 => Self::NIST256,
            Algorithm::NistP384 => Self::NIST384,
            Algorithm::NistP521 => Self::NIST521,
            Algorithm::Rsa2048 => Self::RSA2k,
            Algorithm::Rsa3072 => Self::RSA3k,
            Algorithm::Rsa4096 => Self::RSA4k,
        }
    }
}

impl GuardedCard<'_> {
    /// Generates a key in the empty SIG slot, and writes back the intended creation time and the fingerprint that follows
    /// from it. Cut in between, the slot holds an orphan.
    ///
    /// # Errors
    /// When `permit` is not for this; when the slot is not empty (CARD-4); when the admin PIN is wrong, or would be the
    /// last try; when the card refuses; when the key is weak; when the card does not keep what is written.
    pub fn generate(
        &mut self,
        permit: &Permit,
        algorithm: Algorithm,
        created: Timestamp,
        admin: &Locked,
    ) -> Result<Key<PublicParts, PrimaryRole>, CardError> {
        self.permitted(permit, "generate a key", |intent| matches!(intent, Intent::GenerateKey { .. }))?;
        self.require_empty()?;
        self.verify_admin(admin)?;
        self.mark()?;
        self.choose(algorithm.into())?;
        const ACT: &str = "generating a key";
        if let Err(status) = self.client.raw(ACT, GENERATE.to_vec())? {
            return Err(CardError::Status { card: self.which().clone(), act: ACT, status });
        }
        let key = self.new_public_key(created)?;
        self.write_metadata(&key, created)?;
        self.confirm(&key, created, Origin::Generated)?;
        Ok(key.key().clone())
    }

    /// Sets the algorithm attributes (4.4.3.9).
    fn choose(&mut self, algorithm: AlgoSimple) -> Result<(), CardError> {
        let attributes = self
            .client
            .call("choosing an algorithm", |tx| algorithm.matching_algorithm_attributes(tx, KeyType::Signing))?;
        self.client.call("choosing an algorithm", |tx| tx.set_algorithm_attributes(KeyType::Signing, &attributes))
    }

    fn new_public_key(&mut self, created: Timestamp) -> Result<PublicKey, CardError> {
        let material = self.client.call("reading the new public key", |tx| tx.public_key(KeyType::Signing))?;
        let card = self.which().clone();
        let Some(key) = PublicKey::from_card(&material, created) else {
            return Err(CardError::Unsupported { card, algorithm: "the new key's algorithm".to_owned() });
        };
        match weak::weakness(key.key().mpis()) {
            Some(reason) => Err(CardError::WeakKey { card, reason }),
            None => Ok(key),
        }
    }

    fn write_metadata(&mut self, key: &PublicKey, created: Timestamp) -> Result<(), CardError> {
        let fingerprint = key.fingerprint().0.into();
        self.client.call("writing its creation time", |tx| tx.set_creation_time(created.0.into(), KeyType::Signing))?;
        self.client.call("writing its fingerprint", |tx| tx.set_fingerprint(fingerprint, KeyType::Signing))
    }

    /// Reads everything again and compares it with what was intended.
    pub(super) fn confirm(&mut self, key: &PublicKey, created: Timestamp, origin: Origin) -> Result<(), CardError> {
        self.resurvey()?;
        let what = match &self.survey().slot {
            Slot::Complete { public_key, .. } if public_key != key => "the public key differs",
            Slot::Complete { created: kept, .. } if *kept != created => "the creation time differs",
            Slot::Complete { origin: kept, .. } if *kept != origin && *kept != Origin::Unknown => "the origin differs",
            Slot::Complete { .. } => return Ok(()),
            Slot::Empty => "there is no key",
            Slot::Orphan { cause } => return Err(CardError::Orphan { card: self.which().clone(), cause: *cause }),
        };
        Err(CardError::NotKept { card: self.which().clone(), what })
    }
}
