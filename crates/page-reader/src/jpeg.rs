//! JPEG.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::error::Error;
use crate::picture::{LONGEST, Picture, count};

/// Passes over the picture that a progressive file may ask for; libjpeg's own writer makes ten.
const MOST_PASSES: usize = 32;

/// The picture in such a file.
pub(crate) fn read(file: &[u8]) -> Result<Picture, Error> {
    let options = DecoderOptions::default()
        .set_max_width(LONGEST)
        .set_max_height(LONGEST)
        .jpeg_set_max_scans(MOST_PASSES)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|error| Error::broken("JPEG", &error))?;
    let info = decoder.info().ok_or_else(|| Error::broken("JPEG", &"it has no size"))?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    let wanted = count(width, height)?;
    let dots = decoder.decode().map_err(|error| Error::broken("JPEG", &error))?;
    if dots.len() != wanted {
        return Err(Error::broken("JPEG", &"its colours do not become grey"));
    }
    Ok(Picture { width, height, dots })
}
