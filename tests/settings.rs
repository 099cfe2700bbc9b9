//! Cards that are set up as organization.toml wants it: in the shipped ceremonies, on record, and when somebody changed it.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/engineer.rs"]
mod engineer;
#[path = "support/gpg.rs"]
mod gpg;
#[path = "support/organization.rs"]
mod organization;
#[path = "support/stage.rs"]
mod stage;

use std::path::{Path, PathBuf};

use engineer::Engineer;
use keyrite::model::settings::{Settings, Touch};
use organization::EVERY_SETTING;
use stage::Stage;

/// What each card has after the first ceremony.
fn expected(pin_each_signature: bool) -> Settings {
    Settings {
        pin_each_signature: Some(pin_each_signature),
        touch: Some(Touch::On),
        kdf: Some(true),
        holder: Some("REHEARSAL, NOT FOR USE".to_owned()),
        url: Some("https://www.example.org/root.asc".to_owned()),
    }
}

/// The first ceremony, with an organization that wants this. Gives where the scripts lie.
fn root_generation(stage: &Stage, lines: &[(&str, &str)]) -> PathBuf {
    let own = organization::beside(stage.folder(), lines);
    let ran = stage.run(own.join("root-generation.toml"), None);
    ran.done();
    own
}

/// Two engineers' requests.
fn requests(stage: &Stage) -> PathBuf {
    let (one, two) = (Engineer::anna(), Engineer::anna());
    let (one, two) = (one.request(|_| {}), two.request(|text| text.id = "2026-11-anna-2".parse().unwrap()));
    engineer::bundle(stage, "two", &[("one.request.asc", &one), ("two.request.asc", &two)])
}

/// How often the delegation asks for the user PIN of the root's card.
fn asked(stage: &Stage, own: &Path) -> usize {
    let ran = stage.run(own.join("delegation.toml"), Some(&requests(stage)));
    ran.done();
    stage.assert_well_ended();
    ran.out.matches("Card packages-a: 3 tries are left for its user PIN.").count()
}

fn transcript(stage: &Stage, name: &str) -> String {
    std::fs::read_to_string(stage.path(&format!("register/transcripts/{name}.jsonl"))).unwrap()
}

#[test]
fn cards_are_set_up_before_their_pins_and_it_stands_in_the_record() {
    let stage = Stage::empty();
    let own = root_generation(&stage, EVERY_SETTING);
    stage.assert_well_ended();
    for (card, record) in &stage.past().history.cards {
        let is_records = card.as_str() == "records";
        assert_eq!(record.settings, expected(is_records), "{card}");
        assert_eq!(stage.survey(card.as_str()).pin_once, is_records, "{card}");
    }
    let minutes = std::fs::read_to_string(stage.path("register/minutes/0001-root-generation.asc")).unwrap();
    let said = "Card packages-b is set up: the user PIN holds for several signatures; a touch before each signature; \
                its codes go to it as hashes (KDF); cardholder REHEARSAL, NOT FOR USE; URL https://www.example.org/root.asc.";
    assert!(minutes.contains(said), "{minutes}");
    // The PIN once for both requests, and the card is as it was set up.
    assert_eq!(asked(&stage, &own), 1);
    assert!(!transcript(&stage, "0002-delegation").contains("\"changed\""));
}

#[test]
fn without_a_word_in_the_policy_cards_stay_as_they_come() {
    let stage = Stage::empty();
    let own = root_generation(&stage, &[]);
    assert!(!transcript(&stage, "0001-root-generation").contains("card-settings"));
    assert!(stage.past().history.cards.values().all(|card| card.settings.is_empty()));
    assert_eq!(asked(&stage, &own), 2, "once for each request");
}

#[test]
fn what_somebody_changed_is_told_and_recorded_when_the_card_is_taken() {
    let stage = Stage::empty();
    let own =
        root_generation(&stage, &[("[cards]", "touch = \"on\""), ("[roots.packages]", "pin-each-signature = false")]);
    let half = |number: u8| {
        let path = stage.path(&format!("pockets/admin-holder-{number}/packages-a-admin.txt"));
        std::fs::read_to_string(path).unwrap().lines().last().unwrap().to_owned()
    };
    let admin = [half(1), half(2)].concat();
    let verify = [&[0x00, 0x20, 0x00, 0x83, u8::try_from(admin.len()).unwrap()], admin.as_bytes()].concat();
    let off: &[u8] = &[0x00, 0xda, 0x00, 0xd6, 2, 0x00, 0x20];
    let once: &[u8] = &[0x00, 0xda, 0x00, 0xc4, 1, 0x00];
    assert_eq!(stage.transmit("packages-a", &[&verify, off, once]), [0x9000; 3]);
    let ran = stage.run(own.join("delegation.toml"), Some(&requests(&stage)));
    ran.done();
    for was in ["a touch before each signature", "the user PIN holds for several signatures"] {
        let said = format!("Card packages-a is NOT as it was set up any more, which was: {was}.");
        let told = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(&said), "{}", ran.out);
    }
    let recorded = r#""changed":["the user PIN holds for several signatures","a touch before each signature"]"#;
    assert_eq!(transcript(&stage, "0002-delegation").matches(recorded).count(), 1);
    let minutes = std::fs::read_to_string(stage.path("register/minutes/0002-delegation.asc")).unwrap();
    assert!(minutes.contains("It is NOT as it was set up, which was: the user PIN holds"), "{minutes}");
}

#[test]
fn a_card_that_is_erased_is_set_up_again() {
    let stage = Stage::empty();
    let own = root_generation(&stage, &[]);
    organization::beside(stage.folder(), EVERY_SETTING);
    stage.run(own.join("card-reload.toml"), None).done();
    stage.assert_well_ended();
    let history = stage.past().history;
    let settings = |card: &str| history.cards[&card.parse().unwrap()].settings.clone();
    assert_eq!(settings("packages-a"), expected(false));
    assert!(settings("packages-b").is_empty() && settings("records").is_empty());
}

#[test]
fn a_card_that_must_attest_and_does_not_is_refused() {
    let stage = Stage::empty();
    let own = organization::beside(stage.folder(), &[("[records]", "attestation = \"required\"")]);
    let ran = stage.run(own.join("root-generation.toml"), None);
    let said = ran.refused(1, Some("CARD-5"));
    assert!(said.contains("card records") && said.contains("it does not attest the keys that it generates"), "{said}");
    assert!(!transcript(&stage, "0001-root-generation").contains("card-presented"));
    // Without that, it is told.
    organization::beside(stage.folder(), &[]);
    let stage = Stage::empty();
    let ran = stage.run("ceremony/root-generation.toml", None);
    assert!(ran.done().out.contains("Card records does not attest where its key comes from."), "{}", ran.out);
    assert!(!transcript(&stage, "0001-root-generation").contains("card-attested"));
}
