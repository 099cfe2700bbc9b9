//! Setting PINs.

use keyrite_locked::Locked;
use openpgp_card::ocard::Transaction;

use super::client::wrapped;
use super::error::{CardError, Pin};
use super::guarded::GuardedCard;
use crate::model::event::Intent;
use crate::workstation::journal::Permit;

/// What people chose.
pub struct NewPins<'p> {
    /// 6 bytes at least (4.2.2).
    pub user: &'p Locked,
    /// 8 bytes at least (4.2.2).
    pub admin: &'p Locked,
    /// 8 bytes at least (4.3.4).
    pub reset_code: &'p Locked,
}

/// What the card knows until then: `123456` and `12345678` when it comes from its maker or from a reset.
pub struct OldPins<'p> {
    /// The user PIN.
    pub user: &'p Locked,
    /// The admin PIN.
    pub admin: &'p Locked,
}

impl GuardedCard<'_> {
    /// Sets user PIN, reset code and admin PIN, in this order. Cut in between, the card has some old and some new ones:
    /// reset it, as long as it holds no key.
    ///
    /// # Errors
    /// When `permit` is not for this; when a new PIN has a length that the card does not take, before anything is sent;
    /// when an old PIN is wrong, or would be the last try (CARD-3).
    pub fn set_pins(&mut self, permit: &Permit, new: &NewPins<'_>, old: &OldPins<'_>) -> Result<(), CardError> {
        self.permitted(permit, "set its PINs", |intent| matches!(intent, Intent::SetPins { .. }))?;
        self.check_lengths(&[(Pin::User, new.user), (Pin::Admin, new.admin), (Pin::ResetCode, new.reset_code)])?;
        // The admin PIN first: a wrong one is noticed while nothing has changed.
        self.verify_admin(old.admin)?;
        self.present(Pin::User, old.user, |tx, old| tx.change_pw1(old, wrapped(new.user)))?;
        self.client.call("setting its reset code", |tx| tx.set_resetting_code(wrapped(new.reset_code)))?;
        self.present(Pin::Admin, old.admin, |tx, old| tx.change_pw3(old, wrapped(new.admin)))?;
        self.resurvey().map(drop)
    }

    /// Sets a new user PIN with the reset code, and gives its tries back (RESET RETRY COUNTER, 7.2.4).
    ///
    /// # Errors
    /// As [`GuardedCard::set_pins`].
    pub fn unblock(&mut self, permit: &Permit, reset_code: &Locked, user: &Locked) -> Result<(), CardError> {
        self.permitted(permit, "set its user PIN", |intent| matches!(intent, Intent::SetPins { .. }))?;
        self.check_lengths(&[(Pin::User, user)])?;
        self.present(Pin::ResetCode, reset_code, |tx, code| tx.reset_retry_counter_pw1(wrapped(user), Some(code)))?;
        self.resurvey().map(drop)
    }

    fn check_lengths(&mut self, pins: &[(Pin, &Locked)]) -> Result<(), CardError> {
        let act = "reading how long its PINs may be";
        let limits =
            self.client.call(act, |tx: &mut Transaction<'_>| tx.application_related_data()?.pw_status_bytes())?;
        for (pin, value) in pins {
            let (min, max) = match pin {
                Pin::User => (6, limits.pw1_max_len()),
                Pin::Admin => (8, limits.pw3_max_len()),
                Pin::ResetCode => (8, limits.rc_max_len()),
            };
            if !(min..=usize::from(max)).contains(&value.len()) {
                let card = self.which().clone();
                return Err(CardError::PinLength { card, pin: *pin, min, max: max.into() });
            }
        }
        Ok(())
    }
}
