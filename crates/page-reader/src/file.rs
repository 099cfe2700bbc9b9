//! The file: told by how it begins, never by a name.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Error;
use crate::picture::Picture;
use crate::{jpeg, pdf, png, pnm};

/// The largest file: a scan of A4 at 600 dpi that hardly compresses.
pub(crate) const LARGEST: usize = 32 * 1024 * 1024;

/// A page of a file.
pub(crate) struct Page {
    /// How many pages the file has.
    pub(crate) count: usize,
    /// The page.
    pub(crate) picture: Picture,
}

/// The file whole.
pub(crate) fn whole(input: impl Read) -> Result<Vec<u8>, Error> {
    let mut file = Vec::new();
    input.take(LARGEST as u64 + 1).read_to_end(&mut file).map_err(Error::Stdin)?;
    if file.len() > LARGEST { Err(Error::TooLarge) } else { Ok(file) }
}

/// A page of it, counted from 1. A picture is one page.
pub(crate) fn page(file: Vec<u8>, wanted: usize) -> Result<Page, Error> {
    type Decoder = fn(&[u8]) -> Result<Picture, Error>;
    const PICTURES: [(&[u8], &str, Decoder); 4] = [
        (b"\x89PNG\r\n\x1a\n", "PNG", png::read),
        (b"\xff\xd8\xff", "JPEG", jpeg::read),
        (b"P5", "PNM", pnm::read),
        (b"P6", "PNM", pnm::read),
    ];
    if file.starts_with(b"%PDF-") {
        let (count, picture) = decoded("PDF", || pdf::read(file, wanted))?;
        return Ok(Page { count, picture });
    }
    let form = PICTURES.iter().find(|(beginning, ..)| file.starts_with(beginning));
    let (_, form, decoder) = form.ok_or(Error::Unknown)?;
    if wanted != 1 {
        return Err(Error::Page { wanted, count: 1 });
    }
    let picture = decoded(form, || decoder(&file))?;
    Ok(Page { count: 1, picture: picture.at_page_size() })
}

/// A decoder's panic is an error of the file.
fn decoded<T>(form: &'static str, decode: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or(Err(Error::Panicked { form }))
}
