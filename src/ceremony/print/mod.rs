//! Papers for people: what is printed before a ceremony, from the same source that runs, and its minutes afterwards.
//!
//! Everything here is pure. A paper says what the linted script, its acts and the organization say, and leaves a blank for what
//! only the room will know. No secret is ever printed by this module: where one is written by hand, the paper is empty.

mod blank_sheets;
mod emergency;
mod envelopes;
pub mod handed;
mod labels;
pub mod minutes;
mod receipts;
mod script;
pub mod sealed;
pub mod share;

use std::collections::BTreeMap;

use super::CeremonyError;
use super::lint::Linted;
use super::written::Written;
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::organization::Organization;
use crate::model::role::Seat;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::paper::{Block, Document, PaperError, Size};

/// The most characters of each name in the head of a page.
const NAMED: usize = 40;

/// A ceremony that papers are printed for.
pub struct Printed<'a> {
    /// Its script.
    pub script: &'a Linted,
    /// The organization.
    pub organization: &'a Organization,
    /// SHA-256 of the organization's file.
    pub organization_sha256: Hash,
    /// How much it counts.
    pub mode: Mode,
    /// The size of the sheets.
    pub size: Size,
    /// The day on which it is held; none leaves a blank.
    pub day: Option<Timestamp>,
}

impl Printed<'_> {
    /// Its papers by the names of their files. What a script has no use for is not among them.
    #[must_use]
    pub fn papers(&self) -> Vec<(&'static str, Document)> {
        [
            ("script.pdf", "Script", script::blocks(self)),
            ("labels.pdf", "Labels", labels::blocks(self)),
            ("envelopes.pdf", "PIN slips", envelopes::blocks(self)),
            ("receipts.pdf", "Custody receipts", receipts::blocks(self)),
            ("blank-sheets.pdf", "Blank share sheets", blank_sheets::blocks(self)),
            ("emergency.pdf", "What to do if", emergency::blocks(self)),
        ]
        .into_iter()
        .filter(|(_, _, blocks)| !blocks.is_empty())
        .map(|(file, title, blocks)| (file, self.paper(title, blocks)))
        .collect()
    }

    /// Its papers as PDF. `written` is where script and organization came from.
    ///
    /// # Errors
    /// What cannot be printed, at its place in the file that says it.
    pub fn pdfs(&self, written: &Written) -> Result<BTreeMap<String, Vec<u8>>, CeremonyError> {
        let pdf = |(file, document): (&str, Document)| match document.to_pdf() {
            Ok(bytes) => Ok((file.to_owned(), bytes)),
            Err(reason) => Err(unprintable(file, reason, written)),
        };
        self.papers().into_iter().map(pdf).collect()
    }

    fn paper(&self, title: &str, blocks: Vec<Block>) -> Document {
        let (organization, ceremony) = (shown(&self.organization.name), shown(&self.script.header.title));
        Document {
            size: self.size,
            title: format!("{title}: {ceremony}"),
            head: format!("{}: {}", shortened(&organization), shortened(&ceremony)),
            foot: format!("{title}. Made from script {:.16}... by {}", self.script.sha256, super::run::PROGRAM),
            mark: self.mode.mark().map(str::to_owned),
            blocks,
        }
    }

    /// Everybody whom the script calls.
    fn seats(&self) -> impl Iterator<Item = Seat> {
        self.script.header.roles.iter().flat_map(|(role, count)| Seat::all(*role, *count))
    }

    /// Who sits there; empty when the organization names nobody.
    fn name(&self, seat: Seat) -> String {
        self.organization.person(seat).map_or_else(String::new, |person| shown(&person.name))
    }

    /// A seat and who sits there: `witness 1, Chloe Duarte`.
    fn who(&self, seat: Seat) -> String {
        match self.name(seat) {
            name if name.is_empty() => seat.to_string(),
            name => format!("{seat}, {name}"),
        }
    }

    /// The height of what is cut out, in millimetres: more where names are so long that they take more lines.
    fn height(&self, usual: u16) -> u16 {
        let is_longer = |name: &str, than: usize| name.chars().count() > than;
        let of_things = self.organization.cards().map(|card| card.as_str());
        let of_things = of_things.chain(self.organization.roots.keys().map(|root| root.as_str()));
        let is_long = is_longer(&self.organization.name, 40)
            || of_things.into_iter().any(|name| is_longer(name, 20))
            || self.organization.people.iter().any(|person| is_longer(&person.name, 30));
        usual + if is_long { 36 } else { 0 }
    }

    /// The mark of what does not count, for what is cut out of a page.
    fn marked(&self) -> Option<Block> {
        self.mode.mark().map(|mark| Block::Text(mark.to_owned()))
    }
}

/// What stands in the script's file about a character that cannot be printed, or that a text is too long for its place.
fn unprintable(file: &str, reason: PaperError, written: &Written) -> CeremonyError {
    let placed = if let PaperError::Glyph { character, .. } = &reason {
        let (shown, code) = (Shown::new(&character.to_string()), u32::from(*character));
        let words = format!(
            "the printing fonts have no {shown} (U+{code:04X}): write this in Latin, Greek or Cyrillic letters, each one character"
        );
        written.fault_at(*character, &words)
    } else {
        None
    };
    placed.map_or_else(|| CeremonyError::Paper { file: file.to_owned(), reason }, CeremonyError::from)
}

/// Text that may stand on a page.
fn shown(text: &str) -> String {
    Shown::new(text).to_string()
}

/// The beginning of a name that is too long for the head of a page.
fn shortened(name: &str) -> String {
    if name.chars().count() <= NAMED {
        return name.to_owned();
    }
    let beginning: String = name.chars().take(NAMED - 3).collect();
    format!("{}...", beginning.trim_end())
}

/// A paragraph.
fn text(words: &str) -> Block {
    Block::Text(words.to_owned())
}

/// A heading.
fn heading(words: &str) -> Block {
    Block::Heading(words.to_owned())
}

/// One of several points.
fn item(words: &str) -> Block {
    Block::Item(words.to_owned())
}
