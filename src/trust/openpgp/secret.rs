//! A transferable secret key read back from a backup.

use keyrite_locked::Locked;
use sequoia_openpgp::Cert;
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PrimaryRole, SecretParts};
use sequoia_openpgp::parse::Parse as _;

use super::error::Error;
use super::known::Certificate;
use super::packets::{SECRET_KEY, SIGNATURE, USER_ID, walk};
use super::{fingerprint_of, strength};
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;

/// A root with its secret key. No `Debug`.
pub struct SecretRoot {
    certificate: Certificate,
    key: Key<SecretParts, PrimaryRole>,
}

impl SecretRoot {
    /// Reads what [`super::root::DrawnRoot::secret`] holds: one v4 secret primary key, not encrypted, with its user ID and
    /// self-signatures, no subkey, nothing else. The secret must fit the public half, which a test signature proves.
    ///
    /// # Errors
    /// What the bytes are instead.
    pub fn parse(secret: &Locked) -> Result<Self, Error> {
        let packets = walk(secret, &[SIGNATURE, SECRET_KEY, USER_ID])?;
        let mut primaries = packets.iter().filter(|p| p.tag == SECRET_KEY);
        let (Some(primary), None) = (primaries.next(), primaries.next()) else {
            return Err(Error::CertificateCount { count: packets.iter().filter(|p| p.tag == SECRET_KEY).count() });
        };
        let version = primary.body.first().copied().unwrap_or(0);
        if version != 4 {
            return Err(Error::Version { version });
        }
        // The library's text could quote what it read: nothing of a secret goes into an error.
        let cert = Cert::from_bytes(&secret[..]).map_err(|_| Error::Malformed(Shown::new("a secret key")))?;
        let key = cert.primary_key().component().clone().parts_into_secret().map_err(|_| Error::SecretKey)?;
        if !key.has_unencrypted_secret() {
            return Err(Error::Malformed(Shown::new("the secret key is locked with a passphrase")));
        }
        let root = Self { certificate: Certificate::of(cert)?, key };
        root.halves_fit()?;
        Ok(root)
    }

    /// The root as a signer, for what only the key itself can sign: its revocation certificate.
    ///
    /// # Errors
    /// [`Error::Library`].
    pub fn signer(&self) -> Result<KeyPair, Error> {
        self.key.clone().into_keypair().map_err(Error::library)
    }

    /// The public certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The fingerprint, computed from the key material.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.certificate.fingerprint()
    }

    /// The secret key, for loading onto a card.
    #[must_use]
    pub fn key(&self) -> &Key<SecretParts, PrimaryRole> {
        &self.key
    }

    /// Signs a fixed digest and verifies it. A mistyped backup with a valid checksum would otherwise reach a card, which
    /// stores what it is given unchecked.
    fn halves_fit(&self) -> Result<(), Error> {
        use sequoia_openpgp::crypto::Signer as _;
        use sequoia_openpgp::types::HashAlgorithm::SHA512;
        if let Some(reason) = strength::weakness(&self.key) {
            let fingerprint = fingerprint_of(&self.key.fingerprint())?;
            return Err(Error::Weak { fingerprint, reason: Shown::new(&reason) });
        }
        let digest = [0x6b; 64];
        let mut pair = self.key.clone().into_keypair().map_err(Error::library)?;
        let signature = pair.sign(SHA512, &digest).map_err(|_| Error::BadSignature)?;
        self.certificate.key().verify(&signature, SHA512, &digest).map_err(|_| Error::BadSignature)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn what_was_drawn_is_read_back() {
        let drawn = testing::root(1);
        let back = SecretRoot::parse(&drawn.secret).expect("own secret key");
        assert_eq!(back.fingerprint(), drawn.fingerprint());
        assert_eq!(back.certificate().bytes().expect("bytes"), drawn.certificate.bytes().expect("bytes"));
    }

    #[test]
    fn a_changed_or_foreign_secret_is_refused() {
        let drawn = testing::root(1);
        // The secret scalar lies in the first packet, before its two octets of checksum: change one bit of it, and mend
        // the checksum (RFC 9580 3.7.2.1), so that only the halves disagree.
        let mut changed = drawn.secret.duplicate().expect("locked memory");
        let end = usize::from(changed[1]) + 2;
        changed[end - 10] ^= 1;
        changed[end - 1] = if changed[end - 10] & 1 == 1 {
            changed[end - 1].wrapping_add(1)
        } else {
            changed[end - 1].wrapping_sub(1)
        };
        assert!(matches!(SecretRoot::parse(&changed), Err(Error::BadSignature | Error::Malformed(_))));

        let public = Locked::absorb(drawn.certificate.bytes().expect("bytes")).expect("locked memory");
        assert!(matches!(SecretRoot::parse(&public), Err(Error::ForeignPacket { tag: 6, .. })));

        let twice = Locked::absorb(drawn.secret.repeat(2)).expect("locked memory");
        assert!(matches!(SecretRoot::parse(&twice), Err(Error::CertificateCount { count: 2 })));
        let none = Locked::zeroed(0).expect("locked memory");
        assert!(matches!(SecretRoot::parse(&none), Err(Error::CertificateCount { count: 0 })));
    }
}
