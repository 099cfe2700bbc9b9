//! What stands on a card for people to read.

use keyrite_locked::Locked;

use super::error::CardError;
use super::guarded::GuardedCard;
use crate::model::event::Intent;
use crate::workstation::journal::Permit;

/// Cardholder name (5B) holds 39 bytes (4.4.1).
const HOLDER_MAX: usize = 39;
/// The URL's DO (5F50) is of a card-specific length (4.4.1); every card seen takes this much.
const URL_MAX: usize = 254;

/// Texts on the card, printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Cardholder name. In a rehearsal its mark is written instead.
    pub holder: String,
    /// Where the public key is to be found.
    pub url: String,
}

impl GuardedCard<'_> {
    /// Writes the cardholder name and the URL; needs a permit to change this card's key or PINs.
    ///
    /// # Errors
    /// When `permit` is for something else; when a text is too long; when the admin PIN is wrong, or would be the last try.
    pub fn label(&mut self, permit: &Permit, label: &Label, admin: &Locked) -> Result<(), CardError> {
        self.permitted(permit, "label it", |intent| {
            matches!(intent, Intent::GenerateKey { .. } | Intent::ImportKey { .. } | Intent::SetPins { .. })
        })?;
        self.check_text("cardholder name", &label.holder, HOLDER_MAX)?;
        self.check_text("URL", &label.url, URL_MAX)?;
        self.verify_admin(admin)?;
        let holder = self.mode.mark().unwrap_or(&label.holder);
        self.client.call("writing its cardholder name", |tx| tx.set_name(holder.as_bytes()))?;
        self.client.call("writing its URL", |tx| tx.set_url(label.url.as_bytes()))?;
        self.resurvey().map(drop)
    }

    /// In a rehearsal, writes its mark: before the key, so that no key of a rehearsal is ever without one (MODE-1).
    /// The admin PIN has been verified.
    pub(super) fn mark(&mut self) -> Result<(), CardError> {
        match self.mode.mark() {
            Some(mark) if self.survey().holder.as_deref() != Some(mark) => {
                self.client.call("writing the mark of a rehearsal", |tx| tx.set_name(mark.as_bytes()))
            }
            _ => Ok(()),
        }
    }

    fn check_text(&self, what: &'static str, text: &str, max: usize) -> Result<(), CardError> {
        if text.len() <= max && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            Ok(())
        } else {
            Err(CardError::Label { card: self.which().clone(), what, max })
        }
    }
}
