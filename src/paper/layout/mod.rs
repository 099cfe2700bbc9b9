//! Where things stand: blocks become rows, rows become pages. Lengths are points (1/72 inch), from the top left corner.

mod pages;
mod rows;
mod wrap;

pub(super) use pages::pages;

use super::code::Code;
use super::document::Size;
use super::font::Face;

/// Points in a millimetre.
pub(super) const MM: f32 = 72.0 / 25.4;
/// Room on each side: no printer reaches the edge, and a hole is punched on the left.
const SIDE: f32 = 18.0 * MM;

impl Size {
    /// Width and height in points.
    pub(super) fn points(self) -> (f32, f32) {
        match self {
            Self::A4 => (210.0 * MM, 297.0 * MM),
            Self::Letter => (8.5 * 72.0, 11.0 * 72.0),
        }
    }
}

/// Something drawn, all black.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    /// A line of text; `y` is its baseline.
    Text { x: f32, y: f32, face: Face, size: f32, text: String },
    /// A filled rectangle: a bar, or a line of this height or width.
    Bar { x: f32, y: f32, width: f32, height: f32 },
    /// An empty rectangle.
    Frame { x: f32, y: f32, width: f32, height: f32, dashed: bool },
    /// A code whose squares have this side.
    Code { x: f32, y: f32, square: f32, code: Code },
}

impl Mark {
    /// The same, further right and down.
    fn moved(mut self, right: f32, down: f32) -> Self {
        let (Self::Text { x, y, .. } | Self::Bar { x, y, .. } | Self::Frame { x, y, .. } | Self::Code { x, y, .. }) =
            &mut self;
        *x += right;
        *y += down;
        self
    }
}

/// A page.
pub(super) type Page = Vec<Mark>;
