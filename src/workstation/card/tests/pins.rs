//! PINs: set, wrong, blocked; never the last try, never twice.

use super::super::*;
use super::support::*;
use crate::model::algorithm::Algorithm;
use crate::model::code::Code;
use crate::model::control::Control;
use crate::model::fault::{Class, Fault as _};
use crate::model::settings::Settings;

const VERIFY: u8 = 0x20;

#[test]
fn new_pins_hold_and_old_ones_do_not() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    let (old, new) = (Pocket::factory(), Pocket::chosen());
    rack.session(&any(), |card| card.set_pins(&to_set_pins(), &Settings::default(), &new.as_new(), &old.as_old()))
        .expect("set");
    assert_eq!(reader.survey().tries, Tries { user: 3, reset_code: 3, admin: 3 });
    let try_admin = |rack: &mut VirtualRack, pin| rack.session(&any(), |card| card.verify_admin(pin));
    assert!(matches!(try_admin(&mut rack, &old.admin), Err(CardError::WrongPin { pin: Code::Admin, left: 2, .. })));
    try_admin(&mut rack, &new.admin).expect("the new one");
    assert_eq!(reader.survey().tries.admin, 3);
    // And the new user PIN is the new one: the old does not change it back.
    let error = rack
        .session(&any(), |card| {
            card.set_pins(&to_set_pins(), &Settings::default(), &old_lengths(&old), &mixed(&old, &new))
        })
        .expect_err("wrong");
    assert!(matches!(error, CardError::WrongPin { pin: Code::User, left: 2, .. }), "{error}");
}

fn old_lengths(pocket: &Pocket) -> NewPins<'_> {
    NewPins { user: &pocket.user, admin: &pocket.admin, reset_code: &pocket.admin }
}

fn mixed<'p>(old: &'p Pocket, new: &'p Pocket) -> OldPins<'p> {
    OldPins { user: &old.user, admin: &new.admin }
}

#[test]
fn a_wrong_pin_is_sent_once_and_the_last_try_never() {
    let reader = Reader::start();
    let wrong = locked("not this one");
    for left in [2, 1] {
        let tap = Fault::none();
        let error = reader
            .rack()
            .tapped(tap.clone())
            .session(&any(), |card| card.generate(&to_generate(), Algorithm::Ed25519, CREATED, &wrong))
            .expect_err("wrong");
        assert!(matches!(error, CardError::WrongPin { pin: Code::Admin, left: l, .. } if l == left), "{error}");
        assert_eq!(error.class(), Class::Input);
        assert!(error.hint().is_some_and(|hint| hint.contains(&format!("{left} left"))));
        assert_eq!(tap.lock().expect("tap").tally.of(VERIFY), 1);
        assert_eq!(tap.lock().expect("tap").tally.mutating(), 1);
    }
    let tap = Fault::none();
    // Not even the right one is tried: whoever is at the last try has to know what they do.
    let error = generate(&mut reader.rack().tapped(tap.clone())).expect_err("the last try");
    assert_eq!((error.class(), error.control()), (Class::Refused, Some(Control::CardLastTry)));
    assert_eq!(tap.lock().expect("tap").tally.of(VERIFY), 0);
    assert_eq!(reader.survey().tries.admin, 1);
}

#[test]
fn tries_are_counted_within_a_session_too() {
    let reader = Reader::start();
    let wrong = locked("not this one");
    let tap = Fault::none();
    let error = reader
        .rack()
        .tapped(tap.clone())
        .session(&any(), |card| {
            while let Err(CardError::WrongPin { .. }) = card.verify_admin(&wrong) {}
            card.verify_admin(&wrong)
        })
        .expect_err("the last try");
    assert_eq!(error.control(), Some(Control::CardLastTry));
    assert_eq!(tap.lock().expect("tap").tally.of(VERIFY), 2);
}

#[test]
fn a_blocked_pin_is_said_to_be_blocked() {
    let reader = Reader::start();
    let wrong = locked("not this one");
    // Past the guard, as another program would.
    let block = reader.rack().session(&any(), |card| {
        let mut last = Ok(());
        for _ in 0..4 {
            last = card.client.present(Code::Admin, &wrong, |tx, pin| tx.verify_pw3(pin));
        }
        last
    });
    assert!(matches!(block, Err(CardError::BlockedPin { pin: Code::Admin, .. })));
    let error = generate(&mut reader.rack()).expect_err("blocked");
    assert!(matches!(error, CardError::BlockedPin { .. }), "{error}");
    reader.rack().session(&any(), |card| card.reset(&to_reset())).expect("reset");
    generate(&mut reader.rack()).expect("usable again");
}

