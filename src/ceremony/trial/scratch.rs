//! The journal of work on a card outside of any ceremony: in a new folder, and nobody's register.

use std::path::Path;

use crate::ceremony::{CeremonyError, run};
use crate::model::event::Opening;
use crate::model::evidence::Evidence;
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::model::script::Kind;
use crate::workstation::WorkstationError;
use crate::workstation::card::Serial;
use crate::workstation::journal::Journal;
use crate::workstation::machine;
use crate::workstation::register::Register;

/// What is done outside of ceremonies counts for nothing: cards get the mark of this mode, and its journals are of no use to
/// production.
pub const MODE: Mode = Mode::DressRehearsal;

/// The name of a test's journal.
pub(super) const TEST: &str = "0001-card-test";

/// The name of the journal of a release.
pub(in crate::ceremony) const RELEASE: &str = "0001-release";

/// The name of a reset's journal.
pub(super) const RESET: &str = "0001-card-reset";

/// A journal, and the folder that nobody else writes in.
pub(in crate::ceremony) struct Scratch {
    pub(in crate::ceremony) journal: Journal,
    _register: Register,
}

impl Scratch {
    /// Records which card the journal is about.
    pub(in crate::ceremony) fn present(&mut self, card: &CardName, serial: Serial) -> Result<(), CeremonyError> {
        Ok(self.journal.note(Evidence::CardPresented {
            card: card.clone(),
            serial: serial.to_string(),
            application: None,
            firmware: None,
            advisories: None,
            report: None,
        })?)
    }
}

/// Begins a journal: `folder/journal/transcripts/NAME.jsonl`.
///
/// # Errors
/// FILE-1 when the folder is there already; when it cannot be made.
pub(in crate::ceremony) fn begin(
    folder: &Path,
    name: &str,
    title: &str,
    keyrite: &Path,
) -> Result<Scratch, CeremonyError> {
    if folder.symlink_metadata().is_ok() {
        return Err(WorkstationError::Exists { path: folder.to_owned() }.into());
    }
    let register = Register::open_or_create(&folder.join("journal"))?;
    let nothing = Hash::of(b"");
    let opening = Opening {
        format: 1,
        ceremony: name.to_owned(),
        kind: Kind::CardService,
        mode: MODE,
        program: run::build(),
        binary: machine::program_hash(keyrite)?,
        script: nothing,
        title: title.to_owned(),
        organization: nothing,
        organization_name: "none".to_owned(),
        previous_head: None,
        previous_closing: None,
    };
    let journal = Journal::begin(&register, register.past()?, opening)?;
    Ok(Scratch { journal, _register: register })
}
