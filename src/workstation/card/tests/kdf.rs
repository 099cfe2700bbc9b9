//! Codes as hashes: switched on, on cards of both habits; presented, changed, unblocked; taken back by a reset.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use card_backend::{CardBackend, CardCaps, CardTransaction, PinType, SmartcardError};
use keyrite_locked::Locked;
use openpgp_card::ocard::Transaction;
use sequoia_openpgp::types::HashAlgorithm;

use super::super::session;
use super::super::*;
use super::support::*;
use crate::model::algorithm::Algorithm;
use crate::model::code::Code;
use crate::model::control::Control;
use crate::model::fault::Fault as _;
use crate::model::mode::Mode;
use crate::model::settings::Settings;
use crate::workstation::journal::Permit;

const VERIFY: u8 = 0x20;

fn kdf(on: bool) -> Settings {
    Settings { kdf: Some(on), ..Settings::default() }
}

fn set_up(rack: &mut dyn Rack) -> Result<Settings, CardError> {
    let (old, new) = (Pocket::factory(), Pocket::chosen());
    rack.session(&any(), |card| card.set_pins(&to_set_pins(), &kdf(true), &new.as_new(), &old.as_old()))
}

/// A virtual card that does what real ones do when KDF is switched on: from then on it knows the hashes that stand in the DO.
struct Aligning(VirtualBackend);

impl CardBackend for Aligning {
    fn limit_card_caps(&self, card_caps: CardCaps) -> CardCaps {
        self.0.limit_card_caps(card_caps)
    }

    fn transaction(
        &mut self,
        reselect_application: Option<&[u8]>,
    ) -> Result<Box<dyn CardTransaction + Send + Sync + '_>, SmartcardError> {
        Ok(Box::new(AligningTransaction(self.0.transaction(reselect_application)?)))
    }
}

struct AligningTransaction<'a>(Box<dyn CardTransaction + Send + Sync + 'a>);

impl CardTransaction for AligningTransaction<'_> {
    fn transmit(&mut self, cmd: &[u8], buf_size: usize) -> Result<Vec<u8>, SmartcardError> {
        let answer = self.0.transmit(cmd, buf_size)?;
        if let [0x00, 0xda, 0x00, 0xf9, _, object @ ..] = cmd
            && answer == [0x90, 0x00]
        {
            for (pin, code, hash) in [(0x81, &b"123456"[..], &object[44..76]), (0x83, b"12345678", &object[78..110])] {
                let length = u8::try_from(code.len() + hash.len()).expect("short");
                let change = [&[0x00, 0x24, 0x00, pin, length], code, hash].concat();
                assert_eq!(self.0.transmit(&change, 256)?, [0x90, 0x00], "it has the codes of its maker");
            }
        }
        Ok(answer)
    }

    fn max_cmd_len(&self) -> Option<usize> {
        self.0.max_cmd_len()
    }

    fn feature_pinpad_verify(&self) -> bool {
        false
    }

    fn feature_pinpad_modify(&self) -> bool {
        false
    }

    fn pinpad_verify(&mut self, _: PinType, _: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        Err(SmartcardError::NotTransacted)
    }

    fn pinpad_modify(&mut self, _: PinType, _: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        Err(SmartcardError::NotTransacted)
    }

    fn was_reset(&self) -> bool {
        self.0.was_reset()
    }
}

struct AligningRack {
    socket: PathBuf,
    tap: SharedTap,
}

impl Rack for AligningRack {
    fn with(
        &mut self,
        expected: &Expected,
        work: &mut dyn FnMut(&mut GuardedCard<'_>) -> Result<(), CardError>,
    ) -> Result<(), CardError> {
        let backend = Aligning(VirtualBackend::connect(&self.socket).expect("a card"));
        session::run(session::tapped(backend, Some(&self.tap)), Mode::Rehearsal, expected, work)
    }

    fn revive(&mut self, expected: &Expected, permit: &Permit) -> Result<(), CardError> {
        VirtualRack::new(Mode::Rehearsal, [(name(), self.socket.clone())].into()).revive(expected, permit)
    }
}

/// Counts the tries that a card says were lost.
#[derive(Default)]
struct Lost(u32);

impl Tap for Lost {
    fn before(&mut self, _: &Apdu) -> Action {
        Action::Pass
    }

