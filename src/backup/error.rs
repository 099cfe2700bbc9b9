//! What sealing, sharing and restoring can fail with.

use keyrite_locked::LockError;

use super::{frames, message, passphrase, reading, share};
use crate::model::control::Control;
use crate::model::fault::{Class, Fault};
use crate::model::shown::Shown;

/// A backup that was not made, or not accepted.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// An armor comment that gpg or a reader might not give back as it was.
    #[error("comment {0} of the sealed message is not 1 to {limit} printable ASCII characters", limit = message::COMMENT_LEN)]
    Comment(usize),
    /// Nothing to seal or to split.
    #[error("there is no secret to keep: it is empty")]
    EmptySecret,
    /// A code that does not belong where it was read, or was misread.
    #[error("code {code}: {fault}")]
    Frame {
        /// Its header.
        code: Shown,
        /// What is wrong with it.
        fault: FrameFault,
    },
    /// Codes of a paper that were not read.
    #[error("of {count} codes these are missing: {missing}")]
    FramesMissing {
        /// Their numbers.
        missing: String,
        /// How many there should be.
        count: u8,
    },
    /// A line of the share that does not carry its own checksum.
    #[error("line {line} of share {share}: {fault}")]
    Line {
        /// The share's number.
        share: u8,
        /// The line's number, from 1.
        line: u8,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// No locked memory.
    #[error(transparent)]
    Memory(#[from] LockError),
    /// Not one code of a paper.
    #[error("no code of it was read")]
    NoFrames,
    /// The message does not open: another passphrase, or a changed message. OpenPGP does not tell the two apart.
    #[error("the sealed message does not open with this passphrase, or was changed")]
    NotOpened,
    /// The shares are well-formed but give no passphrase that opens the message.
    #[error("these shares do not open the sealed message")]
    NotRestored,
    /// The message is not of the one shape that keyrite seals in.
    #[error("not a message that keyrite sealed: {0}")]
    NotSealed(&'static str),
    /// The OpenPGP library failed.
    #[error("the OpenPGP library failed at {at}: {reason}")]
    OpenPgp {
        /// What was being done.
        at: &'static str,
        /// The library's words.
        reason: String,
    },
    /// A typed passphrase has too few or too many characters.
    #[error("a passphrase has {wanted} characters, not {0}", wanted = passphrase::SYMBOLS)]
    PassphraseLength(usize),
    /// A typed passphrase has a character that is never drawn.
    #[error("group {0} of the passphrase has a character that no passphrase has")]
    PassphraseSymbol(usize),
    /// A quorum outside what is safe.
    #[error("{threshold} of {shares} is not a quorum: 2 <= threshold <= shares <= {most}", most = share::MOST)]
    Quorum {
        /// How many shares restore.
        threshold: u8,
        /// How many shares there are.
        shares: u8,
    },
    /// Random bytes of the wrong length came in.
    #[error("{wanted} random bytes are needed here, not {given}")]
    Randomness {
        /// How many are needed.
        wanted: usize,
        /// How many came.
        given: usize,
    },
    /// More or fewer shares than the threshold.
    #[error("{wanted} shares restore, exactly; {given} were given")]
    ShareCount {
        /// The threshold.
        wanted: usize,
        /// What was given.
        given: usize,
    },
    /// Shares of different lengths.
    #[error("share {0} is not as long as the others")]
    ShareLength(u8),
    /// A share number outside the set; number 0 would be the secret itself.
    #[error("there is no share {0} in this set")]
    ShareNumber(u8),
    /// The same share twice.
    #[error("share {0} was given twice")]
    ShareTwice(u8),
    /// A share that the set's statement does not know.
    #[error("share {0} is not the one that was handed out: its SHA-256 differs from the set's statement")]
    ShareWrong(u8),
    /// A sheet whose field is missing, doubled or unreadable.
    #[error("share sheet: `{field}` is {fault}")]
    SheetField {
        /// The label on the sheet.
        field: &'static str,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// Not text, or too much of it.
    #[error("not a share sheet: it must be text of at most {limit} bytes", limit = reading::LARGEST)]
    SheetText,
    /// The set's statement contradicts itself or is not in the strict form.
    #[error("statement of the share set: {0}")]
    Statement(String),
    /// Too much for one message.
    #[error("a sealed message has at most {limit} bytes, not {0}", limit = message::LARGEST)]
    TooLarge(usize),
    /// More, or less, than codes on paper hold.
    #[error("{0} bytes are not 1 to {limit}, which is what fits on paper", limit = frames::MOST * frames::BYTES)]
    TooMuchForPaper(usize),
    /// The sealed message is another one than the shares were made for.
    #[error("this sealed message is not the one of the set: its SHA-256 differs from the set's statement")]
    WrongMessage,
    /// A sheet that does not say what the set's statement says.
    #[error("the sheet's {field} is not that of the set {set}")]
    WrongSet {
        /// The label on the sheet.
        field: &'static str,
        /// The set that was expected.
        set: String,
    },
}

/// What is wrong with one line of a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// The checksum does not fit the bytes.
    #[error("the checksum does not fit; read it again")]
    Checksum,
    /// A character that is no hex digit.
    #[error("a character is not 0 to 9 or A to F")]
    Digit,
    /// The line stands there twice, differently or not.
    #[error("it is there twice")]
    Doubled,
    /// Digits are missing or too many.
    #[error("it has {0} digits with its checksum; some are missing or too many")]
    Length(usize),
    /// The line is not there.
    #[error("it is missing")]
    Missing,
}

/// What is wrong with one code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// Characters that are no base32, too few or too many of them.
    #[error("it is misread or cut short")]
    Base32,
    /// The same number twice, with different bytes.
    #[error("it was read twice, differently")]
    Doubled,
    /// Beside codes of something else.
    #[error("it is not of the same paper as code {first}")]
    Foreign {
        /// The code that was read first.
        first: String,
    },
    /// Another kind of text.
    #[error("it is no code of a keyrite paper")]
    NoFrame,
    /// Bytes that do not have the header's digits.
    #[error("the codes do not give what their header names")]
    OtherContent,
    /// A share of another set, or not one at all.
    #[error("it is not share {number} of this set, but of another set, or misread")]
    OtherSet {
        /// The share that is wanted.
        number: u8,
    },
    /// Another share of the same set.
    #[error("it is share {is} of this set, and share {number} is wanted")]
    OtherShare {
        /// The share that it is.
        is: u8,
        /// The share that is wanted.
        number: u8,
    },
}

impl Fault for BackupError {
    fn class(&self) -> Class {
        match self {
            Self::NotOpened | Self::NotRestored | Self::ShareWrong(_) | Self::WrongMessage | Self::WrongSet { .. } => {
                Class::Refused
            }
            Self::ShareCount { .. } | Self::ShareLength(_) | Self::ShareNumber(_) | Self::ShareTwice(_) => {
                Class::Refused
            }
            Self::Memory(_) | Self::OpenPgp { .. } => Class::Machine,
            Self::EmptySecret | Self::Randomness { .. } => Class::Bug,
            _ => Class::Input,
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::NotRestored
            | Self::ShareCount { .. }
            | Self::ShareLength(_)
            | Self::ShareNumber(_)
            | Self::ShareTwice(_)
            | Self::ShareWrong(_)
            | Self::WrongSet { .. } => Some(Control::ShareQuorum),
            Self::NotOpened | Self::NotSealed(_) | Self::WrongMessage => Some(Control::BackupProved),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Frame { fault: FrameFault::Foreign { .. }, .. } => {
                "sort the papers by the first four digits of their codes"
            }
            Self::Frame { .. } => {
                "scan it once more; of a scanner that acts as a keyboard, the layout must be the machine's"
            }
            Self::NoFrames => "scan the pages anew, flat and sharp, at 300 dpi in grey",
            Self::FramesMissing { .. } => {
                "scan the page on which these codes are; one page may have been scanned twice"
            }
            Self::Line { .. } => "type only that line again, from the sheet: its number, its digits, its checksum",
            Self::Memory(_) => "raise the limit of locked memory (`ulimit -l`) for this user",
            Self::NotOpened => "compare the SHA-256 of the message with the sheet, then enter the shares again",
            Self::NotRestored => {
                "compare the SHA-256 of the message with the sheets, then check each share against its set"
            }
            Self::NotSealed(_) => {
                "take the file as it was handed over, byte for byte; compare its SHA-256 with a sheet"
            }
            Self::PassphraseLength(_) | Self::PassphraseSymbol(_) => "0, 1, I and O are never used in a passphrase",
            Self::Quorum { .. } => "choose the threshold and the number of custodians in organization.toml",
            Self::ShareCount { .. } | Self::ShareTwice(_) => "enter each share once, as many as the threshold says",
            Self::ShareWrong(_) => "type the share again from its sheet; if it stays wrong, use another custodian's",
            Self::TooLarge(_) | Self::TooMuchForPaper(_) => "seal less: over about 10 kB is too much for paper",
            Self::WrongMessage => "look for the copy that belongs to this set: the sheets carry its SHA-256",
            Self::WrongSet { .. } => "sort the sheets by set id; sheets of an older set are destroyed before witnesses",
            _ => return None,
        };
        Some(hint.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shares_and_messages_are_refused_for_names_its_control() {
        let cases = [
            (BackupError::NotRestored, Class::Refused, Some("BACKUP-1")),
            (BackupError::ShareTwice(3), Class::Refused, Some("BACKUP-1")),
            (BackupError::ShareWrong(3), Class::Refused, Some("BACKUP-1")),
            (BackupError::NotOpened, Class::Refused, Some("BACKUP-2")),
            (BackupError::WrongMessage, Class::Refused, Some("BACKUP-2")),
            (BackupError::NotSealed("why"), Class::Input, Some("BACKUP-2")),
            (BackupError::PassphraseSymbol(2), Class::Input, None),
            (BackupError::Quorum { threshold: 1, shares: 3 }, Class::Input, None),
        ];
        for (error, class, control) in cases {
            assert_eq!((error.class(), error.control().map(Control::id)), (class, control), "{error}");
            let (said, hint) = (error.to_string(), error.hint().expect("a hint"));
            for text in [&said, &hint] {
                assert!(!text.ends_with('.') && !text.starts_with(char::is_uppercase), "{text}");
            }
        }
        let line = BackupError::Line { share: 3, line: 2, fault: LineFault::Checksum };
        assert_eq!(line.to_string(), "line 2 of share 3: the checksum does not fit; read it again");
    }
}
