//! Drills: the backup is tried, and the card that it was tried on keeps nothing.

use keyrite::model::room;
use keyrite::workstation::card::Slot;

use crate::engineer::good_bundle;
use crate::people::{People, play};
use crate::stage::{DELEGATION, Stage};
use crate::{DRILL, check, edited, give_up, in_force, lint, minutes, sheet, status, without};

/// The order of the last lot.
fn order(stage: &Stage) -> Vec<u8> {
    let tending = stage.past().history.current.tending;
    tending.values().find_map(|tending| tending.order.clone()).expect("lots were drawn")
}

#[test]
fn a_drill_restores_the_root_and_leaves_nothing_on_its_card() {
    let stage = Stage::with_root();
    assert!(status(&stage).contains("no drill was held yet"));
    let before = stage.past().history.cards;
    stage.run(DRILL, None).done();
    stage.assert_well_ended();
    // The register knows no other card than before, and those are as they were, but for what the records card signed.
    let mut after = stage.past().history.cards;
    let records = "records".parse().unwrap();
    assert!(after[&records].signatures > before[&records].signatures);
    after.insert(records.clone(), before[&records].clone());
    assert_eq!(after, before);
    let drill = stage.survey("drill");
    assert_eq!((drill.slot, drill.signatures), (Slot::Empty, 0));
    let said = status(&stage);
    let (from, to) = (said.find("last drill ").unwrap(), said.find("; the next is due by ").unwrap());
    let next = stage.past().history.roots.remove(&"packages".parse().unwrap()).unwrap().care.drill.unwrap();
    assert_eq!((next.1.0 - next.0.0) / 86400, 365, "{}", &said[from..to]);
    let minutes = minutes(&stage);
    for words in
        ["by lot, custodians are asked", "is in service for nothing", "was reset and is empty", "is in bag TEST-"]
    {
        assert!(minutes.contains(words), "{words}: {minutes}");
    }
    check(&stage);
    // The same script next year, with the same card; the bags are told.
    let ran = stage.run(DRILL, None);
    assert!(ran.done().out.matches(": bag TEST-").count() == 3, "{}", ran.out);
    stage.assert_well_ended();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
}

#[test]
fn a_drill_with_a_sheet_of_another_set_is_told_and_on_record() {
    let (stage, other) = (Stage::with_root(), Stage::empty());
    other.run(crate::stage::ROOT_GENERATION, None).done();
    let (set, foreign) = (in_force(&stage), in_force(&other));
    for number in 1..=5 {
        std::fs::copy(sheet(&other, &foreign, number), sheet(&stage, &set, number)).unwrap();
    }
    let ran = stage.run(DRILL, None);
    let said = ran.refused(1, Some("BACKUP-3"));
    assert!(said.contains("the drill of root packages failed: the sheet of custodian"), "{said}");
    assert!(said.contains("reshare") && said.contains("rotate the root"), "{said}");
    // Nobody draws once more: the same lot goes on.
    let drawn = order(&stage);
    stage.run(DRILL, None).refused(1, Some("BACKUP-3"));
    assert_eq!(order(&stage), drawn);
    give_up(&stage);
    assert!(status(&stage).contains("the last drill FAILED: the sheet of custodian"), "{}", status(&stage));
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let told = ran.done().out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("FAILED: see to its backup (BACKUP-3)"), "{told}");
    stage.assert_well_ended();
}

#[test]
fn a_sealed_message_that_does_not_open_is_a_failed_drill() {
    let stage = Stage::with_root();
    let root = stage.past().history.roots.remove(&"packages".parse().unwrap()).unwrap();
    let message = stage.path("register").join(&root.sealed[&keyrite::model::evidence::Sealed::Key].message.path);
    let mut bytes = std::fs::read(&message).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::remove_file(&message).unwrap();
    std::fs::write(&message, bytes).unwrap();
    let ran = stage.run(DRILL, None);
    assert!(ran.refused(1, Some("BACKUP-3")).contains("the drill of root packages failed"), "{}", ran.err);
}

#[test]
fn who_is_absent_or_has_no_sheet_is_passed_over_and_named() {
    let stage = Stage::with_root();
    // It is only known afterwards on whom the lot falls: one is absent, and one of the others comes without a sheet.
    std::fs::remove_file(sheet(&stage, &in_force(&stage), 2)).unwrap();
    let told = play(
        &stage,
        DRILL,
        People { absent: vec![4], bags: ["B 1", "B 1", "B 2", "B 3"].map(str::to_owned).into(), throws: None },
    )
    .unwrap();
    stage.assert_well_ended();
    let used = stage.past().history.current.tending.into_values().next().unwrap();
    assert_eq!(used.used.len(), 3);
    assert!(!used.used.contains(&4) && !used.used.contains(&2), "{:?}", used.used);
    let minutes = minutes(&stage);
    assert!(minutes.contains("custodian 4 is not here. The drill is held without them"), "{minutes}");
    let came = minutes.split("Present: ").nth(1).unwrap().split('.').next().unwrap();
    assert!(came.contains("custodian 5") && !came.contains("custodian 4"), "{came}");
    assert!(told.contains("custodian 4 is not here: the lot goes on to the next."), "{told}");
    // In the order of the lot, as far as it was needed.
    let order = used.order.unwrap();
    assert!(told.contains("Bag B 1 was recorded for share "), "{told}");
    assert_eq!(
        used.bagged.into_values().collect::<std::collections::BTreeSet<_>>(),
        ["B 1", "B 2", "B 3"].map(str::to_owned).into()
    );
    let last = order.iter().rposition(|number| used.used.contains(number)).unwrap();
    let passed = minutes.contains("custodian 2 was drawn and does not have their share");
    assert_eq!(passed, order[..=last].contains(&2), "{order:?}");
}

