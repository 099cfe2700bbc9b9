//! PDF: one page, as a printer would draw it.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};

use crate::error::Error;
use crate::picture::{PAGE, Picture, count, grey};

/// The most pages of a file: a printed script with all its papers has some thirty.
pub(crate) const MOST_PAGES: usize = 100;
/// Dots for each point of 1/72 inch: 300 dpi.
const SCALE: f32 = 300.0 / 72.0;

/// How many pages there are, and one of them, counted from 1, as dots.
pub(crate) fn read(file: Vec<u8>, wanted: usize) -> Result<(usize, Picture), Error> {
    let broken = |why: &str| Error::broken("PDF", &why);
    let pdf = Pdf::new(file).map_err(|error| match error {
        LoadPdfError::Decryption(_) => broken("it is encrypted"),
        LoadPdfError::Invalid => broken("it has no pages that can be found"),
    })?;
    let pages = pdf.pages();
    if pages.len() > MOST_PAGES {
        return Err(Error::Pages(pages.len()));
    }
    let missing = Error::Page { wanted, count: pages.len() };
    let page = wanted.checked_sub(1).and_then(|at| pages.get(at)).ok_or(missing)?;
    Ok((pages.len(), draw(page)?))
}

fn draw(page: &Page<'_>) -> Result<Picture, Error> {
    let (width, height) = page.render_dimensions();
    let dots = |points: f32| if points.is_finite() { (points * SCALE) as usize } else { usize::MAX };
    let (width, height) = (dots(width), dots(height));
    if count(width, height)? > PAGE {
        return Err(Error::Size { width, height });
    }
    let scale = PixmapSettings { x_scale: SCALE, y_scale: SCALE, bg_color: WHITE };
    let (cache, settings) = (RenderCache::new(), InterpreterSettings::default());
    let drawn = hayro::render(page, &cache, &settings, &RenderSettings::default(), &scale);
    let dots = drawn.data().iter().map(|dot| grey(dot.r, dot.g, dot.b)).collect();
    Ok(Picture { width: drawn.width().into(), height: drawn.height().into(), dots })
}
