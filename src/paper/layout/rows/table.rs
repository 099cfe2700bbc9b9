//! Ruled tables.

use super::{Maker, Row, Type, of};
use crate::paper::PaperError;
use crate::paper::block::Column;
use crate::paper::font::Face;
use crate::paper::layout::Mark;

const HEAD: Type = of(Face::Bold, 10.0, 13.5);
const CELL: Type = of(Face::Regular, 11.0, 14.5);
/// Between a rule and what stands beside it.
const PAD: f32 = 4.0;
/// The height of a row in which somebody writes.
const WRITING: f32 = 27.0;
const RULE: f32 = 0.6;

impl Maker<'_> {
    pub(super) fn table(&self, columns: &[Column], rows: &[Vec<String>]) -> Result<Vec<Row>, PaperError> {
        let parts: f32 = columns.iter().map(|column| f32::from(column.share)).sum();
        let widths: Vec<f32> =
            columns.iter().map(|column| self.width * f32::from(column.share) / parts.max(1.0)).collect();
        let heads: Vec<String> = columns.iter().map(|column| column.head.clone()).collect();
        let mut head = self.ruled(HEAD, &widths, &heads)?;
        // The line over the whole table.
        head.marks.push(Mark::Bar { x: 0.0, y: 0.0, width: self.width, height: RULE });
        head.holds_next = true;
        let mut made = vec![Row { above: 8.0, ..head.clone() }];
        for cells in rows {
            made.push(Row { head: Some(Box::new(head.clone())), ..self.ruled(CELL, &widths, cells)? });
        }
        Ok(made)
    }

    /// Cells side by side, with a line under them and between them.
    fn ruled(&self, kind: Type, widths: &[f32], cells: &[String]) -> Result<Row, PaperError> {
        let (mut x, mut row) = (0.0, Row { height: kind.line + 2.0 * PAD, ..Row::default() });
        let empty = String::new();
        for (at, width) in widths.iter().enumerate() {
            let text = cells.get(at).unwrap_or(&empty);
            let lines = self.narrow(width - 2.0 * PAD).lines(kind, 0.0, text)?;
            let least = if text.is_empty() { WRITING } else { lines.len() as f32 * kind.line + 2.0 * PAD };
            row.height = row.height.max(least);
            for (at, line) in lines.into_iter().enumerate() {
                let down = PAD + at as f32 * kind.line;
                row.marks.extend(line.marks.into_iter().map(|mark| mark.moved(x + PAD, down)));
            }
            x += width;
        }
        let height = row.height;
        let mut x = 0.0;
        for width in std::iter::once(&0.0).chain(widths) {
            x += width;
            row.marks.push(Mark::Bar { x: x - RULE / 2.0, y: 0.0, width: RULE, height });
        }
        row.marks.push(Mark::Bar { x: 0.0, y: height, width: self.width, height: RULE });
        Ok(row)
    }
}
