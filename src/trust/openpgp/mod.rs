//! The OpenPGP trust format: roots, certifications, keyrings.
//!
//! Everything here is v4 (RFC 9580 5.5.2.2): cards know no other version, and one v6 certificate in a file makes gpg 2.2
//! import nothing from it. Signing goes through [`sequoia_openpgp::crypto::Signer`], so that a card and a key in memory
//! are the same to this room.

pub mod certificate;
pub mod certification;
pub mod challenge;
pub mod cosignature;
pub mod describe;
pub mod detached;
pub mod keyring;
pub mod keys;
pub mod known;
pub mod pacman;
pub mod profile;
pub mod recipient;
pub mod revocation;
pub mod revoked;
pub mod ring;
pub mod root;
pub mod secret;
pub mod signed_text;
pub mod throwaway;
pub mod vouched;
pub mod wkd;

mod armor;
mod cleartext;
mod error;
mod hint;
mod material;
mod minimal;
mod packets;
mod policy;
mod signature;
mod strength;

pub use certificate::{SignerCertificate, UntrustedCertificate};
pub(crate) use cleartext::Cleartext;
pub use error::{Error, SigningFailure};
pub use known::Certificate;
pub use material::{SecretKey, generated};
pub use profile::{Profile, Purpose};
pub(crate) use signature::verify_text_signature;
// For the room of releases, which judges by the same rules.
pub(in crate::trust) use {
    armor::enarmor, certificate::must_be_in_force, known::bounded, policy::strict, policy::with_sha1,
    signature::only as only_signature,
};

#[cfg(test)]
pub(crate) mod testing;

/// The domain of every notation that keyrite makes (RFC 9580 5.2.3.24 wants a domain its maker controls; `.example` is
/// reserved, so nobody else can come to mean something by these names).
pub(crate) fn notation(name: &str) -> String {
    format!("{name}@keyrite.example")
}

/// The v4 fingerprint of a sequoia key or certificate handle.
pub(crate) fn fingerprint_of(
    fingerprint: &sequoia_openpgp::Fingerprint,
) -> Result<crate::model::fingerprint::Fingerprint, Error> {
    match fingerprint {
        sequoia_openpgp::Fingerprint::V4(bytes) => Ok(crate::model::fingerprint::Fingerprint(*bytes)),
        _ => Err(Error::Version { version: 6 }),
    }
}
