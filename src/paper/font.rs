//! The three faces all papers are set in, built in: IBM Plex, under the SIL Open Font License (fonts/OFL.txt).
//!
//! Each character is one glyph, and glyphs stand side by side by their own widths: what is measured is what is drawn. There is no
//! shaping, so a text whose characters join or combine is refused, as one in a script that the faces do not have.

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, GlyphId, MetadataProvider};

use super::PaperError;
use crate::model::shown::{Shown, is_plain};

/// A face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// For reading.
    Regular,
    /// For what is found at a glance.
    Bold,
    /// For what is compared or typed, column by column: a zero has a dot in it.
    Fixed,
}

impl Face {
    /// Its file.
    pub(super) fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("fonts/IBMPlexSans-Regular.ttf"),
            Self::Bold => include_bytes!("fonts/IBMPlexSans-Bold.ttf"),
            Self::Fixed => include_bytes!("fonts/IBMPlexMono-Regular.ttf"),
        }
    }
}

/// A character as it is drawn.
pub(super) struct Drawn {
    /// Its place in the font.
    pub(super) glyph: GlyphId,
    /// Its width, in parts of the type size.
    pub(super) advance: f32,
}

/// The faces, ready to be measured.
pub(super) struct Fonts {
    faces: [FontRef<'static>; 3],
}

impl Fonts {
    /// Opens the built-in faces.
    pub(super) fn open() -> Result<Self, PaperError> {
        let open = |face: Face| FontRef::new(face.bytes()).map_err(|error| PaperError::Writer(error.to_string()));
        Ok(Self { faces: [open(Face::Regular)?, open(Face::Bold)?, open(Face::Fixed)?] })
    }

    /// The characters of a text as they are drawn.
    ///
    /// # Errors
    /// [`PaperError::Glyph`] for the first one that cannot be.
    pub(super) fn drawn(&self, face: Face, text: &str) -> Result<Vec<Drawn>, PaperError> {
        let font = match (face, &self.faces) {
            (Face::Regular, [font, _, _]) | (Face::Bold, [_, font, _]) | (Face::Fixed, [_, _, font]) => font,
        };
        let (characters, metrics) = (font.charmap(), font.glyph_metrics(Size::unscaled(), LocationRef::default()));
        let units = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        text.chars()
            .map(|character| {
                let glyph = characters.map(character).filter(|_| stands_alone(character));
                let glyph = glyph.ok_or_else(|| PaperError::Glyph { character, text: Shown::new(text) })?;
                Ok(Drawn { glyph, advance: metrics.advance_width(glyph).unwrap_or_default() / units })
            })
            .collect()
    }

    /// The width of a text in type of this size, in points.
    pub(super) fn width(&self, face: Face, size: f32, text: &str) -> Result<f32, PaperError> {
        Ok(self.drawn(face, text)?.iter().map(|drawn| drawn.advance).sum::<f32>() * size)
    }
}

/// Whether a character is seen, and is drawn by itself: it is no mark that combines with the one before it.
fn stands_alone(character: char) -> bool {
    is_plain(character) && !matches!(character, '\u{300}'..='\u{36f}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_languages_are_drawn_and_others_are_refused() {
        let fonts = Fonts::open().unwrap();
        for name in ["Zoë Größe", "Łukasz Żółć", "Đặng Thị", "Șerban Țîru", "Иван Жуков", "Ölçer Ğışı", "Þórður"]
        {
            for face in [Face::Regular, Face::Bold, Face::Fixed] {
                fonts.width(face, 12.0, name).unwrap();
            }
        }
        for (name, wrong) in [
            ("山田", '山'),
            ("Jose\u{301}", '\u{301}'),
            ("a\u{202e}b", '\u{202e}'),
            ("a\u{200b}b", '\u{200b}'),
            ("a\tb", '\t'),
            ("a\u{7}b", '\u{7}'),
            ("שלום", 'ש'),
        ] {
            match fonts.width(Face::Regular, 12.0, name) {
                Err(PaperError::Glyph { character, .. }) => assert_eq!(character, wrong),
                other => panic!("{name}: {other:?}"),
            }
        }
    }

    #[test]
    fn columns_of_the_fixed_face_are_equally_wide() {
        let fonts = Fonts::open().unwrap();
        assert_eq!(fonts.width(Face::Fixed, 10.0, "iiii").unwrap(), fonts.width(Face::Fixed, 10.0, "W0W0").unwrap());
    }
}
