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
    let mut pages = vec![Page::new()];
    let mut used = 0.0;
    let mut rest = rows.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut group = vec![first];
        while group.last().is_some_and(|row| row.holds_next)
            && let Some(next) = rest.next_if(|next| !next.new_page)
        {
            group.push(next);
        }
        let wanted: f32 = group.iter().map(|row| row.above + row.height).sum();
        let fits_alone = wanted - group.first().map_or(0.0, |row| row.above) <= room.height;
        let begins = group.first().is_some_and(|row| row.new_page);
        if used > 0.0 && (begins || used + wanted > room.height && fits_alone) {
            pages.push(Page::new());
            used = 0.0;
        }
        for row in group {
            place(&mut pages, &mut used, row, room)?;
        }
    }
    Ok(pages)
}

fn place(pages: &mut Vec<Page>, used: &mut f32, row: Row, room: &Room) -> Result<(), PaperError> {
    if *used > 0.0 && *used + row.above + row.height > room.height {
        pages.push(Page::new());
        *used = 0.0;
        // A table goes on under its head.
        if let Some(head) = &row.head {
            place(pages, used, (**head).clone(), room)?;
        }
    }
    if row.height > room.height {
        return Err(PaperError::Room(Shown::new(&row.words())));
    }
    // What begins a page needs no distance to what was before.
    let above = if *used > 0.0 { row.above } else { 0.0 };
    let down = room.top + *used + above;
    if let Some(page) = pages.last_mut() {
        page.extend(row.marks.into_iter().map(|mark| mark.moved(SIDE, down)));
    }
    *used += above + row.height;
    Ok(())
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
