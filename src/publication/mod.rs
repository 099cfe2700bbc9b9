//! Floor 2: what an organization puts on its web server: words and a page, made of plain facts. Bytes and facts in, texts out:
//! no files, no clock, no keys. Equal facts give equal bytes.

pub mod base_url;
pub mod guide;
pub mod page;
pub mod revocations;

mod html;

pub use base_url::BaseUrl;

use crate::model::fingerprint::Fingerprint;
use crate::model::mode::Mode;
use crate::model::past_releases::PastReleases;
use crate::model::timestamp::Timestamp;

/// What is true of an organization's keys at a moment. Texts are raw: who shows them escapes them.
#[derive(Debug, Clone)]
pub struct State {
    /// The organization's name.
    pub organization: String,
    /// How much it counts.
    pub mode: Mode,
    /// The moment.
    pub as_of: Timestamp,
    /// The ceremony that wrote the bundle.
    pub ceremony: String,
    /// Where it will be published, if that was said.
    pub base: Option<BaseUrl>,
    /// The roots.
    pub roots: Vec<Root>,
    /// The records key.
    pub records: Root,
    /// Who may sign.
    pub now: Vec<Delegation>,
    /// Who could sign earlier.
    pub earlier: Vec<Delegation>,
    /// What was revoked.
    pub revocations: Vec<Revoked>,
    /// Past releases; none where there is no list of them.
    pub releases: Option<PastReleases>,
    /// The ceremonies whose minutes are published, oldest first.
    pub minutes: Vec<String>,
    /// How the files for pacman are called, without their endings.
    pub pacman: String,
    /// The domains with a Web Key Directory.
    pub directories: Vec<String>,
}

/// A key of the organization's own.
#[derive(Debug, Clone)]
pub struct Root {
    /// What it is called.
    pub name: String,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Its user ID.
    pub user_id: String,
}

/// Who may sign what, from when until when.
#[derive(Debug, Clone)]
pub struct Delegation {
    /// The signer's name.
    pub signer: String,
    /// The user ID that the root certified.
    pub user_id: String,
    /// The signer's fingerprint.
    pub fingerprint: Fingerprint,
    /// The root that certified it.
    pub root: String,
    /// What may be signed.
    pub scope: String,
    /// The domain at which the signer vouches for others without a ceremony.
    pub vouches: Option<String>,
    /// When it began.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

/// A revocation in a file of its own.
#[derive(Debug, Clone)]
pub struct Revoked {
    /// Its file.
    pub path: String,
    /// The certificate that carries it.
    pub certificate: Fingerprint,
    /// What it takes back, and by whom.
    pub what: String,
    /// When it was made, if it says so.
    pub made: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// How files are called that bear the organization's name: lower case, everything else than letters and digits a hyphen.
#[must_use]
pub fn file_name(organization: &str) -> String {
    let plain = organization.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    let words: Vec<String> = plain.collect::<String>().split_whitespace().map(str::to_owned).collect();
    let name: String = words.join("-").chars().take(60).collect();
    match name.as_str() {
        "" => "keyring".to_owned(),
        // The bundle has keyrings of these names.
        "archive" | "current" | "records" => format!("{name}-keyring"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_bear_the_organizations_name() {
        for (organization, name) in [
            ("Example Organization", "example-organization"),
            ("../ACME, Inc.", "acme-inc"),
            ("日本", "keyring"),
            ("Current", "current-keyring"),
        ] {
            assert_eq!(file_name(organization), name);
        }
    }
}
