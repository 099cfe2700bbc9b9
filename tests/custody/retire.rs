//! Cards that leave the organization, and what is left then.

use keyrite::model::room;
use keyrite::workstation::card::Slot;

use crate::engineer::good_bundle;
use crate::stage::{self, DELEGATION, Stage};
use crate::{WRONG_ADMIN, check};

const RETIRE: &str = "ceremony/card-retire.toml";

/// A shipped script, edited, in the stage's own folder, beside the organization.
fn edited(stage: &Stage, script: &str, edit: &[(&str, &str)]) -> std::path::PathBuf {
    let text = std::fs::read_to_string(script).unwrap();
    let text = edit.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    std::fs::copy("ceremony/organization.toml", stage.folder().join("organization.toml")).unwrap();
    let path = stage.folder().join("script.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn state(stage: &Stage, card: &str) -> room::Card {
    stage.past().history.cards[&card.parse().unwrap()].state
}

/// The root is used on the other card as before, and card A in nothing.
fn goes_on_without(stage: &Stage) {
    stage.assert_well_ended();
    assert_eq!((state(stage, "packages-a"), state(stage, "packages-b")), (room::Card::Retired, room::Card::InService));
    let bundle = good_bundle(stage);
    let ran = stage.run(DELEGATION, Some(&bundle));
    let said = ran.refused(1, Some("SCRIPT-1"));
    assert!(said.contains("card packages-a is retired: take its name out of this step"), "{said}");
    let script = edited(stage, DELEGATION, &[("packages-a", "packages-b")]);
    stage.run(&script, Some(&bundle)).done();
    assert_eq!(stage.past().history.delegations.len(), 1);
}

#[test]
fn a_retired_card_is_erased_and_the_root_goes_on() {
    let stage = Stage::with_root();
    let ran = stage.run(RETIRE, None);
    ran.done();
    assert!(ran.out.contains("Root packages is in service on packages-b."), "{}", ran.out);
    assert!(ran.out.contains("is retired: erased."), "{}", ran.out);
    assert_eq!(stage.survey("packages-a").slot, Slot::Empty);
    let minutes = std::fs::read_to_string(stage.path("register/minutes/0002-card-service.asc")).unwrap();
    assert!(minutes.contains("Card packages-a is retired: erased."), "{minutes}");
    let status = std::process::Command::new(stage::keyrite())
        .args(["status", "--register"])
        .arg(stage.path("register"))
        .output();
    let status = stage::Ran::of(&status.unwrap());
    assert!(
        status.done().out.lines().any(|line| line.starts_with("card packages-a ") && line.contains("retired")),
        "{}",
        status.out
    );
    // Twice is once too often.
    let ran = stage.run(edited(&stage, RETIRE, &[("title = \"Retire card A\"", "title = \"Again\"")]), None);
    assert!(ran.refused(1, Some("SCRIPT-1")).contains("card packages-a is retired"), "{}", ran.err);
    goes_on_without(&stage);
}

#[test]
fn a_card_that_answers_nothing_is_destroyed_and_a_lost_one_is_not_looked_for() {
    let both = "cards = [\"records\", \"packages-a\"]";
    for how in ["destroyed", "lost"] {
        let stage = Stage::with_root();
        let text = std::fs::read_to_string(RETIRE).unwrap();
        let (bags, rest) = text.split_once("[step.take-cards]").unwrap();
        let alone = rest.replace(both, "cards = [\"records\"]").replace("\"erased\"", &format!("\"{how}\""));
        let bags = if how == "lost" { bags.replace(both, "cards = [\"records\"]") } else { bags.to_owned() };
        let script = edited(&stage, RETIRE, &[(text.as_str(), format!("{bags}[step.take-cards]{alone}").as_str())]);
        let before = stage.survey("packages-a");
        let ran = stage.run(&script, None);
        assert!(ran.done().out.contains(&format!("is retired: {how}.")), "{}", ran.out);
        // Nothing was asked of it.
        assert_eq!(stage.survey("packages-a"), before);
        goes_on_without(&stage);
    }
}

#[test]
fn a_cut_in_the_reset_leaves_a_card_that_is_retired_all_the_same() {
    let stage = Stage::with_root();
    // One blocked PIN more or less: the reset takes all tries itself.
    stage.transmit("packages-a", &[WRONG_ADMIN]);
    let ran = stage.run_until(RETIRE, None, "3.1", || stage.tell("records", "eject"));
    ran.refused(4, None);
    let path = stage.path("register/transcripts/0002-card-service.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    // The card was reset, and no line says so.
    let at = text.find("\"intent\":\"reset-card\"").unwrap();
    std::fs::write(&path, &text[..at + text[at..].find('\n').unwrap() + 1]).unwrap();
    let ran = stage.run(RETIRE, None);
    assert!(ran.done().out.contains("is retired: erased."), "{}", ran.out);
    assert_eq!(stage.survey("packages-a").slot, Slot::Empty);
    goes_on_without(&stage);
}

#[test]
fn no_script_retires_the_records_card_or_a_card_whose_root_has_no_proved_backup() {
    check(RETIRE, &[]).done();
    let ran = check(RETIRE, &[("card = \"packages-a\"\nhow", "card = \"records\"\nhow")]);
    assert!(ran.refused(1, Some("SCRIPT-1")).contains("it cannot be retired"), "{}", ran.err);
    let ran = check(RETIRE, &[("how  = \"erased\"", "how  = \"sold\"")]);
    assert!(ran.refused(3, None).contains("`erased`, `destroyed`"), "{}", ran.err);
    // Before the backup was proved, and after the card is there: in the middle of a root generation.
    let generation = std::fs::read_to_string("ceremony/root-generation.toml").unwrap();
    let at = generation.find("[step.test-card]").unwrap();
    let at = at + generation[at..].find("[[step]]").unwrap();
    let step = "[[step]]\nid  = \"4.9\"\nwho = \"card-keeper\"\nsay = \"It goes.\"\n[step.retire-card]\ncard = \"packages-a\"\nhow = \"erased\"\n\n";
    let script = format!("{}{step}{}", &generation[..at], &generation[at..]);
    let ran = check("ceremony/root-generation.toml", &[(generation.as_str(), script.as_str())]);
    let said = ran.refused(1, Some("SCRIPT-1"));
    assert!(said.contains("step 4.9: this needs that the backup of root packages is proved by restoring"), "{said}");
}
