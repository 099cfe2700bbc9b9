//! Reports of tested models in a register, and whether one of them speaks for a card (CARD-6).

use std::io::ErrorKind;

use super::CeremonyError;
use super::scene::Scene;
use super::trial;
use crate::format::card_report;
use crate::model::card_report::{CardModel, CardReport};
use crate::model::evidence::Artefact;
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::model::shown::Shown;
use crate::workstation::WorkstationError;
use crate::workstation::card::{Serial, Which};
use crate::workstation::files;
use crate::workstation::register::Register;

/// Where they lie in a register.
pub const FOLDER: &str = "card-models";

/// A file among the reports: where it lies and its hash, and the report, or what is wrong with it.
pub struct Filed {
    /// The file.
    pub artefact: Artefact,
    /// What it says.
    pub report: Result<CardReport, String>,
}

impl Filed {
    /// A file with these bytes at a path of the register.
    #[must_use]
    pub fn new(path: &str, bytes: &[u8]) -> Self {
        let artefact = Artefact { path: path.to_owned(), sha256: Hash::of(bytes) };
        let shown = Shown::new(path).to_string();
        let report = match card_report::read(&shown, bytes) {
            Ok(report) if path == self::path(&report.model, bytes) => Ok(report),
            Ok(_) => Err(format!("{shown}: damaged, for its name is of another content")),
            Err(error) => Err(error.to_string()),
        };
        Self { artefact, report }
    }
}

/// Where a report lies in a register.
#[must_use]
pub fn path(model: &CardModel, bytes: &[u8]) -> String {
    format!("{FOLDER}/{}", trial::file_name(model, bytes))
}

/// Whether a file of a register is a report, whole and under its own name: it belongs to the register before a transcript names it.
#[must_use]
pub fn belongs(register: &Register, path: &str) -> bool {
    path.starts_with(FOLDER)
        && files::read(&register.path(path), card_report::LARGEST as u64)
            .is_ok_and(|bytes| Filed::new(path, &bytes).report.is_ok())
}

/// Puts a report into a register; one that is there already is the same, by its name.
///
/// # Errors
/// As [`Register::write`].
pub fn file(register: &Register, model: &CardModel, bytes: &[u8]) -> Result<Artefact, WorkstationError> {
    register.write(&path(model, bytes), bytes)
}

/// Every file among a register's reports, by name.
///
/// # Errors
/// When the folder cannot be listed.
pub fn all(register: &Register) -> Result<Vec<Filed>, WorkstationError> {
    let folder = register.path(FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(WorkstationError::io("list", &folder))?,
    };
    let mut filed = Vec::new();
    for entry in entries {
        let name = entry.map_err(WorkstationError::io("list", &folder))?.file_name();
        let path = format!("{FOLDER}/{}", name.to_string_lossy());
        filed.push(match files::read(&register.path(&path), card_report::LARGEST as u64) {
            Ok(bytes) => Filed::new(&path, &bytes),
            Err(error) => Filed { report: Err(error.to_string()), ..Filed::new(&path, b"") },
        });
    }
    filed.sort_by(|a, b| a.artefact.path.cmp(&b.artefact.path));
    Ok(filed)
}

/// The report that speaks for cards of `model` with a key of `algorithm`: of those of this model, the last one counts.
///
/// # Errors
/// Why none does, for each file.
pub fn speaks<'f>(model: &CardModel, algorithm: &str, filed: &'f [Filed]) -> Result<&'f Artefact, Vec<String>> {
    let mut against = Vec::new();
    let mut last: Option<(&Filed, &CardReport)> = None;
    for one in filed {
        match &one.report {
            Err(words) => against.push(words.clone()),
            Ok(report) => match model.difference(&report.model) {
                Some(what) => against.push(format!("{}: of another model, for its {what} differs", one.artefact.path)),
                None if last.is_none_or(|(_, before)| before.tested <= report.tested) => last = Some((one, report)),
                None => {}
            },
        }
    }
    match last {
        None => Err(against),
        Some((one, report)) => match report.fault(algorithm) {
            None => Ok(&one.artefact),
            Some(words) => Err(vec![format!("{}: {words}", one.artefact.path)]),
        },
    }
}

impl Scene<'_> {
    /// The report that speaks for a card of this model; none in a rehearsal, whose cards are programs. A dress rehearsal tells that
    /// there is none.
    ///
    /// # Errors
    /// In production, when there is none (CARD-6).
    pub fn require_report(
        &mut self,
        card: &CardName,
        serial: Serial,
        model: &CardModel,
    ) -> Result<Option<Artefact>, CeremonyError> {
        if self.mode == Mode::Rehearsal {
            return Ok(None);
        }
        let filed = all(self.register)?;
        match speaks(model, &self.algorithm_of(card)?.to_string(), &filed) {
            Ok(artefact) => {
                self.dialogue.tell(&format!("Card {card}: its model was tested, {}.", artefact.path));
                Ok(Some(artefact.clone()))
            }
            Err(why) if self.mode == Mode::Production => {
                let card = Which { name: card.clone(), serial: Some(serial) };
                Err(CeremonyError::Untested { card, model: model.to_string(), why })
            }
            Err(why) => {
                self.tell_untested(card, model, &why);
                Ok(None)
            }
        }
    }

    /// Tells in production when no report speaks for a card that was presented before.
    ///
    /// # Errors
    /// When the reports cannot be listed.
    pub fn look_for_report(&mut self, card: &CardName, model: &CardModel) -> Result<(), CeremonyError> {
        if self.mode == Mode::Production {
            let filed = all(self.register)?;
            if let Err(why) = speaks(model, &self.algorithm_of(card)?.to_string(), &filed) {
                self.tell_untested(card, model, &why);
            }
        }
        Ok(())
    }

    fn tell_untested(&mut self, card: &CardName, model: &CardModel, why: &[String]) {
        self.dialogue.tell(&format!("Card {card}: no report says that its model ({model}) was tested."));
        why.iter().for_each(|words| self.dialogue.tell(&format!("    {words}")));
    }
}
