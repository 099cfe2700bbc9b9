//! The sandbox of keyrite and of all that it starts: crate `keyrite-sandbox`.

use keyrite_sandbox::UnseenPlace;
pub use keyrite_sandbox::{Sandbox, Writable};

use super::WorkstationError;

impl From<UnseenPlace> for WorkstationError {
    fn from(unseen: UnseenPlace) -> Self {
        Self::Io { doing: "look at", path: unseen.place, source: unseen.source }
    }
}
