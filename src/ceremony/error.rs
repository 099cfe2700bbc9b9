//! What stops a ceremony.

use std::path::Path;

use super::hint;
use super::records::RecordsError;
use super::rosters;
use super::trial::StillUsed;
use crate::backup::BackupError;
use crate::entropy::EntropyError;
use crate::format::FormatError;
use crate::model::control::Control;
use crate::model::fault::{Class, Fault};
use crate::model::fingerprint::Fingerprint;
use crate::model::mode::Mode;
use crate::model::name::{CardName, RootName};
use crate::model::role::Seat;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::paper::PaperError;
use crate::trust::delegation;
use crate::trust::intake;
use crate::trust::openpgp;
use crate::workstation::WorkstationError;
use crate::workstation::card::{CardError, Serial, Which};

/// What stops a ceremony. Nothing is lost on any of them: the journal says how far it came.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// Sealing, sharing or restoring.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A card.
    #[error(transparent)]
    Card(#[from] CardError),
    /// A request or a review.
    #[error(transparent)]
    Delegation(#[from] delegation::Error),
    /// Randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A file.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// OpenPGP.
    #[error(transparent)]
    OpenPgp(#[from] openpgp::Error),
    /// Records of earlier ceremonies.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The machine.
    #[error(transparent)]
    Workstation(#[from] WorkstationError),
    /// No locked memory.
    #[error(transparent)]
    Memory(#[from] keyrite_locked::LockError),
    /// The script does not lint.
    #[error("{}", listed(.0))]
    Lint(Vec<FormatError>),
    /// Somebody said no.
    #[error("{seat} said no to: {question}")]
    Declined {
        /// Who.
        seat: Seat,
        /// To what.
        question: Shown,
    },
    /// Somebody said no to the bag of a card, or to where it was kept.
    #[error("{seat} said no to how card {card} was kept")]
    Doubted {
        /// Who.
        seat: Seat,
        /// The card.
        card: CardName,
    },
    /// Somebody stopped it, or the terminal is gone.
    #[error("the ceremony was stopped {how}")]
    Stopped {
        /// `by hand`, `by a signal`.
        how: &'static str,
    },
    /// A witness's clock and the workstation's are too far apart.
    #[error("the clock of {seat} and this machine's are {seconds} seconds apart; {allowed} are allowed")]
    ClockSkew {
        /// Whose clock.
        seat: Seat,
        /// How far apart.
        seconds: u64,
        /// How far they may be.
        allowed: u64,
    },
    /// The unfinished ceremony of the register is another one.
    #[error("ceremony {ceremony} is not finished, and it was begun with another {what}")]
    Unfinished {
        /// The unfinished one.
        ceremony: String,
        /// What differs: `script`, `organization`.
        what: &'static str,
    },
    /// A register of one mode and a ceremony of another.
    #[error("this register is of {register}, and this ceremony is a {ceremony}")]
    OtherMode {
        /// The register's.
        register: Mode,
        /// The ceremony's.
        ceremony: Mode,
    },
    /// The script's ceremony is over.
    #[error("ceremony {ceremony} with this script is finished")]
    Over {
        /// The ceremony.
        ceremony: String,
    },
    /// No ceremony is open.
    #[error("no ceremony is open in this register")]
    NothingOpen,
    /// A ceremony that cannot be given up.
    #[error("ceremony {ceremony} cannot be given up: {why}")]
    MustGoOn {
        /// The ceremony.
        ceremony: String,
        /// Why.
        why: String,
    },
    /// A request that is younger than the ceremony that is to answer it.
    #[error("{file}: the request was made after this ceremony was opened, at {opened}")]
    AfterOpening {
        /// Its file.
        file: Shown,
        /// When the ceremony was opened.
        opened: Timestamp,
    },
    /// Nothing in the script can go on from what the cards and the journal show.
    #[error("ceremony {ceremony} cannot go on by itself from step {step}")]
    Stuck {
        /// The ceremony.
        ceremony: String,
        /// The step.
        step: String,
    },
    /// Two halves of a code that belong to the same person, or nobody on a seat.
    #[error("nobody sits on the seat of {0}")]
    EmptySeat(Seat),
    /// No bundle was named.
    #[error("this ceremony takes in an incoming bundle, and none was named")]
    NoBundle,
    /// No folder for the outgoing bundle.
    #[error("this ceremony writes what leaves the room, and no folder for it was named")]
    NoOutgoing,
    /// A root that the register does not have.
    #[error("this register has no root {root}")]
    NoRoot {
        /// Its name.
        root: Shown,
    },
    /// Nobody said who is a signer.
    #[error("there is no roster: this register has none, and no {} came in", rosters::NAME)]
    NoRoster,
    /// A bundle that brings nothing to a delegation.
    #[error("the incoming bundle holds no request, no release and no roster: no file of it ends in {0}")]
    NoRequests(&'static str),
    /// Two cards that are one.
    #[error("cards {first} and {second} have the same serial {serial}")]
    SameCard {
        /// One name.
        first: CardName,
        /// The other.
        second: CardName,
        /// The serial.
        serial: String,
    },
    /// No certificate for somebody who wants an encrypted copy of their share.
    #[error(
        "the incoming bundle has no certificate {certificate}, to which a copy of the share of {name} is encrypted"
    )]
    NoCertificate {
        /// Whose share.
        name: Shown,
        /// The certificate that the organization names.
        certificate: Fingerprint,
    },
    /// A certificate of the bundle to which no share can be encrypted.
    #[error("{file}: {error}")]
    Recipient {
        /// Its file.
        file: Shown,
        /// Why not.
        error: openpgp::Error,
    },
    /// A bundle that left the room, and that the records key did not sign so, or that is not the next one.
    #[error("bundle {folder}: {what}")]
    Outgoing {
        /// Its folder.
        folder: Shown,
        /// What is wrong.
        what: String,
    },
    /// A list of past releases that the records key did not sign so.
    #[error("{file}: {what}")]
    PastReleases {
        /// Its file.
        file: Shown,
        /// What is wrong.
        what: String,
    },
    /// A release of the bundle.
    #[error("{file}: {error}")]
    Release {
        /// The file of its manifest.
        file: Shown,
        /// Why it is not taken in.
        error: intake::Error,
    },
    /// A request of the bundle.
    #[error("{file}: {error}")]
    Request {
        /// Its file.
        file: Shown,
        /// Why it is refused.
        error: delegation::Error,
    },
    /// Two requests with one id.
    #[error("{file}: another request in this bundle has the id {id} too")]
    Twice {
        /// The second file.
        file: Shown,
        /// The id.
        id: String,
    },
    /// A request id was answered before.
    #[error("request {id} was answered before, in ceremony {ceremony}")]
    Answered {
        /// The request.
        id: String,
        /// The ceremony that answered it.
        ceremony: String,
    },
    /// Something lies where an output should go, and is not what a keyrite before a cut would have left there.
    #[error("{path} is there already, and it is not what this ceremony writes there: {reason}")]
    Taken {
        /// The output.
        path: Shown,
        /// How that shows.
        reason: Box<CeremonyError>,
    },
    /// A share sheet was changed since the records key signed it.
    #[error("the sheet of {seat} for set {set} is not as the records key signed it: {reason}")]
    Sheet {
        /// Whose.
        seat: Seat,
        /// Of which share set.
        set: String,
        /// How that shows.
        reason: openpgp::Error,
    },
    /// A restored root is another one.
    #[error("what the shares gave back is not root {root}")]
    NotTheRoot {
        /// The root.
        root: String,
    },
    /// A card whose test was cut off.
    #[error("the test of card {serial} was cut off: {error}")]
    TestCut {
        /// The card.
        serial: Serial,
        /// How.
        error: Box<CardError>,
    },
    /// A card that is to be tested, and is not as it came from its maker.
    #[error("card {serial} is not blank: {what}")]
    NotBlank {
        /// The card.
        serial: Serial,
        /// What shows it.
        what: &'static str,
    },
    /// A card that did not return to its factory state.
    #[error("card {serial} did not return to its factory state: {words}")]
    NotReset {
        /// The card.
        serial: Serial,
        /// What shows it.
        words: String,
    },
    /// A reset that was cut off.
    #[error("the reset of card {serial} was cut off: {error}")]
    ResetCut {
        /// The card.
        serial: Serial,
        /// How.
        error: Box<CardError>,
    },
    /// CARD-4: a card that the register still needs.
    #[error("card {serial} is card {card} of this register, {state}")]
    StillUsed {
        /// The card.
        serial: Serial,
        /// Its name.
        card: CardName,
        /// Its place in its life.
        state: String,
        /// What for.
        what: StillUsed,
    },
    /// A card that left the organization.
    #[error("card {card} was retired, and is in no ceremony any more")]
    Retired {
        /// The card.
        card: CardName,
    },
    /// A card that is in the register's inventory.
    #[error("card {serial} is card {card} of this register, {state}")]
    Registered {
        /// The card.
        serial: Serial,
        /// Its name.
        card: CardName,
        /// Its place in its life.
        state: String,
    },
    /// CARD-6: a card of which nobody knows whether it does what a ceremony asks of it.
    #[error("{card}: no report says that its model was tested ({model}){}", reasons(why))]
    Untested {
        /// The card.
        card: Which,
        /// Its model.
        model: String,
        /// Why each report that there is does not.
        why: Vec<String>,
    },
    /// A drill that found what it is held for.
    #[error("the drill of root {root} failed: {reason}")]
    DrillFailed {
        /// The root.
        root: RootName,
        /// How.
        reason: Box<CeremonyError>,
    },
    /// A sheet of a share set that is not in force.
    #[error("the sheet of {seat} is of set {set}, which {}; this needs set {expected}", never(*is_void))]
    OutOfForce {
        /// Whose.
        seat: Seat,
        /// The sheet's set.
        set: String,
        /// The set that is asked for.
        expected: String,
        /// Whether it never was in force.
        is_void: bool,
    },
    /// So many old shares are missing that they open the old message.
    #[error(
        "{missing} shares of set {set} are unaccounted for, and {threshold} of them open its message: root {root} must be rotated"
    )]
    AtLarge {
        /// The root.
        root: RootName,
        /// The set.
        set: String,
        /// How many are missing.
        missing: usize,
        /// How many open it.
        threshold: u8,
    },
    /// A person has no such half or sheet.
    #[error("{seat} does not have {what}")]
    Missing {
        /// Who.
        seat: Seat,
        /// What.
        what: String,
    },
    /// A paper that cannot be printed.
    #[error("{file} cannot be printed: {reason}")]
    Paper {
        /// Its file.
        file: String,
        /// Why not.
        reason: PaperError,
    },
    /// A defect.
    #[error("{0}: this is a defect of keyrite")]
    Bug(String),
}

fn listed(faults: &[FormatError]) -> String {
    let mut text: Vec<String> = faults.iter().map(ToString::to_string).collect();
    if faults.len() > 1 {
        text.push(format!("{} faults", faults.len()));
    }
    text.join("\n")
}

fn never(is_void: bool) -> &'static str {
    if is_void { "never was in force" } else { "is out of force" }
}

