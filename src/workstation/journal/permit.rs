//! The right to change a card once.

use crate::model::event::Intent;

/// Proof that an [`Intent`] stands in the journal, synced to disk. Card mutations take one by reference; only the journal
/// makes them, and only closing the intent ends one. So a mutation without a record does not compile (JOURNAL-1).
#[must_use = "an intent that is not closed stays open and stops the next ceremony"]
pub struct Permit {
    number: u64,
    intent: Intent,
}

impl Permit {
    /// Made by the journal when the intent is on the disk.
    pub(in crate::workstation) fn new(number: u64, intent: Intent) -> Self {
        Self { number, intent }
    }

    /// The number of the intent's line in the transcript.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What is permitted.
    #[must_use]
    pub fn intent(&self) -> &Intent {
        &self.intent
    }
}
