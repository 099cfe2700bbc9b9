//! PNG, row by row: only the grey of it is ever whole in memory.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Limits, Transformations};

use crate::error::Error;
use crate::picture::{Picture, count, grey};

/// What the decoder may take for itself. The dots are not part of it.
const MEMORY: usize = 16 * 1024 * 1024;

/// The picture in such a file.
pub(crate) fn read(file: &[u8]) -> Result<Picture, Error> {
    let broken = |error: DecodingError| Error::broken("PNG", &error);
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: MEMORY });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(broken)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let wanted = count(width, height)?;
    if reader.info().interlaced {
        return Err(Error::broken("PNG", &"it is interlaced"));
    }
    let samples = reader.output_color_type().0;
    let mut dots = Vec::with_capacity(wanted);
    while let Some(row) = reader.next_row().map_err(broken)? {
        push(&mut dots, row.data(), samples);
    }
    if dots.len() != wanted {
        return Err(Error::broken("PNG", &"it is cut short"));
    }
    Ok(Picture { width, height, dots })
}

/// A row as grey. What shines through is white, as paper is.
fn push(dots: &mut Vec<u8>, row: &[u8], samples: ColorType) {
    let on_white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    match samples {
        ColorType::GrayscaleAlpha => dots.extend(row.chunks_exact(2).map(|dot| on_white(dot[0], dot[1]))),
        ColorType::Rgb => dots.extend(row.chunks_exact(3).map(|dot| grey(dot[0], dot[1], dot[2]))),
        ColorType::Rgba => {
            dots.extend(row.chunks_exact(4).map(|dot| on_white(grey(dot[0], dot[1], dot[2]), dot[3])));
        }
        // An index was expanded to its colour.
        ColorType::Grayscale | ColorType::Indexed => dots.extend(row),
    }
}
