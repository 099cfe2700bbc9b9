//! Keys of one kind: generated and written, signed with, counted, and kept without power.

use super::bench::{Bench, Halt};
use super::codes::{FACTORY_ADMIN, FACTORY_USER};
use crate::ceremony::CeremonyError;
use crate::model::algorithm::Algorithm;
use crate::model::card_report::{Found, What};
use crate::workstation::card::{Holding, SlotView};

/// Checks what the card does with keys of `algorithm`. It is blank before, and after. `slots` are those of the card before its
/// test.
pub(super) fn check(
    bench: &mut Bench<'_>,
    algorithm: Algorithm,
    holding: Holding,
    slots: &[SlotView],
) -> Result<(), CeremonyError> {
    let kind = Some(algorithm);
    let made = bench.check(What::Generate, kind, |bench| told(holding, bench.generate(algorithm, FACTORY_ADMIN)))?;
    sign(bench, What::SignGenerated, algorithm, made)?;
    bench.blank()?;
    let made = bench.check(What::Import, kind, |bench| told(holding, bench.import(algorithm, FACTORY_ADMIN)))?;
    sign(bench, What::SignImported, algorithm, made)?;
    if made == Found::Passed {
        bench.check(What::OtherSlots, kind, |bench| other_slots(bench, slots))?;
    }
    bench.blank()
}

/// A card that does not say what it can hold may say no when it is asked to.
fn told(holding: Holding, result: Result<Found, Halt>) -> Result<Found, Halt> {
    match result {
        Err(Halt::Failed(_)) if holding == Holding::Untold => Ok(Found::Absent),
        other => other,
    }
}

fn sign(bench: &mut Bench<'_>, check: What, algorithm: Algorithm, made: Found) -> Result<(), CeremonyError> {
    match made {
        Found::Passed => bench.check(check, Some(algorithm), |bench| bench.sign(FACTORY_USER)).map(drop),
        Found::Absent => Ok(()),
        Found::Failed | Found::Skipped => {
            bench.skip(check, Some(algorithm));
            Ok(())
        }
    }
}

fn other_slots(bench: &mut Bench<'_>, before: &[SlotView]) -> Result<Found, Halt> {
    let now = bench.session(|card| Ok(card.portrait()?.slots))?;
    // The first is SIG.
    match now.iter().zip(before).skip(1).find(|(now, before)| now != before) {
        None => Ok(Found::Passed),
        Some((slot, _)) => Err(Halt::Failed(format!("its slot {} is not as it was", slot.name))),
    }
}
