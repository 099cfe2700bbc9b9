//! Rows: what is never split over two pages.

mod boxes;
mod codes;
mod table;

use super::wrap::wrap;
use super::{MM, Mark};
use crate::model::shown::Shown;
use crate::paper::font::{Face, Fonts};
use crate::paper::{Blank, Block, Cell, PaperError};

/// A row: its marks stand relative to its upper left corner.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// Distance to the row above, on the same page.
    pub(super) above: f32,
    /// Its height.
    pub(super) height: f32,
    /// What is drawn.
    pub(super) marks: Vec<Mark>,
    /// Whether the next row stays with it.
    pub(super) holds_next: bool,
    /// Whether it begins a page.
    pub(super) new_page: bool,
    /// What is said again above it where it begins a page.
    pub(super) head: Option<Box<Row>>,
}

impl Row {
    /// What can be read in it, in short.
    pub(super) fn words(&self) -> String {
        let text = self.marks.iter().filter_map(|mark| match mark {
            Mark::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        text.collect::<Vec<_>>().join(" ").chars().take(80).collect()
    }
}

/// Type: a face, its size, and from one baseline to the next.
#[derive(Clone, Copy)]
struct Type {
    face: Face,
    size: f32,
    line: f32,
}

const fn of(face: Face, size: f32, line: f32) -> Type {
    Type { face, size, line }
}

const TITLE: Type = of(Face::Bold, 22.0, 28.0);
const HEADING: Type = of(Face::Bold, 15.0, 20.0);
const TEXT: Type = of(Face::Regular, 12.0, 16.5);
const SAID: Type = of(Face::Regular, 14.5, 20.0);
const LABEL: Type = of(Face::Bold, 11.0, 15.5);
const VALUE: Type = of(Face::Fixed, 11.0, 15.5);
/// 80 columns on either size of paper.
const FIXED: Type = of(Face::Fixed, 10.0, 14.0);
const NOTE: Type = of(Face::Regular, 9.0, 12.0);
/// Where a field's value begins.
const VALUE_AT: f32 = 42.0 * MM;
/// Between the frame and what is in it.
const INSET: f32 = 9.0;

/// The rows of blocks on paper of this width; `page` is the height of a whole page.
pub(super) fn rows(fonts: &Fonts, width: f32, page: f32, blocks: &[Block]) -> Result<Vec<Row>, PaperError> {
    let maker = Maker { fonts, width, page };
    let mut rows = Vec::new();
    let mut new_page = false;
    for block in blocks {
        if *block == Block::NewPage {
            new_page = true;
            continue;
        }
        let mut made = maker.block(block)?;
        if let Some(first) = made.first_mut() {
            first.new_page = std::mem::take(&mut new_page);
        }
        rows.append(&mut made);
    }
    Ok(rows)
}

/// Makes rows of one width.
struct Maker<'a> {
    fonts: &'a Fonts,
    width: f32,
    page: f32,
}

impl Maker<'_> {
    fn block(&self, block: &Block) -> Result<Vec<Row>, PaperError> {
        match block {
            Block::Title(text) => self.lines(TITLE, 12.0, text).map(held),
            Block::Heading(text) => self.lines(HEADING, 14.0, text).map(held),
            Block::Text(text) => self.lines(TEXT, 7.0, text).map(paragraph),
            Block::Say(text) => self.said(text),
            Block::Item(text) => self.led(text, |line| Mark::Bar { x: 4.0, y: line * 0.55, width: 8.0, height: 1.0 }),
            Block::Tick(text) => {
                self.led(text, |_| Mark::Frame { x: 0.0, y: 2.5, width: 11.0, height: 11.0, dashed: false })
            }
            Block::Field { label, value } => self.field(label, value),
            Block::Fixed(lines) => self.fixed(lines),
            Block::Fill(blanks) => self.fill(blanks),
            Block::Boxes { label, pattern } => self.boxes(label, pattern),
            Block::Table { columns, rows } => self.table(columns, rows),
            Block::Codes(codes) => self.codes(codes),
            Block::Framed(blocks) => self.framed(blocks),
            Block::Together(blocks) => self.rows(blocks).map(|rows| self.together(rows)),
            Block::Cut { columns, height, cells } => self.cut(*columns, *height, cells),
            Block::Rule => Ok(vec![bar(self.width)]),
            Block::Gap => Ok(vec![Row { height: TEXT.line, ..Row::default() }]),
            // It has no row of its own: whoever goes through blocks sees to it.
            Block::NewPage => Ok(Vec::new()),
        }
    }

