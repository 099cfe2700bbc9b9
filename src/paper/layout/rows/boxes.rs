//! Boxes for handwriting, one for each character.

use super::{LABEL, MM, Maker, Mark, Row, VALUE, VALUE_AT, line};
use crate::model::shown::Shown;
use crate::paper::PaperError;

/// The width of a box where there is room, and the least in which a character can be written.
const WIDE: f32 = 6.0 * MM;
const NARROW: f32 = 4.0 * MM;
/// The height of a box.
const HIGH: f32 = 7.5 * MM;

impl Maker<'_> {
    /// A label, and a row of boxes with what stands between them, each character as wide as the others.
    pub(super) fn boxes(&self, label: &str, pattern: &str) -> Result<Vec<Row>, PaperError> {
        let left = if label.is_empty() { 0.0 } else { VALUE_AT.min(self.width * 0.4) };
        let wide = WIDE.min((self.width - left) / pattern.chars().count().max(1) as f32);
        let too_long = self.fonts.width(LABEL.face, LABEL.size, label)? > left;
        if wide < NARROW || too_long {
            return Err(PaperError::Room(Shown::new(&format!("{label} {pattern}"))));
        }
        let mut row = Row { above: 5.0, height: HIGH, ..Row::default() };
        let drawn = |kind, x, text: &str| line(kind, x, text.to_owned()).marks.into_iter();
        row.marks.extend(drawn(LABEL, 0.0, label).map(|mark| mark.moved(0.0, (HIGH - LABEL.line) / 2.0)));
        for (at, character) in pattern.chars().enumerate() {
            let x = left + at as f32 * wide;
            match character {
                '_' => row.marks.push(Mark::Frame { x, y: 0.0, width: wide, height: HIGH, dashed: false }),
                ' ' => {}
                other => {
                    let text = other.to_string();
                    let inset = (wide - self.fonts.width(VALUE.face, VALUE.size, &text)?) / 2.0;
                    row.marks
                        .extend(drawn(VALUE, x + inset, &text).map(|mark| mark.moved(0.0, (HIGH - VALUE.line) / 2.0)));
                }
            }
        }
        Ok(vec![row])
    }
}
