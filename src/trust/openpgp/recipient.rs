//! What is encrypted to somebody's own certificate, as gpg 2.2 and later decrypt it.

use std::io::Write as _;

use sequoia_openpgp::Cert;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::serialize::stream::{Encryptor, LiteralWriter, Message, Recipient as To};
use sequoia_openpgp::types::{Features, KeyFlags, SymmetricAlgorithm};

use super::error::Error;
use super::{armor, certificate, fingerprint_of, packets, policy, strength};
use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;

/// Packets of an encrypted message (RFC 9580 5.1, 5.13).
const ENCRYPTED: &[u8] = &[packets::SESSION_KEY, packets::ENCRYPTED_DATA];

/// A certificate that was good to encrypt to at the moment it was judged.
pub struct Recipient {
    fingerprint: Fingerprint,
    user_ids: Vec<String>,
    keys: Vec<Key<PublicParts, UnspecifiedRole>>,
}

impl Recipient {
    /// Judges the certificate as of `now`: not revoked, alive, strong, bound by current hashes, with a key to encrypt to.
    ///
    /// # Errors
    /// The first of these that does not hold.
    pub(super) fn judge(cert: &Cert, now: Timestamp) -> Result<Self, Error> {
        certificate::must_be_in_force(cert, now)?;
        let flags = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
        let keys = certificate::keys_for(&flags, cert, &policy::strict(now), now);
        keys.iter().try_for_each(|key| certificate::not_weak(key, strength::weakness_in_hiding(key)))?;
        if keys.is_empty() {
            let by_sha1 = !certificate::keys_for(&flags, cert, &policy::with_sha1(now), now).is_empty();
            let part = "the encryption key";
            return Err(if by_sha1 { Error::BoundBySha1 { part } } else { Error::NoEncryptionKey });
        }
        let user_ids = certificate::user_ids(cert, &policy::strict(now), now);
        Ok(Self { fingerprint: fingerprint_of(&cert.fingerprint())?, user_ids, keys })
    }

    /// Its fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Its valid user IDs, raw: escape them before anybody sees them.
    #[must_use]
    pub fn user_ids(&self) -> &[String] {
        &self.user_ids
    }

    /// `plain` in armor, encrypted to every key of the certificate that it is judged to have: PKESK v3, SEIPD v1, AES-256, one literal
    /// packet without name and date. What was written is read again: it is for these keys and nobody else.
    ///
    /// # Errors
    /// When the library fails, or wrote something else.
    pub fn encrypt(&self, plain: &[u8], comments: &[String]) -> Result<Vec<u8>, Error> {
        // Said, and not left to the certificate: a newer form is not read by gpg.
        let features = Features::empty().set_seipdv1();
        let mut bytes = Vec::new();
        let to = self.keys.iter().map(|key| To::new(features.clone(), key.key_handle(), key));
        let message = Encryptor::for_recipients(Message::new(&mut bytes), to)
            .symmetric_algo(SymmetricAlgorithm::AES256)
            .build()
            .map_err(Error::library)?;
        let mut message = LiteralWriter::new(message).build().map_err(Error::library)?;
        message.write_all(plain).map_err(|error| Error::library(error.into()))?;
        message.finalize().map_err(Error::library)?;
        self.must_be_for_us(&bytes)?;
        armor::enarmor(Kind::Message, comments, &bytes)
    }

    /// One session key for each key, of version 3, whose first eight octets after the version name the key (RFC 9580 5.1.1).
    fn must_be_for_us(&self, message: &[u8]) -> Result<(), Error> {
        let packets = packets::walk(message, ENCRYPTED)?;
        let wanted = self.keys.iter().map(|key| {
            let id = key.keyid();
            [&[3], id.as_bytes()].concat()
        });
        let (data, to) = packets.split_last().ok_or(Error::NotEncrypted)?;
        let is_for_us =
            to.iter().map(|packet| packet.body.get(..9)).eq(wanted.collect::<Vec<_>>().iter().map(|id| Some(&id[..])));
        let is_data = data.tag == packets::ENCRYPTED_DATA && data.body.first() == Some(&1);
        if is_for_us && is_data && to.iter().all(|packet| packet.tag == packets::SESSION_KEY) {
            return Ok(());
        }
        Err(Error::NotEncrypted)
    }
}
