//! A card inside a session: opened, and found to be the expected one.

use keyrite_locked::Locked;
use openpgp_card::Error;
use openpgp_card::ocard::Transaction;
use secrecy::SecretBox;

use super::client::Client;
use super::error::{CardError, Which};
use super::guard::{self, Expected};
use super::kdf::CodeForm;
use super::survey::{Slot, Survey};
use crate::model::code::Code;
use crate::model::event::Intent;
use crate::model::mode::Mode;
use crate::workstation::journal::Permit;

/// A card that passed the guard. It exists inside [`super::Rack::with`] only; when that ends, the card loses power.
pub struct GuardedCard<'a> {
    pub(super) client: Client<'a>,
    pub(super) mode: Mode,
    survey: Survey,
    /// The code whose last try may be taken.
    dared: Option<Code>,
    /// How it takes its codes, once that is known.
    form: Option<CodeForm>,
}

impl<'a> GuardedCard<'a> {
    pub(super) fn new(client: Client<'a>, mode: Mode, survey: Survey, expected: &Expected) -> Self {
        Self { client, mode, survey, dared: expected.last_try, form: expected.form.clone() }
    }

    /// What the card said of itself: when the session began, or after the last change that was read back.
    #[must_use]
    pub fn survey(&self) -> &Survey {
        &self.survey
    }

    /// How errors and transcripts call it.
    #[must_use]
    pub fn which(&self) -> &Which {
        &self.client.which
    }

    /// Reads the survey again from the card.
    ///
    /// # Errors
    /// When the card does not answer, or not as it should.
    pub fn resurvey(&mut self) -> Result<&Survey, CardError> {
        self.client.forget();
        self.survey = Survey::read(&mut self.client, true)?;
        Ok(&self.survey)
    }

    /// How it takes its codes. It is asked once in a session, and not when that was known before.
    ///
    /// # Errors
    /// When the card does not answer, or hashes codes in a way that keyrite does not know.
    pub fn code_form(&mut self) -> Result<&CodeForm, CardError> {
        let form = match self.form.take() {
            Some(form) => form,
            None => CodeForm::read(&mut self.client)?,
        };
        Ok(self.form.insert(form))
    }

    /// Has it asked again how it takes its codes: that was changed.
    pub(super) fn forget_code_form(&mut self) {
        self.form = None;
    }

    /// A code as the card takes it, in locked memory.
    pub(super) fn as_taken(&mut self, pin: Code, code: &Locked) -> Result<Locked, CardError> {
        Ok(self.code_form()?.of(pin, code)?)
    }

    /// JOURNAL-1: `permit` is for this card and for this act.
    pub(super) fn permitted(
        &self,
        permit: &Permit,
        act: &'static str,
        is_for: impl FnOnce(&Intent) -> bool,
    ) -> Result<(), CardError> {
        if permit.intent().card() == &self.which().name && is_for(permit.intent()) {
            Ok(())
        } else {
            Err(CardError::Permit { card: self.which().clone(), act })
        }
    }

    /// CARD-4, as far as the card itself tells: an orphan has to be reset before a new key comes.
    pub(super) fn require_empty(&self) -> Result<(), CardError> {
        match &self.survey.slot {
            Slot::Empty => Ok(()),
            Slot::Orphan { cause } => Err(CardError::Orphan { card: self.which().clone(), cause: *cause }),
            Slot::Complete { .. } => Err(CardError::Occupied { card: self.which().clone() }),
        }
    }

    /// Presents `code` once, in the form in which the card takes it, unless that would be the last try and nobody dares it
    /// (CARD-3).
    pub(super) fn present(
        &mut self,
        pin: Code,
        code: &Locked,
        work: impl FnOnce(&mut Transaction<'a>, SecretBox<[u8]>) -> Result<(), Error>,
    ) -> Result<(), CardError> {
        guard::check_tries(pin, *self.tries(pin), self.dared, self.which())?;
        let taken = self.as_taken(pin, code)?;
        self.present_as_is(pin, &taken, work)
    }

    /// As [`GuardedCard::present`], for what has its form already.
    pub(super) fn present_as_is(
        &mut self,
        pin: Code,
        secret: &Locked,
        work: impl FnOnce(&mut Transaction<'a>, SecretBox<[u8]>) -> Result<(), Error>,
    ) -> Result<(), CardError> {
        guard::check_tries(pin, *self.tries(pin), self.dared, self.which())?;
        let result = self.client.present(pin, secret, work);
        match &result {
            Err(CardError::WrongPin { left, .. }) => *self.tries(pin) = *left,
            Err(CardError::BlockedPin { .. }) => *self.tries(pin) = 0,
            _ => {}
        }
        result
    }

    fn tries(&mut self, pin: Code) -> &mut u8 {
        match pin {
            Code::User => &mut self.survey.tries.user,
            Code::Admin => &mut self.survey.tries.admin,
            Code::Reset => &mut self.survey.tries.reset_code,
        }
    }

    /// VERIFY with the admin PIN (7.2.2): holds until the session ends.
    pub(super) fn verify_admin(&mut self, admin: &Locked) -> Result<(), CardError> {
        self.present(Code::Admin, admin, Transaction::verify_pw3)
    }
}
