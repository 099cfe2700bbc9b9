//! How ceremonies whose records were checked are listed.

use serde::Serialize;

use super::{CliError, Screen};
use crate::ceremony::records::audit::Checked;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::pgp_words;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::workstation::WorkstationError;

/// The version of the reports' JSON form.
const VERSION: u32 = 1;

/// What was checked.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Report {
    version: u32,
    ceremonies: Vec<Ceremony>,
    /// Files that no transcript names; only where the whole register was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    foreign: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Ceremony {
    ceremony: String,
    mode: Mode,
    finished: bool,
    abandoned: bool,
    lines: usize,
    head: Hash,
    words: [&'static str; 2],
    minutes: Option<Minutes>,
    cosigned: Vec<Cosigner>,
    closing: Option<Hash>,
    files: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Minutes {
    signed_by: Fingerprint,
    lines: usize,
    head: Hash,
    words: [&'static str; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Cosigner {
    name: String,
    fingerprint: Fingerprint,
    time: Timestamp,
}

/// The first and the last word of a head: what witnesses keep on paper.
fn words(head: Hash) -> [&'static str; 2] {
    let words = pgp_words::words(&head.0);
    [words.first().copied().unwrap_or_default(), words.last().copied().unwrap_or_default()]
}

impl Report {
    /// A report on these ceremonies, and on files that belong to none.
    pub(super) fn new(checked: &[Checked], foreign: Option<&[Shown]>) -> Self {
        Self {
            version: VERSION,
            ceremonies: checked.iter().map(Ceremony::of).collect(),
            foreign: foreign.map(|foreign| foreign.iter().map(ToString::to_string).collect()),
        }
    }

    /// Prints it, for people or for programs.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub(super) fn print(&self, json: bool) -> Result<(), CliError> {
        let mut screen = Screen::new();
        if json {
            let text = serde_json::to_string_pretty(self)
                .map_err(|_| WorkstationError::Bug("a report that JSON cannot hold"))?;
            return screen.line(&text);
        }
        if self.ceremonies.is_empty() {
            screen.line("no ceremony yet")?;
        }
        for ceremony in &self.ceremonies {
            ceremony.print(&mut screen)?;
        }
        Ok(())
    }
}

impl Ceremony {
    fn of(checked: &Checked) -> Self {
        Self {
            ceremony: checked.ceremony.clone(),
            mode: checked.mode,
            finished: checked.finished,
            abandoned: checked.abandoned,
            lines: checked.lines,
            head: checked.head,
            words: words(checked.head),
            minutes: checked.bound.zip(checked.signed_by).map(|((head, lines), signed_by)| Minutes {
                signed_by,
                lines,
                head,
                words: words(head),
            }),
            cosigned: checked
                .cosigned
                .iter()
                .map(|c| Cosigner { name: c.name.clone(), fingerprint: c.fingerprint, time: c.made })
                .collect(),
            closing: checked.closing,
            files: checked.files,
        }
    }

    fn print(&self, screen: &mut Screen) -> Result<(), CliError> {
        let mark = self.mode.mark().map_or("production", |mark| mark);
        screen.line(&format!("{}  {mark}", self.ceremony))?;
        let mut row = |label: &str, value: &str| screen.line(&format!("    {label:<12}{value}"));
        let state = match (self.finished, self.abandoned) {
            (true, _) => "",
            (false, true) => "; given up",
            (false, false) => "; not finished",
        };
        row("lines", &format!("{}{state}", self.lines))?;
        row("head", &self.head.to_string())?;
        row("in words", &self.words.join(" ... "))?;
        match &self.minutes {
            Some(minutes) => {
                row(
                    "minutes",
                    &format!("bind {} lines; head on paper: {}", minutes.lines, minutes.words.join(" ... ")),
                )?;
                row("signed by", &minutes.signed_by.groups())?;
            }
            None if self.abandoned => row("minutes", "none")?,
            None => row("minutes", "not signed yet")?,
        }
        if self.cosigned.is_empty() {
            row("cosigned by", "nobody")?;
        }
        for cosigner in &self.cosigned {
            row("cosigned by", &format!("{}, {}", Shown::new(&cosigner.name), cosigner.time))?;
            row("", &cosigner.fingerprint.groups())?;
        }
        row("closing", &self.closing.map_or_else(|| "no record".to_owned(), |hash| hash.to_string()))?;
        row("files", &format!("{}, each as recorded", self.files))
    }
}
