//! The sheets of a sealed message: its bytes as codes and as lines, and how a stranger gets from them to the key.
//!
//! They are no secret, and say nothing without the shares. A message is as good as lost when nobody finds it: two copies of its
//! sheets at two places do what more codes on one sheet would not.

use super::{heading, shortened, shown, text};
use crate::backup::frames::Frames;
use crate::backup::statement::SetStatement;
use crate::backup::{BackupError, sheet};
use crate::ceremony::CeremonyError;
use crate::model::hash::Hash;
use crate::model::timestamp::Timestamp;
use crate::paper::code::Code;
use crate::paper::{Block, Document, PaperError, Size};

/// A sealed message that is to be printed.
pub struct SealedSheets<'a> {
    /// The organization's name.
    pub organization: &'a str,
    /// The statement of its shares, which it is held against.
    pub statement: &'a SetStatement,
    /// The message, as it lies in the register.
    pub message: &'a [u8],
    /// When a drill is due, if one is.
    pub due: Option<Timestamp>,
    /// The size of the sheets.
    pub size: Size,
}

impl SealedSheets<'_> {
    /// The name of their file.
    #[must_use]
    pub fn file(&self) -> String {
        let set = self.statement.set();
        format!("sealed-{}-{}-{}.pdf", set.root, set.content, set.id)
    }

    /// The sheets as PDF, and the texts of the codes on them.
    ///
    /// # Errors
    /// A message that is not the one of the set, or is too long for paper; a name that cannot be printed.
    pub fn pdf(&self) -> Result<(Vec<u8>, Frames), CeremonyError> {
        self.statement.check_message(self.message)?;
        let frames = Frames::of(self.message)?;
        let failed = |reason| CeremonyError::Paper { file: self.file(), reason };
        let codes = self.codes(&frames).map_err(failed)?;
        let pdf = self.document(frames.texts().len(), codes)?.to_pdf().map_err(failed)?;
        Ok((pdf, frames))
    }

    fn document(&self, count: usize, codes: Block) -> Result<Document, CeremonyError> {
        let mut blocks = self.front(count);
        blocks.extend([Block::NewPage, heading("The message as codes"), codes]);
        blocks.extend(self.lines()?);
        let set = self.statement.set();
        let what = format!("sealed {} of root {}, set {}", set.content, set.root, set.id);
        Ok(Document {
            size: self.size,
            title: what.clone(),
            head: format!("{}: {what}", shortened(&shown(self.organization))),
            foot: format!(
                "SHA-256 {:.16}. No secret. Keep it apart from the shares.",
                self.statement.message().to_string()
            ),
            mark: set.mode.mark().map(str::to_owned),
            blocks,
        })
    }

    fn codes(&self, frames: &Frames) -> Result<Block, PaperError> {
        let count = frames.texts().len();
        let code = |(number, text): (usize, &keyrite_locked::Locked)| {
            Ok((format!("Code {number} of {count}"), Code::full(text)?))
        };
        Ok(Block::Codes((1..).zip(frames.texts()).map(code).collect::<Result<_, PaperError>>()?))
    }

    fn front(&self, codes: usize) -> Vec<Block> {
        let (set, quorum) = (self.statement.set(), self.statement.quorum());
        let mut blocks = vec![
            Block::Title(format!("The sealed {} of root {}", set.content, set.root)),
            text(
                "These sheets are no secret. Without the shares nobody opens what is on them, and without them the shares open \
                 nothing. Keep two copies, at two places, and no share at either.",
            ),
            Block::field("Organization", shown(self.organization)),
            Block::field("Root", &set.root),
            Block::field("Fingerprint", set.fingerprint.groups()),
            Block::field("Set", set.id),
            Block::field("Opened by", format!("any {} of {} shares", quorum.threshold(), quorum.shares())),
            Block::field("Sealed on", set.made.date()),
        ];
        blocks.extend(self.due.as_ref().map(|due| Block::field("Next drill", format!("by {}", due.date()))));
        blocks.push(heading("SHA-256 of the message"));
        blocks.push(Block::hash(self.statement.message()));
        blocks.push(heading("From these sheets to the file"));
        blocks.push(text(&format!(
            "Scan or photograph every page with codes, at 300 dots per inch or more, one file for each. There are {codes} codes, and \
             their order on the way does not matter (packages zbar-tools, coreutils):",
        )));
        blocks.push(fixed(&[
            "    $ zbarimg --raw -q --nodbus page*.png | sort -u | cut -c9- | tr -d '\\n' | \\",
            "          base32 -d > sealed.asc; sha256sum sealed.asc",
        ]));
        blocks.push(text(
            "Without a scanner: type the lines of the last pages into sealed.asc, without their numbers and without the digits \
             behind the stroke. What those digits are of what was typed, this says for each line:",
        ));
        blocks.push(fixed(&[
            "    $ n=0; while read -r line; do n=$((n+1)); printf '%s / ' $n",
            "          printf '%s:%s' $n \"$line\" | sha256sum | cut -c1-4; done < sealed.asc",
        ]));
        blocks.push(Block::Together(vec![
            heading("From the file to what was sealed"),
            text("The sheet of any share says the same. Here it is for share 1; another share has its own number in the file's name."),
            Block::Fixed(sheet::restoring(set.content, &set.id.to_string(), quorum.threshold(), 1, &self.first())),
        ]));
        blocks
    }

    /// What share 1's SHA-256 begins with.
    fn first(&self) -> String {
        let first = self.statement.shares().first().map(|entry| entry.sha256.to_string());
        first.unwrap_or_default().chars().take(16).collect()
    }

    /// The message's own lines, each with its number and the first digits of the SHA-256 of both.
    fn lines(&self) -> Result<Vec<Block>, CeremonyError> {
        let message = std::str::from_utf8(self.message).map_err(|_| BackupError::NotSealed("it is not text"))?;
        let line = |(number, line): (usize, &str)| {
            let check = Hash::of(format!("{number}:{line}").as_bytes()).to_string();
            format!("{number:>4} {line} / {check:.4}")
        };
        Ok(vec![
            heading("The message as lines"),
            text("The number of each line stands before it, and a check of line and number behind the stroke."),
            Block::Fixed((1..).zip(message.lines()).map(line).collect()),
        ])
    }
}

fn fixed(lines: &[&str]) -> Block {
    Block::Fixed(lines.iter().map(|line| (*line).to_owned()).collect())
}
