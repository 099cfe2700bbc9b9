//! Returning a card to its factory state.

use openpgp_card::ocard::Transaction;

use super::error::CardError;
use super::guarded::GuardedCard;
use super::survey::Slot;
use crate::model::event::Intent;
use crate::workstation::journal::Permit;

impl GuardedCard<'_> {
    /// Blocks both PINs, terminates and activates the card (7.2.16, 7.2.17), and reads whether it is blank now: the client
    /// ignores what the card answers to the last two. Whether a key on it may go is the caller's question (CARD-4).
    ///
    /// Cut in between, the card has blocked PINs and can be reset again, or is [`CardError::Terminated`]: [`super::Rack::revive`].
    ///
    /// # Errors
    /// When `permit` is not for this; when the card refuses, or is not blank afterwards.
    pub fn reset(&mut self, permit: &Permit) -> Result<(), CardError> {
        self.permitted(permit, "reset it", |intent| matches!(intent, Intent::ResetCard { .. }))?;
        self.client.call("resetting it", Transaction::factory_reset)?;
        self.client.call("opening it after a reset", Transaction::select)?;
        let survey = self.resurvey()?;
        let what = if survey.slot != Slot::Empty {
            "its key is still there"
        } else if survey.signatures != 0 {
            "its signature counter is not zero"
        } else if survey.tries.user == 0 || survey.tries.admin == 0 || survey.tries.reset_code != 0 {
            "its PINs are not those of a new card"
        } else {
            return Ok(());
        };
        Err(CardError::NotKept { card: self.which().clone(), what })
    }
}
