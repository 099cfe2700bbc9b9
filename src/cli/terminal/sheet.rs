//! A share between a screen and a paper: one person looks, copies it by hand, and types it back. From a printed sheet they may
//! also bring it whole: a scanner types its code where a line is asked, or a picture of it lies in a file.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use keyrite_locked::{LockError, Locked};

use super::page::Page;
use super::tty::Echo;
use crate::backup::frames::UntrustedFrame;
use crate::backup::reading::UntrustedSheet;
use crate::backup::share::Share;
use crate::backup::statement::SetId;
use crate::backup::{reading, sheet};
use crate::ceremony::CeremonyError;
use crate::ceremony::dialogue::{Answer, SheetName};
use crate::ceremony::screen;
use crate::model::fault::Fault;
use crate::model::role::Seat;
use crate::workstation::page_reader::PageReader;
use crate::workstation::{WorkstationError, files};

/// Before the path of a picture.
const FILE: &[u8] = b"file ";
/// What the text of a sheet begins with.
const SIGNED: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
/// Of a file, so many pages are looked at: a share is on one of a few.
const PAGES: usize = 10;
/// Lines of a sheet on one page: as many as are copied without losing the place.
const LINES: usize = 15;

/// Shows a sheet to its holder, and clears the screen whatever happens.
pub(super) fn show(page: &mut Page, seat: Seat, sheet: &[u8]) -> Answer<()> {
    alone(page, seat, "Enter shows the share")?;
    let copied = copy(page, seat, sheet);
    page.clear();
    copied
}

/// Takes a share that its holder types from their own paper, as a sheet without a signature, and clears the screen whatever
/// happens. Each line is checked as it is typed.
pub(super) fn take(page: &mut Page, seat: Seat, name: &SheetName) -> Answer<Locked> {
    alone(page, seat, "Enter, and type it from the paper")?;
    let typed = type_in(page, seat, name);
    page.clear();
    typed
}

/// One person stays at the screen.
fn alone(page: &mut Page, seat: Seat, prompt: &str) -> Answer<()> {
    let who = page.who(seat);
    let mut words = screen::told(&format!("Only {who} looks at the screen now, and holds pen and paper."));
    words.extend(screen::told("Everybody else turns away until they are told to look again."));
    page.clear();
    page.ask(&words, &format!("{seat}: {prompt}"), Echo::On).map(drop)
}

/// The screen is everybody's again.
pub(super) fn together(page: &mut Page, seat: Seat) -> Answer<()> {
    page.ask(&[], &format!("{seat} covers the paper; Enter, and everybody looks again"), Echo::On).map(drop)
}

fn type_in(page: &mut Page, seat: Seat, name: &SheetName) -> Answer<Locked> {
    let missing = || {
        let what = format!("share {} of set {} ({} of root {})", name.number, name.set, name.sealed, name.root);
        CeremonyError::Missing { seat, what }
    };
    let set: SetId = name.set.parse().map_err(|_| missing())?;
    let mut lines = Vec::new();
    page.line(&format!("      Share {} of set {set}, for {seat} alone.", name.number));
    page.line("      Type what stands behind each line's number. Spaces may be left out.");
    page.line("      A scanner that types may read the code instead. Of a picture of it, or of");
    page.line("      a decrypted copy, type where it lies, such as: file /media/usb/scan.png");
    page.line("      When the paper is another one, or cannot be read, answer n.");
    page.line("");
    for line in 1..=name.lines {
        loop {
            let typed = page.ask(&[], &format!("line {line} of {}", name.lines), Echo::On)?;
            if typed.trim_ascii().eq_ignore_ascii_case(b"n") {
                return Err(missing().into());
            }
            if let Some(whole) = whole(page, set, name.number, &typed) {
                match whole {
                    Ok(share) => return Ok(sheet::as_typed(set, &share).map_err(CeremonyError::from)?),
                    Err(error) => refuse(page, &error),
                }
                continue;
            }
            match reading::line(set, name.number, line, &typed) {
                Ok(_) => {
                    lines.push(typed);
                    break;
                }
                Err(error) => page.again(&error.to_string()),
            }
        }
    }
    Ok(as_sheet(&format!("Set: {set}\nShare: {}\n", name.number), &lines)?)
}

