//! What a transcript says is now true: the only state there is.

use serde::{Deserialize, Serialize};

use super::concern::Compared;
use super::finding::Finding;
use super::fingerprint::Fingerprint;
use super::hash::Hash;
use super::name::{CardName, RequestId, RootName};
use super::role::Seat;
use super::settings::Settings;
use super::timestamp::Timestamp;

/// A file that a ceremony made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Artefact {
    /// Where it lies, relative to the register.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: Hash,
}

/// A card that came out of its bag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OpenedBag {
    /// The card.
    pub card: CardName,
    /// The number that stood on the bag and in the closing record; none when no record names a bag of this card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// A release that was taken into the list of past releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TakenRelease {
    /// Its name.
    pub release: String,
    /// Its manifest as it came in.
    pub manifest: Artefact,
    /// Its signer's signature on that.
    pub signature: Artefact,
}

/// How a card left the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gone {
    /// It was reset, and nothing is on it.
    Erased,
    /// It was destroyed before witnesses.
    Destroyed,
    /// Nobody knows where it is.
    Lost,
}

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Erased => "erased",
            Self::Destroyed => "destroyed",
            Self::Lost => "lost",
        })
    }
}

/// What is sealed and shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sealed {
    /// A root's secret key.
    Key,
    /// A root's revocation certificate.
    Revocation,
}

impl std::fmt::Display for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key => "key",
            Self::Revocation => "revocation",
        })
    }
}

/// A share as it left the room, encrypted to its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EncryptedShare {
    /// The share's number.
    pub share: u8,
    /// The certificate it is encrypted to.
    pub certificate: Fingerprint,
    /// SHA-256 of the file.
    pub sha256: Hash,
}

