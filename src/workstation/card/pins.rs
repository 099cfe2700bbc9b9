//! Setting PINs, on a new card after everything else that is set.

use keyrite_locked::Locked;
use openpgp_card::ocard::Transaction;

use super::client::wrapped;
use super::error::CardError;
use super::guarded::GuardedCard;
use super::kdf::{CodeForm, Kdf};
use crate::model::code::Code;
use crate::model::event::Intent;
use crate::model::settings::Settings;
use crate::workstation::WorkstationError;
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
    /// Sets the card up as `wanted`, then sets user PIN, reset code and admin PIN, in this order. Gives what the card says of
    /// what was wanted. Cut in between, the card has some old and some new ones: reset it, as long as it holds no key.
    ///
    /// # Errors
    /// When `permit` is not for this; when a new PIN has a length that the card does not take, before anything is sent;
    /// when an old PIN is wrong, or would be the last try (CARD-3); when the card does not keep what was written.
    pub fn set_pins(
        &mut self,
        permit: &Permit,
        wanted: &Settings,
        new: &NewPins<'_>,
        old: &OldPins<'_>,
    ) -> Result<Settings, CardError> {
        self.permitted(permit, "set its PINs", |intent| matches!(intent, Intent::SetPins { .. }))?;
        self.check_lengths(&[(Code::User, new.user), (Code::Admin, new.admin), (Code::Reset, new.reset_code)])?;
        // The admin PIN first: a wrong one is noticed while nothing has changed.
        let mut form = self.makers_form(old.admin)?;
        self.set_up(wanted)?;
        if wanted.kdf == Some(true) {
            self.begin_hashing(old)?;
            form = self.makers_form(old.admin)?;
        }
        let (user, admin) = (form.of(Code::User, old.user)?, form.of(Code::Admin, old.admin)?);
        let (new_user, new_admin) = (self.as_taken(Code::User, new.user)?, self.as_taken(Code::Admin, new.admin)?);
        self.present_as_is(Code::User, &user, |tx, old| tx.change_pw1(old, wrapped(&new_user)))?;
        self.write_reset_code(new.reset_code)?;
        self.present_as_is(Code::Admin, &admin, |tx, old| tx.change_pw3(old, wrapped(&new_admin)))?;
        if *self.code_form()? != CodeForm::Plain {
            // Which form it took for what is seen while it still holds nothing.
            self.kept_user(new.user)?;
            let kept = self.verify_admin(new.admin);
            self.kept(kept)?;
        }
        self.resurvey()?;
        self.set_up_so(wanted)
    }

    /// Verifies the admin PIN of the card's maker, and tells in which form the card has its maker's codes. A card on which KDF
    /// was just switched on takes hashes of them, which stand in the KDF-DO, or has them still as they were (4.3.2 leaves no
    /// doubt, and some do). A wrong guess costs one try of a card that holds nothing, and is the only one: the other form is
    /// the right one, which gives the try back.
    fn makers_form(&mut self, admin: &Locked) -> Result<CodeForm, CardError> {
        let form = self.code_form()?.clone();
        match self.verify_admin(admin) {
            Err(CardError::WrongPin { left: 2.., .. }) if form != CodeForm::Plain => {
                self.present_as_is(Code::Admin, admin, Transaction::verify_pw3)?;
                Ok(CodeForm::Plain)
            }
            other => other.map(|()| form),
        }
    }

    /// Switches KDF on, with new salts, before any code of people's is on the card. The admin PIN has been verified.
    fn begin_hashing(&mut self, old: &OldPins<'_>) -> Result<(), CardError> {
        let kdf = Kdf::draw().map_err(|error| match error {
            WorkstationError::Memory(error) => CardError::Memory(error),
            _ => CardError::NoSalt { card: self.which().clone() },
        })?;
        let object = kdf.data_object(old.user, old.admin)?;
        // PUT DATA (7.2.8); the DO is of 110 bytes.
        let length = u8::try_from(object.len()).unwrap_or(u8::MAX);
        self.put("having it take codes as hashes", &[&[0x00, 0xda, 0x00, 0xf9, length], object.as_slice()].concat())?;
        self.forget_code_form();
        if *self.code_form()? == CodeForm::Hashed(kdf) {
            Ok(())
        } else {
            Err(CardError::NotKept { card: self.which().clone(), what: "how it takes its codes" })
        }
    }

    /// Writes the reset code (PUT DATA, DO D3, 4.3.4). The admin PIN has been verified.
    fn write_reset_code(&mut self, code: &Locked) -> Result<(), CardError> {
        let code = self.as_taken(Code::Reset, code)?;
        self.client.call("setting its reset code", |tx| tx.set_resetting_code(wrapped(&code)))
    }

    /// Sets a new user PIN by the one it has (CHANGE REFERENCE DATA, 7.2.3).
    ///
    /// # Errors
    /// As [`GuardedCard::set_pins`]; [`CardError::NotChosen`] when the card does not know the new one afterwards.
    pub fn change_user(&mut self, permit: &Permit, old: &Locked, new: &Locked) -> Result<(), CardError> {
        self.permitted_code(permit, Code::User, Code::User)?;
        self.check_lengths(&[(Code::User, new)])?;
        // The command has both PINs without a mark between them, and the card knows where the old one ends: an old one with
        // something behind it would be taken, and the new one would begin with the rest. VERIFY takes it whole or not.
        self.present(Code::User, old, Transaction::verify_pw1_sign)?;
        let taken = self.as_taken(Code::User, new)?;
        self.present(Code::User, old, |tx, old| tx.change_pw1(old, wrapped(&taken)))?;
        self.kept_user(new)
    }

    /// Sets a new admin PIN by the one it has (CHANGE REFERENCE DATA, 7.2.3).
    ///
    /// # Errors
    /// As [`GuardedCard::change_user`].
    pub fn change_admin(&mut self, permit: &Permit, old: &Locked, new: &Locked) -> Result<(), CardError> {
        self.permitted_code(permit, Code::Admin, Code::Admin)?;
        self.check_lengths(&[(Code::Admin, new)])?;
        // As for the user PIN.
        self.verify_admin(old)?;
        let taken = self.as_taken(Code::Admin, new)?;
        self.present(Code::Admin, old, |tx, old| tx.change_pw3(old, wrapped(&taken)))?;
        let kept = self.verify_admin(new);
        self.kept(kept)
    }

    /// Sets a new reset code under the admin PIN (PUT DATA, DO D3, 4.3.4).
    ///
    /// # Errors
    /// As [`GuardedCard::set_pins`].
    pub fn set_reset_code(&mut self, permit: &Permit, admin: &Locked, new: &Locked) -> Result<(), CardError> {
        self.permitted_code(permit, Code::Reset, Code::Admin)?;
        self.check_lengths(&[(Code::Reset, new)])?;
        self.verify_admin(admin)?;
        self.write_reset_code(new)?;
        self.resurvey().map(drop)
    }

    /// Sets a new user PIN with the reset code, and gives its tries back (RESET RETRY COUNTER with P1 00, 7.2.4).
    ///
    /// # Errors
    /// As [`GuardedCard::change_user`].
    pub fn unblock(&mut self, permit: &Permit, reset_code: &Locked, user: &Locked) -> Result<(), CardError> {
        self.permitted_code(permit, Code::User, Code::Reset)?;
        self.check_lengths(&[(Code::User, user)])?;
        let taken = self.as_taken(Code::User, user)?;
        self.present(Code::Reset, reset_code, |tx, code| tx.reset_retry_counter_pw1(wrapped(&taken), Some(code)))?;
        self.resurvey()?;
        // Here too both stand in one command, and nothing verifies a reset code alone.
        self.kept_user(user)
    }

    /// Sets a new user PIN under the admin PIN, and gives its tries back (RESET RETRY COUNTER with P1 02, 7.2.4).
    ///
    /// # Errors
    /// As [`GuardedCard::change_user`].
    pub fn unblock_as_admin(&mut self, permit: &Permit, admin: &Locked, user: &Locked) -> Result<(), CardError> {
        self.permitted_code(permit, Code::User, Code::Admin)?;
        self.check_lengths(&[(Code::User, user)])?;
        self.verify_admin(admin)?;
        let taken = self.as_taken(Code::User, user)?;
        self.client.call("setting its user PIN", |tx| tx.reset_retry_counter_pw1(wrapped(&taken), None))?;
        self.resurvey()?;
        self.kept_user(user)
    }

    /// Whether the card knows this user or admin PIN already: a cut left open whether it was set (VERIFY, 7.2.2).
    ///
    /// # Errors
    /// As [`GuardedCard::set_pins`].
    pub fn knows(&mut self, permit: &Permit, code: Code, value: &Locked) -> Result<(), CardError> {
        self.permitted_code(permit, code, code)?;
        match code {
            Code::User => self.present(Code::User, value, Transaction::verify_pw1_sign)?,
            Code::Admin => self.verify_admin(value)?,
            // It opens nothing by itself, and is never asked for by its present value.
            Code::Reset => return Err(CardError::Permit { card: self.which().clone(), act: "verify its reset code" }),
        }
        self.resurvey().map(drop)
    }

    fn permitted_code(&self, permit: &Permit, code: Code, by: Code) -> Result<(), CardError> {
        let act = match code {
            Code::User => "set its user PIN",
            Code::Admin => "set its admin PIN",
            Code::Reset => "set its reset code",
        };
        self.permitted(permit, act, |intent| match intent {
            Intent::ChangeCode { code: set, by: under, .. } => (*set, *under) == (code, by),
            _ => false,
        })
    }

    fn kept_user(&mut self, user: &Locked) -> Result<(), CardError> {
        let kept = self.present(Code::User, user, Transaction::verify_pw1_sign);
        self.kept(kept)
    }

    /// What a card says to the PIN that it was just given.
    fn kept(&mut self, verified: Result<(), CardError>) -> Result<(), CardError> {
        match verified {
            Err(CardError::WrongPin { card, pin, .. }) => Err(CardError::NotChosen { card, pin }),
            other => other.and_then(|()| self.resurvey().map(drop)),
        }
    }

    fn check_lengths(&mut self, pins: &[(Code, &Locked)]) -> Result<(), CardError> {
        let act = "reading how long its PINs may be";
        let limits =
            self.client.call(act, |tx: &mut Transaction<'_>| tx.application_related_data()?.pw_status_bytes())?;
        // A hash is longer than what people choose.
        let hash = self.code_form()?.length();
        for (pin, value) in pins {
            let (min, max) = match pin {
                Code::User => (6, limits.pw1_max_len()),
                Code::Admin => (8, limits.pw3_max_len()),
                Code::Reset => (8, limits.rc_max_len()),
            };
            let (longest, is_too_long) = match hash {
                Some(hash) => (usize::from(u8::MAX), hash > usize::from(max)),
                None => (usize::from(max), false),
            };
            if is_too_long || !(min..=longest).contains(&value.len()) {
                let card = self.which().clone();
                return Err(CardError::PinLength { card, pin: *pin, min, max: max.into() });
            }
        }
        Ok(())
    }
}
