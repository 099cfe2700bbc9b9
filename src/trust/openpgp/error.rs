//! What can be wrong with OpenPGP data.

use keyrite_locked::LockError;

use crate::model::control::Control;
use crate::model::fault::{Class, Fault};
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// The one error type of this room.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// More armor than one block, other armor, or none.
    #[error("not one armored {kind}")]
    Armor {
        /// What was expected between the dashes.
        kind: &'static str,
    },
    /// A signature by the key was expected and another key made it.
    #[error("signed by another key than {expected}")]
    AnotherKey {
        /// Who should have signed.
        expected: Fingerprint,
    },
    /// A signature does not fit the data.
    #[error("the signature does not verify: the text was changed after it was signed, or the signature was")]
    BadSignature,
    /// The self-signatures that hold the certificate together use a broken hash.
    #[error("{part} is bound by SHA-1")]
    BoundBySha1 {
        /// Which part of the certificate.
        part: &'static str,
    },
    /// More or fewer than one certificate.
    #[error("{count} certificates where one is expected")]
    CertificateCount {
        /// How many primary keys there are.
        count: usize,
    },
    /// The root's certification is not what was to be signed.
    #[error("the certification's {what} is not as reviewed")]
    Certification {
        /// Which term differs.
        what: &'static str,
    },
    /// A certificate in which a key or a user ID stands more than once.
    #[error("{what} stands in the certificate more than once")]
    Doubled {
        /// Which part.
        what: &'static str,
    },
    /// The expected number of certifications is not there.
    #[error("{found} signatures by the root where {expected} should be")]
    CertificationCount {
        /// One per certified user ID.
        expected: usize,
        /// What the bytes hold.
        found: usize,
    },
    /// A clearsigned message is not what RFC 9580 7 describes.
    #[error("line {line} of the signed message: {what}")]
    Cleartext {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The key's time is over.
    #[error("the certificate expired at {at}")]
    Expired {
        /// When it ended.
        at: Timestamp,
    },
    /// A packet that no public certificate may have here.
    #[error("packet at byte {at} has tag {tag}, which does not belong here")]
    ForeignPacket {
        /// Where the packet begins.
        at: usize,
        /// Its tag (RFC 9580 5).
        tag: u8,
    },
    /// An own certificate cannot be used.
    #[error("the organization's own certificate cannot be used")]
    Known(#[source] Box<Self>),
    /// The library could not do what it was asked.
    #[error("the OpenPGP library failed: {0}")]
    Library(Shown),
    /// Sequoia does not take it for a certificate.
    #[error("not a certificate: {0}")]
    Malformed(Shown),
    /// The machine gave no locked memory.
    #[error(transparent)]
    Memory(#[from] LockError),
    /// No valid key to encrypt to.
    #[error("the certificate has no key to encrypt to")]
    NoEncryptionKey,
    /// The library encrypted to other keys than it was to, or otherwise.
    #[error("the encrypted message is not for the keys it was made for")]
    NotEncrypted,
    /// No valid key that may sign data.
    #[error("the certificate has no key that can sign")]
    NoSigningKey,
    /// Something is dated after the present.
    #[error("{what} is dated {at}, which is in the future")]
    NotYet {
        /// What it is.
        what: &'static str,
        /// Its date.
        at: Timestamp,
    },
    /// A packet header that is malformed, too large or of unknown length.
    #[error("packet at byte {at}: {what}")]
    Packet {
        /// Where the packet begins.
        at: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The source of a long file failed.
    #[error("it cannot be read: {0}")]
    Read(#[source] std::io::Error),
    /// What should be signed by the records key is not.
    #[error("not what the records key signed")]
    Records(#[source] Box<Self>),
    /// The owner or a designated revoker revoked it.
    #[error("the certificate is revoked")]
    Revoked,
    /// A secret key where only public ones may be.
    #[error("the file contains a secret key")]
    SecretKey,
    /// More or fewer than one signature.
    #[error("{count} signatures where one is expected")]
    SignatureCount {
        /// How many there are.
        count: usize,
    },
    /// A signature of an unfit kind.
    #[error("the signature's {what} is not acceptable")]
    SignatureKind {
        /// Type, hash, or version.
        what: &'static str,
    },
    /// The card, or whatever signs, failed. Downcast the source to see the signer's own error.
    #[error("signing failed")]
    Signing(#[source] SigningFailure),
    /// Removing what was not reviewed would change what the rest means.
    #[error("without its other user IDs the certificate's {what} would change")]
    Stripped {
        /// What would change.
        what: &'static str,
    },
    /// A certificate of ours is not built as planned.
    #[error("the new certificate's {what} is not as planned")]
    Structure {
        /// Which part.
        what: &'static str,
    },
    /// A text that would not come back byte for byte.
    #[error("line {line} of the text to sign: {what}")]
    Text {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The same structure, made with a throwaway key, did not pass.
    #[error("the trial with a throwaway key failed")]
    Throwaway(#[source] Box<Self>),
    /// More bytes than are looked at.
    #[error("{size} bytes where at the most {limit} are read")]
    TooLarge {
        /// How many there are.
        size: usize,
        /// How many are read.
        limit: usize,
    },
    /// No self-signature holds it together.
    #[error("the certificate is not bound by a valid signature of its own")]
    Unbound,
    /// A user ID that is not in the certificate, or not validly.
    #[error("the certificate has no valid user ID \"{wanted}\", but \"{has}\"")]
    UserId {
        /// The one that is asked for, spelled out.
        wanted: Shown,
        /// Those that it has, spelled out.
        has: Shown,
    },
    /// A user ID that could deceive on a screen.
    #[error("user ID \"{0}\" contains control or direction-changing characters")]
    UserIdNotPlain(Shown),
    /// A key that is not v4.
    #[error("the key is of version {version}, not 4")]
    Version {
        /// Its version.
        version: u8,
    },
    /// A key that is too weak.
    #[error("key {fingerprint} is too weak: {reason}")]
    Weak {
        /// Which key.
        fingerprint: Fingerprint,
        /// Algorithm, or what is wrong with it.
        reason: Shown,
    },
    /// The signer given is not the key it should be.
    #[error("the key at hand is {found}, not {expected}")]
    WrongSigner {
        /// Who should sign.
        expected: Fingerprint,
        /// Who is there.
        found: Fingerprint,
    },
}

/// What the signer (a card, usually) said, kept whole so that the card's room can look at its own error again.
#[derive(Debug)]
pub struct SigningFailure(pub sequoia_openpgp::anyhow::Error);

impl std::fmt::Display for SigningFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Shown::new(&format!("{:#}", self.0)).fmt(f)
    }
}

impl std::error::Error for SigningFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.0.as_ref())
    }
}

impl Error {
    /// Wraps a failure of the library; its text may quote hostile input.
    pub(in crate::trust) fn library(error: sequoia_openpgp::anyhow::Error) -> Self {
        Self::Library(Shown::new(&format!("{error:#}")))
    }

    /// Wraps a failure of the signer.
    pub(in crate::trust) fn signing(error: sequoia_openpgp::anyhow::Error) -> Self {
        Self::Signing(SigningFailure(error))
    }
}

impl Fault for Error {
    fn class(&self) -> Class {
        match self {
            Self::Library(_) | Self::NotEncrypted => Class::Bug,
            Self::Memory(_) | Self::Read(_) | Self::Signing(_) => Class::Machine,
            Self::Text { .. } => Class::Input,
            _ => Class::Refused,
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::Library(_)
            | Self::Memory(_)
            | Self::NotEncrypted
            | Self::Read(_)
            | Self::Signing(_)
            | Self::Text { .. } => None,
            Self::Throwaway(_) => Some(Control::ThrowawayFirst),
            Self::Structure { .. }
            | Self::Certification { .. }
            | Self::CertificationCount { .. }
            | Self::Known(_)
            | Self::Records(_) => Some(Control::VerifiedAfter),
            Self::WrongSigner { .. } => Some(Control::CardIdentity),
            Self::AnotherKey { .. }
            | Self::BadSignature
            | Self::Cleartext { .. }
            | Self::SignatureCount { .. }
            | Self::SignatureKind { .. } => Some(Control::RequestSigned),
            _ => Some(Control::RequestCertificate),
        }
    }

    fn hint(&self) -> Option<String> {
        super::hint::of(self)
    }
}
