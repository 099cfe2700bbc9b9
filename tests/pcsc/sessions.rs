//! What a session leaves behind, and what it stands: cards that are pulled, resets that are cut off, the sandbox.

use std::ffi::CString;
use std::sync::{Arc, Mutex};

use keyrite::workstation::card::{Action, Answer, Apdu, CardError, Rack as _, RackExt as _, SharedTap, Slot, Tap};
use keyrite::workstation::sandbox::{Sandbox, Writable};
use pcsc::{Context, Disposition, Protocols, Scope, ShareMode};

use crate::desk::{Desk, any, expected, rack, slot};
use crate::readers::{Readers, SLOTS};

pub(crate) const SELECT: &[u8] = &[0x00, 0xa4, 0x04, 0x00, 6, 0xd2, 0x76, 0x00, 0x01, 0x24, 0x01, 0x00];
const VERIFY_ADMIN: &[u8] = b"\x00\x20\x00\x83\x0812345678";
const IS_ADMIN_VERIFIED: &[u8] = &[0x00, 0x20, 0x00, 0x83];
const OK: &[u8] = &[0x90, 0x00];
const NOT_VERIFIED: &[u8] = &[0x63, 0xc3];

/// Another program's commands to the card in the first reader. It shares the card and leaves it as it is.
pub(crate) fn another_program(commands: &[&[u8]]) -> Vec<Vec<u8>> {
    let reader = CString::new(SLOTS[0]).unwrap();
    let context = Context::establish(Scope::User).unwrap();
    let card = context.connect(&reader, ShareMode::Shared, Protocols::ANY).unwrap();
    let ask = |command: &&[u8]| card.transmit(command, &mut [0; 512]).unwrap().to_vec();
    let answers = commands.iter().map(ask).collect();
    card.disconnect(Disposition::LeaveCard).map_err(|(_, error)| error).unwrap();
    answers
}

#[test]
fn no_verified_pin_leaves_a_session_or_comes_into_one() {
    let Some(mut readers) = Readers::for_test(no_verified_pin_leaves_a_session_or_comes_into_one) else { return };
    let mut desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    assert_eq!(another_program(&[SELECT, VERIFY_ADMIN]).last().unwrap(), OK);
    assert_eq!(another_program(&[IS_ADMIN_VERIFIED]), [OK], "it stays, unless somebody resets the card");

    rack().session(&any(), |_| Ok(())).unwrap();
    assert_eq!(another_program(&[SELECT, IS_ADMIN_VERIFIED]).last().unwrap(), NOT_VERIFIED, "what another left");

    desk.generate(&mut rack()).unwrap();
    assert_eq!(another_program(&[SELECT, IS_ADMIN_VERIFIED]).last().unwrap(), NOT_VERIFIED, "what it verified itself");
}

#[test]
fn nobody_else_has_the_card_during_a_session() {
    let Some(mut readers) = Readers::for_test(nobody_else_has_the_card_during_a_session) else { return };
    let desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let reader = CString::new(SLOTS[0]).unwrap();
    let context = Context::establish(Scope::User).unwrap();
    rack()
        .session(&any(), |_| {
            let refused = context.connect(&reader, ShareMode::Shared, Protocols::ANY).err();
            assert_eq!(refused, Some(pcsc::Error::SharingViolation));
            Ok(())
        })
        .unwrap();
    let _held = context.connect(&reader, ShareMode::Shared, Protocols::ANY).unwrap();
    let error = rack().session(&any(), |_| Ok(())).unwrap_err();
    assert!(error.is_absence() && error.to_string().contains("holds a card that another program uses"), "{error}");
}

/// Does something once, when this instruction passes.
struct Once<F>(u8, bool, Option<F>);

impl<F: FnOnce() -> Action> Once<F> {
    fn before(instruction: u8, act: F) -> Self {
        Self(instruction, true, Some(act))
    }

    fn after(instruction: u8, act: F) -> Self {
        Self(instruction, false, Some(act))
    }

    fn act(&mut self, apdu: &Apdu, before: bool) -> Action {
        let is_it = apdu.instruction == self.0 && before == self.1;
        self.2.take_if(|_| is_it).map_or(Action::Pass, |act| act())
    }
}

impl<F: FnOnce() -> Action> Tap for Once<F> {
    fn before(&mut self, apdu: &Apdu) -> Action {
        self.act(apdu, true)
    }

