//! A TOML file and the places in it, for errors that show the line.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::de::DeserializeOwned;

use super::FormatError;
use crate::model::control::Control;
use crate::model::shown::Shown;

/// The largest TOML file that is read: a ceremony is read by people, so it is small.
const LARGEST: usize = 256 * 1024;

/// The most characters of a message: the longest of our own has half of that.
const LONGEST_MESSAGE: usize = 1200;

/// The text of a TOML file, with the name it is called by in errors.
#[derive(Debug, Clone)]
pub struct Source {
    file: String,
    text: String,
}

impl Source {
    /// Takes in a file's bytes.
    ///
    /// # Errors
    /// When it is too large, or not UTF-8.
    pub fn new(file: &str, bytes: &[u8]) -> Result<Self, FormatError> {
        let file = Shown::new(file).to_string();
        if bytes.len() > LARGEST {
            return Err(FormatError::TooLarge { file, size: bytes.len(), largest: LARGEST });
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { file, text: text.to_owned() }.without_mark(),
            Err(error) => {
                let line = 1 + bytes.iter().take(error.valid_up_to()).filter(|b| **b == b'\n').count();
                Err(FormatError::NotUtf8 { file, line })
            }
        }
    }

    /// Refuses a byte order mark: nobody sees it, and it is in the file's hash.
    fn without_mark(self) -> Result<Self, FormatError> {
        if self.text.starts_with('\u{feff}') {
            return Err(self.fault(0..0, "this file begins with a byte order mark: save it as UTF-8 without one"));
        }
        Ok(self)
    }

    /// The name it is called by.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the whole file as one value; a key that `T` does not know is an error.
    ///
    /// # Errors
    /// With the place.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, FormatError> {
        toml::from_str(&self.text).map_err(|error| self.error(&error))
    }

    /// Where the file has this key at its top, if it does.
    #[must_use]
    pub fn place_of(&self, key: &str) -> Option<Range<usize>> {
        let table = toml::de::DeTable::parse(&self.text).ok()?;
        table.get_ref().get_key_value(key).map(|(key, _)| key.span())
    }

    /// Where the file has the first text with this character, however it is written; comments do not count.
    #[must_use]
    pub fn place_of_character(&self, character: char) -> Option<Range<usize>> {
        let table = toml::de::DeTable::parse(&self.text).ok()?;
        place_in(table.get_ref(), character)
    }

    /// An error of the TOML crate, shown at its place.
    #[must_use]
    pub fn error(&self, error: &toml::de::Error) -> FormatError {
        self.fault(error.span().unwrap_or(0..0), &plainly(error.message()))
    }

    /// A fault at a place. `message` may hold text from the file: it is escaped.
    #[must_use]
    pub fn fault(&self, span: Range<usize>, message: &str) -> FormatError {
        self.at(span, message, None)
    }

    /// What a control refuses in a well-formed file.
    #[must_use]
    pub fn refusal(&self, control: Control, span: Range<usize>, message: &str) -> FormatError {
        self.at(span, message, Some(control))
    }

    /// A line of text that people read, which must be printable, not empty and not longer than it can be shown.
    ///
    /// # Errors
    /// With the place.
    pub fn line(&self, value: &toml::Spanned<String>, longest: usize) -> Result<String, FormatError> {
        let text = value.get_ref();
        let shown = Shown::new(text);
        if text.trim().is_empty() || text.trim() != text || text.chars().count() > longest || shown.as_str() != text {
            let message = format!("this text must be 1 to {longest} printable characters without spaces around them");
            return Err(self.fault(value.span(), &message));
        }
        Ok(text.clone())
    }

    fn at(&self, span: Range<usize>, message: &str, control: Option<Control>) -> FormatError {
        let (line, column) = self.position(span.start);
        FormatError::Toml {
            file: self.file.clone(),
            line,
            column,
            message: shortened(Shown::new(message.trim_end()).as_str()),
            shown: self.show(span),
            control,
        }
    }

    /// Line and column, both from 1, of a byte.
    #[must_use]
    pub fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at.min(self.text.len())).unwrap_or(&self.text);
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
        (line, column)
    }

    /// The faulty line with a mark under the fault. Only the first line of it: a fault can span a whole file.
    fn show(&self, span: Range<usize>) -> String {
        let start = span.start.min(self.text.len());
        let line_start = self.text.get(..start).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1);
        let line_end = self.text.get(start..).and_then(|t| t.find('\n')).map_or(self.text.len(), |at| start + at);
        // There is nothing to point at in an empty line, and a line longer than some screens would hide the error.
        let line = self.text.get(line_start..line_end).unwrap_or_default();
        if line.trim().is_empty() || line.len() > 400 {
            return String::new();
        }
        let from = start - line_start;
        let to = (span.end.clamp(start, line_end) - line_start).max(from);
        // The renderer replaces what reorders, but lets through what takes no place.
        let part = |range: Range<usize>| shown_with_tabs(line.get(range).unwrap_or_default());
        let (before, marked, after) = (part(0..from), part(from..to), part(to..line.len()));
        let snippet = Snippet::source(format!("{before}{marked}{after}"))
            .line_start(self.position(start).0)
            .annotation(AnnotationKind::Primary.span(before.len()..before.len() + marked.len()));
        let rendered = Renderer::plain().render(&[Level::ERROR.primary_title("").element(snippet)]);
        // The first line is the title, which the error prints itself.
        rendered.split_once('\n').map_or(String::new(), |(_, shown)| shown.trim_end().to_owned())
    }
}

/// The earliest text below a table that has a character.
fn place_in(table: &toml::de::DeTable<'_>, character: char) -> Option<Range<usize>> {
    table.values().filter_map(|value| place_in_value(value, character)).min_by_key(|place| place.start)
}

fn place_in_value(value: &toml::Spanned<toml::de::DeValue<'_>>, character: char) -> Option<Range<usize>> {
    use toml::de::DeValue;
    match value.get_ref() {
        DeValue::String(text) => text.contains(character).then(|| value.span()),
        DeValue::Array(values) => values.iter().find_map(|value| place_in_value(value, character)),
        DeValue::Table(table) => place_in(table, character),
        _ => None,
    }
}

/// A message in full, or its beginning and its end: what was wrong may itself fill the file.
pub(super) fn shortened(message: &str) -> String {
    let characters: Vec<char> = message.chars().collect();
    if characters.len() <= LONGEST_MESSAGE {
        return message.to_owned();
    }
    let (head, tail) = (&characters[..LONGEST_MESSAGE / 4], &characters[characters.len() - LONGEST_MESSAGE / 4..]);
    format!("{} ... {}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}

/// Tabs as four blanks; the rest escaped.
fn shown_with_tabs(text: &str) -> String {
    text.split('\t').map(|part| Shown::new(part).to_string()).collect::<Vec<_>>().join("    ")
}

/// The words of the TOML crate for people who do not write programs: a file has keys and values, not fields and variants.
pub(super) fn plainly(message: &str) -> String {
    let words = [
        ("unknown field `", "unknown key `"),
        ("missing field `", "missing key `"),
        ("duplicate field `", "doubled key `"),
        ("unknown variant `", "unknown value `"),
        (", there are no fields", ", there are none here"),
        (", expected a sequence", ", expected a list such as [\"a\", \"b\"]"),
        (", expected u8", ", expected a whole number from 0 to 255"),
        (", expected u32", ", expected a whole number"),
    ];
    words.iter().fold(message.to_owned(), |text, (from, to)| text.replace(from, to))
}
