//! Reading a share sheet back: from a file, or as its custodian typed it.

use crate::model::mode::Mode;
use crate::model::role::Seat;
use std::collections::BTreeMap;

use keyrite_locked::Locked;

use super::BackupError;
use super::error::LineFault;
use super::frames::Frames;
use super::share::Share;
use super::sheet::{LINE_BYTES, fields, line_check};
use super::statement::{LONGEST_SHARE, SetId, SetStatement};

/// The longest text that is read as a sheet, signature and all.
pub const LARGEST: usize = 64 * 1024;
/// The most lines of a share: `LONGEST_SHARE` of the statement, eight bytes each.
const MOST_LINES: u8 = 200;
const _: () = assert!(MOST_LINES as usize * LINE_BYTES == LONGEST_SHARE as usize);
/// The labels that are read. Set and share must be there; the others are compared when they are.
const LABELS: [&str; 9] = ["Root", "Fingerprint", "Sealed", "Set", "Share", "File", "Holder", "Date", "Drill by"];

/// What a sheet says of itself: every line carries its checksum, but nobody vouches for the share yet.
pub struct UntrustedSheet {
    set: SetId,
    number: u8,
    bytes: Locked,
    said: BTreeMap<&'static str, String>,
}

/// A sheet whose share is the one that was handed out.
pub struct Sheet {
    share: Share,
    holder: Seat,
}

impl Sheet {
    /// The share.
    #[must_use]
    pub fn share(&self) -> &Share {
        &self.share
    }

    /// The share, for good.
    #[must_use]
    pub fn into_share(self) -> Share {
        self.share
    }

    /// Who holds it.
    #[must_use]
    pub fn holder(&self) -> &Seat {
        &self.holder
    }
}

impl UntrustedSheet {
    /// Reads a sheet. `Set:` and `Share:` must be there and every line of the share; case and spaces do not matter, nor what
    /// else is written. Lines may stand in any order.
    ///
    /// # Errors
    /// [`BackupError::Line`] with the number of a line that is wrong, doubled or missing; [`BackupError::SheetField`] with the
    /// label that is.
    pub fn parse(text: &[u8]) -> Result<Self, BackupError> {
        if text.len() > LARGEST {
            return Err(BackupError::SheetText);
        }
        let text = std::str::from_utf8(text).map_err(|_| BackupError::SheetText)?;
        let said = said(text)?;
        let unreadable = |field| BackupError::SheetField { field, fault: "missing or unreadable" };
        let set = said.get("Set").and_then(|set| set.parse().ok()).ok_or(unreadable("Set"))?;
        let first = |value: &String| value.split([' ', ';']).next().and_then(|number| number.parse().ok());
        let number = said.get("Share").and_then(first).ok_or(unreadable("Share"))?;
        let mut lines = BTreeMap::new();
        for (line, typed) in text.lines().filter_map(numbered) {
            if lines.insert(line, self::line(set, number, line, typed)?).is_some() {
                return Err(BackupError::Line { share: number, line, fault: LineFault::Doubled });
            }
        }
        Ok(Self { set, number, bytes: joined(number, lines)?, said })
    }

    /// The sheet of lines that were read one by one with [`line()`], in their order.
    ///
    /// # Errors
    /// When a line but the last is too short, or there is none.
    pub fn of_lines(set: SetId, number: u8, lines: Vec<Locked>) -> Result<Self, BackupError> {
        let bytes = joined(number, (1..=MOST_LINES).zip(lines).collect())?;
        Ok(Self { set, number, bytes, said: BTreeMap::new() })
    }

    /// The set the sheet says it is of.
    #[must_use]
    pub fn set(&self) -> SetId {
        self.set
    }

    /// The number of the share.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Its share, when it says that it is this one of this set. Whether it is, the set's statement tells.
    ///
    /// # Errors
    /// [`BackupError::WrongSet`].
    pub fn into_share(self, set: SetId, number: u8) -> Result<Share, BackupError> {
        let wrong = |field| Err(BackupError::WrongSet { field, set: set.to_string() });
        match (self.set == set, self.number == number) {
            (true, true) => Share::new(self.number, self.bytes),
            (true, false) => wrong("Share"),
            (false, _) => wrong("Set"),
        }
    }

    /// Its share as a code says it: what is on the sheet, whatever the set's statement says of it.
    ///
    /// # Errors
    /// As [`Frames::of_share`].
    pub fn into_frames(self) -> Result<Frames, BackupError> {
        Frames::of_share(self.set, &Share::new(self.number, self.bytes)?)
    }

