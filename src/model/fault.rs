//! What every error of keyrite can say about itself.

use super::control::Control;

/// The class of a failure; its number is the process's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// A check said no. Names the control.
    Refused = 1,
    /// The command line was not understood.
    Usage = 2,
    /// A file, a request or an answer is not acceptable.
    Input = 3,
    /// A card, a disk or the machine failed.
    Machine = 4,
    /// Stopped half way; what was done is recorded, and `ceremony run` goes on from there.
    Interrupted = 5,
    /// A defect of keyrite.
    Bug = 70,
}

impl Class {
    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// Implemented by each room's error enum. `Display` says what happened and where; this says the rest.
pub trait Fault: std::error::Error + Send + Sync + 'static {
    /// Which kind of failure, and so which exit code.
    fn class(&self) -> Class;

    /// The control that refused, when one did.
    fn control(&self) -> Option<Control> {
        None
    }

    /// What to do next: one sentence, lower case, no full stop.
    fn hint(&self) -> Option<String> {
        None
    }
}
