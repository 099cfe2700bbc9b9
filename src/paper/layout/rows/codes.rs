//! Codes, two side by side.

use super::{LABEL, Maker, Row, held};
use crate::model::shown::Shown;
use crate::paper::PaperError;
use crate::paper::block::Labelled;
use crate::paper::code::Code;
use crate::paper::layout::Mark;

/// A dot of a printer, and of whoever reads at 300 dots per inch.
const DOT: f32 = 72.0 / 300.0;
/// The side of a code of version 25 whose squares are six dots wide: the largest that was measured to be read from worn paper.
const SIDE: f32 = 117.0 * 6.0 * DOT;
/// Squares that stay light on each side (ISO/IEC 18004).
const QUIET: f32 = 4.0;

impl Maker<'_> {
    pub(super) fn codes(&self, codes: &[Labelled]) -> Result<Vec<Row>, PaperError> {
        codes.chunks(2).map(|pair| self.pair(pair)).collect()
    }

    fn pair(&self, pair: &[Labelled]) -> Result<Row, PaperError> {
        let column = self.width / 2.0;
        let mut row = Row { above: 4.0, ..Row::default() };
        for (at, (words, code)) in pair.iter().enumerate() {
            let left = at as f32 * column;
            let square = square(code);
            let (quiet, side) = (QUIET * square, code.width() as f32 * square);
            if side + 2.0 * quiet > column {
                return Err(PaperError::Room(Shown::new(words)));
            }
            let caption = super::merged(held(self.narrow(column - quiet).lines(LABEL, 0.0, words)?));
            row.marks.extend(caption.marks.into_iter().map(|mark| mark.moved(left, 0.0)));
            row.marks.push(Mark::Code { x: left + quiet, y: caption.height + quiet, square, code: code.clone() });
            row.height = row.height.max(caption.height + 2.0 * quiet + side);
        }
        Ok(row)
    }
}

/// The side of a code's squares: a whole number of dots, six of them for the largest codes and more for smaller ones. Not more than
/// twelve: in larger ones zbarimg takes the noise of a worn scan for squares of their own (measured at 21).
fn square(code: &Code) -> f32 {
    (SIDE / DOT / code.width().max(1) as f32).floor().clamp(6.0, 12.0) * DOT
}