    fn rows(&self, blocks: &[Block]) -> Result<Vec<Row>, PaperError> {
        rows(self.fonts, self.width, self.page, blocks)
    }

    /// The same on paper of another width.
    fn narrow(&self, width: f32) -> Self {
        Self { fonts: self.fonts, width, page: self.page }
    }

    /// A paragraph, one row for each line, the first one `above` under what was before.
    fn lines(&self, kind: Type, above: f32, text: &str) -> Result<Vec<Row>, PaperError> {
        let lines = wrap(self.fonts, kind.face, kind.size, self.width, text)?;
        let row =
            |(at, text): (usize, String)| Row { above: if at == 0 { above } else { 0.0 }, ..line(kind, 0.0, text) };
        Ok(lines.into_iter().enumerate().map(row).collect())
    }

    /// Words that are read aloud, with a bar beside them.
    fn said(&self, text: &str) -> Result<Vec<Row>, PaperError> {
        const AT: f32 = 14.0;
        let mut rows = self.narrow(self.width - AT).lines(SAID, 9.0, text)?;
        for row in &mut rows {
            shift(row, AT);
            row.marks.push(Mark::Bar { x: 2.0, y: 0.0, width: 3.0, height: row.height });
        }
        Ok(vec![merged(rows)])
    }

    /// A paragraph behind a sign.
    fn led(&self, text: &str, sign: impl Fn(f32) -> Mark) -> Result<Vec<Row>, PaperError> {
        const AT: f32 = 20.0;
        let mut rows = self.narrow(self.width - AT).lines(TEXT, 4.5, text)?;
        rows.iter_mut().for_each(|row| shift(row, AT));
        if let Some(first) = rows.first_mut() {
            first.marks.push(sign(TEXT.line));
        }
        Ok(paragraph(rows))
    }

    fn field(&self, label: &str, value: &str) -> Result<Vec<Row>, PaperError> {
        let at = VALUE_AT.min(self.width * 0.4);
        let mut rows = self.narrow(self.width - at).lines(VALUE, 2.5, value)?;
        rows.iter_mut().for_each(|row| shift(row, at));
        let labels = self.narrow(at - 6.0).lines(LABEL, 2.5, label)?;
        for (at, label) in labels.into_iter().enumerate() {
            match rows.get_mut(at) {
                Some(row) => row.marks.splice(0..0, label.marks).for_each(drop),
                None => rows.push(label),
            }
        }
        Ok(vec![merged(rows)])
    }

    /// Lines as they are.
    fn fixed(&self, lines: &[String]) -> Result<Vec<Row>, PaperError> {
        let mut rows = Vec::new();
        for (at, text) in lines.iter().enumerate() {
            if self.fonts.width(FIXED.face, FIXED.size, text)? > self.width {
                return Err(PaperError::Room(Shown::new(text)));
            }
            rows.push(Row { above: if at == 0 { 7.0 } else { 0.0 }, ..line(FIXED, 0.0, text.clone()) });
        }
        Ok(rows)
    }

    /// Lines to write on, each over its words.
    fn fill(&self, blanks: &[Blank]) -> Result<Vec<Row>, PaperError> {
        const BETWEEN: f32 = 12.0;
        /// From the top of the row to the line: as much as handwriting needs.
        const WRITING: f32 = 25.0;
        let parts: f32 = blanks.iter().map(|blank| f32::from(blank.share)).sum();
        let room = self.width - BETWEEN * blanks.len().saturating_sub(1) as f32;
        let (mut x, mut row) = (0.0, Row { above: 3.0, height: WRITING, ..Row::default() });
        for blank in blanks {
            let width = room * f32::from(blank.share) / parts.max(1.0);
            row.marks.push(Mark::Bar { x, y: WRITING, width, height: 0.7 });
            for (at, label) in self.narrow(width).lines(NOTE, 0.0, &blank.label)?.into_iter().enumerate() {
                let down = WRITING + 1.0 + at as f32 * NOTE.line;
                row.height = row.height.max(down + NOTE.line);
                row.marks.extend(label.marks.into_iter().map(|mark| mark.moved(x, down)));
            }
            x += width + BETWEEN;
        }
        Ok(vec![row])
    }

