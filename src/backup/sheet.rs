//! The share sheet: one share on paper, with all that a stranger needs to restore with Debian alone.
//!
//! Plain ASCII of at most 80 columns. No line begins with a hyphen or ends with a space, so an OpenPGP cleartext signature
//! (RFC 9580 7.1, 7.2) around it changes nothing. The sheet is a secret and is written into locked memory.

use crate::model::evidence::Sealed;
use keyrite_locked::Locked;
use sha2::{Digest, Sha256};

use super::BackupError;
use super::share::{Share, gf_suffix};
use super::statement::{SetId, SetStatement};
use crate::model::hash::Hash;
use crate::model::pgp_words;
use crate::model::shown::Shown;

/// Bytes on one line of a share: eight groups of two digits are as much as is read aloud in one breath.
pub const LINE_BYTES: usize = 8;
/// Room for a sheet; the longest has half of it.
const ROOM: usize = 16 * 1024;
/// Width of a value beside its label.
const VALUE_WIDTH: usize = 64;

/// Writes the sheet of `share`, one of the set of `statement`.
///
/// # Errors
/// When the share is not of this set, or without locked memory.
pub fn write(statement: &SetStatement, organization: &Shown, share: &Share) -> Result<Locked, BackupError> {
    statement.check_share(share)?;
    let mut page = Page { text: Locked::zeroed(ROOM)?, at: 0 };
    head(&mut page, statement, organization, share.number())?;
    share_lines(&mut page, statement.set().id, share);
    hash_lines(&mut page, statement.message());
    page.line("");
    let (set, threshold) = (statement.set(), statement.quorum().threshold());
    let hash = Hash::of(share.bytes()).to_string();
    for line in restoring(set.content, &set.id.to_string(), threshold, share.number(), hash.split_at(16).0) {
        page.line(&line);
    }
    page.finish()
}

/// A share as its holder would type it from the sheet: set, number and lines.
///
/// # Errors
/// Without locked memory.
pub fn as_typed(set: SetId, share: &Share) -> Result<Locked, BackupError> {
    let mut page = Page { text: Locked::zeroed(ROOM)?, at: 0 };
    page.value("Set", &set.to_string());
    page.value("Share", &share.number().to_string());
    share_lines(&mut page, set, share);
    page.finish()
}

/// The labels and values of share `number`, in the order of the sheet. What reading compares is what writing wrote.
pub(super) fn fields(statement: &SetStatement, number: u8) -> Result<Vec<(&'static str, String)>, BackupError> {
    let (set, quorum) = (statement.set(), statement.quorum());
    let mut fields = vec![
        ("Root", set.root.to_string()),
        ("Fingerprint", set.fingerprint.groups()),
        ("Sealed", set.content.to_string()),
        ("Set", set.id.to_string()),
        ("Share", format!("{number} of {}; any {} restore", quorum.shares(), quorum.threshold())),
        ("File", file(number)),
        ("Holder", statement.entry(number)?.holder.to_string()),
        ("Date", set.made.date()),
    ];
    fields.extend(set.drill_by.map(|by| ("Drill by", by.date())));
    Ok(fields)
}

/// The checksum of one line: the first two bytes of SHA-256 over set id, share number, line number and the line's bytes. So a
/// line of another sheet, or in another place, does not pass either.
pub(super) fn line_check(set: SetId, share: u8, line: u8, bytes: &[u8]) -> [u8; 2] {
    let hash = Sha256::new().chain_update(set.as_bytes()).chain_update([share, line]).chain_update(bytes).finalize();
    [hash[0], hash[1]]
}

fn head(page: &mut Page, statement: &SetStatement, organization: &Shown, number: u8) -> Result<(), BackupError> {
    page.line("KEYRITE SHARE SHEET");
    if let Some(mark) = statement.set().mode.mark() {
        page.line(mark);
    }
    page.line("");
    page.line("This sheet is a secret. Show it to nobody outside a ceremony, and keep it");
    page.line("apart from the sealed message.");
    page.line("");
    page.value("Organization", &ascii(organization));
    for (label, value) in fields(statement, number)? {
        page.value(label, &value);
    }
    Ok(())
}

fn share_lines(page: &mut Page, set: SetId, share: &Share) {
    page.line("");
    page.line("The share: line number, bytes, and after the slash the line's checksum.");
    page.line("");
    for (line, bytes) in (1u8..).zip(share.bytes().chunks(LINE_BYTES)) {
        page.push(format!("{line:>4}:").as_bytes());
        page.hex(bytes);
        page.push(b" /");
        page.hex(&line_check(set, share.number(), line, bytes));
        page.line("");
    }
}

