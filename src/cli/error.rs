//! Errors of the command line, and how any error is told.

use std::io::{self, IsTerminal, Write};

use super::TerminalError;
use crate::backup::BackupError;
use crate::ceremony::records::RecordsError;
use crate::ceremony::{CeremonyError, screen};
use crate::format::FormatError;
use crate::model::control::Control;
use crate::model::fault::{Class, Fault};
use crate::model::fingerprint::Fingerprint;
use crate::model::name::SignerName;
use crate::model::shown::Shown;
use crate::trust::openpgp;
use crate::workstation::WorkstationError;
use crate::workstation::card::{Absence, Serial};

/// What can go wrong in a verb.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Restoring.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A ceremony.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// A release.
    #[error(transparent)]
    Release(#[from] super::release::ReleaseError),
    /// The terminal.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    /// The machine.
    #[error(transparent)]
    Workstation(#[from] WorkstationError),
    /// Standard output.
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
    /// A reason that is none, or a story.
    #[error("a reason has 1 to {longest} characters")]
    Reason {
        /// The most characters.
        longest: usize,
    },
    /// A certificate that is not armored, and so cannot stand in a request.
    #[error("{path} is not in armor")]
    Binary {
        /// Its file.
        path: Shown,
    },
    /// A bundle that is to be carried in, and options that do not go with it.
    #[error("this bundle is to be carried in: {0}")]
    Incoming(&'static str),
    /// A name of a signer that leaves no room for the day in a request's own name.
    #[error("the day and the signer's name are too long together for the request's own name")]
    LongId,
    /// A certificate with several user IDs, or none, and none was named.
    #[error("the certificate has {count} valid user IDs: name the one that is to be certified")]
    UserIds {
        /// How many.
        count: usize,
    },
    /// Published keys that cannot be taken apart, or a root that vouches for nobody.
    #[error("{path}: {error}")]
    Keys {
        /// The file.
        path: Shown,
        /// What is wrong with it.
        #[source]
        error: Box<openpgp::Error>,
    },
    /// A request or a key to which nothing was delegated.
    #[error("nothing was delegated to {which}")]
    NoDelegation {
        /// What was asked for.
        which: Shown,
    },
    /// Published keys without the root.
    #[error("{path} does not hold the certificate of root {fingerprint}")]
    NoRootInKeys {
        /// The file.
        path: Shown,
        /// The root.
        fingerprint: Fingerprint,
    },
    /// Published keys with a certification that names the root and is not the root's delegation.
    #[error("{path}: {count} certificate(s) are unreadable, or bear a certification that is no delegation of the root")]
    NotVouched {
        /// The file.
        path: Shown,
        /// How many.
        count: usize,
    },
    /// Somebody who is not on the roster.
    #[error("the roster in force has no signer {signer}")]
    NoSigner {
        /// Who was asked for.
        signer: SignerName,
    },
    /// A program without PC/SC.
    #[error("this keyrite was built without PC/SC and reaches no card readers")]
    NoReaders,
    /// What is, or is not, in the readers.
    #[error("no card{}: {reason}", serial.map_or(String::new(), |serial| format!(" {serial}")))]
    Readers {
        /// The card that was asked for.
        serial: Option<Serial>,
        /// Why it is not there.
        reason: Absence,
    },
    /// A card that does not do what ceremonies ask of it.
    #[error("the card failed {failed} check(s), or they could not be done")]
    TestFailed {
        /// How many.
        failed: usize,
    },
    /// Something that had to be typed, and was not.
    #[error("{wanted} was not typed, and nothing was done to the card")]
    NotTyped {
        /// What should have been typed.
        wanted: String,
    },
    /// Standard input of a worker.
    #[error("what came through the pipe is not what a worker is told")]
    Input,
}

impl From<FormatError> for CliError {
    fn from(error: FormatError) -> Self {
        Self::Ceremony(error.into())
    }
}

impl From<RecordsError> for CliError {
    fn from(error: RecordsError) -> Self {
        Self::Ceremony(error.into())
    }
}

impl CliError {
    fn inner(&self) -> Option<&dyn Fault> {
        match self {
            Self::Backup(error) => Some(error),
            Self::Ceremony(error) => Some(error),
            Self::Release(error) => Some(error),
            Self::Terminal(error) => Some(error),
            Self::Workstation(error) => Some(error),
            Self::Output(_)
            | Self::Reason { .. }
            | Self::Keys { .. }
            | Self::NoDelegation { .. }
            | Self::NoReaders
            | Self::NoRootInKeys { .. }
            | Self::NoSigner { .. }
            | Self::Binary { .. }
            | Self::LongId
            | Self::UserIds { .. }
            | Self::NotTyped { .. }
            | Self::NotVouched { .. }
            | Self::Readers { .. }
            | Self::TestFailed { .. }
            | Self::Incoming(_)
            | Self::Input => None,
        }
    }
}

impl CliError {
    fn absence(&self) -> Option<&Absence> {
        match self {
            Self::Readers { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

impl Fault for CliError {
    fn class(&self) -> Class {
        match self.inner() {
            Some(inner) => inner.class(),
            None if matches!(self, Self::Input) => Class::Bug,
            None if matches!(self, Self::Reason { .. } | Self::Incoming(_)) => Class::Usage,
            None if matches!(
                self,
                Self::Keys { .. }
                    | Self::NoDelegation { .. }
                    | Self::NoRootInKeys { .. }
                    | Self::NoSigner { .. }
                    | Self::UserIds { .. }
                    | Self::Binary { .. }
                    | Self::LongId
            ) =>
            {
                Class::Input
            }
            None if matches!(self, Self::NotTyped { .. }) => Class::Interrupted,
            None if matches!(self, Self::NotVouched { .. }) => Class::Refused,
            None => Class::Machine,
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::NotVouched { .. } => Some(Control::KeysVouched),
            _ => self.inner().and_then(Fault::control),
        }
    }

    fn hint(&self) -> Option<String> {
        match self.inner() {
            Some(inner) => inner.hint(),
            None if matches!(self, Self::Reason { .. }) => Some("say it in a sentence".to_owned()),
            None if matches!(self, Self::Incoming(_)) => {
                Some("keyrite bundle check DIR --register DIR; without a register, keyrite bundle show DIR".to_owned())
            }
            None if matches!(self, Self::Binary { .. }) => {
                Some("gpg --armor --export-options export-minimal --export FINGERPRINT".to_owned())
            }
            None if matches!(self, Self::LongId) => Some("--id NAME gives it another one".to_owned()),
            None if matches!(self, Self::UserIds { .. }) => {
                Some("--user-id, letter by letter as gpg shows it".to_owned())
            }
            None if matches!(self, Self::NoSigner { .. }) => {
                Some("keyrite signer list --register DIR shows who is on it".to_owned())
            }
            None if matches!(self, Self::Keys { .. }) => Some(
                "download the keys again; the manifest beside them says what they are: sha256sum --check".to_owned(),
            ),
            None if matches!(self, Self::NoDelegation { .. }) => {
                Some("keyrite delegation list --register DIR shows all of them".to_owned())
            }
            None if matches!(self, Self::NoRootInKeys { .. }) => {
                Some("keys.txt holds it; or name its certificate: --root FILE".to_owned())
            }
            None if matches!(self, Self::NotVouched { .. }) => Some(
                "trust none of the certificates that are marked; take the keys from the organization again".to_owned(),
            ),
            None if matches!(self, Self::NoReaders) => {
                Some("build it with the feature pcsc, which is on by default".to_owned())
            }
            None if matches!(self, Self::NotTyped { .. }) => {
                Some("read it from the card, and compare it with what keyrite card list shows".to_owned())
            }
            None if matches!(self, Self::TestFailed { .. }) => {
                Some("use no card of this model in a ceremony; the report says which checks failed, and why".to_owned())
            }
            None => {
                let hint = self.absence().map_or("what is recorded stays; run the same command again", Absence::hint);
                Some(hint.to_owned())
            }
        }
    }
}

/// Tells an error and its hint on standard error, and gives the exit code.
#[must_use]
pub fn report(error: &dyn Fault) -> u8 {
    let mut out = io::stderr().lock();
    // There is nowhere left to tell of a closed standard error.
    let width = if out.is_terminal() { screen::WIDTH } else { usize::MAX };
    let mut tell = |label: &str, text: &str| {
        for line in screen::labelled(label, text, width) {
            let _ = writeln!(out, "{line}");
        }
    };
    tell("error: ", &error.to_string());
    if let Some(control) = error.control() {
        tell("refused by control ", control.id());
    }
    if let Some(hint) = error.hint() {
        tell("hint: ", &hint);
    }
    error.class().code()
}
