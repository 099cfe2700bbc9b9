//! Floor 2: what people hold in their hands. Pure: blocks in, the bytes of a PDF out, the same on every run.
//!
//! Whoever prints says what stands on a paper, as a [`Document`] of [`Block`]s; where it stands is decided here, once for all
//! papers. Black on white, A4 or Letter, in type that is read at arm's length.

mod block;
pub mod code;
mod document;
mod error;
mod font;
mod layout;
mod pdf;

pub use block::{Blank, Block, Cell, Column, Labelled};
pub use document::{Document, Size};
pub use error::PaperError;
