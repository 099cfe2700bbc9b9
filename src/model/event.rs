//! What a transcript records.
//!
//! Every line is one [`Event`]. Evidence alone says what lasts: the state of the organization is a fold over the evidence of
//! all transcripts ([`super::history`]), and nothing else is kept beside them.

use serde::{Deserialize, Serialize};

use super::code::Code;
use super::evidence::Evidence;
use super::fingerprint::Fingerprint;
use super::hash::Hash;
use super::mode::Mode;
use super::name::{CardName, RequestId, RootName, StepId};
use super::role::Seat;
use super::script::Kind;

/// One line of a transcript, without its number, time and link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A ceremony begins. Always the first line, and only the first.
    Opened {
        /// What binds the transcript to program, script, organization and the transcript before it.
        opening: Box<Opening>,
    },
    /// A ceremony goes on after it was cut off.
    Resumed {
        /// The step at which it goes on.
        step: StepId,
        /// What had to be mended first, in words.
        mends: Vec<String>,
        /// Bytes of an unfinished last line, which were cut away: they were never acted on.
        torn: u64,
    },
    /// An act begins.
    Begun {
        /// The step.
        step: StepId,
        /// The act's name.
        act: String,
        /// Whether it mends what a cut left, before the step itself.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mend: bool,
    },
    /// Somebody confirmed something aloud or by typing.
    Confirmed {
        /// The step.
        step: StepId,
        /// Who.
        seat: Seat,
        /// The words that were confirmed.
        words: String,
        /// The hash that was compared, when one was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hash: Option<Hash>,
    },
    /// Something happened that the script does not foresee.
    Exception {
        /// The step.
        step: StepId,
        /// What, and why it is borne.
        words: String,
    },
    /// The room paused.
    Paused {
        /// The step.
        step: StepId,
    },
    /// The room went on after a pause.
    Continued {
        /// The step.
        step: StepId,
    },
    /// A card is about to be changed.
    Intended {
        /// How.
        intent: Intent,
    },
    /// What became of an intent.
    Closed {
        /// The number of the intent's line.
        intent: u64,
        /// What became of it.
        outcome: Outcome,
    },
    /// Something is now true that lasts, or was seen.
    Noted {
        /// What.
        evidence: Evidence,
    },
    /// An act is done.
    Done {
        /// The step.
        step: StepId,
        /// The act's name.
        act: String,
        /// As in `Begun`.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mend: bool,
    },
    /// The ceremony is over.
    Finished,
    /// The ceremony is given up. It has no minutes.
    Abandoned {
        /// Why.
        reason: String,
    },
}

/// What a transcript is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Opening {
    /// The version of this format.
    pub format: u32,
    /// The transcript's own name: `0001-root-generation`.
    pub ceremony: String,
    /// What it is for.
    pub kind: Kind,
    /// How much it counts.
    pub mode: Mode,
    /// Program, version and build.
    pub program: String,
    /// SHA-256 of the program's file.
    pub binary: Hash,
    /// SHA-256 of the script's file.
    pub script: Hash,
    /// The script's title.
    pub title: String,
    /// SHA-256 of the organization's file.
    pub organization: Hash,
    /// The organization's name.
    pub organization_name: String,
    /// The head of the transcript before this one in the register; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_head: Option<Hash>,
    /// SHA-256 of the closing record of the ceremony before this one, when one was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_closing: Option<Hash>,
}

/// Something irreversible that is about to happen. It stands in the journal, synced to disk, before it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Intent {
    /// A key is generated in the card's SIG slot.
    GenerateKey {
        /// The card.
        card: CardName,
        /// The root that the key is to be; none for the records key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        root: Option<RootName>,
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
    /// A code of a card in service is set anew. Cut in between, the card knows the old or the new one, and serves with either.
    ChangeCode {
        /// The card.
        card: CardName,
        /// The code.
        code: Code,
        /// The code that permits it: the same one for a change by its present value.
        by: Code,
        /// Tries that were left for the code to be set.
        tries: u8,
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
        /// What for: `certificate`, `certify`, `challenge`, `manifest`, `minutes`, `release`, `revocation`, `share-sheet`.
        purpose: String,
        /// How many signatures at the most: a crash leaves up to so many unrecorded.
        items: u32,
        /// The request, when the signature answers one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        /// What is signed: the hash that people confirmed, or of the text.
        subject: Hash,
        /// Where the signed thing will lie, relative to the register: whoever finds it there knows that it was signed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        artefact: Option<String>,
    },
}

impl Intent {
    /// The card that is changed.
    #[must_use]
    pub fn card(&self) -> &CardName {
        match self {
            Self::GenerateKey { card, .. }
            | Self::ImportKey { card, .. }
            | Self::SetPins { card }
            | Self::ChangeCode { card, .. }
            | Self::ResetCard { card }
            | Self::Sign { card, .. } => card,
        }
    }
}

/// What became of an intent. The card's state follows from it, in the same line of the transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// It happened.
    Done {
        /// Signatures that the card counted for it.
        signatures: u32,
    },
    /// It did not happen: the card is as it was, but for signatures that were counted and that nobody has.
    Undone {
        /// Signatures that the card counted all the same.
        signatures: u32,
        /// What happened.
        reason: String,
    },
    /// Nobody can know whether it happened, and the card serves either way: people have the code before it and the new one.
    Unknown {
        /// What happened.
        reason: String,
    },
    /// It was cut off half way: only a reset helps this card.
    Spoiled {
        /// What happened.
        reason: String,
    },
}

impl Outcome {
    /// Signatures that the card counted.
    #[must_use]
    pub fn signatures(&self) -> u32 {
        match self {
            Self::Done { signatures } | Self::Undone { signatures, .. } => *signatures,
            Self::Unknown { .. } | Self::Spoiled { .. } => 0,
        }
    }
}
