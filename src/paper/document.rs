//! A paper as a whole.

use super::{Block, PaperError, layout, pdf};

/// The size of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// ISO 216 A4, 210 by 297 mm.
    #[default]
    A4,
    /// ANSI A, 8.5 by 11 inches.
    Letter,
}

/// A paper: what stands on it, and what stands on each of its pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The size of its sheets.
    pub size: Size,
    /// What it is, for the reader of the file.
    pub title: String,
    /// The head of each page, at its left: whose paper it is and of what.
    pub head: String,
    /// The foot of each page, at its left: what tells this paper from another of its kind. The page's number stands at its right.
    pub foot: String,
    /// What marks every page of what does not count, in words; none in production.
    pub mark: Option<String>,
    /// What stands on it.
    pub blocks: Vec<Block>,
}

impl Document {
    /// The paper as a PDF: the same bytes on every run.
    ///
    /// # Errors
    /// A character that the fonts do not have, a line that is too wide, a label that is too full.
    pub fn to_pdf(&self) -> Result<Vec<u8>, PaperError> {
        pdf::write(self, &layout::pages(self)?)
    }
}
