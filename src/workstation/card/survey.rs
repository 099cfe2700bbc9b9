//! What a card says of itself without any PIN.

use std::fmt;

use openpgp_card::ocard::KeyType;
use openpgp_card::ocard::data::{ApplicationRelatedData, KeyStatus};
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::error::CardError;
use super::public_key::PublicKey;
use super::serial::Serial;
use crate::model::code::Code;
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// A card's state, read in one go. It stands in the transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Survey {
    /// Who made it and which one it is.
    pub serial: Serial,
    /// The SIG slot.
    pub slot: Slot,
    /// Tries that are left.
    pub tries: Tries,
    /// Signatures made with the key in the SIG slot (4.4.3.5).
    pub signatures: u32,
    /// Whether one check of the user PIN serves for one signature only (first of the PW status bytes, 4.4.3.6).
    pub pin_once: bool,
    /// The cardholder's name, escaped for the screen; in rehearsals, their mark. Not read where a key that is known says
    /// enough of the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
}

/// The SIG slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Slot {
    /// No key.
    Empty,
    /// A key whose fingerprint or creation time is missing or wrong: it was cut off half way.
    Orphan {
        /// What is missing.
        cause: OrphanCause,
    },
    /// A key with all that belongs to it.
    Complete {
        /// The key's fingerprint, recomputed from the public key and the creation time.
        fingerprint: Fingerprint,
        /// When the key was created.
        created: Timestamp,
        /// Where it comes from.
        origin: Origin,
        /// The public key.
        public_key: PublicKey,
    },
}

/// What makes a key an orphan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrphanCause {
    /// No fingerprint.
    NoFingerprint,
    /// No creation time.
    NoCreationTime,
    /// Public key and creation time give another fingerprint.
    OtherFingerprint,
    /// The public key cannot be read.
    NoPublicKey,
    /// A curve or an encoding that keyrite has no use for.
    OtherAlgorithm,
}

impl fmt::Display for OrphanCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoFingerprint => "its fingerprint was not written",
            Self::NoCreationTime => "its creation time was not written",
            Self::OtherFingerprint => "its fingerprint belongs to another key or creation time",
            Self::NoPublicKey => "its public key cannot be read",
            Self::OtherAlgorithm => "it is of an algorithm that is not used here",
        })
    }
}

/// Where a key comes from, as Key Information (DE, 4.4.3.8) has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Generated on the card.
    Generated,
    /// Written to the card.
    Imported,
    /// The card does not say.
    Unknown,
}

/// Tries that are left; a PIN with none is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tries {
    /// For the user PIN.
    pub user: u8,
    /// For the reset code; zero also when none is set.
    pub reset_code: u8,
    /// For the admin PIN.
    pub admin: u8,
}

impl Tries {
    /// Those of one code.
    #[must_use]
    pub fn of(&self, code: Code) -> u8 {
        match code {
            Code::User => self.user,
            Code::Admin => self.admin,
            Code::Reset => self.reset_code,
        }
    }
}

impl Survey {
    /// The key in the SIG slot, when it is whole.
    #[must_use]
    pub fn public_key(&self) -> Option<&PublicKey> {
        match &self.slot {
            Slot::Complete { public_key, .. } => Some(public_key),
            Slot::Empty | Slot::Orphan { .. } => None,
        }
    }

    /// Reads it. Fills in the serial that errors name.
    pub(super) fn read(client: &mut Client<'_>, with_holder: bool) -> Result<Self, CardError> {
        let ard = client.call("reading what it is", |tx| tx.application_related_data())?;
        let id = client.call("reading its serial", |_| ard.application_id())?;
        let serial = Serial { manufacturer: id.manufacturer(), number: id.serial() };
        client.which.serial = Some(serial);
        let pins = client.call("reading how many tries are left", |_| ard.pw_status_bytes())?;
        let tries = Tries { user: pins.err_count_pw1(), reset_code: pins.err_count_rc(), admin: pins.err_count_pw3() };
        let slot = read_slot(client, &ard)?;
        let signatures = signatures(client)?;
        let holder = if with_holder { Some(read_holder(client)?) } else { None };
        Ok(Self { serial, slot, tries, signatures, pin_once: pins.pw1_cds_valid_once(), holder })
    }
}

/// The digital signature counter (4.4.3.5, in DO 7A): counts PSO:CDS, and starts anew with each new key.
pub(super) fn signatures(client: &mut Client<'_>) -> Result<u32, CardError> {
    client.call("reading its signature counter", |tx| Ok(tx.security_support_template()?.signature_count()))
}

/// The cardholder's name, escaped; empty where there is none.
pub(super) fn read_holder(client: &mut Client<'_>) -> Result<String, CardError> {
    let holder = client.ask("reading its cardholder", |tx| tx.cardholder_related_data())?;
    let name = holder.ok().and_then(|data| data.name().map(Shown::from_bytes));
    Ok(name.map_or_else(String::new, |name| name.to_string()))
}

/// What Key Information says of the SIG slot; `None` for a card without it.
fn key_status(client: &mut Client<'_>, ard: &ApplicationRelatedData) -> Result<Option<KeyStatus>, CardError> {
    client.call("reading whether it holds a key", |_| Ok(ard.key_information()?.map(|info| info.sig_status())))
}

fn read_slot(client: &mut Client<'_>, ard: &ApplicationRelatedData) -> Result<Slot, CardError> {
    let origin = match key_status(client, ard)? {
        Some(KeyStatus::NotPresent) => return Ok(Slot::Empty),
        Some(KeyStatus::Generated) => Origin::Generated,
        Some(KeyStatus::Imported) => Origin::Imported,
        Some(_) | None => Origin::Unknown,
    };
    let material = match client.ask("reading its public key", |tx| tx.public_key(KeyType::Signing))? {
        Ok(material) => material,
        // Without Key Information, an unreadable public key is how a card says that there is none.
        Err(_) if origin == Origin::Unknown => return Ok(Slot::Empty),
        Err(_) => return Ok(Slot::Orphan { cause: OrphanCause::NoPublicKey }),
    };
    let orphan = |cause| Ok(Slot::Orphan { cause });
    let fingerprints = client.call("reading its fingerprint", |_| ard.fingerprints())?;
    let times = client.call("reading its creation time", |_| ard.key_generation_times())?;
    let Some(stored) = fingerprints.signature() else {
        return orphan(OrphanCause::NoFingerprint);
    };
    let Some(created) = times.signature().map(|time| Timestamp(time.get())).filter(|time| time.0 != 0) else {
        return orphan(OrphanCause::NoCreationTime);
    };
    let Some(public_key) = PublicKey::from_card(&material, created) else {
        return orphan(OrphanCause::OtherAlgorithm);
    };
    let fingerprint = public_key.fingerprint();
    if fingerprint.0.as_slice() != stored.as_bytes() {
        return orphan(OrphanCause::OtherFingerprint);
    }
    Ok(Slot::Complete { fingerprint, created, origin, public_key })
}