    fn after(&mut self, _: &Apdu, answer: &Answer) -> Action {
        self.0 += u32::from(matches!(answer.status, 0x63c0..=0x63cf | 0x6300 | 0x6982 | 0x6983));
        Action::Pass
    }
}

/// A card, by each habit, with what its sessions are told to.
fn habits(reader: &Reader, tap: &SharedTap) -> [Box<dyn Rack>; 2] {
    let aligning = AligningRack { socket: reader.socket(), tap: tap.clone() };
    [Box::new(reader.rack().tapped(tap.clone())), Box::new(aligning)]
}

#[test]
fn it_is_switched_on_before_pins_on_cards_of_both_habits() {
    for (habit, tries) in [(0, 1), (1, 0)] {
        let (reader, lost) = (Reader::start(), Arc::new(Mutex::new(Lost::default())));
        let tap: SharedTap = lost.clone();
        let [keeps, aligns] = habits(&reader, &tap);
        let mut rack = if habit == 0 { keeps } else { aligns };
        assert_eq!(set_up(&mut *rack).expect("set up"), kdf(true));
        assert_eq!(lost.lock().expect("tap").0, tries, "one try at the most");
        assert_eq!(reader.survey().tries, Tries { user: 3, reset_code: 3, admin: 3 }, "and it is given back");
        let chosen = Pocket::chosen();
        let as_typed =
            rack.session(&any(), |card| card.present_as_is(Code::Admin, &chosen.admin, Transaction::verify_pw3));
        assert!(matches!(as_typed, Err(CardError::WrongPin { left: 2, .. })), "the card never sees what people chose");
        rack.session(&any(), |card| card.verify_admin(&chosen.admin)).expect("as a hash");
    }
}

#[test]
fn codes_are_hashed_wherever_they_go() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    set_up(&mut rack).expect("set up");
    let chosen = Pocket::chosen();
    rack.session(&any(), |card| card.generate(&to_generate(), Algorithm::Ed25519, CREATED, &chosen.admin))
        .expect("generated");
    let sign = |rack: &mut VirtualRack, pin: &Locked| {
        rack.session(&any(), |card| sign_with(&mut card.signer(&to_sign(1), pin)?, HashAlgorithm::SHA512, b"text"))
    };
    sign(&mut rack, &chosen.user).expect("signed");
    let (second, third, fourth) = (locked("TEST second"), locked("TEST third"), locked("TEST fourth"));
    let user = |by| to_change(Code::User, by);
    rack.session(&any(), |card| card.change_user(&user(Code::User), &chosen.user, &second)).expect("changed");
    sign(&mut rack, &second).expect("signed");
    let reset_code = &chosen.reset_code;
    rack.session(&any(), |card| card.unblock(&user(Code::Reset), reset_code, &third)).expect("unblocked");
    sign(&mut rack, &third).expect("signed");
    let admin = locked("TEST admin two");
    let permit = to_change(Code::Admin, Code::Admin);
    rack.session(&any(), |card| card.change_admin(&permit, &chosen.admin, &admin)).expect("changed");
    rack.session(&any(), |card| card.unblock_as_admin(&user(Code::Admin), &admin, &fourth)).expect("set");
    let permit = to_change(Code::Reset, Code::Admin);
    let new_reset_code = locked("TEST reset two");
    rack.session(&any(), |card| card.set_reset_code(&permit, &admin, &new_reset_code)).expect("set");
    rack.session(&any(), |card| card.unblock(&user(Code::Reset), &new_reset_code, &third)).expect("unblocked");
    rack.session(&any(), |card| card.knows(&user(Code::User), Code::User, &third)).expect("known");
    sign(&mut rack, &third).expect("signed");
    assert_eq!(reader.survey().tries, Tries { user: 3, reset_code: 3, admin: 3 });

    // Another hash of another length: a wrong one is a wrong one, and a reset takes it all back.
    assert!(matches!(sign(&mut rack, &second), Err(CardError::WrongPin { left: 2, .. })));
    rack.session(&any(), |card| card.reset(&to_reset())).expect("reset");
    let form = rack.session(&any(), |card| card.code_form().cloned()).expect("a form");
    assert_eq!(form, CodeForm::Plain);
    rack.session(&any(), |card| card.verify_admin(&Pocket::factory().admin)).expect("its maker's");
}

#[test]
fn every_card_has_salts_of_its_own_and_new_ones_each_time() {
    let reader = Reader::start();
    let mut rack = reader.rack();
    let mut form = || {
        set_up(&mut rack).expect("set up");
        let form = rack.session(&any(), |card| card.code_form().cloned()).expect("a form");
        rack.session(&any(), |card| card.reset(&to_reset())).expect("reset");
        form
    };
    let (one, two) = (form(), form());
    assert!(matches!(&one, CodeForm::Hashed(_)) && one != two);
}

#[test]
fn cut_at_each_command_by_both_habits_a_reset_helps() {
    let reader = Reader::start();
    for habit in [0, 1] {
        let run = |tap: SharedTap| {
            let [mut keeps, mut aligns] = habits(&reader, &tap);
            set_up(if habit == 0 { &mut *keeps } else { &mut *aligns })
        };
        let reset = || reader.rack().session(&any(), |card| card.reset(&to_reset())).expect("reset");
        let counter = Fault::none();
        run(counter.clone()).expect("undisturbed");
        reset();
        let mutating = counter.lock().expect("tap").tally.mutating();
        assert!(mutating >= 8, "{mutating}");
        for at in 1..=mutating {
            for when in [When::Before, When::After] {
                let error = run(Fault::at(at, true, when, Action::Cut)).expect_err("cut");
                assert!(matches!(error, CardError::Removed { .. }), "{at} {when:?}: {error}");
                reset();
                let survey = reader.survey();
                assert_eq!((survey.slot, survey.tries), (Slot::Empty, Tries { user: 3, reset_code: 0, admin: 3 }));
            }
        }
        run(Fault::none()).expect("and it is set up after all that");
        reset();
    }
}

