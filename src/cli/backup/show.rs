//! `keyrite backup show`.

use serde::Serialize;

use super::Show;
use crate::ceremony::records::backups::{self, Backup};
use crate::ceremony::records::book::Book;
use crate::cli::{CliError, Screen};
use crate::model::evidence::Sealed;
use crate::model::hash::Hash;
use crate::model::timestamp::Timestamp;
use crate::workstation::register::Register;
use crate::workstation::{WorkstationError, clock};

/// The version of the report's JSON form.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    version: u32,
    /// Whether any drill is due.
    overdue: bool,
    backups: Vec<One>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct One {
    root: String,
    fingerprint: String,
    sealed: Sealed,
    set: String,
    threshold: u8,
    made: Timestamp,
    ceremony: String,
    message: String,
    message_sha256: Hash,
    shares: Vec<Share>,
    /// Ceremonies that restored from it.
    restored: Vec<Restored>,
    /// Why the last drill failed, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    drill_failed: Option<String>,
    /// When the next drill is due; none for a revocation certificate, which is opened once, to be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    overdue: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Share {
    number: u8,
    holder: String,
    /// Who sat there when it was handed out.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    /// When it last took part in opening the message.
    seen: Timestamp,
    /// The bag it lies in since a drill.
    #[serde(skip_serializing_if = "Option::is_none")]
    bag: Option<String>,
    /// The certificate to which a copy of it was encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Restored {
    ceremony: String,
    time: Timestamp,
    shares: Vec<u8>,
}

/// Shows it.
///
/// # Errors
/// A register that is not whole.
pub(super) fn show(arguments: &Show) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let book = Book::open(&register)?;
    let now = clock::now()?;
    let mut all = Vec::new();
    for backup in backups::in_force(&book).into_values() {
        all.push(one(&book, backup, now)?);
    }
    let report = Report { version: VERSION, overdue: all.iter().any(|one| one.overdue), backups: all };
    let mut screen = Screen::new();
    if arguments.json {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|_| WorkstationError::Bug("a report that JSON cannot hold"))?;
        return screen.line(&text);
    }
    if report.backups.is_empty() {
        return screen.line("nothing is sealed");
    }
    report.backups.iter().try_for_each(|one| print(&mut screen, one))
}

fn one(book: &Book<'_>, backup: Backup, now: Timestamp) -> Result<One, CliError> {
    let statement = backup.statement(book)?;
    // What is told of it is worth nothing when the message is not the recorded one.
    book.register.read(&backup.record.message)?;
    let copy = |number: u8| backup.copies.iter().find(|copy| copy.share == number).map(|copy| copy.certificate);
    let share = |entry: &crate::backup::statement::Entry| Share {
        number: entry.number,
        holder: entry.holder.to_string(),
        person: backup.people.get(&entry.holder).map(ToString::to_string),
        seen: backup.seen(entry.number),
        bag: backup.bags.get(&entry.number).map(ToString::to_string),
        copy: copy(entry.number).map(|certificate| certificate.to_string()),
    };
    let due = backup.due(&statement);
    Ok(One {
        root: backup.root.to_string(),
        fingerprint: backup.fingerprint.groups(),
        sealed: backup.sealed,
        set: backup.record.set.clone(),
        threshold: statement.quorum().threshold(),
        made: backup.made,
        ceremony: backup.ceremony.clone(),
        message: backup.record.message.path.clone(),
        message_sha256: backup.record.message.sha256,
        shares: statement.shares().iter().map(share).collect(),
        restored: backup
            .proofs
            .iter()
            .map(|proof| Restored { ceremony: proof.ceremony.clone(), time: proof.time, shares: proof.shares.clone() })
            .collect(),
        drill_failed: backup.failed.as_ref().map(ToString::to_string),
        due,
        overdue: due.is_some_and(|due| due < now),
    })
}

fn print(screen: &mut Screen, one: &One) -> Result<(), CliError> {
    screen.line(&format!(
        "{} of root {}: set {}, any {} of {} shares",
        one.sealed,
        one.root,
        one.set,
        one.threshold,
        one.shares.len()
    ))?;
    screen.line(&format!("    {}", one.fingerprint))?;
    screen.line(&format!("    sealed {} in {}; every share opened it", one.made.date(), one.ceremony))?;
    for restored in &one.restored {
        let shares: Vec<String> = restored.shares.iter().map(ToString::to_string).collect();
        let Restored { time, ceremony, .. } = restored;
        screen.line(&format!("    restored {} in {ceremony}, from shares {}", time.date(), shares.join(", ")))?;
    }
    if let Some(reason) = &one.drill_failed {
        screen.line(&format!("    THE LAST DRILL FAILED: {reason}"))?;
    }
    match one.due {
        Some(due) if one.overdue => screen.line(&format!("    OVERDUE: a drill was due {}", due.date()))?,
        Some(due) => screen.line(&format!("    next drill due {}", due.date()))?,
        None => {}
    }
    for share in &one.shares {
        let person = share.person.as_ref().map_or(String::new(), |person| format!(" ({person})"));
        let bag = share.bag.as_ref().map_or(String::new(), |bag| format!(", bag {bag}"));
        let Share { number, holder, seen, .. } = share;
        screen.line(&format!("    share {number:<3} {holder}{person}, last used {}{bag}", seen.date()))?;
        if let Some(certificate) = &share.copy {
            screen.line(&format!("              and a copy encrypted to {certificate}"))?;
        }
    }
    screen.line(&format!("    {}", one.message))?;
    screen.line(&format!("    {}", one.message_sha256))
}
