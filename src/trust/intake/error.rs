//! Why a release is not taken into the list.

use crate::model::control::Control;
use crate::model::fault::{Class, Fault};
use crate::model::fingerprint::Fingerprint;
use crate::model::release::{FileName, ReleaseName};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp;

/// The one error type of this room.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Signed after the ceremony was opened, or with a date that is still to come.
    #[error("it was signed on {made}, after this ceremony was opened, on {opened}")]
    AfterOpening {
        /// When it was signed.
        made: Timestamp,
        /// When the ceremony was opened.
        opened: Timestamp,
    },
    /// Signed by a key that is in wrong hands.
    #[error("certificate {fingerprint} of its signer is revoked as compromised, and no list has this release")]
    Compromised {
        /// Whose.
        fingerprint: Fingerprint,
    },
    /// A file with the name of another one.
    #[error("file {file} is listed with another hash, in release {listed}")]
    FileListed {
        /// The file.
        file: FileName,
        /// The release that has it.
        listed: ReleaseName,
    },
    /// Nobody delegated that key.
    #[error("it is signed by {issuer}, and this root never delegated anything to that")]
    NotDelegated {
        /// The key, as the signature names it.
        issuer: Shown,
    },
    /// Signed outside of every delegation of its signer.
    #[error("{signer} signed it on {made}, and had no delegation in force then ({had})")]
    NotInForce {
        /// Who.
        signer: Shown,
        /// When.
        made: Timestamp,
        /// What delegations they had.
        had: String,
    },
    /// For somebody else.
    #[error("its organization is \"{found}\", not \"{expected}\"")]
    Organization {
        /// What the manifest says.
        found: Shown,
        /// Who we are.
        expected: Shown,
    },
    /// Another release of that name.
    #[error("release {release} is listed already, with other files")]
    ReleaseListed {
        /// Its name.
        release: ReleaseName,
    },
    /// A scope that was not delegated.
    #[error("its scope is \"{scope}\", and {signer} had no delegation for that when they signed it")]
    Scope {
        /// What the manifest says.
        scope: Shown,
        /// Who.
        signer: Shown,
    },
    /// No scope, where there are several.
    #[error("it states no scope, and {signer} had several when they signed it: {had}")]
    ScopeNotStated {
        /// Who.
        signer: Shown,
        /// The scopes.
        had: Shown,
    },
    /// The signature is not a good one over the manifest.
    #[error("signature of the manifest: {0}")]
    Signature(#[source] openpgp::Error),
    /// A manifest without a signature, or a signature without a manifest.
    #[error("it has no {missing} beside it")]
    Single {
        /// The other file.
        missing: Shown,
    },
}

impl Fault for Error {
    fn class(&self) -> Class {
        Class::Refused
    }

    fn control(&self) -> Option<Control> {
        Some(match self {
            Self::NotDelegated { .. } | Self::Signature(_) | Self::Single { .. } => Control::TakenSigned,
            Self::AfterOpening { .. } | Self::NotInForce { .. } => Control::TakenInForce,
            Self::Organization { .. } | Self::Scope { .. } | Self::ScopeNotStated { .. } => Control::TakenInScope,
            Self::FileListed { .. } | Self::ReleaseListed { .. } => Control::TakenOnce,
            Self::Compromised { .. } => Control::TakenSound,
        })
    }

    fn hint(&self) -> Option<String> {
        let out = "take the two files out of the bundle and write SHA256SUMS anew";
        Some(match self {
            Self::AfterOpening { .. } => {
                format!("{out}: the next ceremony takes it in; and compare the signer's clock with another")
            }
            Self::Compromised { .. } => {
                format!("{out}: nobody can say who signed it, and when. Release those files anew, by another signer")
            }
            Self::FileListed { .. } | Self::ReleaseListed { .. } => {
                "find out which of the two is right: what was released keeps its name, and another content gets another one"
                    .to_owned()
            }
            Self::NotDelegated { .. } => {
                format!("compare the key with keyrite status; {out}, unless a request of that signer is answered first")
            }
            Self::NotInForce { .. } => format!("{out}; a signer with a delegation in force signs that release anew"),
            Self::Organization { .. } | Self::Scope { .. } => {
                "write the manifest as the roster does (keyrite signer show), and have it signed anew".to_owned()
            }
            Self::ScopeNotStated { .. } => {
                "prepare the manifest with its scope (keyrite release prepare --scope), and have it signed anew".to_owned()
            }
            Self::Signature(_) => {
                "have the signer sign the manifest anew: gpg --armor --detach-sign NAME.SHA256SUMS".to_owned()
            }
            Self::Single { .. } => {
                "bring the manifest and its signature together, under the names NAME.SHA256SUMS and NAME.SHA256SUMS.asc"
                    .to_owned()
            }
        })
    }
}
