//! A request for a delegation, as its maker writes it: strict TOML, clearsigned as a whole.
//!
//! ```toml
//! keyrite-request = 1
//! id = "2026-11-ann"
//! organization = "Acme Builds"
//! root = "packages"
//! signer = "ann"
//! user-id = "Ann Signer <ann@acme.example>"
//! scope = "all packages"
//! lifetime-days = 365
//! date = "2026-11-21T10:59:57Z"
//! certificate = """
//! -----BEGIN PGP PUBLIC KEY BLOCK-----
//! ...
//! """
//! ```

use serde::{Deserialize, Serialize};

use super::place::{plainly, shortened};
use crate::model::control::Control;
use crate::model::domain::Domain;
use crate::model::fault::{Class, Fault};
use crate::model::name::{RequestId, RootName};
use crate::model::roster::Kept;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// The one version of the format.
pub const VERSION: u32 = 1;

/// The largest certificate in armor, and room for the rest.
const MAX_BYTES: usize = 512 * 1024;

/// What a request says. Nothing of it was checked against anything yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RequestFile {
    /// [`VERSION`].
    #[serde(rename = "keyrite-request")]
    pub version: u32,
    /// Chosen by the maker; answered once.
    pub id: RequestId,
    /// Whose root shall certify.
    pub organization: String,
    /// Which root.
    pub root: RootName,
    /// The maker's name on the roster.
    pub signer: String,
    /// The user ID to certify, exactly as it stands in the certificate.
    pub user_id: String,
    /// What the signer is to sign, in the organization's words.
    pub scope: String,
    /// Where the signer is to vouch for others without a ceremony. Who does not say vouches for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouches: Option<Domain>,
    /// For how many days.
    pub lifetime_days: u32,
    /// Where the key is kept. Who does not say keeps it in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// When the request was made.
    pub date: Timestamp,
    /// The signer's certificate in armor.
    pub certificate: String,
}

/// Why bytes are not a request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not UTF-8.
    #[error("{file}, line {line}: not UTF-8 text")]
    Encoding {
        /// The file.
        file: Shown,
        /// Counted from 1.
        line: usize,
    },
    /// Larger than any request.
    #[error("{file}: {size} bytes, where a request has at the most {MAX_BYTES}")]
    TooLarge {
        /// The file.
        file: Shown,
        /// Its size.
        size: usize,
    },
    /// Not TOML, a key is unknown or missing, or a value has another form.
    #[error("{file}, line {line}, column {column}: {reason}")]
    Toml {
        /// The file.
        file: Shown,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// What is wrong there.
        reason: Shown,
    },
    /// A version that this keyrite does not know.
    #[error("{file}: keyrite-request is {version}, where {VERSION} is expected")]
    Version {
        /// The file.
        file: Shown,
        /// What it says.
        version: u32,
    },
}

impl Fault for Error {
    fn class(&self) -> Class {
        Class::Input
    }

    fn control(&self) -> Option<Control> {
        None
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Encoding { .. } => "save the request as UTF-8 and sign it again".to_owned(),
            Self::TooLarge { .. } => {
                "export only the one key: gpg --armor --export-options export-minimal --export".to_owned()
            }
            Self::Toml { .. } => "correct the line and sign the request again: gpg --clearsign REQUEST.toml".to_owned(),
            Self::Version { .. } => "make the request with the keyrite of this organization".to_owned(),
        })
    }
}

impl RequestFile {
    /// Reads the text of a request; `file` is what errors call it.
    ///
    /// # Errors
    /// [`Error`] with the place; nothing in it can move a cursor.
    pub fn parse(file: &str, text: &[u8]) -> Result<Self, Error> {
        let file = Shown::new(file);
        if text.len() > MAX_BYTES {
            return Err(Error::TooLarge { file, size: text.len() });
        }
        let text = match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => {
                let before = text.get(..error.valid_up_to()).unwrap_or_default();
                return Err(Error::Encoding { file, line: 1 + before.iter().filter(|&&b| b == b'\n').count() });
            }
        };
        let request: Self = toml::from_str(text).map_err(|error| located(file.clone(), text, &error))?;
        if request.version == VERSION { Ok(request) } else { Err(Error::Version { file, version: request.version }) }
    }

    /// The request as the maker signs it. The certificate is a multi-line string, which clearsigning escapes by itself.
    ///
    /// # Errors
    /// A defect of the TOML writer.
    pub fn render(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }
}