fn reasons(why: &[String]) -> String {
    why.iter().map(|words| format!("\n{words}")).collect()
}

impl CeremonyError {
    /// What is wrong with something that lies where an output should go.
    pub(super) fn taken(path: &Path) -> impl FnOnce(Self) -> Self {
        let path = Shown::new(&path.to_string_lossy());
        move |reason| Self::Taken { path, reason: Box::new(reason) }
    }

    /// The error inside, when it comes from another room.
    pub(super) fn inner(&self) -> Option<&dyn Fault> {
        match self {
            Self::Backup(error) => Some(error),
            Self::Card(error) => Some(error),
            Self::Delegation(error) | Self::Request { error, .. } => Some(error),
            Self::Entropy(error) => Some(error),
            Self::Format(error) => Some(error),
            Self::OpenPgp(error) => Some(error),
            Self::Records(error) => Some(error),
            Self::Release { error, .. } => Some(error),
            Self::Workstation(error) => Some(error),
            _ => None,
        }
    }
}

impl Fault for CeremonyError {
    fn class(&self) -> Class {
        if let Some(inner) = self.inner() {
            return inner.class();
        }
        match self {
            Self::Memory(_) | Self::NotReset { .. } | Self::ResetCut { .. } | Self::TestCut { .. } => Class::Machine,
            // An act or a parameter that there is none of: the file is wrong, and no control was asked.
            Self::Lint(faults) if faults.iter().all(|fault| fault.control().is_none()) => Class::Input,
            Self::NothingOpen
            | Self::NoBundle
            | Self::NoRoster
            | Self::NoRoot { .. }
            | Self::NoOutgoing
            | Self::NoRequests(_)
            | Self::Missing { .. } => Class::Input,
            Self::Declined { .. } | Self::Doubted { .. } | Self::Stopped { .. } => Class::Interrupted,
            Self::Paper { reason: PaperError::Glyph { .. } | PaperError::Room(_), .. } => Class::Input,
            Self::Bug(_) | Self::Paper { .. } => Class::Bug,
            _ => Class::Refused,
        }
    }