#[test]
fn the_reset_code_gives_the_user_pin_back() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    let (old, new) = (Pocket::factory(), Pocket::chosen());
    rack.session(&any(), |card| card.set_pins(&to_set_pins(), &Settings::default(), &new.as_new(), &old.as_old()))
        .expect("set");
    let later = locked("TEST later");
    let permit = to_change(Code::User, Code::Reset);
    rack.session(&any(), |card| card.unblock(&permit, &new.reset_code, &later)).expect("unblocked");
    let wrong = rack.session(&any(), |card| card.unblock(&permit, &new.user, &later));
    assert!(matches!(wrong, Err(CardError::WrongPin { pin: Code::Reset, left: 2, .. })));
}

#[test]
fn each_code_is_changed_by_what_permits_it() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    let (old, new) = (Pocket::factory(), Pocket::chosen());
    let permit = to_change(Code::User, Code::User);
    rack.session(&any(), |card| card.change_user(&permit, &old.user, &new.user)).expect("changed");
    let wrong = rack.session(&any(), |card| card.change_user(&permit, &old.user, &new.user));
    assert!(matches!(wrong, Err(CardError::WrongPin { pin: Code::User, left: 2, .. })));
    let permit = to_change(Code::Admin, Code::Admin);
    rack.session(&any(), |card| card.change_admin(&permit, &old.admin, &new.admin)).expect("changed");
    let other = to_change(Code::User, Code::Admin);
    let refused = rack.session(&any(), |card| card.change_admin(&other, &new.admin, &old.admin));
    assert!(matches!(refused, Err(CardError::Permit { .. })));
    let permit = to_change(Code::Reset, Code::Admin);
    assert_eq!(reader.survey().tries.reset_code, 0);
    rack.session(&any(), |card| card.set_reset_code(&permit, &new.admin, &new.reset_code)).expect("set");
    assert_eq!(reader.survey().tries.reset_code, 3);
    rack.session(&any(), |card| card.unblock_as_admin(&other, &new.admin, &old.user)).expect("set");
    assert_eq!(reader.survey().tries, Tries { user: 3, reset_code: 3, admin: 3 });
    let permit = to_change(Code::User, Code::User);
    rack.session(&any(), |card| card.change_user(&permit, &old.user, &new.user)).expect("it was the one");
}

#[test]
fn an_old_pin_with_something_behind_it_changes_nothing() {
    let reader = Reader::start();
    let (mut rack, permit) = (reader.rack(), to_change(Code::User, Code::User));
    // The card knows six digits, and would take the seventh for the beginning of the new one.
    let result = rack.session(&any(), |card| card.change_user(&permit, &locked("1234567"), &locked("TEST new")));
    assert!(matches!(result, Err(CardError::WrongPin { pin: Code::User, left: 2, .. })));
    rack.session(&any(), |card| card.change_user(&permit, &locked("123456"), &locked("TEST new"))).expect("unchanged");
}

#[test]
fn a_reset_code_with_something_behind_it_is_noticed() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    let (old, new) = (Pocket::factory(), Pocket::chosen());
    rack.session(&any(), |card| card.set_pins(&to_set_pins(), &Settings::default(), &new.as_new(), &old.as_old()))
        .expect("set");
    let permit = to_change(Code::User, Code::Reset);
    let result = rack.session(&any(), |card| card.unblock(&permit, &locked("TEST resetX"), &locked("TEST later")));
    assert!(matches!(result, Err(CardError::NotChosen { pin: Code::User, .. })));
    rack.session(&any(), |card| card.unblock(&permit, &new.reset_code, &locked("TEST later"))).expect("once more");
    assert_eq!(reader.survey().tries.user, 3);
}

#[test]
fn lengths_are_checked_before_anything_is_sent() {
    let reader = Reader::start();
    let old = Pocket::factory();
    let fit = locked("123456789");
    for (user, admin, reset_code) in
        [("12345", "12345678", "12345678"), ("123456", "1234567", "12345678"), ("123456", "12345678", "1234567")]
    {
        let (user, admin, reset_code) = (locked(user), locked(admin), locked(reset_code));
        let new = NewPins { user: &user, admin: &admin, reset_code: &reset_code };
        let tap = Fault::none();
        let result = reader
            .rack()
            .tapped(tap.clone())
            .session(&any(), |card| card.set_pins(&to_set_pins(), &Settings::default(), &new, &old.as_old()));
        assert!(matches!(result, Err(CardError::PinLength { .. })));
        assert_eq!(tap.lock().expect("tap").tally.mutating(), 0);
    }
    let long = locked(&"1".repeat(200));
    let new = NewPins { user: &long, admin: &fit, reset_code: &fit };
    let result =
        reader.rack().session(&any(), |card| card.set_pins(&to_set_pins(), &Settings::default(), &new, &old.as_old()));
    assert!(matches!(result, Err(CardError::PinLength { pin: Code::User, .. })));
}
