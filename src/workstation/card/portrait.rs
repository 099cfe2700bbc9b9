//! Everything that a card says of itself without any PIN, for people who want to know what is in the readers.

use openpgp_card::ocard::KeyType;
use openpgp_card::ocard::algorithm::{AlgorithmAttributes, Curve};
use openpgp_card::ocard::crypto::EccType;
use openpgp_card::ocard::data::{ApplicationRelatedData, KeyStatus, TouchPolicy};
use sequoia_openpgp::types::PublicKeyAlgorithm;

use super::absence::Place;
use super::advisory::{CardKey, Kind};
use super::client::Client;
use super::error::CardError;
use super::guarded::GuardedCard;
use super::kdf::CodeForm;
use super::settings;
use super::survey::{Origin, Slot, Survey};
use super::versions::Versions;
use crate::model::fingerprint::Fingerprint;

/// A reader, and the card in it as it presents itself.
#[derive(Debug)]
pub struct Seen {
    /// The reader, and what is in it.
    pub place: Place,
    /// What an OpenPGP card says of itself, or why it does not.
    pub portrait: Option<Result<Portrait, CardError>>,
}

/// A card as it presents itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// Its serial, its SIG slot, tries, and signatures.
    pub survey: Survey,
    /// The versions of its application and firmware.
    pub versions: Versions,
    /// SIG, DEC and AUT.
    pub slots: [SlotView; 3],
    /// Where the public key is to be found, escaped for the screen; empty where it does not say.
    pub url: String,
    /// Whether it takes its codes as hashes (KDF-DO).
    pub hashed_pins: bool,
}

/// What a card says of a slot. Nothing of it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotView {
    /// `SIG`, `DEC` or `AUT`.
    pub name: &'static str,
    /// The kind of key that is there, or would be next (4.4.3.9).
    pub algorithm: String,
    /// The key; none where the slot is empty.
    pub key: Option<KeyView>,
    /// Whether it wants to be touched (User Interaction Flag, 4.4.3.6); none when the card does not say.
    pub touch: Option<&'static str>,
}

/// What a card says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyView {
    /// The fingerprint that is stored with it.
    pub fingerprint: Option<Fingerprint>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Portrait {
    /// What keeps the card from being as it came from its maker, as far as it says; none when it is blank.
    #[must_use]
    pub fn used(&self) -> Option<&'static str> {
        let Self { survey, slots, .. } = self;
        if slots.iter().any(|slot| slot.key.is_some()) || survey.slot != Slot::Empty {
            Some("it holds a key")
        } else if survey.signatures != 0 {
            Some("its signature counter is not zero")
        } else if survey.holder.as_deref().is_some_and(|name| !name.is_empty()) {
            Some("it has a cardholder name")
        } else if survey.tries.reset_code != 0 {
            Some("it has a reset code")
        } else if survey.tries.user == 0 || survey.tries.admin == 0 {
            Some("a PIN of it is blocked")
        } else {
            None
        }
    }

    /// Reads it.
    pub(super) fn read(client: &mut Client<'_>) -> Result<Self, CardError> {
        let survey = Survey::read(client, true)?;
        let versions = Versions::read(client)?;
        let ard = client.call("reading what it is", |tx| tx.application_related_data())?;
        let slots = [
            slot(client, &ard, "SIG", KeyType::Signing)?,
            slot(client, &ard, "DEC", KeyType::Decryption)?,
            slot(client, &ard, "AUT", KeyType::Authentication)?,
        ];
        let hashed_pins = match CodeForm::read(client) {
            Ok(form) => form != CodeForm::Plain,
            Err(CardError::Unsupported { .. }) => true,
            Err(error) => return Err(error),
        };
        let url = settings::url(client)?;
        Ok(Self { survey, versions, slots, url, hashed_pins })
    }

    /// The key in the SIG slot, as advisories tell keys apart; of an empty slot, the one that keyrite would have generated there.
    #[must_use]
    pub fn card_key(&self) -> CardKey {
        match &self.survey.slot {
            Slot::Complete { origin, public_key, .. } => {
                let kind = match public_key.key().pk_algo() {
                    PublicKeyAlgorithm::ECDSA => Kind::Ecdsa,
                    PublicKeyAlgorithm::RSAEncryptSign => Kind::Rsa,
                    _ => Kind::Ed25519,
                };
                CardKey { kind, origin: *origin }
            }
            Slot::Empty | Slot::Orphan { .. } => CardKey { kind: Kind::Ed25519, origin: Origin::Generated },
        }
    }
}

