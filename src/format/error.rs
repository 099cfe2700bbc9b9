//! What can be wrong with a file.

use crate::model::control::Control;
use crate::model::fault::{Class, Fault};

/// A file that is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// A report of a tested card that is not as keyrite wrote it.
    #[error("{file}: {what}")]
    CardReport {
        /// The file.
        file: String,
        /// What is wrong.
        what: String,
    },
    /// A TOML file with a fault at a place.
    #[error("{file}:{line}:{column}: {message}{}", lines(.shown))]
    Toml {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
        /// The line itself with a mark under the fault.
        shown: String,
        /// The control that says so, when the file is well-formed and it is its content that is refused.
        control: Option<Control>,
    },
    /// A file over the limit.
    #[error("{file} has {size} bytes; at most {largest} are read")]
    TooLarge {
        /// The file.
        file: String,
        /// Its size.
        size: usize,
        /// The limit.
        largest: usize,
    },
    /// A text file that is not UTF-8.
    #[error("{file}, line {line}: not UTF-8 text")]
    NotUtf8 {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
    },
    /// A manifest with a line of another form.
    #[error("{file}, line {line}: {what}")]
    Manifest {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A list that an organization published, of past releases or of signers, with a line of another form.
    #[error("{file}, line {line}: {what}")]
    Published {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A manifest of a release with a line of another form.
    #[error("{file}, line {line}: {what}")]
    Release {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// A line of a transcript that was not written by keyrite as it stands.
    #[error("transcript {file}, line {line}: {what}")]
    Transcript {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

fn lines(shown: &str) -> String {
    if shown.is_empty() { String::new() } else { format!("\n{shown}") }
}

impl Fault for FormatError {
    fn class(&self) -> Class {
        match self {
            Self::Transcript { .. } | Self::Toml { control: Some(_), .. } => Class::Refused,
            _ => Class::Input,
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::Toml { control, .. } => *control,
            Self::Manifest { .. } => Some(Control::BundleManifest),
            Self::Transcript { .. } => Some(Control::TranscriptChain),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::CardReport { .. } => "test a card of this model again: keyrite card test".to_owned(),
            Self::Toml { file, .. } => format!("mend {file} at that place; nothing was changed"),
            Self::TooLarge { .. } => "a file that people review is small; look where this one comes from".to_owned(),
            Self::NotUtf8 { .. } => "save the file as UTF-8 text".to_owned(),
            Self::Manifest { .. } => "write the manifest with sha256sum".to_owned(),
            Self::Published { .. } => "take the list from the newest bundle that the organization published".to_owned(),
            Self::Release { hint, .. } => (*hint).to_owned(),
            Self::Transcript { .. } => {
                "somebody or something changed the record: compare the register with its copies before going on"
                    .to_owned()
            }
        })
    }
}