    /// One row with a frame around it.
    fn framed(&self, blocks: &[Block]) -> Result<Vec<Row>, PaperError> {
        let inner = merged(self.narrow(self.width - 2.0 * INSET).rows(blocks)?);
        let height = inner.height + 2.0 * INSET;
        let mut marks: Vec<Mark> = inner.marks.into_iter().map(|mark| mark.moved(INSET, INSET)).collect();
        marks.push(Mark::Frame { x: 0.0, y: 0.0, width: self.width, height, dashed: false });
        Ok(vec![Row { above: 9.0, height, marks, ..Row::default() }])
    }

    /// Labels in rows, to be cut out.
    fn cut(&self, columns: u8, height: u16, cells: &[Cell]) -> Result<Vec<Row>, PaperError> {
        let columns = usize::from(columns.clamp(1, 4));
        let (width, height) = (self.width / columns as f32, f32::from(height) * MM);
        let mut rows = Vec::new();
        for cells in cells.chunks(columns) {
            let mut row = Row { height, ..Row::default() };
            for (at, cell) in cells.iter().enumerate() {
                let x = at as f32 * width;
                let inner = merged(self.narrow(width - 2.0 * INSET).rows(cell)?);
                if inner.height + 2.0 * INSET > height {
                    return Err(PaperError::Room(Shown::new(&inner.words())));
                }
                row.marks.extend(inner.marks.into_iter().map(|mark| mark.moved(x + INSET, INSET)));
                row.marks.push(Mark::Frame { x, y: 0.0, width, height, dashed: true });
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// Rows that stay on one page, if one can hold them.
    fn together(&self, rows: Vec<Row>) -> Vec<Row> {
        let height: f32 = rows.iter().map(|row| row.above + row.height).sum();
        if height <= self.page { vec![merged(rows)] } else { rows }
    }
}

/// A line of text at `x`.
fn line(kind: Type, x: f32, text: String) -> Row {
    // Ascenders take some four fifths of the type's size; what is left of the line is shared by above and below.
    let y = (kind.line - kind.size) / 2.0 + 0.84 * kind.size;
    Row {
        height: kind.line,
        marks: vec![Mark::Text { x, y, face: kind.face, size: kind.size, text }],
        ..Row::default()
    }
}

fn shift(row: &mut Row, right: f32) {
    for mark in std::mem::take(&mut row.marks) {
        row.marks.push(mark.moved(right, 0.0));
    }
}

/// Rows that stay with what follows.
fn held(mut rows: Vec<Row>) -> Vec<Row> {
    rows.iter_mut().for_each(|row| row.holds_next = true);
    rows
}

/// No line of a paragraph stands alone on a page: its first two hold together, and its last two.
fn paragraph(mut rows: Vec<Row>) -> Vec<Row> {
    let count = rows.len();
    for (at, row) in rows.iter_mut().enumerate() {
        row.holds_next = count > 1 && (at == 0 || at + 2 == count);
    }
    rows
}

/// Several rows as one.
fn merged(rows: Vec<Row>) -> Row {
    let mut one = Row::default();
    for (at, row) in rows.into_iter().enumerate() {
        if at == 0 {
            one.above = row.above;
            one.new_page = row.new_page;
        } else {
            one.height += row.above;
        }
        let down = one.height;
        one.marks.extend(row.marks.into_iter().map(|mark| mark.moved(0.0, down)));
        one.height += row.height;
        one.holds_next = row.holds_next;
    }
    one
}

fn bar(width: f32) -> Row {
    Row { above: 8.0, height: 4.0, marks: vec![Mark::Bar { x: 0.0, y: 1.0, width, height: 0.8 }], ..Row::default() }
}
