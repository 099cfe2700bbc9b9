//! A paper is read back before anybody trusts it: each page becomes dots, and each code is read from them, by the page reader
//! and, where it is installed, by zbarimg. Both must read exactly what was meant to stand there (PAPER-1).

use std::path::Path;

use keyrite_locked::Locked;

use super::WorkstationError;
use super::page_reader::PageReader;
use super::stock::zbarimg::Zbarimg;
use crate::model::shown::Shown;

/// How many characters at the beginning of a code's text name it: the header of a frame.
const NAME: usize = 8;

/// A paper on which every code was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadBack {
    /// How many pages it has.
    pub pages: usize,
    /// Whether zbarimg read them too.
    pub by_two: bool,
}

/// Reads a paper back: `pdf`, called `name`, must carry the codes `expected`, each on one page, and no other.
///
/// # Errors
/// [`WorkstationError::NotReadBack`] with the page and the code; whatever keeps a page from being read.
pub fn read_back(
    reader: &PageReader,
    second: Option<&Zbarimg>,
    name: &Path,
    pdf: &[u8],
    expected: &[&[u8]],
) -> Result<ReadBack, WorkstationError> {
    let (mut page, mut pages) = (0, 1);
    let mut seen: Vec<(usize, Locked)> = Vec::new();
    while page < pages {
        page += 1;
        let ours = reader.codes(name, pdf, page)?;
        pages = ours.pages;
        if let Some(zbarimg) = second {
            let theirs = zbarimg.codes(reader.picture(name, pdf, page)?)?;
            agree(page, &ours.texts, &theirs)?;
        }
        for text in ours.texts {
            if !expected.contains(&&*text) {
                return Err(wrong(page, &text, "it should not be there"));
            }
            if let Some((first, _)) = seen.iter().find(|(_, before)| **before == *text) {
                return Err(wrong(page, &text, &format!("it stands on page {first} already")));
            }
            seen.push((page, text));
        }
    }
    match expected.iter().find(|text| !seen.iter().any(|(_, read)| **read == ***text)) {
        Some(missing) => Err(wrong(pages, missing, "it was read on no page up to this one")),
        None => Ok(ReadBack { pages, by_two: second.is_some() }),
    }
}

/// Two readers of one page.
fn agree(page: usize, ours: &[Locked], theirs: &[Locked]) -> Result<(), WorkstationError> {
    let lacks = |texts: &[Locked], text: &Locked| !texts.iter().any(|other| **other == **text);
    if let Some(text) = ours.iter().find(|text| lacks(theirs, text)) {
        return Err(wrong(page, text, "keyrite reads it, and zbarimg does not"));
    }
    match theirs.iter().find(|text| lacks(ours, text)) {
        Some(text) => Err(wrong(page, text, "zbarimg reads it, and keyrite does not")),
        None => Ok(()),
    }
}

/// A code is named by how its text begins, which is no secret.
fn wrong(page: usize, text: &[u8], what: &str) -> WorkstationError {
    let name = text.get(..NAME).filter(|name| name.iter().all(u8::is_ascii_alphanumeric));
    WorkstationError::NotReadBack {
        page,
        code: Shown::from_bytes(name.unwrap_or(b"of another kind")),
        what: Shown::new(what),
    }
}