/// Something that is now true and lasts, or that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "evidence", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Evidence {
    /// What was seen of the machine.
    Machine {
        /// Everything that was looked at.
        findings: Vec<Finding>,
        /// Every way out of the machine, in words: what appears later is held against it.
        ways: Vec<String>,
    },
    /// The machine got a network after it was checked.
    NetworkAppeared {
        /// What leads out, in words.
        ways: Vec<String>,
    },
    /// Who sits where.
    People {
        /// Seats and the names of those on them.
        seats: Vec<(Seat, String)>,
        /// Certificates of those who may cosign the minutes, as the organization names them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        certificates: Vec<(String, Fingerprint)>,
    },
    /// The witnesses' clocks.
    Clock {
        /// What each witness entered.
        witnesses: Vec<Timestamp>,
        /// The largest distance to the workstation's clock, in seconds.
        skew: u64,
    },
    /// A card came into the organization, blank.
    CardPresented {
        /// The card.
        card: CardName,
        /// Its serial, as the card gives it: manufacturer and number.
        serial: String,
        /// The version of its OpenPGP application; none in a transcript of an older keyrite.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<String>,
        /// The version of its firmware; none when the card does not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        firmware: Option<String>,
        /// What its maker has published; none for a test card, and in a transcript of an older keyrite.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        advisories: Option<Compared>,
        /// The report of a test of its model; none in a rehearsal, and in a transcript of an older keyrite.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<Artefact>,
    },
    /// Cards came out of their bags, which were compared with the closing records.
    BagsOpened {
        /// Each card with its bag.
        bags: Vec<OpenedBag>,
    },
    /// A card was recognized.
    CardSeen {
        /// The card.
        card: CardName,
        /// Its serial.
        serial: String,
        /// Its signature counter.
        signatures: u32,
        /// The version of its OpenPGP application; none in a transcript of an older keyrite.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<String>,
        /// The version of its firmware; none when the card does not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        firmware: Option<String>,
        /// What its maker has published; none for a test card, and in a transcript of an older keyrite.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        advisories: Option<Compared>,
        /// What is not as it was set up any more; as it was, in words.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<String>,
    },
    /// A card was set up as the organization wants it; read back from the card.
    CardSettings {
        /// The card.
        card: CardName,
        /// What the card has of what was wanted.
        settings: Settings,
    },
    /// A card without a key has lost the PINs that its holders set: somebody reset it.
    PinsGone {
        /// The card.
        card: CardName,
    },
    /// A card said of its key that it generated it.
    CardAttested {
        /// The card.
        card: CardName,
        /// The firmware of the card, as its maker signed it; none where the attestation is not believed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        firmware: Option<String>,
        /// Why it is not believed, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        defect: Option<String>,
        /// What it says of the key, in DER.
        statement: Artefact,
        /// The certificate of its attestation key, in DER.
        attesting: Artefact,
    },
    /// The records key is in service.
    RecordsKey {
        /// Its card.
        card: CardName,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// Its certificate.
        certificate: Artefact,
    },
    /// Throws of dice are mixed into what this process draws. What they were is nowhere.
    DiceThrown {
        /// How many.
        throws: u16,
    },
    /// A root's structure was judged good on a throwaway key.
    ProfileTried {
        /// The root.
        root: RootName,
    },
    /// A root was drawn.
    RootDrawn {
        /// The root.
        root: RootName,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// Its certificate.
        certificate: Artefact,
    },
    /// A card generated a root, and signed its certificate. No other copy of its key exists.
    RootGenerated {
        /// The root.
        root: RootName,
        /// Its card.
        card: CardName,
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// Its certificate.
        certificate: Artefact,
    },
    /// A root that was drawn and lost before anything could keep it. Papers that name it are to be destroyed.
    RootAbandoned {
        /// The root.
        root: RootName,
        /// The fingerprint that will never be used.
        fingerprint: Fingerprint,
    },
    /// A root's key or revocation certificate is sealed, and every share with its holder.
    Sealed {
        /// The root.
        root: RootName,
        /// What was sealed.
        sealed: Sealed,
        /// The share set.
        set: String,
        /// The sealed message.
        message: Artefact,
        /// The public statement of the share set.
        statement: Artefact,
    },
    /// A card signed a challenge with the key it should hold.
    CardTested {
        /// The card.
        card: CardName,
    },
    /// A card left the organization for good.
    CardRetired {
        /// The card.
        card: CardName,
        /// How.
        how: Gone,
    },
    /// A root's secret left this machine's memory.
    RootForgotten {
        /// The root.
        root: RootName,
    },
    /// A fresh process restored a root from shares and the sealed message alone.
    RootRestored {
        /// The root.
        root: RootName,
        /// The fingerprint of what was restored.
        fingerprint: Fingerprint,
        /// The share set.
        set: String,
        /// The numbers of the shares that took part.
        shares: Vec<u8>,
    },
    /// A card loaded from the restored key proved to hold the root: it is in service.
    BackupProved {
        /// The root.
        root: RootName,
        /// The card.
        card: CardName,
    },
    /// In which order custodians are asked for their shares in a drill, by lot.
    LotsDrawn {
        /// The root.
        root: RootName,
        /// The share set.
        set: String,
        /// The numbers of all its shares, in the order of the lot.
        order: Vec<u8>,
    },
    /// In a drill, the backup did not restore its root.
    DrillFailed {
        /// The root.
        root: RootName,
        /// The share set.
        set: String,
        /// What was wrong, in words.
        reason: String,
    },
    /// The drill card signed with the root that was restored from its backup. It is in service for nothing.
    DrillProved {
        /// The root.
        root: RootName,
        /// The card.
        card: CardName,
        /// The share set.
        set: String,
    },
    /// The drill card was reset, and was seen to be empty. The organization knows it no more.
    DrillCardErased {
        /// The root.
        root: RootName,
        /// The card.
        card: CardName,
        /// Its serial.
        serial: String,
    },
    /// A share sheet lies in a new bag.
    SheetBagged {
        /// The root.
        root: RootName,
        /// The share set.
        set: String,
        /// The share's number.
        share: u8,
        /// The number on the bag, as its custodian says.
        bag: String,
    },
    /// A drill was held to its end.
    DrillHeld {
        /// The root.
        root: RootName,
        /// The share set.
        set: String,
        /// When the next one is due at the latest.
        next: Timestamp,
    },
    /// Sheets of a new share set are about to be handed out. It is in force only when it replaces the one before it.
    SetBegun {
        /// The root.
        root: RootName,
        /// The share set.
        set: String,
    },
    /// Shares left the room once more, each encrypted to its holder's own certificate.
    SharesEncrypted {
        /// The root.
        root: RootName,
        /// The share set.
        set: String,
        /// The folder that leaves the room.
        folder: String,
        /// What is in it.
        shares: Vec<EncryptedShare>,
    },
    /// A root's key is sealed anew, and every new share with its holder. The set before it is still in force.
    Resealed {
        /// The root.
        root: RootName,
        /// The new share set.
        set: String,
        /// The new sealed message.
        message: Artefact,
        /// The public statement of the new share set.
        statement: Artefact,
    },
    /// A fresh process restored the root from the new share set: it is in force, and the one before it is not any more.
    SetReplaced {
        /// The root.
        root: RootName,
        /// The share set that is out of force.
        old: String,
        /// The one that is in force.
        new: String,
        /// The numbers of the new shares that took part.
        shares: Vec<u8>,
    },
    /// A sheet of a share set that is out of force was destroyed before witnesses.
    ShareDestroyed {
        /// The root.
        root: RootName,
        /// The share set.
        set: String,
        /// The share's number.
        share: u8,
    },
    /// Every share of a set that is out of force was destroyed or is named as missing.
    SharesAccounted {
        /// The root.
        root: RootName,
        /// The share set.
        set: String,
        /// How many of them open its message.
        threshold: u8,
        /// The numbers of those that nobody brought.
        missing: Vec<u8>,
    },
    /// People agreed to a roster: requests are held against it from here on.
    RosterTaken {
        /// Its serial.
        serial: u32,
        /// The roster.
        roster: Artefact,
        /// The hash of the words that were confirmed.
        review: Hash,
        /// The words.
        text: Artefact,
    },
    /// Requests were read and verified.
    RequestsRead {
        /// Their ids, and the file of each as it came in.
        requests: Vec<(RequestId, Artefact)>,
    },
    /// The change was shown and confirmed.
    Reviewed {
        /// The hash of the review's text.
        review: Hash,
        /// The text.
        text: Artefact,
    },
    /// A request was answered.
    Certified {
        /// The root.
        root: RootName,
        /// The request.
        request: RequestId,
        /// SHA-256 of the request's file.
        request_sha256: Hash,
        /// The signer's name on the roster.
        signer: String,
        /// The signer's certificate's fingerprint.
        fingerprint: Fingerprint,
        /// The user ID that was certified.
        user_id: String,
        /// What the signer may sign.
        scope: String,
        /// When the delegation ends.
        expires: Timestamp,
        /// The certificate with the delegation.
        certificate: Artefact,
    },
    /// Every request was answered.
    AllAnswered,
    /// People agreed to releases that came in, and the records key signed the list of past releases with them.
    ReleasesTaken {
        /// The number of the list.
        number: u32,
        /// The list.
        list: Artefact,
        /// The signature of the records key on it.
        signature: Artefact,
        /// The manifests that were taken in, by the names of their releases.
        releases: Vec<TakenRelease>,
        /// The hash of the words that were confirmed.
        review: Hash,
        /// The words.
        text: Artefact,
    },
    /// No release came in that the list of past releases does not name already.
    NoReleases,
    /// The outgoing bundle is written.
    BundleWritten {
        /// Its folder's name.
        folder: String,
        /// SHA-256 of its `SHA256SUMS`.
        manifest: Hash,
    },
    /// The minutes are signed.
    MinutesSigned {
        /// The head of the transcript that the minutes bind.
        head: Hash,
        /// The signed minutes.
        minutes: Artefact,
    },
}
