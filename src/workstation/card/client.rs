//! The one place where `openpgp-card` is called: its errors and panics become [`CardError`]s.

use card_backend::SmartcardError;
use keyrite_locked::Locked;
use openpgp_card::Error;
use openpgp_card::ocard::{StatusBytes, Transaction};
use secrecy::SecretBox;

use super::contained::contained;
use super::error::{CardError, Which};
use super::line::Notes;
use crate::model::code::Code;
use crate::model::shown::Shown;

/// A transaction on a card, and what errors call the card.
pub(super) struct Client<'a> {
    tx: Transaction<'a>,
    notes: Notes,
    pub(super) which: Which,
}

impl<'a> Client<'a> {
    pub(super) fn new(tx: Transaction<'a>, notes: Notes, which: Which) -> Self {
        Self { tx, notes, which }
    }

    /// Has the client do `work`; `act` says what, as in "was removed when {act}".
    pub(super) fn call<T>(
        &mut self,
        act: &'static str,
        work: impl FnOnce(&mut Transaction<'a>) -> Result<T, Error>,
    ) -> Result<T, CardError> {
        call(&self.which, act, || work(&mut self.tx))
    }

    /// As [`Client::call`], but that the card says no is an answer too.
    pub(super) fn ask<T>(
        &mut self,
        act: &'static str,
        work: impl FnOnce(&mut Transaction<'a>) -> Result<T, Error>,
    ) -> Result<Result<T, StatusBytes>, CardError> {
        self.call(act, |tx| match work(tx) {
            Ok(value) => Ok(Ok(value)),
            // A card in termination state answers nothing else: that is not about what was asked.
            Err(Error::CardStatus(status)) if status != StatusBytes::TerminationState => Ok(Err(status)),
            Err(error) => Err(error),
        })
    }

    /// Sends an APDU that the client has no function for, and gives its answer's data.
    pub(super) fn raw(
        &mut self,
        act: &'static str,
        command: Vec<u8>,
    ) -> Result<Result<Vec<u8>, StatusBytes>, CardError> {
        self.notes.put_instead(command);
        // Any function without command data carries it; the line puts ours in place of GET VERSION.
        let answer = self.ask(act, Transaction::firmware_version);
        self.notes.take_back();
        answer
    }

    /// Makes the next reading of the application related data a real one.
    pub(super) fn forget(&self) {
        self.notes.forget();
    }

    /// Presents `secret` once. The card's answer decides; nothing is ever sent again.
    pub(super) fn present(
        &mut self,
        pin: Code,
        secret: &Locked,
        work: impl FnOnce(&mut Transaction<'a>, SecretBox<[u8]>) -> Result<(), Error>,
    ) -> Result<(), CardError> {
        let act = match pin {
            Code::User => "checking its user PIN",
            Code::Admin => "checking its admin PIN",
            Code::Reset => "checking its reset code",
        };
        match self.ask(act, |tx| work(tx, wrapped(secret)))? {
            Ok(()) => Ok(()),
            Err(StatusBytes::AuthenticationMethodBlocked | StatusBytes::PasswordNotChecked(0)) => {
                Err(CardError::BlockedPin { card: self.which.clone(), pin })
            }
            Err(StatusBytes::PasswordNotChecked(left)) => {
                Err(CardError::WrongPin { card: self.which.clone(), pin, left })
            }
            // 7.2.2 lets a card answer 6982 and keep the tries for the PW status bytes; opcard says 6300 to a change.
            Err(StatusBytes::SecurityStatusNotSatisfied | StatusBytes::UnknownStatus(0x63, 0x00)) => {
                Err(self.wrong_pin_unspecified(pin)?)
            }
            Err(status) => Err(CardError::Status { card: self.which.clone(), act, status }),
        }
    }

    fn wrong_pin_unspecified(&mut self, pin: Code) -> Result<CardError, CardError> {
        let status =
            self.call("reading how many tries are left", |tx| tx.application_related_data()?.pw_status_bytes())?;
        let left = match pin {
            Code::User => status.err_count_pw1(),
            Code::Admin => status.err_count_pw3(),
            Code::Reset => status.err_count_rc(),
        };
        let card = self.which.clone();
        Ok(if left == 0 { CardError::BlockedPin { card, pin } } else { CardError::WrongPin { card, pin, left } })
    }
}

/// As the client wants its PINs; wiped when the client drops it.
pub(super) fn wrapped(secret: &Locked) -> SecretBox<[u8]> {
    SecretBox::new(secret.to_vec().into_boxed_slice())
}

/// Runs one piece of work of the client.
pub(super) fn call<T>(
    which: &Which,
    act: &'static str,
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<T, CardError> {
    let card = || which.clone();
    let malformed = |detail: &str| CardError::Protocol { card: card(), act, detail: Shown::new(detail) };
    let Some(result) = contained(work) else {
        return Err(malformed("the card client could not go on"));
    };
    result.map_err(|error| match error {
        Error::Smartcard(SmartcardError::NotTransacted) => CardError::Removed { card: card(), act },
        Error::Smartcard(error) => CardError::Reader { card: card(), act, detail: Shown::new(&error.to_string()) },
        Error::CardStatus(StatusBytes::TerminationState) => CardError::Terminated { card: card() },
        Error::CardStatus(status) => CardError::Status { card: card(), act, status },
        Error::UnsupportedAlgo(_) => CardError::Unsupported { card: card(), algorithm: "this algorithm".to_owned() },
        other => malformed(&other.to_string()),
    })
}
