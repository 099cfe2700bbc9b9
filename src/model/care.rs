//! What becomes of a root's backup after it was made: drills and resharings, as the transcripts know them.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Evidence, Sealed};
use super::history::{History, SealedRecord};
use super::name::RootName;
use super::room;
use super::timestamp::Timestamp;

/// What drills and resharings say of a root's backup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Care {
    /// The bags in which share sheets were put after a drill, by number.
    pub bags: BTreeMap<u8, String>,
    /// When a drill was last held, and when the next one is due.
    pub drill: Option<(Timestamp, Timestamp)>,
    /// When a drill failed since then, and why.
    pub failed: Option<(Timestamp, String)>,
    /// Share sets that were in force once, oldest first.
    pub replaced: Vec<SealedRecord>,
    /// Share sets of which sheets were handed out, and that never were in force.
    pub void: BTreeSet<String>,
    /// By share set, the shares that left the room encrypted to their holders as well.
    pub copied: BTreeMap<String, BTreeSet<u8>>,
    /// A replaced share set of which so many sheets are missing that they open its message: the root must be rotated.
    pub at_large: Option<String>,
}

impl Care {
    /// Share sets whose sheets are taken by nobody any more.
    #[must_use]
    pub fn out_of_force(&self) -> Vec<&str> {
        self.replaced.iter().map(|old| old.set.as_str()).chain(self.void.iter().map(String::as_str)).collect()
    }
}

/// What a ceremony does to a root's backup: a drill, or a resharing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tending {
    /// How far its drill came.
    pub drill: room::Drill,
    /// In which order custodians are asked for their shares, when lots were drawn.
    pub order: Option<Vec<u8>>,
    /// The shares that the root was restored from: their sheets are out of their bags.
    pub used: BTreeSet<u8>,
    /// Of those, the ones whose sheets are in new bags.
    pub bagged: BTreeMap<u8, String>,
    /// How far its resharing came.
    pub reshare: room::Reshare,
    /// The new share set.
    pub resealed: Option<SealedRecord>,
    /// Shares of the old set whose sheets were destroyed.
    pub destroyed: BTreeSet<u8>,
}

impl Default for Tending {
    fn default() -> Self {
        Self {
            drill: room::Drill::NotBegun,
            order: None,
            used: BTreeSet::new(),
            bagged: BTreeMap::new(),
            reshare: room::Reshare::NotBegun,
            resealed: None,
            destroyed: BTreeSet::new(),
        }
    }
}

impl History {
    /// What the open ceremony does to a root's backup.
    fn tending(&mut self, root: &RootName) -> &mut Tending {
        self.current.tending.entry(root.clone()).or_default()
    }

    pub(super) fn note_drill(&mut self, evidence: &Evidence) {
        match evidence {
            Evidence::LotsDrawn { root, order, .. } => {
                let tending = self.tending(root);
                (tending.drill, tending.order) = (room::Drill::Drawn, Some(order.clone()));
            }
            Evidence::RootRestored { root, shares, .. } => self.tending(root).used.extend(shares),
            Evidence::DrillFailed { root, reason, .. } => {
                let opened = self.current.opened;
                if let Some(record) = self.roots.get_mut(root) {
                    record.care.failed = opened.map(|opened| (opened, reason.clone()));
                }
            }
            Evidence::DrillProved { root, .. } => self.tending(root).drill = room::Drill::Proved,
            Evidence::DrillCardErased { root, card, .. } => {
                self.tending(root).drill = room::Drill::Erased;
                // It holds nothing, and is nobody's: the next drill is held with it, or with any other blank card.
                self.cards.remove(card);
            }
            Evidence::SheetBagged { root, share, bag, .. } => {
                self.tending(root).bagged.insert(*share, bag.clone());
                if let Some(record) = self.roots.get_mut(root) {
                    record.care.bags.insert(*share, bag.clone());
                }
            }
            Evidence::DrillHeld { root, next, .. } => {
                self.tending(root).drill = room::Drill::Over;
                let opened = self.current.opened;
                if let Some(record) = self.roots.get_mut(root) {
                    (record.care.drill, record.care.failed) = (opened.map(|opened| (opened, *next)), None);
                }
            }
            _ => {}
        }
    }

    pub(super) fn note_reshare(&mut self, evidence: &Evidence) {
        match evidence {
            Evidence::SetBegun { root, set } => {
                if let Some(record) = self.roots.get_mut(root) {
                    record.care.void.insert(set.clone());
                }
            }
            Evidence::SharesEncrypted { root, set, shares, .. } => {
                if let Some(record) = self.roots.get_mut(root) {
                    record.care.copied.entry(set.clone()).or_default().extend(shares.iter().map(|copy| copy.share));
                }
            }
            Evidence::Resealed { root, set, message, statement } => {
                let record = SealedRecord { set: set.clone(), message: message.clone(), statement: statement.clone() };
                let tending = self.tending(root);
                (tending.reshare, tending.resealed) = (room::Reshare::Sealed, Some(record));
            }
            Evidence::SetReplaced { root, new, .. } => {
                let tending = self.tending(root);
                tending.reshare = room::Reshare::Replaced;
                let resealed = tending.resealed.clone();
                if let (Some(record), Some(resealed)) = (self.roots.get_mut(root), resealed) {
                    record.care.void.remove(new);
                    record.care.bags.clear();
                    record.care.replaced.extend(record.sealed.insert(Sealed::Key, resealed));
                }
            }
            Evidence::ShareDestroyed { root, share, .. } => {
                self.tending(root).destroyed.insert(*share);
            }
            Evidence::SharesAccounted { root, set, threshold, missing } => {
                self.tending(root).reshare = room::Reshare::Over;
                if let Some(record) = self.roots.get_mut(root)
                    && missing.len() >= usize::from(*threshold)
                {
                    record.care.at_large = Some(set.clone());
                }
            }
            _ => {}
        }
    }
}
