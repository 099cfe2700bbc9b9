//! Backups as all transcripts of a register together know them: what is sealed, who holds its shares, and when it was last
//! seen to restore.

use std::collections::BTreeMap;
use std::time::Duration;

use keyrite_locked::Locked;

use super::book::Book;
use super::{RecordsError, minutes};
use crate::backup::reading::UntrustedSheet;
use crate::backup::statement::SetStatement;
use crate::model::event::Event;
use crate::model::evidence::{EncryptedShare, Evidence, Sealed};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::history::SealedRecord;
use crate::model::name::RootName;
use crate::model::role::Seat;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::signed_text;
use crate::workstation::{WorkstationError, clock};

/// How long a proof is good for where neither a drill nor the set says it: a backup that nobody has restored for a year is a hope.
pub const GOOD_FOR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A sealed message and its shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The root.
    pub root: RootName,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What was sealed.
    pub sealed: Sealed,
    /// Its files, and the id of its share set.
    pub record: SealedRecord,
    /// The ceremony that sealed it.
    pub ceremony: String,
    /// When it was sealed: then every share took part in opening it.
    pub made: Timestamp,
    /// The people on their seats in that ceremony.
    pub people: BTreeMap<Seat, Shown>,
    /// Restored since, oldest first.
    pub proofs: Vec<Proof>,
    /// When the next drill is due, as the last one recorded it.
    pub next: Option<Timestamp>,
    /// Why the last drill failed, when one did.
    pub failed: Option<Shown>,
    /// The bags in which sheets lie since a drill, by the numbers of their shares.
    pub bags: BTreeMap<u8, Shown>,
    /// The shares that left the room encrypted to their holders as well.
    pub copies: Vec<EncryptedShare>,
}

/// A time at which a backup was seen to restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The ceremony.
    pub ceremony: String,
    /// When.
    pub time: Timestamp,
    /// The shares that took part.
    pub shares: Vec<u8>,
}

impl Backup {
    /// When it was last seen to restore, all shares of a quorum together.
    #[must_use]
    pub fn proved(&self) -> Timestamp {
        self.proofs.last().map_or(self.made, |proof| proof.time)
    }

    /// When the next drill is due: as was recorded at the last one; when there was none, as stands on the sheets of the set,
    /// which is `statement`, and a year after a proof where older sheets say nothing. None for what no drill opens.
    #[must_use]
    pub fn due(&self, statement: &SetStatement) -> Option<Timestamp> {
        let known = self.next.or(statement.set().drill_by);
        (self.sealed == Sealed::Key).then(|| known.unwrap_or_else(|| self.proved().plus(GOOD_FOR)))
    }

    /// When a share was last seen to take part in opening the message.
    #[must_use]
    pub fn seen(&self, share: u8) -> Timestamp {
        self.proofs.iter().rev().find(|proof| proof.shares.contains(&share)).map_or(self.made, |proof| proof.time)
    }

    /// The public statement of its shares, from the register.
    ///
    /// # Errors
    /// When the file is not the recorded one, or is no statement.
    pub fn statement(&self, book: &Book<'_>) -> Result<SetStatement, RecordsError> {
        let bytes = book.register.read(&self.record.statement)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(SetStatement::from_toml(&text)?)
    }
}

/// The backups in force, by root: of each root and of what is sealed of it, the last one.
#[must_use]
pub fn in_force(book: &Book<'_>) -> BTreeMap<(RootName, Sealed), Backup> {
    let mut found = Found::default();
    for entry in &book.entries {
        found.people.clear();
        for line in &entry.transcript.lines {
            if let Event::Noted { evidence } = &line.entry {
                found.take(&entry.name, line.time, evidence);
            }
        }
    }
    found.backups
}

#[derive(Default)]
struct Found {
    people: BTreeMap<Seat, Shown>,
    roots: BTreeMap<RootName, Fingerprint>,
    backups: BTreeMap<(RootName, Sealed), Backup>,
    /// By share set, the shares that left the room encrypted.
    copies: BTreeMap<String, Vec<EncryptedShare>>,
    /// Sealed anew, and not in force yet.
    resealed: BTreeMap<RootName, Backup>,
}

impl Found {
    fn take(&mut self, ceremony: &str, time: Timestamp, evidence: &Evidence) {
        match evidence {
            Evidence::People { seats, .. } => {
                self.people = seats.iter().map(|(seat, name)| (*seat, Shown::new(name))).collect();
            }
            Evidence::RootDrawn { root, fingerprint, .. } | Evidence::RootGenerated { root, fingerprint, .. } => {
                self.roots.insert(root.clone(), *fingerprint);
            }
            Evidence::RootAbandoned { root, .. } => self.backups.retain(|(of, _), _| of != root),
            Evidence::Sealed { root, sealed, set, message, statement } => {
                let record = SealedRecord { set: set.clone(), message: message.clone(), statement: statement.clone() };
                let made = self.made(ceremony, time, (root, *sealed), record);
                self.backups.extend(made.map(|backup| ((root.clone(), *sealed), backup)));
            }
            Evidence::SharesEncrypted { set, shares, .. } => {
                self.copies.insert(set.clone(), shares.clone());
            }
            Evidence::Resealed { root, set, message, statement } => {
                let record = SealedRecord { set: set.clone(), message: message.clone(), statement: statement.clone() };
                let made = self.made(ceremony, time, (root, Sealed::Key), record);
                self.resealed.extend(made.map(|backup| (root.clone(), backup)));
            }
            Evidence::SetReplaced { root, new, shares, .. } => {
                let key = (root.clone(), Sealed::Key);
                let Some(resealed) = self.resealed.remove(root).filter(|backup| backup.record.set == *new) else {
                    return;
                };
                // The date of the next drill stays.
                let next = self.backups.get(&key).and_then(|old| old.next);
                self.backups.insert(key, Backup { next, ..resealed });
                self.proved(ceremony, time, (root, new), shares);
            }
            Evidence::RootRestored { root, set, shares, .. } => self.proved(ceremony, time, (root, set), shares),
            other => self.drill(other),
        }
    }