impl GuardedCard<'_> {
    /// Everything that the card says of itself.
    ///
    /// # Errors
    /// When the card does not answer, or not as it should.
    pub fn portrait(&mut self) -> Result<Portrait, CardError> {
        Portrait::read(&mut self.client)
    }
}

fn slot(
    client: &mut Client<'_>,
    ard: &ApplicationRelatedData,
    name: &'static str,
    kind: KeyType,
) -> Result<SlotView, CardError> {
    const ACT: &str = "reading what is in its slots";
    let attributes = client.call(ACT, |_| ard.algorithm_attributes(kind))?;
    let fingerprints = client.call(ACT, |_| ard.fingerprints())?;
    let information = client.call(ACT, |_| ard.key_information())?;
    let (fingerprint, status, touch) = match kind {
        KeyType::Decryption => {
            (fingerprints.decryption(), information.map(|i| i.dec_status()), client.call(ACT, |_| ard.uif_pso_dec())?)
        }
        KeyType::Authentication => (
            fingerprints.authentication(),
            information.map(|i| i.aut_status()),
            client.call(ACT, |_| ard.uif_pso_aut())?,
        ),
        _ => (fingerprints.signature(), information.map(|i| i.sig_status()), client.call(ACT, |_| ard.uif_pso_cds())?),
    };
    let fingerprint = fingerprint.and_then(|stored| Some(Fingerprint(stored.as_bytes().try_into().ok()?)));
    let origin = match status {
        Some(KeyStatus::NotPresent) => None,
        Some(KeyStatus::Generated) => Some(Origin::Generated),
        Some(KeyStatus::Imported) => Some(Origin::Imported),
        // Without Key Information, a fingerprint is how a card says that there is a key.
        Some(_) | None => fingerprint.map(|_| Origin::Unknown),
    };
    let key = origin.map(|origin| KeyView { fingerprint, origin });
    Ok(SlotView { name, algorithm: in_words(&attributes), key, touch: touch.map(|flag| touched(flag.touch_policy())) })
}

/// A kind of key, as its attributes have it.
pub(super) fn in_words(attributes: &AlgorithmAttributes) -> String {
    match attributes {
        AlgorithmAttributes::Rsa(rsa) => format!("RSA-{}", rsa.len_n()),
        AlgorithmAttributes::Ecc(ecc) => match (ecc.curve(), ecc.ecc_type()) {
            (Curve::Ed25519, _) => "Ed25519",
            (Curve::Curve25519, _) => "X25519",
            (Curve::NistP256r1, _) => "NIST P-256",
            (Curve::NistP384r1, _) => "NIST P-384",
            (Curve::NistP521r1, _) => "NIST P-521",
            (_, EccType::ECDH) => "other ECDH",
            _ => "other curve",
        }
        .to_owned(),
        _ => "other".to_owned(),
    }
}

fn touched(policy: TouchPolicy) -> &'static str {
    match policy {
        TouchPolicy::Off => "off",
        TouchPolicy::On => "on",
        TouchPolicy::Fixed => "on, fixed",
        TouchPolicy::Cached => "cached",
        TouchPolicy::CachedFixed => "cached, fixed",
        TouchPolicy::Unknown(_) => "unknown",
    }
}
