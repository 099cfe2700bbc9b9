//! A card that is lost is replaced by a new one, under a name of its own.

use keyrite::model::room;

use crate::engineer::good_bundle;
use crate::stage::{DELEGATION, Stage};
use crate::{edited, minutes};

const REPLACEMENT: &str = "ceremony/card-replacement.toml";

#[test]
fn a_lost_card_is_replaced_by_a_new_one() {
    let stage = Stage::with_root();
    let before = stage.survey("packages-a");
    stage.run(REPLACEMENT, None).done();
    stage.assert_well_ended();
    let cards = stage.past().history.cards;
    let state = |card: &str| cards[&card.parse().unwrap()].state;
    assert_eq!((state("packages-a"), state("packages-c")), (room::Card::Retired, room::Card::InService));
    assert_eq!(cards[&"packages-b".parse().unwrap()].holds, cards[&"packages-c".parse().unwrap()].holds);
    // Nothing was asked of the lost one.
    assert_eq!(stage.survey("packages-a"), before);
    assert!(minutes(&stage).contains("Card packages-a is retired: lost."), "{}", minutes(&stage));
    let script = edited(&stage, DELEGATION, &[("packages-a", "packages-c")]);
    stage.run(&script, Some(&good_bundle(&stage))).done();
    // When its name has moved into the card set, the organization is as it was.
    let organization = stage.folder().join("organization.toml");
    let text = std::fs::read_to_string(&organization).unwrap();
    let text = text
        .replace(
            "cards          = [\"packages-a\", \"packages-b\"]",
            "cards          = [\"packages-b\", \"packages-c\"]",
        )
        .replace("spare-cards    = [\"packages-c\"]\n", "");
    std::fs::write(&organization, text).unwrap();
    std::fs::copy("ceremony/card-pins.toml", stage.folder().join("pins.toml")).unwrap();
    let pins = std::fs::read_to_string("ceremony/card-pins.toml").unwrap().replace("packages-a", "packages-c");
    std::fs::write(stage.folder().join("pins.toml"), pins).unwrap();
    stage.run(stage.folder().join("pins.toml"), None).done();
    stage.assert_well_ended();
}