    /// Holds the sheet against the set's statement, without any other share.
    ///
    /// # Errors
    /// When it is of another set, says something else than the statement, lacks lines, or its share is not the one that was
    /// handed out.
    pub fn verify(self, expected: &SetStatement) -> Result<Sheet, BackupError> {
        let wrong = |field| BackupError::WrongSet { field, set: expected.set().id.to_string() };
        if self.set != expected.set().id {
            return Err(wrong("Set"));
        }
        let fields = BTreeMap::from_iter(fields(expected, self.number)?);
        for (label, said) in &self.said {
            // A sheet may say less than its set, and nothing else.
            if !fields.get(label).is_some_and(|value| agrees(said, value)) {
                return Err(wrong(label));
            }
        }
        if self.bytes.len() < expected.share_len() {
            let line = u8::try_from(self.bytes.len() / LINE_BYTES + 1).unwrap_or(MOST_LINES);
            return Err(BackupError::Line { share: self.number, line, fault: LineFault::Missing });
        }
        let share = Share::new(self.number, self.bytes)?;
        let holder = expected.check_share(&share)?.holder;
        Ok(Sheet { share, holder })
    }
}

/// Reads one typed line of a share: digits of either case, the last four of them the checksum; spaces and slashes anywhere.
///
/// # Errors
/// [`BackupError::Line`], naming the line.
pub fn line(set: SetId, share: u8, line: u8, typed: &[u8]) -> Result<Locked, BackupError> {
    let wrong = |fault| BackupError::Line { share, line, fault };
    let mut bytes = Locked::zeroed(LINE_BYTES + 2)?;
    let mut digits = 0;
    for character in typed.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'/') {
        let digit = char::from(*character).to_digit(16).ok_or(wrong(LineFault::Digit))?;
        if let (Some(byte), Ok(digit)) = (bytes.get_mut(digits / 2), u8::try_from(digit)) {
            *byte = *byte << 4 | digit;
        }
        digits += 1;
    }
    if !(6..=2 * bytes.len()).contains(&digits) || !digits.is_multiple_of(2) {
        return Err(wrong(LineFault::Length(digits)));
    }
    let len = digits / 2 - 2;
    if line_check(set, share, line, &bytes[..len]) != bytes[len..len + 2] {
        return Err(wrong(LineFault::Checksum));
    }
    bytes.truncate(len);
    Ok(bytes)
}

/// What of a sheet is copied by hand: the mark of a rehearsal, the labelled lines, then those of the share, as they stand. Nothing is checked.
pub fn by_hand(sheet: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_labelled = |line: &&[u8]| {
        let label = line.split(|byte| *byte == b':').next().unwrap_or_default();
        label.len() < line.len() && LABELS.iter().any(|known| known.as_bytes() == label)
    };
    let is_mark = |line: &&[u8]| {
        let modes = [Mode::Rehearsal, Mode::DressRehearsal];
        modes.iter().filter_map(|mode| mode.mark()).any(|mark| mark.as_bytes() == *line)
    };
    let is_numbered = |line: &&[u8]| std::str::from_utf8(line).is_ok_and(|line| numbered(line).is_some());
    let lines = || sheet.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    lines().filter(is_mark).chain(lines().filter(is_labelled)).chain(lines().filter(is_numbered))
}

/// The lines in one piece: all there from the first on, all full but the last.
fn joined(share: u8, lines: BTreeMap<u8, Locked>) -> Result<Locked, BackupError> {
    let wrong = |line, fault| BackupError::Line { share, line, fault };
    let last = lines.keys().next_back().copied().ok_or(wrong(1, LineFault::Missing))?;
    let mut bytes = Locked::zeroed(lines.values().map(|line| line.len()).sum())?;
    let mut rest: &mut [u8] = &mut bytes;
    for number in 1..=last {
        let line = lines.get(&number).ok_or(wrong(number, LineFault::Missing))?;
        if number < last && line.len() != LINE_BYTES {
            return Err(wrong(number, LineFault::Length(2 * line.len() + 4)));
        }
        let (place, after) = rest.split_at_mut(line.len());
        place.copy_from_slice(line);
        rest = after;
    }
    Ok(bytes)
}

/// The known labels and what stands beside them, spaces evened out.
fn said(text: &str) -> Result<BTreeMap<&'static str, String>, BackupError> {
    let mut said = BTreeMap::new();
    for (label, value) in text.lines().filter_map(|line| line.split_once(':')) {
        let Some(field) = LABELS.into_iter().find(|known| known.eq_ignore_ascii_case(label.trim())) else { continue };
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if said.insert(field, value).is_some() {
            return Err(BackupError::SheetField { field, fault: "there twice" });
        }
    }
    Ok(said)
}

/// The number and the rest of a line of the share: `3: …`.
fn numbered(line: &str) -> Option<(u8, &[u8])> {
    let (number, typed) = line.split_once(':')?;
    let number = number.trim().parse().ok().filter(|number| (1..=MOST_LINES).contains(number))?;
    Some((number, typed.as_bytes()))
}

/// Whether a sheet says what is expected. A typed share number may stand without the `of 5; …` behind it.
fn agrees(said: &str, expected: &str) -> bool {
    said.eq_ignore_ascii_case(expected) || expected.split_once(" of ").is_some_and(|(number, _)| said == number)
}
