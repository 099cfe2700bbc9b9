//! `keyrite ceremony print`: the papers of a ceremony, before anybody comes together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{CliError, Screen};
use crate::ceremony::print::Printed;
use crate::ceremony::written::Written;
use crate::ceremony::{CeremonyError, lint};
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::paper::Size;
use crate::workstation::files;
use crate::workstation::sandbox::Writable;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The script
    #[arg(value_name = "FILE")]
    script: PathBuf,
    /// The organization; by default organization.toml beside the script
    #[arg(long, value_name = "FILE")]
    organization: Option<PathBuf>,
    /// The size of the sheets
    #[arg(long, value_enum, default_value_t)]
    size: Sheet,
    /// The day of the ceremony, such as 2026-11-22; left out, it is a blank, and so are the dates that follow from it
    #[arg(long, value_name = "DATE", value_parser = day)]
    day: Option<Timestamp>,
    /// Marked as papers of a dress rehearsal: real cards, and nothing of it counts
    #[arg(long)]
    dress_rehearsal: bool,
    /// Marked as papers of a rehearsal on virtual cards
    #[arg(long, conflicts_with = "dress_rehearsal")]
    rehearsal: bool,
    /// The folder for the papers, which is new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Arguments {
    /// Where it writes: beside its new folder.
    #[must_use]
    pub fn writable(&self) -> Writable {
        Writable::default().and_new(&self.out)
    }

    fn mode(&self) -> Mode {
        match (self.rehearsal, self.dress_rehearsal) {
            (true, _) => Mode::Rehearsal,
            (_, true) => Mode::DressRehearsal,
            _ => Mode::Production,
        }
    }
}

/// The size of a sheet, as it is asked for.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Sheet {
    /// 210 by 297 mm
    #[default]
    A4,
    /// 8.5 by 11 inches
    Letter,
}

impl From<Sheet> for Size {
    fn from(sheet: Sheet) -> Self {
        match sheet {
            Sheet::A4 => Self::A4,
            Sheet::Letter => Self::Letter,
        }
    }
}

/// The beginning of a day in UTC.
fn day(text: &str) -> Result<Timestamp, String> {
    let moment: Option<Timestamp> = format!("{text}T00:00:00Z").parse().ok();
    moment.ok_or_else(|| "not a day such as 2026-11-22".to_owned())
}

/// Prints them, and lists each with its SHA-256: whoever prints again, elsewhere, gets the same.
///
/// # Errors
/// A script that does not lint, a text that cannot be printed, a folder that is there already: then nothing is written.
pub fn run(arguments: &Arguments) -> Result<(), CliError> {
    let written = Written::read(&arguments.script, arguments.organization.as_deref())?;
    let script = lint::lint(&written.script()?, written.organization(), None).map_err(CeremonyError::Lint)?;
    let printed = Printed {
        script: &script,
        organization: written.organization(),
        organization_sha256: written.organization_sha256(),
        mode: arguments.mode(),
        size: arguments.size.into(),
        day: arguments.day,
    };
    let papers = printed.pdfs(&written)?;
    let mut screen = Screen::new();
    write(&mut screen, &arguments.out, &papers)?;
    screen.line("Print them in black, at 100 % of their size. What each is for: docs/paper.md")
}

/// Writes papers into a new folder, and lists each with its SHA-256.
pub(super) fn write(screen: &mut Screen, out: &Path, papers: &BTreeMap<String, Vec<u8>>) -> Result<(), CliError> {
    files::write_new_folder(out, &[], papers)?;
    for (name, bytes) in papers {
        let path = out.join(name);
        screen.line(&format!("{}  {}", Hash::of(bytes), Shown::new(&path.to_string_lossy())))?;
    }
    screen.line("")
}
