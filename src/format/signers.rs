//! `signers.json` of an outgoing bundle: every delegation there ever was, for programs.

use serde::{Deserialize, Serialize};

use super::FormatError;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::name::{CeremonyName, RootName};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// Its name in a bundle.
pub const NAME: &str = "signers.json";
/// The version of the form.
pub const VERSION: u32 = 1;
/// The largest that is read.
const LARGEST: usize = 16 * 1024 * 1024;

/// What the file says. Members that are not known are left out when it is read: later versions may have more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Signers {
    /// [`VERSION`].
    pub version: u32,
    /// Whose signers these are.
    pub organization: String,
    /// The ceremony that wrote it. Ceremonies are numbered: a bundle with a higher one is the newer one.
    pub ceremony: CeremonyName,
    /// When that ceremony was opened.
    pub as_of: Timestamp,
    /// The roots that delegated.
    pub roots: Vec<RootKey>,
    /// The records key.
    pub records: Fingerprint,
    /// Every delegation, oldest first.
    pub signers: Vec<Delegated>,
}

/// A root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RootKey {
    /// Its name.
    pub root: RootName,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

/// A delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Delegated {
    /// The signer's name on the roster.
    pub signer: String,
    /// The user ID that was certified.
    pub user_id: String,
    /// The fingerprint of their certificate.
    pub fingerprint: Fingerprint,
    /// The root that certified it.
    pub root: RootName,
    /// What they may sign, or might.
    pub scope: String,
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Whether it was in force at `as-of`: not over, and not withdrawn by a roster.
    pub in_force: bool,
    /// SHA-256 of the request that it answers.
    pub request_sha256: Hash,
}

/// Writes the file.
///
/// # Errors
/// A defect of the JSON writer.
pub fn write(signers: &Signers) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(signers).map(|text| text + "\n")
}

/// Reads the file; `file` is what errors call it.
///
/// # Errors
/// With the line, and for another version.
pub fn read(file: &str, bytes: &[u8]) -> Result<Signers, FormatError> {
    let shown = || Shown::new(file).to_string();
    if bytes.len() > LARGEST {
        return Err(FormatError::TooLarge { file: shown(), size: bytes.len(), largest: LARGEST });
    }
    let fault = |line, what: &str| FormatError::Published { file: shown(), line, what: Shown::new(what).to_string() };
    let read: Signers = serde_json::from_slice(bytes).map_err(|error| fault(error.line(), &error.to_string()))?;
    match read.version {
        VERSION => Ok(read),
        version => Err(fault(1, &format!("version is {version}, where {VERSION} is expected"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signers() -> Signers {
        Signers {
            version: VERSION,
            organization: "Example \"Organization\"\u{202e}".to_owned(),
            ceremony: "0002-delegation".parse().unwrap(),
            as_of: Timestamp(1_795_258_797),
            roots: vec![RootKey { root: "packages".parse().unwrap(), fingerprint: Fingerprint([1; 20]) }],
            records: Fingerprint([2; 20]),
            signers: vec![Delegated {
                signer: "anna".to_owned(),
                user_id: "Anna Example <anna@example.org>".to_owned(),
                fingerprint: Fingerprint([3; 20]),
                root: "packages".parse().unwrap(),
                scope: "packages".to_owned(),
                from: Timestamp(1_795_258_797),
                until: Timestamp(1_826_794_797),
                in_force: true,
                request_sha256: Hash([4; 32]),
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_with_the_members_that_are_promised() {
        let text = write(&signers()).unwrap();
        assert_eq!(read("s", text.as_bytes()).unwrap(), signers());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        for member in ["version", "organization", "ceremony", "as-of", "roots", "records", "signers"] {
            assert!(json.get(member).is_some(), "{member}");
        }
        let one = &json["signers"][0];
        for member in
            ["signer", "user-id", "fingerprint", "root", "scope", "from", "until", "in-force", "request-sha256"]
        {
            assert!(one.get(member).is_some(), "{member}");
        }
        assert_eq!(one["until"], "2027-11-21T10:59:57Z");
    }

    #[test]
    fn other_versions_and_broken_ones_are_refused() {
        let text = write(&signers()).unwrap();
        let refused = |text: &str| read("s", text.as_bytes()).expect_err(text).to_string();
        assert_eq!(
            refused(&text.replace("\"version\": 1", "\"version\": 2")),
            "s, line 1: version is 2, where 1 is expected"
        );
        assert!(refused(&text.replace("\"signer\": ", "\"signr\": ")).contains("missing field `signer`"));
        assert!(refused(&text.replace("0002-delegation", "../x")).starts_with("s, line 4: not a name"));
        assert!(refused("").starts_with("s, line 1: "));
        assert!(!refused("{\"\u{1b}[2J\"").contains('\u{1b}'));
    }
}
