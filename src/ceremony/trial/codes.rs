//! PINs and reset code: set, mistaken, blocked and set anew.

use super::bench::{Bench, Halt, secret};
use crate::ceremony::CeremonyError;
use crate::model::algorithm::Algorithm;
use crate::model::card_report::{Found, What};
use crate::model::code::Code;
use crate::model::settings::Settings;
use crate::workstation::card::{NewPins, OldPins};

/// The user PIN of a new card (OpenPGP card 3.4.1, 4.2.2).
pub(super) const FACTORY_USER: &str = "123456";
/// The admin PIN of a new card (4.2.2).
pub(super) const FACTORY_ADMIN: &str = "12345678";
/// Codes of a test. They are no secrets: the reset at its end takes them away.
const USERS: [&str; 5] = ["test-user-0", "test-user-1", "test-user-2", "test-user-3", "test-user-4"];
const ADMINS: [&str; 2] = ["test-admin-0", "test-admin-1"];
const RESETS: [&str; 2] = ["test-reset-0", "test-reset-1"];
const WRONG: &str = "test-wrong-0";

type Work = fn(&mut Bench<'_>, Algorithm) -> Result<Found, Halt>;

/// Each check begins with the codes that the one before it left: after one that failed, the rest is not done.
const CHECKS: [(What, Work); 7] = [
    (What::SetPins, set_pins),
    (What::WrongUserPin, |bench, _| wrong(bench, Code::User, USERS[0])),
    (What::WrongAdminPin, |bench, _| wrong(bench, Code::Admin, ADMINS[0])),
    (What::WrongResetCode, |bench, _| wrong_reset_code(bench)),
    (What::UnblockByResetCode, |bench, _| unblock(bench, Code::Reset, USERS[1], USERS[2])),
    (What::UnblockByAdminPin, |bench, _| unblock(bench, Code::Admin, USERS[2], USERS[3])),
    (What::ChangeCodes, |bench, _| change(bench)),
];

/// Checks what the card does with its codes. It is blank before, and has a key and other codes after.
pub(super) fn check(bench: &mut Bench<'_>, algorithm: Algorithm) -> Result<(), CeremonyError> {
    let mut goes_on = true;
    for (what, work) in CHECKS {
        if goes_on {
            goes_on = bench.check(what, None, |bench| work(bench, algorithm))? == Found::Passed;
        } else {
            bench.skip(what, None);
        }
    }
    Ok(())
}

/// Sets the card up, under the codes of a new card, which it keeps; a reset code comes besides.
pub(super) fn set_up(bench: &mut Bench<'_>, wanted: &Settings) -> Result<(), Halt> {
    let (user, admin, reset_code) = (secret(FACTORY_USER)?, secret(FACTORY_ADMIN)?, secret(RESETS[0])?);
    let new = NewPins { user: &user, admin: &admin, reset_code: &reset_code };
    let old = OldPins { user: &user, admin: &admin };
    bench.change(bench.to_set_pins(), |card, permit| card.set_pins(permit, wanted, &new, &old).map(drop))
}

fn set_pins(bench: &mut Bench<'_>, algorithm: Algorithm) -> Result<Found, Halt> {
    let (user, admin, reset_code) = (secret(USERS[0])?, secret(ADMINS[0])?, secret(RESETS[0])?);
    let (old_user, old_admin) = (secret(FACTORY_USER)?, secret(FACTORY_ADMIN)?);
    let new = NewPins { user: &user, admin: &admin, reset_code: &reset_code };
    let old = OldPins { user: &old_user, admin: &old_admin };
    bench.change(bench.to_set_pins(), |card, permit| card.set_pins(permit, &Settings::default(), &new, &old))?;
    let took = bench.took;
    bench.generate(algorithm, ADMINS[0])?;
    bench.sign(USERS[0])?;
    bench.took = took;
    Ok(Found::Passed)
}

/// A wrong PIN costs one try, which the right one gives back. The try is seen without power in between.
fn wrong(bench: &mut Bench<'_>, code: Code, right: &str) -> Result<Found, Halt> {
    let before = tries(bench, code)?;
    let said = verify(bench, code, WRONG);
    costs_one(bench, code, before, said)?;
    verify(bench, code, right)?;
    given_back(bench, code, before)
}

fn verify(bench: &mut Bench<'_>, code: Code, value: &str) -> Result<(), Halt> {
    let value = secret(value)?;
    bench.change(bench.to_change(code, code), |card, permit| card.knows(permit, code, &value))
}

fn tries(bench: &mut Bench<'_>, code: Code) -> Result<u8, Halt> {
    Ok(bench.session(|card| Ok(card.survey().tries.of(code)))?)
}

/// Whether `said` is the refusal of a wrong code that costs one try of `before`. The card is asked anew too, after it was without
/// power.
fn costs_one(bench: &mut Bench<'_>, code: Code, before: u8, said: Result<(), Halt>) -> Result<(), Halt> {
    let left = match said {
        Err(Halt::Wrong(left, _)) => left,
        Err(other) => return Err(other),
        Ok(()) => return Err(Halt::Failed(format!("it took a wrong {code}"))),
    };
    let now = tries(bench, code)?;
    if left == now && now.checked_add(1) == Some(before) {
        Ok(())
    } else {
        Err(Halt::Failed(format!("of {before} tries, a wrong {code} left {left} and then {now}")))
    }
}

fn given_back(bench: &mut Bench<'_>, code: Code, before: u8) -> Result<Found, Halt> {
    let now = tries(bench, code)?;
    if now == before {
        Ok(Found::Passed)
    } else {
        Err(Halt::Failed(format!("the right {code} left {now} tries of {before}")))
    }
}

fn wrong_reset_code(bench: &mut Bench<'_>) -> Result<Found, Halt> {
    let before = tries(bench, Code::Reset)?;
    let said = set_by_reset_code(bench, WRONG, USERS[1]);
    costs_one(bench, Code::Reset, before, said)?;
    set_by_reset_code(bench, RESETS[0], USERS[1])?;
    given_back(bench, Code::Reset, before)
}

fn set_by_reset_code(bench: &mut Bench<'_>, code: &str, user: &str) -> Result<(), Halt> {
    let (code, user) = (secret(code)?, secret(user)?);
    bench.change(bench.to_change(Code::User, Code::Reset), |card, permit| card.unblock(permit, &code, &user))
}

/// A blocked user PIN is refused, and set anew by the code that may.
fn unblock(bench: &mut Bench<'_>, by: Code, before: &str, after: &str) -> Result<Found, Halt> {
    bench.change(bench.to_reset(), |card, permit| card.block_user(permit))?;
    match verify(bench, Code::User, before) {
        Err(Halt::Blocked(_)) => {}
        Err(other) => return Err(other),
        Ok(()) => return Err(Halt::Failed("it took a user PIN that is blocked".to_owned())),
    }
    match by {
        Code::Reset => set_by_reset_code(bench, RESETS[0], after)?,
        Code::User | Code::Admin => {
            let (admin, user) = (secret(ADMINS[0])?, secret(after)?);
            let intent = bench.to_change(Code::User, Code::Admin);
            bench.change(intent, |card, permit| card.unblock_as_admin(permit, &admin, &user))?;
        }
    }
    let took = bench.took;
    bench.sign(after)?;
    bench.took = took;
    Ok(Found::Passed)
}

fn change(bench: &mut Bench<'_>) -> Result<Found, Halt> {
    let (old, new) = (secret(USERS[3])?, secret(USERS[4])?);
    bench.change(bench.to_change(Code::User, Code::User), |card, permit| card.change_user(permit, &old, &new))?;
    let took = bench.took;
    bench.sign(USERS[4])?;
    let (old, new) = (secret(ADMINS[0])?, secret(ADMINS[1])?);
    bench.change(bench.to_change(Code::Admin, Code::Admin), |card, permit| card.change_admin(permit, &old, &new))?;
    let code = secret(RESETS[1])?;
    bench.change(bench.to_change(Code::Reset, Code::Admin), |card, permit| card.set_reset_code(permit, &new, &code))?;
    set_by_reset_code(bench, RESETS[1], USERS[0])?;
    bench.sign(USERS[0])?;
    bench.took = took;
    Ok(Found::Passed)
}
