//! What a paper cannot hold.

use crate::model::shown::Shown;

/// Why a paper was not made.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// A text that no code of this size holds.
    #[error("no code holds {length} characters")]
    Code {
        /// Its length.
        length: usize,
    },
    /// A character that no font here has.
    #[error("the printing fonts have no {} (U+{:04X}), in: {text}", Shown::new(&character.to_string()), *character as u32)]
    Glyph {
        /// The character.
        character: char,
        /// Where it stands.
        text: Shown,
    },
    /// A line that is too wide, or a label too full.
    #[error("no room on the page for: {0}")]
    Room(Shown),
    /// The writer of PDF refused.
    #[error("the PDF cannot be written: {0}")]
    Writer(String),
}
