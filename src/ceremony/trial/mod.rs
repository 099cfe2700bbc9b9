//! Cards outside of ceremonies: a whole test of a blank one, and the return of a used one to its factory state.
//!
//! | file | what |
//! | --- | --- |
//! | `scratch` | the journal of such work, in a folder of its own: nothing is changed on a card without one |
//! | `admission` | which cards may be tested or reset at all |
//! | `bench` | the card that is tested, its journal, and the checks so far |
//! | `keys`, `codes` | the checks |
//! | `reset` | a used card back to its factory state |

mod admission;
mod bench;
mod codes;
mod keys;
mod reset;
pub(in crate::ceremony) mod scratch;

use std::path::{Path, PathBuf};
use std::time::Instant;

pub use admission::{StillUsed, mode_of, to_be_unknown, to_reset, to_test};
use bench::{Bench, Halt, Looked};
pub use reset::{Resetting, reset};
pub use scratch::MODE;

use super::CeremonyError;
use super::run;
use crate::format::card_report;
use crate::model::algorithm::Algorithm;
use crate::model::card_report::{CardModel, CardReport, FORMAT, Found, What};
use crate::model::hash::Hash;
use crate::model::settings::Settings;
use crate::workstation::card::{Holding, Rack, Serial, SlotView};
use crate::workstation::files::{self, Readers};
use crate::workstation::machine;

/// What a test of a card needs.
pub struct Setting<'a> {
    /// The readers. Marks are written as in a dress rehearsal, so that production takes no card whose test was cut off.
    pub rack: &'a mut dyn Rack,
    /// The card, which [`to_test`] let pass.
    pub serial: Serial,
    /// A new folder for the journal and the report.
    pub folder: &'a Path,
    /// keyrite's own file.
    pub keyrite: &'a Path,
    /// Told a line for each check.
    pub tell: &'a mut dyn FnMut(&str),
}

/// A test that came to its end, whatever it found.
pub struct Tested {
    /// What it found.
    pub report: CardReport,
    /// The report's file.
    pub path: PathBuf,
}

/// Tests everything that ceremonies ask of a card, returns it to its factory state, and writes a report.
///
/// # Errors
/// When the card was cut off ([`CeremonyError::TestCut`]); when the folder is there already. There is no report then.
pub fn test(setting: Setting<'_>) -> Result<Tested, CeremonyError> {
    let Setting { rack, serial, folder, keyrite, tell } = setting;
    let scratch = scratch::begin(folder, scratch::TEST, &format!("Test of card {serial}"), keyrite)?;
    let mut bench = Bench::new(rack, scratch, serial, tell)?;
    let Looked { model, slots, algorithms } = bench.look()?;
    bench.tell(&format!("Card {serial}: {model}."));
    check(&mut bench, &slots, &algorithms)?;
    let (checks, begun, head) = bench.end()?;
    let report = CardReport {
        version: FORMAT,
        model,
        serial: serial.to_string(),
        program: run::build(),
        binary: machine::program_hash(keyrite)?,
        tested: begun,
        journal: head,
        checks,
    };
    let path = write(folder, &report)?;
    Ok(Tested { report, path })
}

fn write(folder: &Path, report: &CardReport) -> Result<PathBuf, CeremonyError> {
    let bytes =
        card_report::write(report).map_err(|_| CeremonyError::Bug("a report that JSON cannot hold".to_owned()))?;
    let path = folder.join(file_name(&report.model, &bytes));
    files::write_new(&path, &bytes, Readers::All)?;
    Ok(path)
}

/// A report's file: named for its model and its own hash, so that two reports never have one name.
#[must_use]
pub fn file_name(model: &CardModel, bytes: &[u8]) -> String {
    format!("{}-{:.8}.json", model.file_name(), Hash::of(bytes))
}

/// Every check, as far as the card can be made blank between them.
fn check(bench: &mut Bench<'_>, slots: &[SlotView], algorithms: &[(Algorithm, Holding)]) -> Result<(), CeremonyError> {
    bench.check(What::Random, None, random)?;
    bench.check(What::Label, None, label)?;
    bench.blank()?;
    for (algorithm, holding) in algorithms {
        keys::check(bench, *algorithm, *holding, slots)?;
    }
    if let Some((algorithm, _)) = algorithms.first() {
        codes::check(bench, *algorithm)?;
    }
    bench.reset()
}

/// How many bytes are asked for: more than one command gives.
const RANDOM: usize = 300;

fn random(bench: &mut Bench<'_>) -> Result<Found, Halt> {
    let begun = Instant::now();
    let (first, second) = bench.session(|card| Ok((card.random(RANDOM)?, card.random(RANDOM)?)))?;
    bench.took = begun.elapsed();
    match (first, second) {
        (Some(first), Some(second)) if *first == *second => Err(Halt::Failed("it gave the same twice".to_owned())),
        (Some(_), Some(_)) => Ok(Found::Passed),
        _ => Ok(Found::Absent),
    }
}

/// Where the label of a test leads.
const URL: &str = "https://example.org/keyrite-card-test";

fn label(bench: &mut Bench<'_>) -> Result<Found, Halt> {
    // The mark of this mode is written where the holder's name would be.
    let wanted = Settings { holder: Some("Card test".to_owned()), url: Some(URL.to_owned()), ..Settings::default() };
    codes::set_up(bench, &wanted)?;
    let (holder, url) = bench.session(|card| Ok((card.survey().holder.clone(), card.url()?)))?;
    if holder.as_deref() != MODE.mark() {
        return Err(Halt::Failed("it did not keep its cardholder name".to_owned()));
    }
    if url == URL { Ok(Found::Passed) } else { Err(Halt::Failed("it did not keep its URL".to_owned())) }
}
