//! What a step looks like on a screen of 80 columns: the same lines for a room and for a rehearsal.

use super::dialogue::Announcement;
use crate::model::hash::Hash;
use crate::model::pgp_words;
use crate::model::room::Undo;

/// The screen's width in columns.
pub const WIDTH: usize = 80;
/// Its height in lines.
pub const HEIGHT: usize = 24;
/// Where the text of a step begins.
const INDENT: usize = 6;

/// A step's announcement: its number and who acts, what is read aloud, what is about to happen, whether it can be undone.
#[must_use]
pub fn announcement(announcement: &Announcement<'_>) -> Vec<String> {
    let head = format!("{:<INDENT$}{}", announcement.step.as_str(), announcement.who.role);
    let head = if announcement.mend { format!("{head}, before this step") } else { head };
    let mut lines = vec![String::new(), head];
    lines.extend(wrapped(announcement.say, "      \"", "       ", "\""));
    for line in &announcement.expect {
        lines.extend(wrapped(line, "      - ", "        ", ""));
    }
    match announcement.undo {
        Undo::Irreversible => lines.push("      ! This cannot be undone.".to_owned()),
        Undo::Harmless | Undo::Repeatable => {}
    }
    lines
}

/// Something the room is told.
#[must_use]
pub fn told(line: &str) -> Vec<String> {
    // Leading blanks and columns are kept: fingerprints and tables line up.
    if line.chars().count() + INDENT <= WIDTH {
        return vec![format!("      {line}").trim_end().to_owned()];
    }
    let kept: String = line.chars().take_while(|c| *c == ' ').collect();
    wrapped(line.trim_start(), &format!("      {kept}"), &format!("      {kept}  "), "")
}

/// A hash for people who compare it: four bytes a line, in hex and in PGP words.
#[must_use]
pub fn hash(hash: Hash) -> Vec<String> {
    let (hex, words) = (hash.groups(), pgp_words::words(&hash.0));
    let hex: Vec<&str> = hex.split(' ').collect();
    hex.chunks(2)
        .zip(words.chunks(4))
        .map(|(hex, words)| format!("          {}   {}", hex.join(" "), words.join(" ")))
        .collect()
}

/// `text` in lines that fit, the first after `first`, the others after `next`, the last before `end`.
fn wrapped(text: &str, first: &str, next: &str, end: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() + end.len() > WIDTH {
            lines.push(std::mem::replace(&mut line, next.to_owned()));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    line.push_str(end);
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::role::{Role, Seat};

    #[test]
    fn nothing_is_wider_than_the_screen() {
        let step = "3.4".parse().unwrap();
        let announced = announcement(&Announcement {
            step: &step,
            who: Seat::first(Role::RevocationHolder),
            say: &"word ".repeat(60),
            expect: vec!["another ".repeat(40)],
            undo: Undo::Irreversible,
            mend: true,
        });
        let told = [told(&"1a2b ".repeat(16)), told("    short"), hash(Hash([0xff; 32]))].concat();
        for line in announced.iter().chain(&told) {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
    }
}
