//! Writing a root to the card.

use keyrite_locked::Locked;
use openpgp_card::ocard::KeyType;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PrimaryRole, SecretParts};

use super::error::CardError;
use super::guarded::GuardedCard;
use super::private_key::Upload;
use super::public_key::PublicKey;
use super::survey::Origin;
use super::weak;
use crate::model::event::Intent;
use crate::model::timestamp::Timestamp;
use crate::workstation::journal::Permit;

impl GuardedCard<'_> {
    /// Writes `key` into the empty SIG slot: Ed25519 (algorithm 22), ECDSA on P-256, P-384 or P-521, RSA. Then fingerprint
    /// and creation time; then all of it is read again and compared. Cut in between, the slot is empty or holds an orphan.
    ///
    /// A card may store a public key that does not belong to the private one: sign a test after each import.
    ///
    /// # Errors
    /// When `permit` is not for this key; when the slot is not empty (CARD-4); when the key is weak, or of another kind;
    /// when the admin PIN is wrong, or would be the last try; when the card refuses, or does not keep what is written.
    pub fn import(
        &mut self,
        permit: &Permit,
        key: &Key<SecretParts, PrimaryRole>,
        admin: &Locked,
    ) -> Result<(), CardError> {
        let public = PublicKey::from(key.parts_as_public().clone());
        let permitted = public.fingerprint();
        self.permitted(
            permit,
            "import this key",
            |intent| matches!(intent, Intent::ImportKey { fingerprint, .. } if *fingerprint == permitted),
        )?;
        self.require_empty()?;
        let unsupported =
            || CardError::Unsupported { card: self.which().clone(), algorithm: key.pk_algo().to_string() };
        // Cards store fingerprints of 20 bytes: v4 only.
        let created = match key.version() {
            4 => Timestamp::try_from(key.creation_time()).map_err(|_| unsupported())?,
            _ => return Err(unsupported()),
        };
        if let Some(reason) = weak::weakness(key.mpis()) {
            return Err(CardError::WeakKey { card: self.which().clone(), reason });
        }
        self.verify_admin(admin)?;
        self.mark()?;
        let upload = Upload { key, fingerprint: permitted.0, created: created.0 };
        self.client.call("writing a key", |tx| tx.key_import(&upload, KeyType::Signing))?;
        self.confirm(&public, created, Origin::Imported)
    }
}
