//! What stands on a paper, without where.

use super::code::Code;
use crate::model::hash::Hash;
use crate::model::pgp_words;

/// A piece of a paper. Text is of one paragraph each, without line breaks of its own; a character that the fonts do not have is an
/// error, and never a box or a question mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// What the paper is; largest type.
    Title(String),
    /// What follows is.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Words that are read aloud: larger, with a bar beside them.
    Say(String),
    /// One of several points.
    Item(String),
    /// A box to be ticked by hand, and what was done when it is.
    Tick(String),
    /// A label and its value, side by side; the value in fixed width.
    Field {
        /// The label.
        label: String,
        /// The value.
        value: String,
    },
    /// Lines in fixed width, as they are: none is wrapped, and one that is too wide is an error.
    Fixed(Vec<String>),
    /// A row of blanks to be filled in by hand.
    Fill(Vec<Blank>),
    /// Boxes for characters that are written by hand.
    Boxes {
        /// The label before them, if there is any.
        label: String,
        /// A box at each `_`; whatever else stands there as it is, a box's width for each character.
        pattern: String,
    },
    /// A ruled table. Its head is repeated on every page; no row is split over two pages.
    Table {
        /// The columns.
        columns: Vec<Column>,
        /// The rows, each with a cell for each column. An empty cell is for handwriting.
        rows: Vec<Vec<String>>,
    },
    /// Codes in two columns, each under its words: six on a page.
    Codes(Vec<Labelled>),
    /// Blocks in a frame: a warning, or something to be cut out.
    Framed(Vec<Block>),
    /// Blocks that stay on one page, where they fit on one at all.
    Together(Vec<Block>),
    /// Labels or cards to be cut out, in rows of `columns`, each `height` millimetres high.
    Cut {
        /// How many stand side by side: 1 to 4.
        columns: u8,
        /// Millimetres; what does not fit is an error.
        height: u16,
        /// What stands on each.
        cells: Vec<Cell>,
    },
    /// A line across the page.
    Rule,
    /// Room of one line of text.
    Gap,
    /// What follows begins on a new page.
    NewPage,
}

/// What stands on one label.
pub type Cell = Vec<Block>;

/// A code and the words above it.
pub type Labelled = (String, Code);

/// A line to write on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blank {
    /// What to write, in small type under the line.
    pub label: String,
    /// Its part of the row's width, against the other blanks' parts.
    pub share: u8,
}

impl Blank {
    /// A blank of one part.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self::wide(label, 1)
    }

    /// A blank of so many parts.
    #[must_use]
    pub fn wide(label: &str, share: u8) -> Self {
        Self { label: label.to_owned(), share }
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub head: String,
    /// Its part of the table's width, against the other columns' parts.
    pub share: u8,
}

impl Column {
    /// A column of so many parts.
    #[must_use]
    pub fn new(head: &str, share: u8) -> Self {
        Self { head: head.to_owned(), share }
    }
}

impl Block {
    /// A label and its value.
    #[must_use]
    pub fn field(label: &str, value: impl ToString) -> Self {
        Self::Field { label: label.to_owned(), value: value.to_string() }
    }

    /// A label and its boxes.
    #[must_use]
    pub fn boxes(label: &str, pattern: &str) -> Self {
        Self::Boxes { label: label.to_owned(), pattern: pattern.to_owned() }
    }

    /// A hash, whole: eight lines of four bytes, in hex and in PGP words side by side.
    #[must_use]
    pub fn hash(hash: Hash) -> Self {
        let words = pgp_words::words(&hash.0);
        let rows = hash.groups();
        let hex = rows.as_bytes().chunks(10).map(|row| String::from_utf8_lossy(row).trim_end().to_owned());
        Self::Fixed(hex.zip(words.chunks(4)).map(|(hex, words)| format!("{hex}   {}", words.join(" "))).collect())
    }
}
