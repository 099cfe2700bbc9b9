//! What a transcript records.

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::hash::Hash;
use super::name::{CardName, RequestId, RootName};

/// Something irreversible that is about to happen. It stands in the journal, synced to disk, before it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Intent {
    /// A key is generated in the card's SIG slot.
    GenerateKey {
        /// The card.
        card: CardName,
    },
    /// A root is written into the card's SIG slot.
    ImportKey {
        /// The card.
        card: CardName,
        /// The root.
        root: RootName,
        /// The root's fingerprint.
        fingerprint: Fingerprint,
    },
    /// User PIN, admin PIN and reset code are set.
    SetPins {
        /// The card.
        card: CardName,
    },
    /// The card is returned to its factory state.
    ResetCard {
        /// The card.
        card: CardName,
    },
    /// The card signs.
    Sign {
        /// The card.
        card: CardName,
        /// What for: `certify`, `minutes`, `share-sheet`, `manifest`, `challenge`.
        purpose: String,
        /// How many signatures at the most: a crash leaves up to so many unrecorded.
        items: u32,
        /// The request, when the signature answers one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        /// What is signed: the hash that people confirmed, or of the text.
        subject: Hash,
    },
}

impl Intent {
    /// The card that is changed.
    #[must_use]
    pub fn card(&self) -> &CardName {
        match self {
            Self::GenerateKey { card }
            | Self::ImportKey { card, .. }
            | Self::SetPins { card }
            | Self::ResetCard { card }
            | Self::Sign { card, .. } => card,
        }
    }
}
