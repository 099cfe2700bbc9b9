//! `signers.json`: who may sign, in an outgoing bundle, for programs.

use serde::Deserialize;

use super::FormatError;
use crate::model::fingerprint::Fingerprint;
use crate::model::name::{RootName, SignerName};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// The file's name.
pub const NAME: &str = "signers.json";
/// The form that is read.
const VERSION: u32 = 1;

/// Every delegation there ever was.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Signers {
    version: u32,
    /// Whose signers they are.
    pub organization: String,
    /// When that was so.
    pub as_of: Timestamp,
    /// The delegations, oldest first.
    pub signers: Vec<Delegated>,
}

/// One delegation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Delegated {
    /// Who, by their name on the roster.
    pub signer: SignerName,
    /// Their certificate.
    pub fingerprint: Fingerprint,
    /// By which root.
    pub root: RootName,
    /// What they may sign.
    pub scope: String,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Whether it was in force at that moment.
    pub in_force: bool,
}

/// Reads it. Members that it does not know are passed over: newer versions of keyrite may add some.
///
/// # Errors
/// [`FormatError::Signers`].
pub fn read(bytes: &[u8]) -> Result<Signers, FormatError> {
    let fault = |what: &str| FormatError::Signers { what: Shown::new(what) };
    let signers: Signers = serde_json::from_slice(bytes).map_err(|error| fault(&error.to_string()))?;
    match signers.version {
        VERSION => Ok(signers),
        other => Err(fault(&format!("it is of version {other}, and this keyrite reads version {VERSION}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_is_passed_over_and_another_version_is_not() {
        let text = r#"{"version": 1, "organization": "Example", "as-of": "2026-11-23T10:00:00Z", "new": 1, "signers": [
            {"signer": "anna", "user-id": "Anna", "fingerprint": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
             "root": "packages", "scope": "packages", "from": "2026-11-23T10:00:00Z", "until": "2027-11-23T10:00:00Z",
             "in-force": true, "request-sha256": "00"}]}"#;
        let signers = read(text.as_bytes()).expect("signers");
        assert_eq!((signers.signers.len(), signers.signers[0].in_force), (1, true));
        assert!(read(text.replace("\"version\": 1", "\"version\": 2").as_bytes()).is_err());
        assert!(read(text.replace("anna", "\u{1b}").as_bytes()).is_err());
        assert!(read(b"[]").is_err());
    }
}
