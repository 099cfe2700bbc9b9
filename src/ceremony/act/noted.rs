//! Blanks that many acts ask the room to fill in, on the printed script.

use crate::model::name::CardName;
use crate::paper::Blank;

/// A row of blanks.
pub(super) type Row = Vec<Blank>;

/// A fingerprint, whole: ten groups of four digits.
pub(super) fn fingerprint(of: &str) -> Row {
    vec![Blank::new(&format!("fingerprint of {of}, all ten groups, as it is read aloud"))]
}

/// The first and the last group of a fingerprint that was written down before.
pub(super) fn ends(of: &str) -> Row {
    vec![
        Blank::new(&format!("fingerprint of {of}: first group")),
        Blank::new("last group, as they were written down before"),
    ]
}

/// The first and the last word of a hash.
pub(super) fn words(of: &str) -> Row {
    vec![Blank::new(&format!("sha256 of {of}: first word")), Blank::new("last word")]
}

/// A card's serial, and something else of it.
pub(super) fn serial(card: &CardName, besides: &str) -> Row {
    vec![Blank::new(&format!("card {card}: serial")), Blank::new(besides)]
}