    fn control(&self) -> Option<Control> {
        if let Some(inner) = self.inner() {
            return inner.control();
        }
        match self {
            Self::Lint(faults) => faults.iter().find_map(Fault::control),
            Self::OtherMode { .. } => Some(Control::ModeApart),
            Self::Over { .. } | Self::Stuck { .. } => Some(Control::ScriptLint),
            Self::ClockSkew { .. } => Some(Control::ClockAgreed),
            Self::Unfinished { .. } | Self::MustGoOn { .. } => Some(Control::ScriptBound),
            Self::AfterOpening { .. } => Some(Control::RequestSigned),
            Self::EmptySeat(_) => Some(Control::TwoPeople),
            Self::SameCard { .. } | Self::Retired { .. } => Some(Control::CardIdentity),
            Self::NotBlank { .. } | Self::Registered { .. } | Self::StillUsed { .. } => Some(Control::CardErase),
            Self::Untested { .. } => Some(Control::CardTested),
            Self::Answered { .. } | Self::Twice { .. } => Some(Control::RequestOnce),
            Self::NotTheRoot { .. } => Some(Control::BackupProved),
            Self::Sheet { .. } => Some(Control::ShareQuorum),
            Self::DrillFailed { .. } => Some(Control::DrillTold),
            Self::OutOfForce { .. } => Some(Control::SetInForce),
            Self::AtLarge { .. } => Some(Control::SharesAccounted),
            Self::NoCertificate { .. } | Self::Recipient { .. } => Some(Control::ShareEncrypted),
            Self::PastReleases { .. } => Some(Control::ListBound),
            Self::Outgoing { .. } => Some(Control::BundleCurrent),
            Self::Taken { .. } => Some(Control::NoOverwrite),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        hint::of(self)
    }
}
