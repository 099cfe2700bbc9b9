//! Rows on pages, and what stands on every page.

use super::rows::{Row, rows};
use super::{Mark, Page, SIDE};
use crate::model::shown::Shown;
use crate::paper::font::{Face, Fonts};
use crate::paper::{Document, PaperError};

/// From the upper edge to the head's baseline, and from its line to the first row.
const HEAD: f32 = 40.0;
const BELOW_HEAD: f32 = 28.0;
/// From the foot's baseline to the lower edge, and from the last row to the foot.
const FOOT: f32 = 40.0;
const ABOVE_FOOT: f32 = 22.0;
/// The type of head and foot.
const SMALL: f32 = 9.0;

/// The room for rows on a page.
struct Room {
    top: f32,
    height: f32,
}

/// The pages of a document.
pub(in crate::paper) fn pages(document: &Document) -> Result<Vec<Page>, PaperError> {
    let fonts = Fonts::open()?;
    let (width, height) = document.size.points();
    let top = HEAD + BELOW_HEAD;
    let room = Room { top, height: height - FOOT - ABOVE_FOOT - top };
    let rows = rows(&fonts, width - 2.0 * SIDE, room.height, &document.blocks)?;
    let mut pages = placed(rows, &room)?;
    let count = pages.len();
    for (number, page) in (1..).zip(&mut pages) {
        edges(&fonts, document, page, &format!("Page {number} of {count}"))?;
    }
    Ok(pages)
}

/// Rows from the top of a page to its end, and on. What holds together is not parted where a page can hold it.
fn placed(rows: Vec<Row>, room: &Room) -> Result<Vec<Page>, PaperError> {
    let mut sheaf = Sheaf { pages: vec![Page::new()], used: 0.0, room };
    let mut rest = rows.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut group = vec![first];
        while group.last().is_some_and(|row| row.holds_next)
            && let Some(next) = rest.next_if(|next| !next.new_page)
        {
            group.push(next);
        }
        sheaf.hold(group)?;
    }
    Ok(sheaf.pages)
}

/// The pages so far, and how much of the last one is used.
struct Sheaf<'a> {
    pages: Vec<Page>,
    used: f32,
    room: &'a Room,
}

impl Sheaf<'_> {
    /// Rows that stay on one page, if one can hold them.
    fn hold(&mut self, group: Vec<Row>) -> Result<(), PaperError> {
        let Some(first) = group.first() else { return Ok(()) };
        let wanted: f32 = group.iter().map(|row| row.above + row.height).sum();
        let fits_alone = wanted - first.above <= self.room.height;
        if self.used > 0.0 && (first.new_page || self.used + wanted > self.room.height && fits_alone) {
            self.turn(first.head.as_deref());
        }
        group.into_iter().try_for_each(|row| self.place(row))
    }

    fn place(&mut self, row: Row) -> Result<(), PaperError> {
        if self.used > 0.0 && self.used + row.above + row.height > self.room.height {
            self.turn(row.head.as_deref());
        }
        // What begins a page needs no distance to what was before.
        let above = if self.used > 0.0 { row.above } else { 0.0 };
        if self.used + above + row.height > self.room.height {
            return Err(PaperError::Room(Shown::new(&row.words())));
        }
        self.draw(row, above);
        Ok(())
    }

    /// A new page. A table goes on under its head.
    fn turn(&mut self, head: Option<&Row>) {
        self.pages.push(Page::new());
        self.used = 0.0;
        if let Some(head) = head {
            self.draw(head.clone(), 0.0);
        }
    }

    fn draw(&mut self, row: Row, above: f32) {
        let down = self.room.top + self.used + above;
        if let Some(page) = self.pages.last_mut() {
            page.extend(row.marks.into_iter().map(|mark| mark.moved(SIDE, down)));
        }
        self.used += above + row.height;
    }
}

