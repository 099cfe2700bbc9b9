//! Signed minutes on paper: every line of the text that the records key signed, and room for people to sign as well.

use super::{heading, shortened, shown, text};
use crate::ceremony::minutes::HEAD;
use crate::ceremony::records::audit::Checked;
use crate::model::event::Opening;
use crate::model::role::Seat;
use crate::model::timestamp::Timestamp;
use crate::paper::{Block, Column, Document, Size};

/// Columns of a line in fixed width.
const WIDTH: usize = 80;
/// Where a sentence begins: behind `10:59:57` and two blanks.
const INDENT: usize = 10;
/// Characters of a moment, `2026-11-22T10:59:57Z`.
const MOMENT: usize = 20;

/// The minutes of a ceremony that was checked whole. `seats` are those who were there.
#[must_use]
pub fn document(checked: &Checked, opening: &Opening, seats: &[(Seat, String)], size: Size) -> Document {
    let signed = String::from_utf8_lossy(&checked.text);
    let (organization, title) = (shown(&opening.organization_name), shown(&opening.title));
    let mut blocks = vec![
        Block::Title(format!("Minutes of ceremony {}", checked.ceremony)),
        Block::Text(format!("{title}. {organization}.")),
        Block::Text(format!(
            "This is the text of minutes/{}.asc in the register, every line of it; long lines are broken for paper, and times stand under \
             their day. What counts is that file: keyrite minutes check, or gpgv, verifies it.",
            checked.ceremony
        )),
    ];
    blocks.extend(fields(&signed));
    blocks.extend(checked.signed_by.map(|key| Block::field("signed by", key.groups())));
    if let Some((head, _)) = checked.bound {
        blocks.push(heading("The head, in hex and in words"));
        blocks.push(text("Its first and last word stand on the papers of the witnesses."));
        blocks.push(Block::hash(head));
    }
    blocks.extend(entries(&signed));
    blocks.extend(signatures(checked, seats));
    Document {
        size,
        title: format!("Minutes of ceremony {}", checked.ceremony),
        head: format!("{}: {}", shortened(&organization), shortened(&title)),
        foot: format!("Minutes of {}", checked.ceremony),
        mark: checked.mode.mark().map(str::to_owned),
        blocks,
    }
}

/// What the minutes say of themselves above their first entry; the head has a place of its own.
fn fields(signed: &str) -> Vec<Block> {
    let lines =
        signed.lines().skip_while(|line| !line.starts_with("program")).take_while(|line| moment(line).is_none());
    let fields = lines.filter(|line| !line.starts_with(HEAD)).filter_map(|line| line.trim_start().split_once("  "));
    fields.map(|(label, value)| Block::field(label, shown(value.trim_start()))).collect()
}

/// The moment that a line begins with, and what it says.
fn moment(line: &str) -> Option<(Timestamp, &str)> {
    let (time, rest) = line.split_at_checked(MOMENT)?;
    Some((time.parse().ok()?, rest.strip_prefix("  ")?))
}

/// The entries under the days on which they were made.
fn entries(signed: &str) -> Vec<Block> {
    let (mut blocks, mut day) = (Vec::new(), String::new());
    for line in signed.lines().skip_while(|line| moment(line).is_none()) {
        let Some((time, words)) = moment(line) else {
            // A line of a list, under the sentence that it belongs to.
            blocks.push(Block::Fixed(folded("", line.trim_start())));
            continue;
        };
        if time.date() != day {
            day = time.date();
            blocks.push(Block::Heading(format!("{day}, UTC")));
        }
        let clock: String = time.to_string().chars().skip(11).take(8).collect();
        blocks.push(Block::Fixed(folded(&clock, words)));
    }
    blocks
}

/// Words in lines behind what stands at the first one's beginning: broken at blanks, and where a line ends when a word is longer.
fn folded(first: &str, words: &str) -> Vec<String> {
    let (mut lines, mut indent) = (Vec::new(), format!("{first:<INDENT$}"));
    let mut rest = shown(words);
    while !rest.is_empty() || lines.is_empty() {
        let room = WIDTH - indent.len();
        let end = rest.char_indices().nth(room).map_or(rest.len(), |(at, _)| at);
        let (fits, beyond) = rest.split_at(end);
        let at = match fits.trim_end().rfind(' ') {
            Some(at) if !beyond.is_empty() && !beyond.starts_with(' ') && at > 0 => at,
            _ => end,
        };
        let (line, after) = rest.split_at(at);
        lines.push(format!("{indent}{}", line.trim_end()));
        rest = after.trim_start().to_owned();
        indent = " ".repeat(INDENT + 2);
    }
    lines
}

/// Who signed on their own device, and lines for everybody who was there.
fn signatures(checked: &Checked, seats: &[(Seat, String)]) -> Vec<Block> {
    let mut blocks = vec![Block::NewPage, heading("Cosigned with keys of their own")];
    if checked.cosigned.is_empty() {
        blocks.push(text("By nobody until this was printed."));
    }
    for cosigner in &checked.cosigned {
        blocks.push(Block::field(&shown(&cosigner.name), cosigner.made));
        blocks.push(Block::field("", cosigner.fingerprint.groups()));
    }
    let columns =
        vec![Column::new("Role", 4), Column::new("Name", 5), Column::new("Signature", 6), Column::new("Date", 3)];
    let rows = seats.iter().map(|(seat, name)| vec![seat.to_string(), shown(name), String::new(), String::new()]);
    blocks.extend([
        heading("Signed by hand"),
        text("Whoever signs has compared the head's first and last word with their own paper from the ceremony, and was there."),
        Block::Table { columns, rows: rows.collect() },
    ]);
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_and_nothing_of_them_is_lost() {
        let hash = "0123456789abcdef".repeat(4);
        let words = format!("The sealed key is sealed: roots/packages/{hash}/sealed.asc {hash}. {}", "x".repeat(200));
        let lines = folded("10:59:57", &words);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:#?}");
        assert!(lines[0].starts_with("10:59:57  The sealed"), "{lines:#?}");
        let bare = |text: &str| text.replace(' ', "");
        assert_eq!(bare(&lines.concat()), bare(&format!("10:59:57{words}")));
        // A hash stands on one line, to be compared.
        assert!(lines.iter().any(|line| line.contains(&format!("{hash}."))), "{lines:#?}");
        assert_eq!(folded("10:59:57", "Done."), ["10:59:57  Done."]);
        assert_eq!(folded("", ""), ["          "]);
    }

    #[test]
    fn a_day_stands_once_above_its_times() {
        let signed = "MINUTES\n\nprogram       keyrite\n\n2026-11-22T23:59:57Z  Step 1.1: gather.\n                      fit   a: b.\n2026-11-23T00:00:01Z    Done.\n";
        let blocks = entries(signed);
        let fixed = |line: &str| Block::Fixed(vec![line.to_owned()]);
        assert_eq!(
            blocks,
            [
                Block::Heading("2026-11-22, UTC".to_owned()),
                fixed("23:59:57  Step 1.1: gather."),
                fixed("          fit   a: b."),
                Block::Heading("2026-11-23, UTC".to_owned()),
                fixed("00:00:01    Done."),
            ]
        );
    }
}
