//! What is wrong with the records of a register.

use crate::backup::BackupError;
use crate::format::FormatError;
use crate::model::control::Control;
use crate::model::fault::{Class, Fault};
use crate::model::mode::Mode;
use crate::model::shown::Shown;
use crate::trust::openpgp;
use crate::workstation::WorkstationError;

/// What is wrong with the records of a register, or with what is to be added to them.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// A file that a transcript names.
    #[error("transcript {ceremony}, line {line}: {path} {what}")]
    Artefact {
        /// The transcript.
        ceremony: String,
        /// The line that names the file.
        line: u64,
        /// The file.
        path: Shown,
        /// How it differs.
        what: &'static str,
    },
    /// A sheet, or the statement of its set.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A closing record.
    #[error("{path}: {what}")]
    Closing {
        /// Its file.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// A cosignature, or the certificate that should verify it.
    #[error("{path}: {source}")]
    Cosignature {
        /// The file.
        path: Shown,
        /// What is wrong with it.
        source: openpgp::Error,
    },
    /// Somebody whose cosignature does not count here.
    #[error("{path} does not cosign {ceremony}: {what}")]
    Cosigner {
        /// The ceremony.
        ceremony: String,
        /// The certificate's or the signature's file.
        path: Shown,
        /// Why not.
        what: String,
    },
    /// A file that was to be checked.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: Shown,
        /// What is wrong with it.
        reason: Box<RecordsError>,
    },
    /// Files that no transcript names.
    #[error("{}", listed(.0))]
    Foreign(Vec<Shown>),
    /// A file.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// What was recovered is not all there was.
    #[error("the recovered register is not whole:\n{}", indented(.0))]
    Incomplete(Vec<String>),
    /// A copy that would lie in what it is a copy of.
    #[error("{0} lies inside the register")]
    Inside(Shown),
    /// Minutes.
    #[error("{path}: {what}")]
    Minutes {
        /// Their file.
        path: Shown,
        /// What is wrong with them.
        what: String,
    },
    /// A ceremony of another mode than was asked for, or than it says.
    #[error("ceremony {ceremony}: {what}")]
    Mode {
        /// The ceremony.
        ceremony: String,
        /// What gives it away.
        what: String,
    },
    /// A production ceremony after one that has no closing record.
    #[error("ceremony {ceremony} has no closing record")]
    NotClosed {
        /// The ceremony before.
        ceremony: String,
    },
    /// A ceremony that the register does not have.
    #[error("there is no ceremony {ceremony} in this register")]
    NoCeremony {
        /// Its name.
        ceremony: String,
    },
    /// Something of no backup that is in force.
    #[error("{what} is of no backup in force in this register")]
    NoBackup {
        /// What was looked for.
        what: String,
    },
    /// Nothing of a copy can be proved.
    #[error("nothing of this copy can be proved:\n{}", indented(.0))]
    Nothing(Vec<String>),
    /// A bundle that is not what the organization publishes now.
    #[error("bundle {folder}: {what}")]
    Outgoing {
        /// Its folder.
        folder: Shown,
        /// Why not.
        what: String,
    },
    /// The organization's file is another one's.
    #[error("{file} is of organization {found}, and ceremony {ceremony} is of {expected}")]
    OtherOrganization {
        /// The file.
        file: Shown,
        /// Its organization.
        found: Shown,
        /// The ceremony.
        ceremony: String,
        /// The ceremony's organization.
        expected: Shown,
    },
    /// The register is older than something that was seen.
    #[error("the register is stale: {0}")]
    Stale(String),
    /// A share sheet that the records key did not sign as it stands.
    #[error("the sheet of set {set}: {reason}")]
    Sheet {
        /// The share set.
        set: String,
        /// What is wrong with the signature.
        reason: openpgp::Error,
    },
    /// A ceremony that is not over, and has no minutes yet.
    #[error("ceremony {ceremony} is not finished")]
    Unfinished {
        /// The ceremony.
        ceremony: String,
    },
    /// The machine.
    #[error(transparent)]
    Workstation(#[from] WorkstationError),
}