/// Head, foot, and the mark of what does not count.
fn edges(fonts: &Fonts, document: &Document, page: &mut Page, number: &str) -> Result<(), PaperError> {
    let (width, height) = document.size.points();
    let inner = width - 2.0 * SIDE;
    let foot = height - FOOT;
    let small = |x, y, face, text: &str| Mark::Text { x, y, face, size: SMALL, text: text.to_owned() };
    let right = |text: &str| Ok::<f32, PaperError>(SIDE + inner - fonts.width(Face::Regular, SMALL, text)?);
    let number_at = right(number)?;
    for (text, room) in [(&document.head, inner), (&document.foot, number_at - SIDE - SMALL)] {
        if fonts.width(Face::Regular, SMALL, text)? > room {
            return Err(PaperError::Room(Shown::new(text)));
        }
    }
    page.push(small(SIDE, HEAD, Face::Regular, &document.head));
    page.push(Mark::Bar { x: SIDE, y: HEAD + 6.0, width: inner, height: 0.6 });
    page.push(Mark::Bar { x: SIDE, y: foot - SMALL - 5.0, width: inner, height: 0.6 });
    page.push(small(SIDE, foot, Face::Regular, &document.foot));
    page.push(small(number_at, foot, Face::Regular, number));
    if let Some(mark) = &document.mark {
        for y in [HEAD - 14.0, foot + 17.0] {
            let wide = fonts.width(Face::Bold, 11.0, mark)?;
            let x = (width - wide) / 2.0;
            page.push(Mark::Text { x, y, face: Face::Bold, size: 11.0, text: mark.clone() });
            page.push(Mark::Frame { x: x - 6.0, y: y - 11.0, width: wide + 12.0, height: 15.0, dashed: false });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::{Block, Column, Size};

    fn paper(blocks: Vec<Block>) -> Document {
        let text = |text: &str| text.to_owned();
        Document {
            size: Size::A4,
            title: text("Paper"),
            head: text("Head"),
            foot: text("Foot"),
            mark: Some(text("NOT FOR USE")),
            blocks,
        }
    }

    /// The texts of a page, from above.
    fn words(page: &Page) -> Vec<&str> {
        page.iter()
            .filter_map(|mark| if let Mark::Text { text, .. } = mark { Some(text.as_str()) } else { None })
            .collect()
    }

    #[test]
    fn a_table_goes_on_under_its_head_and_loses_no_row() {
        for before in 0..40 {
            let mut blocks = vec![Block::Gap; before];
            let rows = (0..60).map(|row| vec![format!("row {row}"), String::new()]).collect();
            blocks.push(Block::Table { columns: vec![Column::new("Name", 1), Column::new("Signature", 2)], rows });
            let pages = pages(&paper(blocks)).unwrap();
            let mut seen = Vec::new();
            for page in &pages {
                let words = words(page);
                let rows: Vec<&str> = words.iter().copied().filter(|word| word.starts_with("row ")).collect();
                assert_eq!(words.contains(&"Signature"), !rows.is_empty(), "{before}: {words:?}");
                seen.extend(rows);
            }
            assert_eq!(seen, (0..60).map(|row| format!("row {row}")).collect::<Vec<_>>(), "{before}");
        }
    }

    #[test]
    fn everything_stands_between_head_and_foot() {
        let blocks = (0..30).map(|at| Block::Text(format!("{at} {}", "words that go on ".repeat(at)))).collect();
        for page in pages(&paper(blocks)).unwrap() {
            for mark in &page {
                let Mark::Text { x, y, .. } = mark else { continue };
                assert!((12.0..842.0 - 12.0).contains(y) && (SIDE - 0.1..595.0 - SIDE).contains(x), "{mark:?}");
            }
        }
    }

    #[test]
    fn a_heading_stays_with_what_follows_and_together_stays_together() {
        for before in 0..60 {
            let mut blocks = vec![Block::Gap; before];
            blocks.push(Block::Heading("Heading".to_owned()));
            blocks.push(Block::Text("What follows.".to_owned()));
            blocks.push(Block::Together((0..5).map(|at| Block::Text(format!("part {at}"))).collect()));
            let pages = pages(&paper(blocks)).unwrap();
            let on = |word: &str| pages.iter().position(|page| words(page).contains(&word));
            assert_eq!(on("Heading"), on("What follows."), "{before}");
            assert_eq!(on("part 0"), on("part 4"), "{before}");
            assert!(on("Heading").is_some());
        }
    }

    #[test]
    fn what_has_no_room_is_refused_with_its_words() {
        let wide = Block::Fixed(vec!["W".repeat(90)]);
        let high = Block::Cut { columns: 2, height: 10, cells: vec![vec![Block::Title("Much".to_owned()); 3]] };
        let framed = Block::Framed(vec![Block::Text("many lines".to_owned()); 60]);
        for (block, word) in [(wide, "WWW"), (high, "Much"), (framed, "many lines")] {
            match pages(&paper(vec![block])) {
                Err(PaperError::Room(words)) => assert!(words.as_str().contains(word), "{words}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
