//! A witness's own signature on the minutes: detached, by a key that the organization names.

use super::certificate::UntrustedCertificate;
use super::error::Error;
use super::signature::{date, only, verify_by};
use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;

/// A cosignature that verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosignature {
    /// Whose: the fingerprint of the certificate.
    pub fingerprint: Fingerprint,
    /// When it was made.
    pub made: Timestamp,
}

/// In which of two files a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The signature.
    Signature,
    /// The certificate.
    Certificate,
}

/// Verifies `signature`, armored or binary, over `data` by `certificate`, which must be good now.
///
/// # Errors
/// What is wrong with certificate or signature; a certificate that is expired or revoked.
pub fn take_in(
    data: &[u8],
    signature: &[u8],
    certificate: &[u8],
    now: Timestamp,
) -> Result<Cosignature, (Part, Error)> {
    let in_signature = |error| (Part::Signature, error);
    let signature = only(signature).map_err(in_signature)?;
    let made = date(&signature, now).map_err(in_signature)?;
    let judged = UntrustedCertificate::parse(certificate).and_then(|certificate| certificate.judge(now));
    let judged = judged.map_err(|error| (Part::Certificate, error))?;
    verify_by(&judged, &signature, data).map_err(in_signature)?;
    Ok(Cosignature { fingerprint: judged.fingerprint(), made })
}

/// Verifies a cosignature that was taken in before: its certificate was good when it signed. Keys expire, and what they
/// signed before stays signed.
///
/// # Errors
/// As [`take_in`].
pub fn verify(data: &[u8], signature: &[u8], certificate: &[u8], now: Timestamp) -> Result<Cosignature, (Part, Error)> {
    let made = only(signature).and_then(|signature| date(&signature, now)).map_err(|error| (Part::Signature, error))?;
    take_in(data, signature, certificate, made)
}