#[test]
fn too_few_custodians_fail_the_drill() {
    let stage = Stage::with_root();
    let error = play(&stage, DRILL, People { absent: vec![1, 3, 5], ..People::default() }).unwrap_err();
    assert!(error.contains("enough custodians here: 3 of them are needed"), "{error}");
    assert!(status(&stage).contains("the last drill FAILED"), "{}", status(&stage));
}

#[test]
fn a_drill_that_was_given_up_leaves_no_card_of_the_root() {
    // Before its card had PINs, it is as new.
    let stage = Stage::with_root();
    stage.run_until(DRILL, None, "3.2", || stage.tell("drill", "eject")).refused(4, None);
    assert!(!give_up(&stage).contains("The register keeps"), "it is free again");
    stage.run(DRILL, None).done();
    stage.assert_well_ended();
    // With PINs and without a root.
    let stage = Stage::with_root();
    stage.run_until(DRILL, None, "3.3", || stage.tell("drill", "eject")).refused(4, None);
    assert!(give_up(&stage).contains("The register keeps these cards as they are: drill."));
    let ran = stage.run(DRILL, None);
    assert!(ran.refused(1, Some("SCRIPT-1")).contains("card drill is blank with PINs set"), "{}", ran.err);
    // The next one is held with another card.
    let script = edited(&stage, DRILL, &[("\"drill\"", "\"drill-2\"")]);
    let organization = stage.folder().join("organization.toml");
    let text = std::fs::read_to_string(&organization).unwrap();
    std::fs::write(&organization, text.replace("card = \"drill\"", "card = \"drill-2\"")).unwrap();
    stage.run(script, None).done();
    stage.assert_well_ended();
    // With the root on it, it is retired: nothing of it is ever in service.
    let stage = Stage::with_root();
    stage.run_until(DRILL, None, "3.4", || stage.tell("drill", "eject")).refused(4, None);
    give_up(&stage);
    assert_eq!(stage.past().history.cards[&"drill".parse().unwrap()].state, room::Card::Loaded);
    let ran = stage.run(edited(&stage, DELEGATION, &[("packages-a", "drill")]), Some(&good_bundle(&stage)));
    assert!(ran.refused(1, Some("SCRIPT-1")).contains("card drill is the drill card"), "{}", ran.err);
    let retire = edited(&stage, "ceremony/card-retire.toml", &[("packages-a", "drill")]);
    stage.run(retire, None).done();
    assert_eq!(stage.survey("drill").slot, Slot::Empty);
    stage.assert_well_ended();
}

#[test]
fn no_script_leaves_a_drill_half_done_or_its_card_loaded() {
    lint(DRILL, &[]).done();
    for (act, words) in [
        ("draw-lots", "this needs that the drill of root packages is begun: lots are drawn, but"),
        ("prove-drill", "this needs that the drill of root packages is proved by its card, but"),
        ("erase-drill-card", "this needs that the drill of root packages is proved, and its card is empty again, but"),
        ("bag-sheets", "a restore-drill may end only when the drill of root packages is over"),
        ("forget-root", "this needs that the secret of root packages is not in memory, but"),
    ] {
        let ran = without(DRILL, act);
        assert!(ran.refused(1, Some("SCRIPT-1")).contains(words), "{act}: {}", ran.err);
    }
    for act in ["prove-backup", "test-card"] {
        let root = if act == "test-card" { "" } else { "root = \"packages\"\n" };
        let step = format!("[step.{act}]\n{root}card = \"drill\"");
        let ran = lint(DRILL, &[("[step.prove-drill]\nroot = \"packages\"", &step)]);
        let said = ran.refused(1, Some("SCRIPT-1"));
        assert!(said.contains("card drill is the drill card: prove-drill and erase-drill-card are for it"), "{said}");
    }
    let ran = lint(DRILL, &[("kind  = \"restore-drill\"", "kind  = \"reshare\"")]);
    assert!(ran.refused(1, Some("SCRIPT-1")).contains("a reshare must seal a root anew"), "{}", ran.err);
}

#[test]
fn an_organization_without_a_drill_card_is_told_to_name_one() {
    let stage = Stage::empty();
    let path = edited(&stage, DRILL, &[]);
    let organization = stage.folder().join("organization.toml");
    let text = std::fs::read_to_string(&organization).unwrap();
    let drill = "drill          = { card = \"drill\", every-days = 365 }\n";
    let check = |text: String| {
        std::fs::write(&organization, text).unwrap();
        let mut check = std::process::Command::new(crate::stage::keyrite());
        crate::stage::Ran::of(&check.args(["ceremony", "check"]).arg(&path).output().unwrap())
    };
    let ran = check(text.replace(drill, ""));
    assert!(ran.refused(1, Some("SCRIPT-1")).contains("root packages has no drill card"), "{}", ran.err);
    let ran = check(text.replace("card = \"drill\"", "card = \"packages-b\""));
    assert!(ran.refused(3, None).contains("card packages-b is named twice"), "{}", ran.err);
    let ran = check(text.replace("every-days = 365", "every-days = 0"));
    assert!(ran.refused(3, None).contains("this must be 1 to 1100 days"), "{}", ran.err);
}
