//! Pages as PDF, by krilla. Nothing from outside is needed to show them, and their text can be searched and copied. It is not
//! declared as PDF/A (ISO 19005), which wants a date: then the same paper would not be the same bytes.

use krilla::configure::{ConfigurationBuilder, PdfVersion};
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document as Pdf, SerializeSettings};

use super::code::Code;
use super::font::{Face, Fonts};
use super::layout::{Mark, Page};
use super::{Document, PaperError};

/// The pages of a document, drawn.
pub(super) fn write(document: &Document, pages: &[Page]) -> Result<Vec<u8>, PaperError> {
    let pen = Pen::new()?;
    let (width, height) = document.size.points();
    // What every printer and reader of the last twenty years takes.
    let configuration = ConfigurationBuilder::new().with_version(PdfVersion::Pdf17).finish();
    let configuration = configuration.map_err(|error| PaperError::Writer(format!("{error:?}")))?;
    let mut pdf = Pdf::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    pdf.set_metadata(Metadata::new().title(document.title.clone()).language("en".to_owned()));
    let settings =
        PageSettings::from_wh(width, height).ok_or_else(|| PaperError::Writer("a page without a size".to_owned()))?;
    for marks in pages {
        let mut page = pdf.start_page_with(settings.clone());
        let mut surface = page.surface();
        for mark in marks {
            pen.draw(&mut surface, mark)?;
        }
    }
    pdf.finish().map_err(|error| PaperError::Writer(format!("{error:?}")))
}

/// What draws marks.
struct Pen {
    fonts: Fonts,
    faces: [Font; 3],
}

impl Pen {
    fn new() -> Result<Self, PaperError> {
        let open = |face: Face| {
            let font = Font::new(face.bytes().into(), 0);
            font.ok_or_else(|| PaperError::Writer("a built-in font cannot be read".to_owned()))
        };
        Ok(Self { fonts: Fonts::open()?, faces: [open(Face::Regular)?, open(Face::Bold)?, open(Face::Fixed)?] })
    }

    fn draw(&self, surface: &mut Surface<'_>, mark: &Mark) -> Result<(), PaperError> {
        match mark {
            Mark::Text { x, y, face, size, text } => self.text(surface, Point::from_xy(*x, *y), *face, *size, text)?,
            Mark::Bar { x, y, width, height } => fill(surface, rectangles([(*x, *y, *width, *height)])),
            Mark::Frame { x, y, width, height, dashed } => {
                let dash = dashed.then(|| StrokeDash { array: vec![4.0, 3.0], offset: 0.0 });
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke { width: 0.8, dash, ..Stroke::default() }));
                if let Some(path) = rectangles([(*x, *y, *width, *height)]) {
                    surface.draw_path(&path);
                }
                surface.set_stroke(None);
            }
            Mark::Code { x, y, square, code } => {
                fill(
                    surface,
                    rectangles(runs(code).map(|(row, column, count)| {
                        let at = |squares: usize| squares as f32 * square;
                        (x + at(column), y + at(row), at(count), *square)
                    })),
                );
            }
        }
        Ok(())
    }

    fn text(
        &self,
        surface: &mut Surface<'_>,
        start: Point,
        face: Face,
        size: f32,
        text: &str,
    ) -> Result<(), PaperError> {
        let [regular, bold, fixed] = &self.faces;
        let font = match face {
            Face::Regular => regular,
            Face::Bold => bold,
            Face::Fixed => fixed,
        };
        let drawn = self.fonts.drawn(face, text)?;
        let glyphs: Vec<KrillaGlyph> = text
            .char_indices()
            .zip(drawn)
            .map(|((at, character), drawn)| {
                let range = at..at + character.len_utf8();
                KrillaGlyph::new(GlyphId::new(drawn.glyph.to_u32()), drawn.advance, 0.0, 0.0, 0.0, range, None)
            })
            .collect();
        if !glyphs.is_empty() {
            surface.set_fill(Some(Fill::default()));
            surface.draw_glyphs(start, &glyphs, font.clone(), text, size, false);
        }
        Ok(())
    }
}

fn fill(surface: &mut Surface<'_>, path: Option<Path>) {
    surface.set_fill(Some(Fill::default()));
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

/// Rectangles as left, top, width and height.
fn rectangles(all: impl IntoIterator<Item = (f32, f32, f32, f32)>) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (x, y, width, height) in all {
        if let Some(rectangle) = Rect::from_xywh(x, y, width, height) {
            path.push_rect(rectangle);
        }
    }
    path.finish()
}

/// The dark squares that stand side by side: row, first column, and how many.
fn runs(code: &Code) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
    let width = code.width();
    let begins = move |row, column| code.is_dark(row, column) && (column == 0 || !code.is_dark(row, column - 1));
    (0..width).flat_map(move |row| {
        (0..width)
            .filter(move |column| begins(row, *column))
            .map(move |column| (row, column, (column..width).take_while(|column| code.is_dark(row, *column)).count()))
    })
}
