//! Wrong PINs, and cards that are pulled.

use std::path::PathBuf;

use crate::engineer::good_bundle;
use crate::stage::{DELEGATION, ROOT_GENERATION, Ran, Stage};

/// The user PIN's first half of a root's card.
const HALF: &str = "pockets/pin-holder-1/packages-a-user.txt";

/// Puts another half of the user PIN into the pocket; gives the right one.
fn forget(stage: &Stage) -> (PathBuf, Vec<u8>) {
    let path = stage.path(HALF);
    let right = std::fs::read(&path).unwrap();
    std::fs::write(&path, b"a slip of memory\n000000\n").unwrap();
    (path, right)
}

fn tries(stage: &Stage) -> u8 {
    stage.survey("packages-a").tries.user
}

#[test]
fn a_wrong_pin_costs_one_try_and_the_right_one_goes_on() {
    let stage = Stage::with_root();
    let (path, right) = forget(&stage);
    assert_eq!(tries(&stage), 3);
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let said = ran.refused(3, None);
    assert!(said.contains("wrong user PIN") && said.contains("2 left on the card"), "{said}");
    assert_eq!(tries(&stage), 2, "one try, and no second by itself");
    assert_eq!(stage.survey("packages-a").signatures, 1, "nothing was signed");

    std::fs::write(path, right).unwrap();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    stage.assert_well_ended();
    assert_eq!(tries(&stage), 3);
}

#[test]
fn the_last_try_is_not_taken_when_nobody_dares() {
    let stage = Stage::with_root();
    let (path, right) = forget(&stage);
    stage.run(DELEGATION, Some(&good_bundle(&stage))).refused(3, None);
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let said = ran.refused(3, None);
    assert!(said.contains("one try is left: find out what is wrong first"), "{said}");
    assert_eq!(tries(&stage), 1);
    // The card is not asked: nobody can know that the PIN is right now.
    std::fs::write(path, right).unwrap();
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let said = ran.refused(1, Some("CARD-3"));
    assert!(said.contains("card-unblock.toml"), "{said}");
    assert_eq!(tries(&stage), 1);
}

#[test]
fn a_card_that_somebody_reset_gets_its_pins_anew() {
    let stage = Stage::empty();
    let reset = || {
        let wrong = |reference: u8| [&[0, 0x20, 0, reference, 10][..], b"0000000000"].concat();
        let (user, admin) = (wrong(0x81), wrong(0x83));
        let mut commands: Vec<&[u8]> = [[user.as_slice(); 3], [admin.as_slice(); 3]].concat();
        // TERMINATE DF, ACTIVATE FILE (7.2.16, 7.2.17).
        commands.extend([&[0, 0xe6, 0, 0][..], &[0, 0x44, 0, 0][..]]);
        assert!(stage.transmit("packages-a", &commands).ends_with(&[0x9000, 0x9000]));
    };
    // Between its PINs (4.1) and its key: it is empty, as it should be, and has the PINs of a new card.
    let ran = stage.run_until(ROOT_GENERATION, None, "4.2", reset);
    let said = ran.refused(1, Some("CARD-1"));
    assert!(said.contains("card packages-a") && said.contains("has no reset code any more"), "{said}");
    assert_eq!(stage.survey("packages-a").signatures, 0);
    let ran = stage.run(ROOT_GENERATION, None);
    ran.done();
    assert!(ran.out.contains("User PIN, admin PIN and reset code of card packages-a are set."), "{}", ran.out);
    stage.assert_well_ended();
    assert_eq!(stage.survey("packages-a").tries.reset_code, 3);
}

#[test]
fn a_new_card_that_somebody_used_is_told_without_a_try() {
    let stage = Stage::empty();
    let wrong = b"\x00\x20\x00\x81\x0a0000000000";
    let ran = stage.run_until(ROOT_GENERATION, None, "1.4", || drop(stage.transmit("packages-b", &[wrong])));
    ran.done();
    let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Card packages-b has 2 tries for its user PIN, 0 for a reset code and 3"), "{said}");
    assert_eq!(said.matches("somebody may have used it").count(), 1, "{said}");
    stage.assert_well_ended();
}

#[test]
fn a_half_that_nobody_has() {
    let stage = Stage::with_root();
    let (path, right) = forget(&stage);
    std::fs::remove_file(&path).unwrap();
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let said = ran.refused(3, None);
    assert!(said.contains("pin-holder 1 does not have a half of the user PIN of card packages-a"), "{said}");
    std::fs::write(path, right).unwrap();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    stage.assert_well_ended();
}