    fn after(&mut self, apdu: &Apdu, _: &Answer) -> Action {
        self.act(apdu, false)
    }
}

#[test]
fn a_pulled_card_is_removed_and_works_when_it_is_back() {
    let Some(readers) = Readers::for_test(a_pulled_card_is_removed_and_works_when_it_is_back) else { return };
    let readers = Arc::new(Mutex::new(readers));
    let mut desk = Desk::new();
    let card = desk.card("a");
    readers.lock().unwrap().insert_new(0, &card, "0000000A");
    // Seen by pcscd or not, and with another card in its place; before the first command that changes the card.
    type Pull = fn(&mut Readers, &std::path::Path);
    let pulls: [Pull; 3] = [
        |readers, _| readers.pull(0),
        |readers, _| readers.snatch(0),
        |readers, other| {
            readers.pull(0);
            readers.insert_new(0, other, "0000000B");
        },
    ];
    for (pull, other) in pulls.into_iter().zip([false, false, true]) {
        let (at_hand, another) = (Arc::clone(&readers), desk.card("b"));
        let tap: SharedTap = Arc::new(Mutex::new(Once::before(0x20, move || {
            pull(&mut at_hand.lock().unwrap(), &another);
            Action::Pass
        })));
        let error = desk.generate(&mut rack().tapped(tap)).unwrap_err();
        assert!(matches!(error, CardError::Removed { .. }), "{error}");
        let mut readers = readers.lock().unwrap();
        if other {
            readers.pull(0);
        }
        readers.insert(0, &card);
        assert_eq!(slot().unwrap(), Slot::Empty);
    }
    desk.generate(&mut rack()).unwrap();
    assert!(matches!(slot().unwrap(), Slot::Complete { .. }));
}

#[test]
fn a_reset_that_was_cut_off_is_ended_in_either_reader() {
    let Some(mut readers) = Readers::for_test(a_reset_that_was_cut_off_is_ended_in_either_reader) else { return };
    let mut desk = Desk::new();
    readers.insert_new(1, &desk.card("b"), "0000000B");
    desk.generate(&mut rack()).unwrap();
    // TERMINATE DF, and then no power.
    let tap: SharedTap = Arc::new(Mutex::new(Once::after(0xe6, || Action::Cut)));
    let permit = desk.leave_to_reset();
    let error = rack().tapped(tap).session(&any(), |card| card.reset(&permit)).unwrap_err();
    assert!(matches!(error, CardError::Removed { .. }), "{error}");

    readers.insert_new(0, &desk.card("a"), "0000000A");
    rack().session(&expected(0xa), |_| Ok(())).expect("the other card is in nobody's way");
    let error = rack().session(&expected(0xb), |_| Ok(())).unwrap_err();
    assert!(matches!(error, CardError::Terminated { .. }), "{error}");
    let refused = rack().revive(&expected(0xb), &desk.leave_to_sign(1)).unwrap_err();
    assert!(matches!(refused, CardError::Permit { .. }), "{refused}");
    rack().revive(&expected(0xb), &permit).unwrap();
    let survey = rack().session(&expected(0xb), |card| Ok(card.survey().clone())).unwrap();
    assert_eq!((survey.slot, survey.tries.admin), (Slot::Empty, 3));
    // Once more changes nothing.
    rack().revive(&expected(0xb), &permit).unwrap();
}

#[test]
fn real_cards_are_reached_from_inside_the_sandbox() {
    let Some(mut readers) = Readers::for_test(real_cards_are_reached_from_inside_the_sandbox) else { return };
    let mut desk = Desk::new();
    readers.insert_new(0, &desk.card("a"), "0000000A");
    let folder = desk.card("b");
    let sandbox = Sandbox::without_network().confined(&Writable::below(folder.parent().unwrap())).unwrap();
    assert!(sandbox.no_network && sandbox.no_new_rights);
    assert!(std::net::TcpStream::connect(("127.0.0.1", 35963)).is_err(), "it is shut");
    assert!(sandbox.landlock.is_none() || std::fs::write("/run/pcscd/new", "x").is_err(), "it is shut");
    desk.generate(&mut rack()).unwrap();
    assert!(matches!(slot().unwrap(), Slot::Complete { .. }));
}
