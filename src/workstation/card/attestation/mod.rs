//! What a card says, and its maker signs, of where its key comes from: that the card generated it, and which card that was.
//!
//! YubiKeys do so since 5.2 (`https://developers.yubico.com/PGP/Attestation.html`), for keys that they generated themselves. The
//! standard has no such thing.

mod certificate;
mod der;
mod verify;

use openpgp_card::ocard::StatusBytes;

pub use verify::{Attested, Defect, Statement, Trust, verify};

use super::client::Client;
use super::error::CardError;
use super::guarded::GuardedCard;
use super::signer::CardSigner;
use crate::model::event::Intent;
use crate::workstation::journal::Permit;

/// Yubico's own, as it publishes them at `https://developers.yubico.com/PKI/`; docs/cards.md has their fingerprints.
pub const YUBICO: Trust<'static> = Trust {
    roots: &[include_bytes!("yubico-openpgp-attestation-ca.der"), include_bytes!("yubico-attestation-root-1.der")],
    between: &[
        include_bytes!("yubico-attestation-intermediate-a-1.der"),
        include_bytes!("yubico-attestation-intermediate-b-1.der"),
        include_bytes!("yubico-opgp-attestation-b-1.der"),
    ],
};

const ACT: &str = "having it attest its key";
/// GET DATA for the certificate of the attestation key (DO FC).
const READ_CARD: [u8; 5] = [0x00, 0xca, 0x00, 0xfc, 0x00];
/// ATTEST for the key in SIG, which writes what it says into the cardholder certificate of SIG.
const ATTEST: [u8; 4] = [0x80, 0xfb, 0x01, 0x00];
/// GET DATA for a cardholder certificate (DO 7F21).
const READ_KEY: [u8; 5] = [0x00, 0xca, 0x7f, 0x21, 0x00];
/// SIG is the third that has one, and DO 7F21 its tag.
const SIG: (u8, [u8; 2]) = (2, [0x7f, 0x21]);

/// The certificate of the card's attestation key; none where there is none.
fn card_certificate(client: &mut Client<'_>) -> Result<Option<Vec<u8>>, CardError> {
    let answer: Result<Vec<u8>, StatusBytes> = client.raw(ACT, READ_CARD.to_vec())?;
    Ok(answer.ok().filter(|certificate| !certificate.is_empty()))
}

impl GuardedCard<'_> {
    /// CARD-5, where the organization wants an attestation: the card has what it needs for one.
    ///
    /// # Errors
    /// [`CardError::Unsettable`]; when the card does not answer.
    pub fn require_attesting(&mut self) -> Result<(), CardError> {
        match card_certificate(&mut self.client)? {
            Some(_) => Ok(()),
            None => {
                let what = "it does not attest the keys that it generates";
                Err(CardError::Unsettable { card: self.which().clone(), what })
            }
        }
    }
}

impl CardSigner<'_, '_> {
    /// Has the card attest the key that it generated for `permit`. None when the card has no such command, or will not. After
    /// [`CardSigner::verify`]: it wants the user PIN.
    ///
    /// # Errors
    /// When `permit` is for something else; when the card does not answer.
    pub fn attest(&mut self, permit: &Permit) -> Result<Option<Statement>, CardError> {
        let is_for = |intent: &Intent| matches!(intent, Intent::GenerateKey { .. });
        self.guarded().permitted(permit, "attest its key", is_for)?;
        let Some(card) = card_certificate(&mut self.guarded().client)? else { return Ok(None) };
        // Nobody says whether the PIN still holds afterwards.
        self.present_anew();
        let client = &mut self.guarded().client;
        let is_attested =
            client.raw(ACT, ATTEST.to_vec())?.is_ok() && client.ask(ACT, |tx| tx.select_data(SIG.0, &SIG.1))?.is_ok();
        if !is_attested {
            return Ok(None);
        }
        let key = client.raw(ACT, READ_KEY.to_vec())?.ok().filter(|certificate| !certificate.is_empty());
        Ok(key.map(|key| Statement { key, card }))
    }
}
