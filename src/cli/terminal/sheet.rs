//! A share between a screen and a paper: one person looks, copies it by hand, and types it back.

use keyrite_locked::{LockError, Locked};

use super::page::Page;
use super::tty::Echo;
use crate::backup::reading;
use crate::backup::statement::SetId;
use crate::ceremony::CeremonyError;
use crate::ceremony::dialogue::{Answer, SheetName};
use crate::ceremony::screen;
use crate::model::role::Seat;

/// Lines of a sheet on one page: as many as are copied without losing the place.
const LINES: usize = 14;

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
    page.line("      When the paper is another one, or cannot be read, answer n.");
    page.line("");
    for line in 1..=name.lines {
        loop {
            let typed = page.ask(&[], &format!("line {line} of {}", name.lines), Echo::On)?;
            if typed.trim_ascii().eq_ignore_ascii_case(b"n") {
                return Err(missing().into());
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
