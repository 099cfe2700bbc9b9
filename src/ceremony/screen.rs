//! What a step looks like on a screen of 80 columns: the same lines for a room and for a rehearsal.

use super::dialogue::Announcement;
use super::run::{Finished, PROGRAM};
use crate::model::finding::Colour;
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::organization::Organization;
use crate::model::pgp_words;
use crate::model::room::Undo;
use crate::model::script::Header;
use crate::model::shown::Shown;
use crate::workstation::fitness::Diagnosis;

/// The screen's width in columns.
pub const WIDTH: usize = 80;
/// Its height in lines.
pub const HEIGHT: usize = 24;
/// Where the text of a step begins.
pub const INDENT: usize = 6;

/// What stands above a ceremony: its mark where it has one, the program, the title and the organization.
#[must_use]
pub fn heading(mode: Mode, header: &Header, organization: &Organization) -> [String; 2] {
    let program = mode.mark().map_or_else(|| PROGRAM.to_owned(), |mark| format!("{mark}  ({PROGRAM})"));
    [program, format!("{}, {}", Shown::new(&header.title), Shown::new(&organization.name))]
}

/// What stands under one.
#[must_use]
pub fn over(finished: &Finished) -> [String; 2] {
    [format!("Ceremony {} is over. The head of its transcript:", finished.ceremony), finished.head.to_string()]
}

/// What is left to do in the room when a ceremony with real cards is over.
#[must_use]
pub fn afterwards(mode: Mode, is_cleared: bool) -> &'static [&'static str] {
    match mode {
        _ if is_cleared => &["Nothing of this counts, and nothing is left on the cards. Destroy every paper."],
        Mode::Production => &[
            "Every card goes into its bag now, and each bag's number into the record of",
            "keyrite minutes close. Then a copy with that record, then power off",
            "(docs/real-cards.md, When it is over).",
        ],
        Mode::Rehearsal | Mode::DressRehearsal => &[
            "Nothing of this counts. The cards carry its mark. Its last ceremony resets",
            "them (--reset-cards); then destroy every paper.",
        ],
    }
}

/// A step's announcement: its number and who acts, what is read aloud, what is about to happen, whether it can be undone.
#[must_use]
pub fn announcement(announcement: &Announcement<'_>) -> Vec<String> {
    let head = format!("{:<INDENT$}{}", announcement.step.as_str(), announcement.who.role);
    let head = if announcement.mend { format!("{head}, before this step") } else { head };
    let mut lines = vec![String::new(), head];
    lines.extend(wrapped(announcement.say, "      \"", "       ", "\"", WIDTH));
    for line in &announcement.expect {
        lines.extend(wrapped(line, "      - ", "        ", "", WIDTH));
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
    hanging(line, INDENT)
}

/// A line that is set in by so many columns; what is too long goes on a little further in.
#[must_use]
pub fn hanging(line: &str, indent: usize) -> Vec<String> {
    // Leading blanks and columns are kept: fingerprints and tables line up.
    if line.chars().count() + indent <= WIDTH {
        return vec![format!("{:indent$}{line}", "").trim_end().to_owned()];
    }
    let kept = indent + line.chars().take_while(|c| *c == ' ').count();
    wrapped(line.trim_start(), &" ".repeat(kept), &" ".repeat(kept + 2), "", WIDTH)
}

/// An error or a hint after its label, whose own lines stay lines. Only what is too long is broken, and is set in then.
#[must_use]
pub fn labelled(label: &str, text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in format!("{label}{text}").split('\n') {
        if line.chars().count() <= width {
            lines.push(line.to_owned());
        } else {
            lines.extend(wrapped(line, "", "    ", "", width));
        }
    }
    lines
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

/// What was seen of the machine, in lines of at most `width` columns: what is fit in a few of them, then each note, then each
/// unfit finding with what mends it. The worst stands last, where a screen ends.
#[must_use]
pub fn findings(seen: &[Diagnosis], width: usize) -> Vec<String> {
    let of = |colour| seen.iter().filter(move |diagnosis| diagnosis.finding.colour == colour);
    let mut lines = Vec::new();
    let fit: Vec<&str> = of(Colour::Fit).map(|diagnosis| diagnosis.finding.id.as_str()).collect();
    if !fit.is_empty() {
        lines.extend(column(Colour::Fit, &fit.join(", "), width));
    }
    for colour in [Colour::Note, Colour::Unfit] {
        for Diagnosis { finding, mend } in of(colour) {
            lines.extend(column(colour, &format!("{}: {}", finding.id, finding.words), width));
            lines.extend(mend.iter().flat_map(|mend| wrapped(mend, "         -> ", "            ", "", width)));
        }
    }
    lines
}

/// What the findings mean for a ceremony of this mode, in one line.
#[must_use]
pub fn fitness(mode: Mode, seen: &[Diagnosis]) -> String {
    let count = |colour| seen.iter().filter(|diagnosis| diagnosis.finding.colour == colour).count();
    let unfit = count(Colour::Unfit);
    let verdict = match (mode, unfit) {
        (_, 0) => "fit for production.",
        (Mode::Production, _) => "not fit for production.",
        (Mode::Rehearsal | Mode::DressRehearsal, _) => "a rehearsal goes on, production would not.",
    };
    format!("{} fit, {} to note, {unfit} unfit: {verdict}", count(Colour::Fit), count(Colour::Note))
}

fn column(colour: Colour, text: &str, width: usize) -> Vec<String> {
    wrapped(text, &format!("{colour:<7}"), "       ", "", width)
}

/// `text` in lines of at most `width`, the first after `first`, the others after `next`, the last before `end`.
fn wrapped(text: &str, first: &str, next: &str, end: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() + end.len() > width {
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
    use crate::model::finding::Finding;
    use crate::model::role::{Role, Seat};

    fn seen(colour: Colour, words: &str, mend: Option<&str>) -> Diagnosis {
        let finding = Finding { id: format!("a.{colour}-thing"), colour, words: words.to_owned() };
        Diagnosis { finding, mend: mend.map(str::to_owned) }
    }

    #[test]
    fn what_is_fit_is_short_and_the_worst_is_last() {
        let seen = [
            seen(Colour::Unfit, "it is on, and it should not be", Some("switch it off")),
            seen(Colour::Fit, "it is as it should be", None),
            seen(Colour::Note, "it is blocked", None),
            seen(Colour::Fit, "so is this", None),
        ];
        let expected = [
            "fit    a.fit-thing, a.fit-thing",
            "note   a.note-thing: it is",
            "       blocked",
            "unfit  a.unfit-thing: it is on,",
            "       and it should not be",
            "         -> switch it off",
        ];
        assert_eq!(findings(&seen, 31), expected);
        assert_eq!(fitness(Mode::Production, &seen), "2 fit, 1 to note, 1 unfit: not fit for production.");
        assert_eq!(fitness(Mode::Production, &seen[1..]), "2 fit, 1 to note, 0 unfit: fit for production.");
    }

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
        let seen = seen(Colour::Unfit, &"word ".repeat(60), Some(&"another ".repeat(40)));
        let findings = findings(&[seen], WIDTH);
        let told = [told(&"1a2b ".repeat(16)), told("    short"), hash(Hash([0xff; 32])), findings].concat();
        for line in announced.iter().chain(&told) {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
    }
}