fn listed(paths: &[Shown]) -> String {
    let count = match paths.len() {
        1 => "one file is named".to_owned(),
        count => format!("{count} files are named"),
    };
    let names: Vec<String> = paths.iter().map(ToString::to_string).collect();
    format!("{count} by no transcript of this register:\n{}", indented(&names))
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

impl RecordsError {
    /// What OpenPGP says of minutes: the reason, without the room's own words around it.
    pub(super) fn minutes(path: &str, error: &openpgp::Error) -> Self {
        let what = match error {
            openpgp::Error::Records(reason) | openpgp::Error::Known(reason) => reason.to_string(),
            other => other.to_string(),
        };
        Self::Minutes { path: Shown::new(path), what }
    }

    /// A ceremony of one mode where another one was asked for.
    pub(super) fn mode(ceremony: &str, found: Mode, wanted: Mode) -> Self {
        Self::Mode { ceremony: ceremony.to_owned(), what: format!("it was a {found}, and not {}", article(wanted)) }
    }
}

fn article(mode: Mode) -> String {
    match mode {
        Mode::Production => "production".to_owned(),
        other => format!("a {other}"),
    }
}

impl Fault for RecordsError {
    fn class(&self) -> Class {
        match self {
            Self::Backup(error) => error.class(),
            Self::File { reason, .. } => reason.class(),
            Self::Format(error) => error.class(),
            Self::Workstation(error) => error.class(),
            Self::Inside(_) | Self::NoCeremony { .. } | Self::OtherOrganization { .. } => Class::Input,
            _ => Class::Refused,
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::Backup(error) => error.control(),
            Self::File { reason, .. } => reason.control(),
            Self::Format(error) => error.control(),
            Self::Workstation(error) => error.control(),
            Self::Artefact { .. } => Some(Control::ReadBack),
            Self::Closing { .. } | Self::NotClosed { .. } => Some(Control::ClosingBound),
            Self::Cosignature { .. } | Self::Cosigner { .. } => Some(Control::MinutesCosigned),
            Self::Foreign(_) => Some(Control::RegisterOwn),
            Self::Incomplete(_) | Self::Nothing(_) | Self::Stale(_) => Some(Control::RegisterCurrent),
            Self::NoBackup { .. } | Self::Sheet { .. } => Some(Control::ShareQuorum),
            Self::Minutes { .. } | Self::Unfinished { .. } => Some(Control::MinutesBound),
            Self::Outgoing { .. } => Some(Control::PublishedNewest),
            Self::Mode { .. } => Some(Control::ModeApart),
            Self::Inside(_) | Self::NoCeremony { .. } | Self::OtherOrganization { .. } => None,
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Backup(error) => return error.hint(),
            Self::File { reason, .. } => return reason.hint(),
            Self::Format(error) => return error.hint(),
            Self::Workstation(error) => return error.hint(),
            Self::Artefact { .. } => "stop, and take that file from a copy of the register: keyrite register recover",
            Self::Closing { .. } => {
                "compare it with the paper of that day and with a copy; a closing record is written once"
            }
            Self::Cosignature { source, .. } => return Some(cosignature_hint(source)),
            Self::Cosigner { .. } => {
                "who cosigns is named in organization.toml, by `certificate`, before the ceremony, and sits in it"
            }
            Self::Foreign(_) => {
                "find out who put them there, and move them out of the register; keyrite uses and copies none of them"
            }
            Self::Incomplete(_) => {
                "what is listed was left out; try another copy; if none has it, only a recovery ceremony by the quorum of custodians goes on from here"
            }
            Self::Stale(_) => WAY_OUT,
            Self::Inside(_) => "name a new folder somewhere else, on another medium",
            Self::Minutes { .. } => {
                "do not rely on them: compare them with the witnesses' papers and with a copy of the register"
            }
            Self::Mode { .. } => "a rehearsal vouches for nothing; look which register this is",
            Self::Outgoing { .. } => {
                "take the bundle that left the room last, and a copy of the register that is as new; nothing was written"
            }
            Self::NoBackup { .. } => {
                "compare it with another copy first: one changed character is enough; keyrite backup show --register DIR lists what is in force, and what is surely of an older set is destroyed before witnesses"
            }
            Self::Sheet { .. } => {
                "read the share itself from its lines: a sheet whose signature is bad was changed, or came from somebody else"
            }
            Self::NoCeremony { .. } => "keyrite minutes check --register DIR lists them; nothing was changed",
            Self::NotClosed { .. } => "write it first: keyrite minutes close, with --template for a form to fill in",
            Self::Nothing(_) => "take another copy; nothing was written",
            Self::OtherOrganization { .. } => "name the organization.toml that belongs to this register",
            Self::Unfinished { .. } => "finish it first: its minutes are signed at its end",
        };
        Some(text.to_owned())
    }
}

/// What to do about a register that is older than what is known from elsewhere.
const WAY_OUT: &str = "take a newer copy of the register, or rebuild one: keyrite register recover; if no copy is newer, only a recovery ceremony by the quorum of custodians goes on from here";

/// The certificate's own hint, for what gpg can mend; otherwise how to sign.
fn cosignature_hint(error: &openpgp::Error) -> String {
    match error {
        openpgp::Error::Revoked | openpgp::Error::Weak { .. } | openpgp::Error::Version { .. } => {
            "this key does not cosign; the next ceremony can name another one in organization.toml".to_owned()
        }
        openpgp::Error::AnotherKey { .. }
        | openpgp::Error::BadSignature
        | openpgp::Error::SignatureCount { .. }
        | openpgp::Error::SignatureKind { .. } => {
            "the witness signs the minutes as they are in the register: gpg --digest-algo SHA512 --armor --detach-sign CEREMONY.asc"
                .to_owned()
        }
        openpgp::Error::Armor { kind } if kind.contains("SIGNATURE") => {
            "this file is no signature: gpg --armor --detach-sign CEREMONY.asc writes CEREMONY.asc.asc".to_owned()
        }
        other => other.hint().unwrap_or_else(|| "nothing was taken in".to_owned()),
    }
}