/// Pulls `card` when `step` is announced, well before it is needed, and goes on with it.
fn pulled(stage: &Stage, script: &str, bundle: Option<&std::path::Path>, step: &str, card: &str) -> Ran {
    let ran = stage.run_until(script, bundle, step, || stage.tell(card, "eject"));
    let said = ran.refused(4, None);
    assert!(said.contains(&format!("card {card}")), "{said}");
    assert!(said.contains("nothing is lost"), "{said}");
    // A keyrite that ends in good order gives its cards back: the next one finds them all in their readers.
    stage.run(script, bundle).done();
    stage.assert_well_ended();
    ran
}

#[test]
fn a_root_card_pulled_while_the_root_is_made() {
    for (step, card) in [("3.2", "records"), ("3.3", "packages-a"), ("3.4", "packages-a"), ("5.1", "packages-b")] {
        pulled(&Stage::empty(), ROOT_GENERATION, None, step, card);
    }
}

#[test]
fn a_card_that_is_not_there_when_it_is_presented() {
    pulled(&Stage::empty(), ROOT_GENERATION, None, "1.1", "packages-a");
}

#[test]
fn a_card_pulled_while_delegating() {
    for (step, card) in [("1.1", "packages-a"), ("2.1", "packages-a"), ("2.1", "records")] {
        let stage = Stage::with_root();
        let bundle = good_bundle(&stage);
        pulled(&stage, DELEGATION, Some(&bundle), step, card);
        assert_eq!(stage.past().history.delegations.len(), 1);
    }
}

#[test]
fn another_card_in_the_reader() {
    let stage = Stage::with_root();
    std::fs::rename(stage.path("cards/packages-a.card"), stage.path("cards/aside")).unwrap();
    std::fs::copy(stage.path("cards/packages-b.card"), stage.path("cards/packages-a.card")).unwrap();
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let said = ran.refused(1, Some("CARD-1"));
    assert!(said.contains("serial"), "{said}");
    std::fs::rename(stage.path("cards/aside"), stage.path("cards/packages-a.card")).unwrap();
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    stage.assert_well_ended();
}

#[test]
fn a_card_that_signed_outside_of_ceremonies() {
    let stage = Stage::with_root();
    let before = std::fs::read(stage.path("cards/packages-a.card")).unwrap();
    // The ceremony was played, and its register was lost: to the older register the card has signed too often.
    let register = stage.folder().join("older");
    crate::stage::copy(&stage.path("register"), &register);
    stage.run(DELEGATION, Some(&good_bundle(&stage))).done();
    std::fs::remove_dir_all(stage.path("register")).unwrap();
    std::fs::rename(&register, stage.path("register")).unwrap();
    let ran = stage.run(DELEGATION, Some(&good_bundle(&stage)));
    let said = ran.refused(1, Some("CARD-2"));
    assert!(said.contains("signatures, and the records explain"), "{said}");
    assert!(said.contains("this register is stale") && said.contains("keyrite register recover"), "{said}");
    assert!(said.contains("only a recovery ceremony by the quorum of custodians"), "{said}");
    assert_ne!(before, std::fs::read(stage.path("cards/packages-a.card")).unwrap());
}

#[test]
fn a_changed_sheet_restores_nothing() {
    let stage = Stage::empty();
    // Stopped after the sheets were handed out, before they are needed.
    stage.run_until(ROOT_GENERATION, None, "4.1", || stage.tell("packages-a", "eject")).refused(4, None);
    let pocket = stage.path("pockets/custodian-1");
    let sheet = pocket.read_dir().unwrap().next().unwrap().unwrap().path();
    let good = std::fs::read_to_string(&sheet).unwrap();
    let line = good.lines().find(|line| line.starts_with("   1: ")).unwrap();
    let flipped =
        if line.starts_with("   1: 0") { line.replacen(": 0", ": 1", 1) } else { format!("   1: 0{}", &line[7..]) };
    std::fs::write(&sheet, good.replace(line, &flipped)).unwrap();

    let ran = stage.run(ROOT_GENERATION, None);
    let said = ran.refused(1, Some("BACKUP-1"));
    assert!(said.contains("custodian 1"), "{said}");
    assert!(!said.contains("request"), "{said}");
    // Another one's sheet is whole, but the set has then two times the same share.
    let other = stage.path("pockets/custodian-2").read_dir().unwrap().next().unwrap().unwrap().path();
    std::fs::copy(other, &sheet).unwrap();
    stage.run(ROOT_GENERATION, None).refused(1, Some("BACKUP-1"));
    std::fs::write(&sheet, good).unwrap();
    stage.run(ROOT_GENERATION, None).done();
    stage.assert_well_ended();
}
