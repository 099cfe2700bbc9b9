//! The page reader: `keyrite-page-reader`, which takes apart what others made, in a cell (docs/decisions/0033-page-reader.md).
//!
//! keyrite hands it a file, and takes texts back into locked memory. Whatever it meets in the file, it ends soon, and ends as
//! an error that says which page of which file.

use std::fs::File;
use std::io::Seek;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use keyrite_locked::Locked;
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::Signal;

use super::child::{Ended, Running};
use super::{WorkstationError, files};
use crate::model::shown::Shown;

/// Its name, beside keyrite's own.
const NAME: &str = "keyrite-page-reader";
/// It may compute for two seconds; on a busy machine that is a while.
const WITHIN: Duration = Duration::from_secs(180);
/// The largest file that it reads.
const LARGEST_FILE: u64 = 32 * 1024 * 1024;
/// The longest answer: as many codes as a page has, of the longest kind.
const LARGEST_ANSWER: usize = 256 * 1024;
/// The most pages of a file that it reads.
const MOST_PAGES: usize = 100;
/// How it ends by what is in the file.
const INPUT: i32 = 3;

/// A page reader that is installed.
#[derive(Debug, Clone)]
pub struct PageReader {
    program: PathBuf,
}

/// What is on one page.
pub struct Codes {
    /// How many pages the file has.
    pub pages: usize,
    /// The texts of all QR codes, in no order, each once.
    pub texts: Vec<Locked>,
}

/// One page of a file, as errors name it.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a Path,
    page: usize,
}

impl PageReader {
    /// The one beside a keyrite.
    ///
    /// # Errors
    /// [`WorkstationError::NoPageReader`] when there is none.
    pub fn beside(keyrite: &Path) -> Result<Self, WorkstationError> {
        let program = keyrite.with_file_name(NAME);
        if program.is_file() { Ok(Self { program }) } else { Err(WorkstationError::NoPageReader { program }) }
    }

    /// The one beside the keyrite that runs.
    ///
    /// # Errors
    /// As [`PageReader::beside`].
    pub fn own() -> Result<Self, WorkstationError> {
        let own = std::env::current_exe().map_err(WorkstationError::io("find", Path::new("the running program")))?;
        Self::beside(&own)
    }

    /// The codes on a page of a file that is in memory, called `name`. Pages are counted from 1.
    ///
    /// # Errors
    /// [`WorkstationError::Page`], [`WorkstationError::Late`].
    pub fn codes(&self, name: &Path, file: &[u8], page: usize) -> Result<Codes, WorkstationError> {
        let mut child = self.start("codes", page, Stdio::piped(), Stdio::piped())?;
        // Who stops reading has a reason, and says it at the end.
        let _ = child.feed(file);
        codes(child, Place { file: name, page })
    }

    /// The codes on a page of a file. keyrite opens it and does not read it.
    ///
    /// # Errors
    /// As [`PageReader::codes`]; [`WorkstationError::Named`] when there is no such file.
    pub fn codes_in(&self, path: &Path, page: usize) -> Result<Codes, WorkstationError> {
        let file = files::open_named(path, LARGEST_FILE)?;
        let child = self.start("codes", page, Stdio::from(file), Stdio::piped())?;
        codes(child, Place { file: path, page })
    }

    /// A page of a file in memory as a picture (PGM) for somebody else to look at: a file that is in memory alone. As large as
    /// it is, locked memory would not hold it.
    ///
    /// # Errors
    /// As [`PageReader::codes`].
    pub fn picture(&self, name: &Path, file: &[u8], page: usize) -> Result<File, WorkstationError> {
        let made =
            memfd_create("page", MemfdFlags::CLOEXEC).map_err(WorkstationError::os("make a picture of", name))?;
        let mut picture = File::from(made);
        let output = picture.try_clone().map_err(WorkstationError::io("make a picture of", name))?;
        let mut child = self.start("picture", page, Stdio::piped(), Stdio::from(output))?;
        let _ = child.feed(file);
        let ended = child.end()?;
        if ended.how() != Ok(0) {
            return Err(failed(&ended, Place { file: name, page }));
        }
        picture.rewind().map_err(WorkstationError::io("make a picture of", name))?;
        Ok(picture)
    }

    fn start(&self, verb: &str, page: usize, input: Stdio, output: Stdio) -> Result<Running, WorkstationError> {
        Running::start(&self.program, &[verb, "--page", &page.to_string()], input, output, Some(WITHIN))
    }
}

fn codes(mut child: Running, place: Place<'_>) -> Result<Codes, WorkstationError> {
    let answer = child.answer(LARGEST_ANSWER)?;
    let ended = child.end()?;
    if ended.how() != Ok(0) {
        return Err(failed(&ended, place));
    }
    let (mut rest, mut texts) = (&*answer, Vec::new());
    let pages = number(&mut rest).filter(|pages| (1..=MOST_PAGES).contains(pages)).ok_or(GARBLED)?;
    while !rest.is_empty() {
        let length = number(&mut rest).ok_or(GARBLED)?;
        let (text, after) = rest.split_at_checked(length).ok_or(GARBLED)?;
        texts.push(Locked::copy_of(text)?);
        rest = after;
    }
    Ok(Codes { pages, texts })
}

/// Neither an answer nor an error.
const GARBLED: WorkstationError = WorkstationError::Bug("an answer of the page reader that is none");

fn number(rest: &mut &[u8]) -> Option<usize> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    u32::from_be_bytes(*number).try_into().ok()
}

/// Its error, as it told it; or what its end means. The signals are those of its two limits.
fn failed(ended: &Ended, place: Place<'_>) -> WorkstationError {
    const OF_TIME: [i32; 2] = [Signal::XCPU.as_raw(), Signal::KILL.as_raw()];
    const RESCAN: &str = "scan the page anew, as PNG or PDF; nothing of this file was used";
    let told = || (Shown::new(ended.said("error: ").unwrap_or("it ended without a word")), ended.said("hint: "));
    let (what, hint) = match ended.how() {
        Ok(_) => told(),
        Err(signal) if OF_TIME.contains(&signal) => {
            (Shown::new("to read it takes more than 2 seconds of a processor"), None)
        }
        Err(_) => (Shown::new("to read it takes more than 256 MB of memory"), None),
    };
    WorkstationError::Page {
        file: place.file.to_owned(),
        page: place.page,
        // What a limit ends is what came in.
        is_input: ended.how().map_or(true, |code| code == INPUT),
        what,
        hint: Shown::new(hint.unwrap_or(RESCAN)),
    }
}