/// Eight lines of four bytes each, hex and words side by side.
fn hash_lines(page: &mut Page, hash: Hash) {
    page.line("");
    page.line("SHA-256 of the sealed message, in hex and in PGP words:");
    page.line("");
    let words = pgp_words::words(&hash.0);
    for (hex, words) in hash.groups().as_bytes().chunks(10).zip(words.chunks(4)) {
        page.push(b"      ");
        page.push(hex.trim_ascii_end());
        page.push(b"   ");
        page.line(&words.join(" "));
    }
}

/// How the set that a share is of is restored without keyrite. `begins` are the first digits of the share's SHA-256, which is no
/// secret. Commands stand on lines of their own after a `$`; a backslash continues one. A test runs exactly these.
#[must_use]
pub fn restoring(sealed: Sealed, set: &str, threshold: u8, number: u8, begins: &str) -> Vec<String> {
    let file = file(number);
    let typed = format!("    $ tr a-f A-F | basenc --base16 -d -i > {file}; sha256sum {file}");
    let begins = format!("      {begins}");
    let combined = format!("When exactly {threshold} different shares of set {set} are there:");
    let mut lines: Vec<String> = [
        "TO RESTORE WITH DEBIAN ALONE (packages coreutils, gnupg, libgfshare-bin)",
        "",
        "Offline, in an empty folder in memory (such as one under /dev/shm) that",
        "holds the sealed message as sealed.asc. Its hash must be the one above.",
        "    $ sha256sum sealed.asc",
        "    $ mkdir -m 700 gnupg && export GNUPGHOME=\"$PWD/gnupg\"",
        "Type each share into a file of its own: the bytes only, no line numbers, no",
        "checksums; then Enter and Ctrl-D. The file's name tells gfcombine which share",
        "it is. This share, whose SHA-256 begins with the digits under the command:",
        &typed,
        &begins,
        &combined,
        "    $ gfcombine -o passphrase share.???",
        "    $ gpg --batch --pinentry-mode loopback --passphrase-file passphrase \\",
    ]
    .map(str::to_owned)
    .into();
    let opened: &[&str] = match sealed {
        Sealed::Key => &["          -o root.key -d sealed.asc", "    $ gpg --batch --import root.key"],
        Sealed::Revocation => &[
            "          -o revocations.asc -d sealed.asc",
            "Look at them first; an import cannot be taken back once it is sent out.",
            "    $ gpg --batch --show-keys revocations.asc",
            "To revoke: gpg --import the certificate that is meant, and publish it.",
        ],
    };
    let last = ["With a wrong share, or too few, gpg says that decryption failed.", "Turn the machine off afterwards."];
    lines.extend(opened.iter().chain(&last).map(|line| (*line).to_owned()));
    lines
}

/// The name of the file that gfcombine needs share `number` in.
#[must_use]
pub fn file(number: u8) -> String {
    format!("share{}", gf_suffix(number))
}

/// Text in pure ASCII; other characters as `\u{e9}`.
fn ascii(text: &Shown) -> String {
    text.as_str().chars().map(|c| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

/// Text that grows in locked memory.
struct Page {
    text: Locked,
    at: usize,
}

impl Page {
    fn push(&mut self, bytes: &[u8]) {
        // What does not fit is counted all the same, and found at the end.
        if let Some(room) = self.text.get_mut(self.at..self.at + bytes.len()) {
            room.copy_from_slice(bytes);
        }
        self.at += bytes.len();
    }

    fn line(&mut self, text: &str) {
        self.push(text.as_bytes());
        self.push(b"\n");
    }

    /// Digits in groups of four, a space before each.
    fn hex(&mut self, bytes: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        for (at, byte) in bytes.iter().enumerate() {
            if at.is_multiple_of(2) {
                self.push(b" ");
            }
            self.push(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }

    /// A label and its value, which goes on below itself when it is long.
    fn value(&mut self, label: &str, value: &str) {
        let mut label = format!("{label}:");
        for piece in value.as_bytes().chunks(VALUE_WIDTH).map(<[u8]>::trim_ascii).filter(|piece| !piece.is_empty()) {
            self.push(format!("{label:<14}").as_bytes());
            self.push(piece);
            self.push(b"\n");
            label.clear();
        }
    }

    fn finish(mut self) -> Result<Locked, BackupError> {
        if self.at > self.text.len() {
            return Err(BackupError::Statement("the organization's name is too long for a sheet".into()));
        }
        self.text.truncate(self.at);
        Ok(self.text)
    }
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
