//! Why a release is not prepared, not signed, or not good.

use crate::model::control::Control;
use crate::model::fault::{Class, Fault};
use crate::model::fingerprint::Fingerprint;
use crate::model::release::NotAFileName;
use crate::model::shown::Shown;
use crate::trust::openpgp;

/// What can go wrong with a release.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// A signature that was just made does not verify.
    #[error("the signature of {file} is not what was asked for: {reason}")]
    BadSignature {
        /// The file.
        file: Shown,
        /// What is wrong with it.
        reason: Shown,
    },
    /// The signer's certificate cannot be used, or has no such key.
    #[error("the certificate of {key}: {error}")]
    Certificate {
        /// The key that was named.
        key: Fingerprint,
        /// What is wrong.
        error: openpgp::Error,
    },
    /// A file whose name cannot stand in a manifest.
    #[error("{path}: {reason}")]
    FileName {
        /// Its path.
        path: Shown,
        /// Why not.
        reason: NotAFileName,
    },
    /// The verdict.
    #[error("{file} is not good: {words}")]
    NotGood {
        /// The file.
        file: Shown,
        /// The reason that decided.
        words: Shown,
        /// The control.
        control: Control,
    },
    /// A file at hand that the manifest does not name so.
    #[error("{file}: {what}")]
    NotListed {
        /// The file.
        file: Shown,
        /// What is wrong.
        what: &'static str,
    },
    /// The signer did not agree.
    #[error("it was not agreed to, and nothing was signed")]
    NotSigned,
    /// A manifest of another scope than the one that was asked for.
    #[error("{file} is of scope {said}, and {asked} was asked for")]
    OtherScope {
        /// The manifest.
        file: Shown,
        /// What was asked for.
        asked: Shown,
        /// What it says.
        said: Shown,
    },
    /// Too many files for one release.
    #[error("a release has at most {most} files")]
    TooMany {
        /// How many it may have.
        most: usize,
    },
    /// Two files of one name, or one that is called as the manifest.
    #[error("{file} is named twice")]
    Twice {
        /// The file.
        file: Shown,
    },
    /// A signature's file without a signature.
    #[error("{path} is not a detached signature: {reason}")]
    Unsigned {
        /// The file.
        path: Shown,
        /// Why not.
        reason: Shown,
    },
    /// What may not stand in a manifest's head.
    #[error("what {option} says has not 1 to 200 plain characters")]
    Value {
        /// The option.
        option: &'static str,
    },
}

impl Fault for ReleaseError {
    fn class(&self) -> Class {
        match self {
            Self::NotSigned => Class::Interrupted,
            Self::Value { .. } | Self::Twice { .. } | Self::TooMany { .. } => Class::Usage,
            Self::FileName { .. } | Self::Unsigned { .. } => Class::Input,
            _ => Class::Refused,
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::BadSignature { .. } => Some(Control::VerifiedAfter),
            Self::Certificate { .. } => Some(Control::RequestCertificate),
            Self::NotGood { control, .. } => Some(*control),
            Self::NotListed { .. } => Some(Control::ReleaseListed),
            Self::OtherScope { .. } => Some(Control::ReleaseDelegated),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::BadSignature { .. } => {
                "nothing was written; look whether the file changes, and whether gpg is the real one"
            }
            Self::Certificate { error, .. } => match error.hint() {
                Some(hint) => return Some(hint),
                None => "name a key that can sign: gpg --list-keys --with-subkey-fingerprint",
            },
            Self::FileName { .. } => "give the file a plain name, and take that one",
            Self::NotGood { control: Control::ReleaseVouched, .. } => {
                "do not use the file; take the keys anew from the organization, and compare the root's fingerprint"
            }
            Self::NotGood { control: Control::ReleaseListedThen, .. } => {
                "do not use the file before a newer list of past releases names it"
            }
            Self::NotGood { .. } => "do not use the file; ask the organization, by another way than you got it",
            Self::NotListed { .. } => "nothing was signed; ask whoever handed you the manifest",
            Self::NotSigned => "compare what is shown with what you were told, and run the same command again",
            Self::OtherScope { .. } => "do not use it for that",
            Self::TooMany { .. } => "make several releases of them, or one archive",
            Self::Twice { .. } => "each file of a release has a name of its own",
            Self::Unsigned { .. } => "name the file's signature with --signature; it is one block of armor, or binary",
            Self::Value { .. } => "say it in a few plain words",
        };
        Some(text.to_owned())
    }
}