/// toml's own message can quote a raw escape character from a key.
fn located(file: Shown, text: &str, error: &toml::de::Error) -> Error {
    let at = error.span().map_or(0, |span| span.start);
    let before = text.get(..at).unwrap_or(text);
    let line = 1 + before.matches('\n').count();
    let column = 1 + before.chars().rev().take_while(|c| *c != '\n').count();
    let reason = shortened(&plainly(error.message())).replace('\n', ", ");
    Error::Toml { file, line, column, reason: Shown::new(&reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "keyrite-request = 1\nid = \"2026-11-ann\"\norganization = \"Acme\"\nroot = \"packages\"\n\
        signer = \"ann\"\nuser-id = \"Ann <ann@acme.example>\"\nscope = \"all packages\"\nlifetime-days = 365\n\
        date = \"2026-11-21T10:59:57Z\"\ncertificate = \"\"\"\n-----BEGIN\n\nabc\n-----END\n\"\"\"\n";

    fn error(text: &str) -> String {
        RequestFile::parse("r.toml", text.as_bytes()).expect_err("not a request").to_string()
    }

    #[test]
    fn a_request_is_read_and_written() {
        let request = RequestFile::parse("r.toml", GOOD.as_bytes()).expect("a request");
        assert_eq!(request.certificate, "-----BEGIN\n\nabc\n-----END\n");
        assert_eq!(request.date, Timestamp(1_795_258_797));
        assert_eq!(request.render().expect("rendered"), GOOD);
    }

    #[test]
    fn a_wrong_key_is_named_with_its_place() {
        let text = error(&GOOD.replace("scope =", "lifetme = 3\nscope ="));
        assert!(text.starts_with("r.toml, line 7, column 1: unknown key `lifetme`"), "{text}");
        let text = error(&GOOD.replace("scope = \"all packages\"\n", ""));
        assert!(text.contains("missing key `scope`"), "{text}");
        let text = error(&GOOD.replace("= 365", "= \"365\""));
        assert!(text.starts_with("r.toml, line 8, column 17: invalid type"), "{text}");
        let text = error(&GOOD.replace("\"2026-11-21T10:59:57Z\"", "2026-11-21"));
        assert!(text.starts_with("r.toml, line 9, column 8:"), "{text}");
        let text = error(&GOOD.replace("\"packages\"", "\"Pack/ages\""));
        assert!(text.starts_with("r.toml, line 4, column 8: not a name"), "{text}");
    }

    #[test]
    fn an_error_moves_no_cursor() {
        let text = error(&GOOD.replace("scope =", "\"a\\u001b[2J\\u202e\" = 1\nscope ="));
        assert!(text.contains("\\u{1b}[2J\\u{202e}"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\n']), "{text}");
        assert_eq!(error("\u{1b}"), error("\u{1b}").replace('\u{1b}', ""));
    }

    #[test]
    fn other_versions_encodings_and_sizes_are_refused() {
        assert_eq!(
            error(&GOOD.replace("request = 1", "request = 2")),
            "r.toml: keyrite-request is 2, where 1 is expected"
        );
        let latin = [b"# a\n\xe4\n", GOOD.as_bytes()].concat();
        let refused = RequestFile::parse("r.toml", &latin).expect_err("latin");
        assert_eq!(refused.to_string(), "r.toml, line 2: not UTF-8 text");
        assert!(RequestFile::parse("r.toml", &vec![b'#'; MAX_BYTES + 1]).is_err());
    }
}
