//! Versions of cards in the transcript and in the minutes.

use std::path::Path;
use std::sync::{Arc, Mutex};

use keyrite::model::evidence::Evidence;
use keyrite::rehearsal::Rehearsal;
use keyrite::workstation::card::{Action, Answer, Apdu, SharedTap, Tap};

use crate::engineer::good_bundle;
use crate::played::minutes;
use crate::stage::{DELEGATION, ROOT_GENERATION, Stage, keyrite, virtual_card};

/// Cards that answer GET VERSION; it is counted.
#[derive(Default)]
struct Telling(u32);

impl Tap for Telling {
    fn before(&mut self, apdu: &Apdu) -> Action {
        if apdu.instruction == 0xf1 {
            self.0 += 1;
            return Action::Replace(vec![0x05, 0x07, 0x01, 0x90, 0x00]);
        }
        Action::Pass
    }

    fn after(&mut self, _apdu: &Apdu, _answer: &Answer) -> Action {
        Action::Pass
    }
}

/// Plays a script with such cards; gives what was told.
fn play(stage: &Stage, script: &str, bundle: Option<&Path>, tap: SharedTap) -> String {
    let rehearsal = Rehearsal {
        scratch: stage.scratch(),
        keyrite: keyrite(),
        virtual_card: virtual_card(),
        hardening: keyrite_locked::Hardening { undumpable: false, no_core: false, all_locked: false },
        sandbox: keyrite::workstation::sandbox::Sandbox::default(),
        tap: Some(tap),
        observer: None,
    };
    let mut said = Vec::new();
    let organization = Path::new("ceremony/organization.toml");
    rehearsal.run(Path::new(script), Some(organization), bundle.map(Path::to_owned), &mut said).unwrap();
    String::from_utf8(said).unwrap()
}

#[test]
fn what_a_card_says_of_its_making_is_told_and_recorded_when_it_is_taken_in_hand() {
    let stage = Stage::empty();
    let telling = Arc::new(Mutex::new(Telling::default()));
    let transcript = |name: &str| std::fs::read_to_string(stage.path(&format!("register/transcripts/{name}.jsonl")));
    let recorded = "\"application\":\"3.4\",\"firmware\":\"5.7.1\"";

    let told = play(&stage, ROOT_GENERATION, None, telling.clone());
    assert!(told.contains("Card records: OpenPGP application 3.4; firmware 5.7.1."), "{told}");
    // Of three cards, once of each.
    assert_eq!(
        (telling.lock().unwrap().0, transcript("0001-root-generation").unwrap().matches(recorded).count()),
        (3, 3)
    );

    let told = play(&stage, DELEGATION, Some(&good_bundle(&stage)), telling.clone());
    assert!(told.contains("Card packages-a: OpenPGP application 3.4; firmware 5.7.1."), "{told}");
    assert_eq!((telling.lock().unwrap().0, transcript("0002-delegation").unwrap().matches(recorded).count()), (5, 2));
    let ran = minutes(&stage.path("register"), &["show", "0002-delegation"]);
    assert!(ran.done().out.contains("signature(s). It has OpenPGP application 3.4, firmware 5.7.1."), "{}", ran.out);
    minutes(&stage.path("register"), &["check"]).done();
}

#[test]
fn older_transcripts_say_nothing_of_it_and_are_read_as_they_are() {
    for old in [
        r#"{"evidence":"card-presented","card":"records","serial":"FFFF:0A0B0C0D"}"#,
        r#"{"evidence":"card-seen","card":"records","serial":"FFFF:0A0B0C0D","signatures":1}"#,
    ] {
        let evidence: Evidence = serde_json::from_str(old).unwrap();
        assert_eq!(serde_json::to_string(&evidence).unwrap(), old);
    }
}
