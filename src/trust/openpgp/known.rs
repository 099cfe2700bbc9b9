//! A certificate of the organization's own.

use std::collections::BTreeSet;

use sequoia_openpgp::Cert;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::packet::{Key, key};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::MarshalInto as _;

use super::error::Error;
use super::{armor, fingerprint_of, material, packets};
use crate::model::algorithm::Algorithm;
use crate::model::fingerprint::Fingerprint;

/// A certificate that is known by its fingerprint: a root or the records key. Parsed within bounds; not judged.
#[derive(Clone)]
pub struct Certificate(Cert);

impl Certificate {
    /// Reads armored or binary `bytes` of the certificate `expected`.
    ///
    /// # Errors
    /// [`Error::Known`] for anything that is not exactly that certificate.
    pub fn parse(bytes: &[u8], expected: Fingerprint) -> Result<Self, Error> {
        let known = |error| Error::Known(Box::new(error));
        let cert = bounded(bytes).map_err(known)?;
        let found = fingerprint_of(&cert.fingerprint()).map_err(known)?;
        if found != expected {
            return Err(known(Error::WrongSigner { expected, found }));
        }
        Ok(Self(cert))
    }

    pub(in crate::trust) fn of(cert: Cert) -> Result<Self, Error> {
        fingerprint_of(&cert.fingerprint())?;
        Ok(Self(cert.strip_secret_key_material()))
    }

    /// The certificate as sequoia has it.
    #[must_use]
    pub fn cert(&self) -> &Cert {
        &self.0
    }

    /// Its primary key.
    #[must_use]
    pub fn key(&self) -> &Key<key::PublicParts, key::PrimaryRole> {
        self.0.primary_key().component()
    }

    /// The algorithm of its primary key; none for one that keyrite makes no keys of.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        material::algorithm_of(self.key())
    }

    /// Its fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        // Checked when it was made: v4.
        fingerprint_of(&self.0.fingerprint()).unwrap_or(Fingerprint([0; 20]))
    }

    /// Its user IDs, raw: escape them before anybody sees them.
    #[must_use]
    pub fn user_ids(&self) -> Vec<String> {
        self.0.userids().map(|user_id| String::from_utf8_lossy(user_id.userid().value()).into_owned()).collect()
    }

    /// The certificate without other user IDs than these, and without pictures.
    #[must_use]
    pub(super) fn with_user_ids(&self, keep: &BTreeSet<&str>) -> Self {
        let is_kept = |value: &[u8]| keep.iter().any(|user_id| user_id.as_bytes() == value);
        let cert = self.0.clone().retain_userids(|user_id| is_kept(user_id.userid().value()));
        Self(cert.retain_user_attributes(|_| false))
    }

    /// The certificate as binary packets.
    ///
    /// # Errors
    /// [`Error::Library`].
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        self.0.to_vec().map_err(Error::library)
    }

    /// The certificate in armor, with comments.
    ///
    /// # Errors
    /// [`Error::Library`].
    pub fn armored(&self, comments: &[String]) -> Result<Vec<u8>, Error> {
        armor::enarmor(Kind::PublicKey, comments, &self.bytes()?)
    }
}

/// The library joins what stands twice; two readers may join it differently, and no tool exports it so.
fn must_be_single(packets: &[packets::Packet<'_>]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for packet in packets.iter().filter(|packet| packet.tag != packets::SIGNATURE) {
        if !seen.insert((packet.tag, packet.body)) {
            let what = if packet.tag == packets::USER_ID { "a user ID" } else { "a key" };
            return Err(Error::Doubled { what });
        }
    }
    Ok(())
}

/// One public v4 certificate from armored or binary bytes, with every limit kept before the library sees it.
pub(in crate::trust) fn bounded(bytes: &[u8]) -> Result<Cert, Error> {
    let binary = armor::binary(Kind::PublicKey, bytes)?;
    let packets = packets::walk(&binary, packets::CERTIFICATE)?;
    let keys = || packets.iter().filter(|p| matches!(p.tag, packets::PUBLIC_KEY | packets::PUBLIC_SUBKEY));
    let count = keys().filter(|p| p.tag == packets::PUBLIC_KEY).count();
    if count != 1 {
        return Err(Error::CertificateCount { count });
    }
    // The version is the first octet of a key packet (RFC 9580 5.5.2).
    for packet in keys() {
        let version = packet.body.first().copied().unwrap_or(0);
        if version != 4 {
            return Err(Error::Version { version });
        }
    }
    must_be_single(&packets)?;
    Cert::from_bytes(&binary).map_err(|e| Error::Malformed(crate::model::shown::Shown::new(&format!("{e:#}"))))
}
