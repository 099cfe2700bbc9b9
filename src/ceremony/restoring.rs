//! Restoring a root from the shares of its custodians, by a fresh process that knows nothing else.

use keyrite_locked::Locked;

use super::CeremonyError;
use super::scene::Scene;
use super::sealing::{sheet_name, take_sheet};
use crate::backup::statement::SetStatement;
use crate::model::evidence::Sealed;
use crate::model::history::SealedRecord;
use crate::model::name::RootName;
use crate::model::role::{Role, Seat};
use crate::trust::openpgp::secret::SecretRoot;
use crate::workstation::worker;

/// A root as its backup gave it back.
pub(super) struct Restored {
    /// Its secret key.
    pub(super) secret: Locked,
    /// The numbers of the shares that took part.
    pub(super) shares: Vec<u8>,
}

/// The share set of a root's key that is in force.
pub(super) fn in_force(scene: &Scene<'_>, root: &RootName) -> Result<SealedRecord, CeremonyError> {
    let sealed = scene.root_record(root)?.sealed.get(&Sealed::Key);
    sealed.cloned().ok_or_else(|| CeremonyError::Bug(format!("root {root} has no sealed backup")))
}

/// The public statement of a share set, compared with its recorded hash.
pub(super) fn statement(scene: &Scene<'_>, sealed: &SealedRecord) -> Result<SetStatement, CeremonyError> {
    Ok(SetStatement::from_toml(&String::from_utf8_lossy(&scene.register.read(&sealed.statement)?))?)
}

/// Restores a root from this share set, and compares it with the root's fingerprint. Custodians are asked in the order of their
/// numbers or, in a drill, in that of the lot.
///
/// # Errors
/// When too few have their shares, a sheet is not of this set, or what it gives is not the root.
pub(super) fn restore(
    scene: &mut Scene<'_>,
    root: &RootName,
    sealed: &SealedRecord,
    lots: Option<&[u8]>,
) -> Result<Restored, CeremonyError> {
    // Both files are compared with their recorded hashes; the fresh process reads them again itself.
    scene.register.read(&sealed.message)?;
    let statement = statement(scene, sealed)?;
    let (sheets, shares) = match lots {
        None => by_number(scene, root, &statement)?,
        Some(order) => by_lot(scene, root, &statement, order)?,
    };
    let (message, statement) = (scene.path(&sealed.message.path), scene.path(&sealed.statement.path));
    let arguments = ["worker", "restore", &message.to_string_lossy(), &statement.to_string_lossy()];
    let life = scene.dialogue.busy("The fresh process works.");
    let secret = worker::run(&scene.programs.keyrite, &arguments, &framed(&sheets)?)?;
    drop(life);
    drop(sheets);
    if SecretRoot::parse(&secret)?.fingerprint() != scene.root_record(root)?.fingerprint {
        return Err(CeremonyError::NotTheRoot { root: root.to_string() });
    }
    Ok(Restored { secret, shares })
}

/// The sheets of as many custodians as are needed, and their shares' numbers.
type Quorum = (Vec<Locked>, Vec<u8>);

/// Any of those who are here will do: who does not have their share is passed over, as long as enough are left.
fn by_number(scene: &mut Scene<'_>, root: &RootName, statement: &SetStatement) -> Result<Quorum, CeremonyError> {
    let threshold = statement.quorum().threshold();
    let here = scene.header.roles.get(&Role::Custodian).copied().unwrap_or(threshold);
    let spare = here.min(statement.quorum().shares()).saturating_sub(threshold);
    let order: Vec<u8> = (1..=threshold.saturating_add(spare)).collect();
    quorum(scene, root, statement, &order, "Ask another custodian?", |_, _| Ok(()))
}

/// Those who are here, in the order of the lot. Whoever does not have their share is passed over before witnesses.
fn by_lot(
    scene: &mut Scene<'_>,
    root: &RootName,
    statement: &SetStatement,
    order: &[u8],
) -> Result<Quorum, CeremonyError> {
    let mut present = Vec::new();
    for number in order {
        let seat = custodian(*number);
        if scene.history().current.seated.contains(&seat) {
            present.push(*number);
        } else {
            scene.dialogue.tell(&format!("{seat} is not here: the lot goes on to the next."));
        }
    }
    if present.len() < usize::from(statement.quorum().threshold()) {
        let what = format!("enough custodians here: {} of them are needed", statement.quorum().threshold());
        return Err(CeremonyError::Missing { seat: Seat::first(Role::Leader), what });
    }
    quorum(scene, root, statement, &present, "Ask the next one by lot?", |scene, seat| {
        let words = format!("{seat} was drawn and does not have their share. The next one by lot is asked.");
        [Role::Leader, Role::Witness].into_iter().try_for_each(|role| scene.confirm(Seat::first(role), &words, None))
    })
}

fn quorum(
    scene: &mut Scene<'_>,
    root: &RootName,
    statement: &SetStatement,
    order: &[u8],
    question: &str,
    passed_over: impl Fn(&mut Scene<'_>, Seat) -> Result<(), CeremonyError>,
) -> Result<Quorum, CeremonyError> {
    let threshold = usize::from(statement.quorum().threshold());
    let mut spare = order.len().saturating_sub(threshold);
    let (mut sheets, mut shares) = (Vec::new(), Vec::new());
    for number in order {
        if shares.len() == threshold {
            break;
        }
        let seat = custodian(*number);
        let name = sheet_name(root, statement, *number);
        match take_sheet(scene, seat, &name, statement) {
            // The fresh process takes the share from the sheet, as if nobody had looked at it before.
            Ok((sheet, _)) => {
                sheets.push(sheet);
                shares.push(*number);
            }
            Err(error @ CeremonyError::Missing { .. }) if spare > 0 => {
                spare -= 1;
                if !scene.ask(|room| room.again(&error.to_string(), question))? {
                    return Err(error);
                }
                passed_over(scene, seat)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok((sheets, shares))
}

fn custodian(number: u8) -> Seat {
    Seat { role: Role::Custodian, number }
}

/// Sheets one after the other, each behind its length in four bytes, for the pipe to the fresh process.
fn framed(sheets: &[Locked]) -> Result<Locked, CeremonyError> {
    let mut all = Locked::zeroed(sheets.iter().map(|sheet| 4 + sheet.len()).sum())?;
    let mut at = 0;
    for sheet in sheets {
        let length = u32::try_from(sheet.len()).unwrap_or(u32::MAX).to_be_bytes();
        for part in [&length[..], sheet] {
            all.get_mut(at..at + part.len())
                .ok_or_else(|| CeremonyError::Bug("a sheet outgrew its frame".to_owned()))?
                .copy_from_slice(part);
            at += part.len();
        }
    }
    Ok(all)
}
