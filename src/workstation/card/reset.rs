//! Returning a card to its factory state.

use keyrite_locked::Locked;
use openpgp_card::Error;
use openpgp_card::ocard::{StatusBytes, Transaction};
use secrecy::SecretBox;

use super::client::wrapped;
use super::error::CardError;
use super::guarded::GuardedCard;
use super::kdf::CodeForm;
use super::survey::Slot;
use crate::model::code::Code;
use crate::model::event::Intent;
use crate::workstation::journal::Permit;

/// TERMINATE DF (7.2.16).
const TERMINATE: [u8; 4] = [0x00, 0xe6, 0x00, 0x00];
/// ACTIVATE FILE (7.2.17).
pub(super) const ACTIVATE: [u8; 4] = [0x00, 0x44, 0x00, 0x00];

impl<'a> GuardedCard<'a> {
    /// Blocks both PINs, which is what lets anybody terminate a card (7.2.16), terminates and activates it, and reads whether
    /// it is blank now. Whether a key on it may go is the caller's question (CARD-4).
    ///
    /// Cut in between, the card has blocked PINs and can be reset again, or is [`CardError::Terminated`]: [`super::Rack::revive`].
    ///
    /// # Errors
    /// When `permit` is not for this; when the card refuses, or is not blank afterwards.
    pub fn reset(&mut self, permit: &Permit) -> Result<(), CardError> {
        self.permitted(permit, "reset it", |intent| matches!(intent, Intent::ResetCard { .. }))?;
        // A card that takes hashes counts no try of another length. What it says of that in a way nobody knows is of no use here.
        let length = match self.code_form() {
            Ok(form) => form.length().unwrap_or(8),
            Err(CardError::Unsupported { .. }) => 32,
            Err(error) => return Err(error),
        };
        let wrong = Locked::copy_of(&vec![0x40; length])?;
        self.block(Code::User, &wrong, Transaction::verify_pw1_sign)?;
        self.block(Code::Admin, &wrong, Transaction::verify_pw3)?;
        self.command("terminating it", &TERMINATE)?;
        self.command("activating it", &ACTIVATE)?;
        self.client.call("opening it after a reset", Transaction::select)?;
        self.forget_code_form();
        let is_plain = *self.code_form()? == CodeForm::Plain;
        let survey = self.resurvey()?;
        let what = if !is_plain {
            "it still takes its codes as hashes"
        } else if survey.slot != Slot::Empty {
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

    /// Blocks the user PIN of a card that is to be reset: takes all tries that are left with a PIN that nobody has. A test does
    /// this to a card of its own and to no other (CARD-3 is about cards that somebody wants to use).
    ///
    /// # Errors
    /// When `permit` is not for resetting this card; when the card refuses to answer, or still has tries.
    pub fn block_user(&mut self, permit: &Permit) -> Result<(), CardError> {
        self.permitted(permit, "block its user PIN", |intent| matches!(intent, Intent::ResetCard { .. }))?;
        let wrong = Locked::copy_of(&[0x40; 8])?;
        self.block(Code::User, &wrong, Transaction::verify_pw1_sign)?;
        match self.resurvey()?.tries.user {
            0 => Ok(()),
            _ => Err(CardError::NotKept { card: self.which().clone(), what: "its user PIN has tries left" }),
        }
    }

    /// Takes all tries that are left with a PIN that nobody has. What the card says to each does not matter, as long as it
    /// says something: the one that counts is TERMINATE DF.
    fn block(
        &mut self,
        pin: Code,
        wrong: &Locked,
        verify: impl Fn(&mut Transaction<'a>, SecretBox<[u8]>) -> Result<(), Error>,
    ) -> Result<(), CardError> {
        let left = match pin {
            Code::User => self.survey().tries.user,
            Code::Admin | Code::Reset => self.survey().tries.admin,
        };
        for _ in 0..left {
            let _: Result<(), StatusBytes> = self.client.ask("blocking its PINs", |tx| verify(tx, wrapped(wrong)))?;
        }
        Ok(())
    }

    fn command(&mut self, act: &'static str, command: &[u8]) -> Result<(), CardError> {
        match self.client.raw(act, command.to_vec())? {
            Ok(_) => Ok(()),
            Err(status) => Err(CardError::Status { card: self.which().clone(), act, status }),
        }
    }
}