/// A whole share in place of a line.
fn whole(page: &Page, set: SetId, number: u8, typed: &[u8]) -> Option<Result<Share, CeremonyError>> {
    let typed = typed.trim_ascii();
    match typed.split_at_checked(FILE.len()) {
        Some((word, path)) if word.eq_ignore_ascii_case(FILE) => {
            let _busy = page.busy("reading the picture");
            Some(from_file(set, number, Path::new(OsStr::from_bytes(path.trim_ascii()))))
        }
        _ if UntrustedFrame::is_like(typed) => {
            let share = UntrustedFrame::typed(typed).and_then(|frame| frame.into_share(set, number));
            Some(share.map_err(CeremonyError::from))
        }
        _ => None,
    }
}

/// The share out of a sheet's text; or out of a picture or PDF: of all codes in it, the one that is this share's.
fn from_file(set: SetId, number: u8, path: &Path) -> Result<Share, CeremonyError> {
    if let Some(text) = text(path)? {
        return Ok(UntrustedSheet::parse(&text)?.into_share(set, number)?);
    }
    let reader = PageReader::own()?;
    let (mut page, mut pages, mut other) = (0, 1, None);
    while page < pages {
        page += 1;
        let codes = reader.codes_in(path, page)?;
        pages = codes.pages.min(PAGES);
        for text in &codes.texts {
            match UntrustedFrame::parse(text).and_then(|frame| frame.into_share(set, number)) {
                Ok(share) => return Ok(share),
                Err(error) => other = other.or(Some(error)),
            }
        }
    }
    Err(other.map_or_else(|| WorkstationError::NoCode { path: path.to_owned() }.into(), CeremonyError::from))
}

/// A signed sheet, as a copy is when it is decrypted; none for whatever else a file is.
fn text(path: &Path) -> Result<Option<Locked>, CeremonyError> {
    match files::read_named(path, reading::LARGEST as u64) {
        Ok(bytes) if bytes.starts_with(SIGNED) => Ok(Some(Locked::absorb(bytes)?)),
        Ok(_) | Err(WorkstationError::TooLarge { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Tells why something that was brought whole will not do, and what may help.
fn refuse(page: &mut Page, error: &CeremonyError) {
    page.again(&error.to_string());
    if let Some(hint) = error.hint() {
        page.again(&hint);
    }
}

/// Labels and numbered lines, as they stand on a sheet.
fn as_sheet(labels: &str, lines: &[Locked]) -> Result<Locked, LockError> {
    let numbers: Vec<String> = (1..=lines.len()).map(|number| format!("{number}: ")).collect();
    let numbered = numbers.iter().zip(lines);
    let parts: Vec<&[u8]> = std::iter::once(labels.as_bytes())
        .chain(numbered.flat_map(|(number, typed)| [number.as_bytes(), &**typed, b"\n"]))
        .collect();
    let mut text = Locked::zeroed(parts.iter().map(|part| part.len()).sum())?;
    let mut rest: &mut [u8] = &mut text;
    for part in parts {
        let (place, after) = rest.split_at_mut(part.len());
        place.copy_from_slice(part);
        rest = after;
    }
    Ok(text)
}

fn copy(page: &mut Page, seat: Seat, sheet: &[u8]) -> Answer<()> {
    let lines: Vec<&[u8]> = reading::by_hand(sheet).collect();
    let pages = lines.chunks(LINES);
    let count = pages.len();
    for (number, lines) in (1..).zip(pages) {
        loop {
            page.clear();
            page.line(&format!("      For {seat} alone: copy every line by hand. Page {number} of {count}."));
            page.line("");
            for (at, line) in lines.iter().enumerate() {
                // The lines of the share stand apart.
                if at > 0 && line.starts_with(b" ") && !lines[at - 1].starts_with(b" ") {
                    page.line("");
                }
                page.secret(line);
            }
            page.line("");
            let typed = page.ask(&[], "Copied, and compared once more?  y", Echo::On)?;
            if typed.trim_ascii() == b"y" {
                break;
            }
        }
    }
    Ok(())
}