/// A card that answers GET DATA for its KDF-DO otherwise, from some time on.
struct Says {
    after: u32,
    answer: Vec<u8>,
    verified: u32,
}

impl Tap for Says {
    fn before(&mut self, apdu: &Apdu) -> Action {
        match (apdu.instruction, apdu.p2) {
            (VERIFY, _) => self.verified += 1,
            (0xca, 0xf9) if self.after == 0 => return Action::Replace(self.answer.clone()),
            (0xca, 0xf9) => self.after -= 1,
            _ => {}
        }
        Action::Pass
    }

    fn after(&mut self, _: &Apdu, _: &Answer) -> Action {
        Action::Pass
    }
}

#[test]
fn no_code_is_presented_in_a_form_that_nobody_knows() {
    let reader = Reader::start();
    let says = Arc::new(Mutex::new(Says { after: 0, answer: vec![0x81, 1, 7, 0x90, 0x00], verified: 0 }));
    let mut rack = reader.rack().tapped(says.clone());
    for result in [
        rack.session(&any(), |card| card.verify_admin(&Pocket::factory().admin)),
        rack.session(&any(), |card| {
            card.generate(&to_generate(), Algorithm::Ed25519, CREATED, &locked("12345678")).map(drop)
        }),
        set_up(&mut rack).map(drop),
    ] {
        assert!(matches!(result, Err(CardError::Unsupported { .. })));
    }
    assert_eq!(says.lock().expect("tap").verified, 0);
}

#[test]
fn a_card_that_does_not_keep_the_salts_is_found_out_before_anything_is_presented() {
    let reader = Reader::start();
    let other = [0x81, 1, 3, 0x82, 1, 8, 0x83, 4, 0, 0, 1, 0, 0x84, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00];
    for answer in [&[0x81, 1, 0, 0x90, 0x00][..], &other] {
        let says = Arc::new(Mutex::new(Says { after: 1, answer: answer.to_vec(), verified: 0 }));
        let error = set_up(&mut reader.rack().tapped(says.clone())).expect_err("not kept");
        assert!(matches!(error, CardError::NotKept { what: "how it takes its codes", .. }), "{error}");
        assert_eq!(says.lock().expect("tap").verified, 1, "the admin PIN, before");
        reader.rack().session(&any(), |card| card.reset(&to_reset())).expect("reset");
    }
}

#[test]
fn a_card_that_cannot_take_hashes_is_refused() {
    let reader = Reader::start();
    let unsettable = |rack: &mut VirtualRack, wanted: bool| {
        let error = rack.session(&any(), |card| card.require_settable(&kdf(wanted))).expect_err("refused");
        assert_eq!(error.control(), Some(Control::CardSound));
        error.to_string()
    };
    /// The application related data otherwise.
    struct Related(Vec<u8>);
    impl Tap for Related {
        fn before(&mut self, apdu: &Apdu) -> Action {
            let is_it = (apdu.instruction, apdu.p1, apdu.p2) == (0xca, 0x00, 0x6e);
            if is_it { Action::Replace([&self.0[..], &[0x90, 0x00]].concat()) } else { Action::Pass }
        }
        fn after(&mut self, _: &Apdu, _: &Answer) -> Action {
            Action::Pass
        }
    }
    let with = |marker: [u8; 2], change: fn(&mut [u8])| {
        let mut related = reader.application_data();
        let at = related.windows(2).position(|window| window == marker).expect("it is there") + 2;
        change(&mut related[at..]);
        reader.rack().tapped(Arc::new(Mutex::new(Related(related))))
    };
    // Extended capabilities (4.4.3.7) without KDF; PW status bytes with codes of 31 bytes.
    let said = unsettable(&mut with([0xc0, 0x0a], |data| data[0] &= !0x01), true);
    assert!(said.ends_with("it does not announce that it can take codes as hashes (KDF)"), "{said}");
    let said = unsettable(&mut with([0xc4, 0x07], |data| data[3] = 31), true);
    assert!(said.ends_with("its codes are too short for hashes"), "{said}");
    set_up(&mut reader.rack()).expect("set up");
    let said = unsettable(&mut reader.rack(), false);
    assert!(said.ends_with("it takes its codes as hashes already, which a reset takes back"), "{said}");
    reader.rack().session(&any(), |card| card.require_settable(&kdf(true))).expect("as it is");
}