    /// What a drill says of a backup.
    fn drill(&mut self, evidence: &Evidence) {
        match evidence {
            Evidence::DrillFailed { root, set, reason } => {
                if let Some(backup) = self.key(root, set) {
                    backup.failed = Some(Shown::new(reason));
                }
            }
            Evidence::SheetBagged { root, set, share, bag } => {
                if let Some(backup) = self.key(root, set) {
                    backup.bags.insert(*share, Shown::new(bag));
                }
            }
            Evidence::DrillHeld { root, set, next } => {
                if let Some(backup) = self.key(root, set) {
                    (backup.next, backup.failed) = (Some(*next), None);
                }
            }
            _ => {}
        }
    }

    fn made(&self, ceremony: &str, time: Timestamp, of: (&RootName, Sealed), record: SealedRecord) -> Option<Backup> {
        let (root, sealed) = of;
        Some(Backup {
            root: root.clone(),
            fingerprint: self.roots.get(root).copied()?,
            sealed,
            ceremony: ceremony.to_owned(),
            made: time,
            people: self.people.clone(),
            proofs: Vec::new(),
            next: None,
            failed: None,
            bags: BTreeMap::new(),
            copies: self.copies.get(&record.set).cloned().unwrap_or_default(),
            record,
        })
    }

    /// The backup of a root's key, when this is its set.
    fn key(&mut self, root: &RootName, set: &str) -> Option<&mut Backup> {
        self.backups.get_mut(&(root.clone(), Sealed::Key)).filter(|backup| backup.record.set == set)
    }

    fn proved(&mut self, ceremony: &str, time: Timestamp, of: (&RootName, &str), shares: &[u8]) {
        if let Some(backup) = self.key(of.0, of.1) {
            backup.proofs.push(Proof { ceremony: ceremony.to_owned(), time, shares: shares.to_owned() });
        }
    }
}

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// A share as it left the room encrypted to its holder, byte for byte.
    Copy {
        /// Its number.
        number: u8,
        /// The certificate it is encrypted to.
        certificate: Fingerprint,
    },
    /// The sealed message, byte for byte.
    Message,
    /// A share, as it was handed out.
    Share {
        /// Its number.
        number: u8,
        /// Who holds it.
        holder: Seat,
        /// Whether it is the sheet as the records key signed it; a copy in somebody's own hand is not.
        signed: bool,
    },
}

/// Says which backup a file belongs to, and whether it is what was handed out: a share sheet, a copy of one with its labels and
/// lines, or a sealed message. Nothing is reconstructed, and no second share is needed.
///
/// # Errors
/// [`RecordsError::NoBackup`] for a set or a message that is of no backup in force; what is wrong with the sheet.
pub fn check(book: &Book<'_>, file: &Locked) -> Result<(Backup, Checked), RecordsError> {
    let backups = in_force(book);
    if file.trim_ascii_start().starts_with(b"-----BEGIN PGP MESSAGE") {
        let sha256 = Hash::of(file);
        let copy_in = |backup: &Backup| backup.copies.iter().find(|copy| copy.sha256 == sha256).cloned();
        if let Some((backup, copy)) = backups.values().find_map(|backup| Some((backup.clone(), copy_in(backup)?))) {
            return Ok((backup, Checked::Copy { number: copy.share, certificate: copy.certificate }));
        }
        let backup = backups.into_values().find(|backup| backup.record.message.sha256 == sha256);
        let none = || RecordsError::NoBackup { what: format!("the message with the SHA-256 {sha256}") };
        return Ok((backup.ok_or_else(none)?, Checked::Message));
    }
    let sheet = UntrustedSheet::parse(file)?;
    let set = sheet.set().to_string();
    let backup = backups.into_values().find(|backup| backup.record.set == set);
    let backup = backup.ok_or_else(|| RecordsError::NoBackup { what: format!("share set {set}") })?;
    let signed = file.trim_ascii_start().starts_with(b"-----BEGIN PGP SIGNED MESSAGE");
    let sheet = if signed {
        let (_, records) = minutes::records(book, book.find(&backup.ceremony)?)?;
        // Whoever signed it did so before today, whatever day that was.
        let text = signed_text::verify_text(file, &records, clock::now()?);
        let text = text.map_err(|reason| RecordsError::Sheet { set, reason })?;
        let text = Locked::absorb(text).map_err(WorkstationError::from)?;
        // What was signed counts, and nothing that stands around it.
        UntrustedSheet::parse(&text)?
    } else {
        sheet
    };
    let number = sheet.number();
    let holder = *sheet.verify(&backup.statement(book)?)?.holder();
    Ok((backup, Checked::Share { number, holder, signed }))
}

#[cfg(test)]
#[path = "backups_tests.rs"]
mod tests;
