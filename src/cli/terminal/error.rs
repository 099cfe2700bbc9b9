//! Why people cannot be asked.

use std::io;

use crate::model::fault::{Class, Fault};

/// A terminal at which a ceremony cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// A pipe or a file.
    #[error("{0} is not a terminal, and people are to answer")]
    Redirected(&'static str),
    /// No terminal, or one that cannot be used.
    #[error("cannot use the terminal {path}: {source}")]
    Unusable {
        /// Which.
        path: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// Too small a window.
    #[error("the terminal has {columns} columns and {lines} lines")]
    Small {
        /// Its width.
        columns: usize,
        /// Its height.
        lines: usize,
    },
}

impl Fault for TerminalError {
    fn class(&self) -> Class {
        Class::Machine
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Redirected(_) => "call keyrite from a terminal, without a pipe; nothing was begun",
            Self::Unusable { .. } => {
                "call keyrite from a login on a console or in a terminal window; nothing was begun"
            }
            Self::Small { .. } => "make it 80 columns by 24 lines or larger; nothing was begun",
        };
        Some(text.to_owned())
    }
}
