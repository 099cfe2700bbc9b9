//! A share on the screen: one person looks, and copies it by hand.

use super::page::Page;
use super::tty::Echo;
use crate::backup::reading;
use crate::ceremony::dialogue::Answer;
use crate::model::role::Seat;

/// Lines of a sheet on one page: as many as are copied without losing the place.
const LINES: usize = 14;

/// Shows a sheet to its holder, and clears the screen whatever happens.
pub(super) fn show(page: &mut Page, seat: Seat, sheet: &[u8]) -> Answer<()> {
    let alone = [
        format!("Only {seat} looks at the screen now, and holds pen and paper."),
        "Everybody else turns away until they are told to look again.".to_owned(),
    ];
    page.clear();
    page.ask(&alone.map(|line| format!("      {line}")), &format!("{seat}: Enter shows the share"), Echo::On)?;
    let copied = copy(page, seat, sheet);
    page.clear();
    copied?;
    page.ask(&[], &format!("{seat} covers the paper; Enter, and everybody looks again"), Echo::On).map(drop)
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
