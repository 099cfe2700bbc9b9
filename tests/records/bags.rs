//! Bags: what the closing records say of them, and what the next ceremony makes of that.

use keyrite::model::event::Event;
use keyrite::model::evidence::{Evidence, OpenedBag};

use crate::engineer::{Engineer, bundle, good_bundle};
use crate::played::minutes;
use crate::stage::{DELEGATION, Ran, Stage};

/// A closing record of a ceremony, with these bags.
fn closed(stage: &Stage, ceremony: &str, bags: &[(&str, &str)]) -> Ran {
    let register = stage.path("register");
    let template = minutes(&register, &["close", ceremony, "--template"]).done().out.clone();
    let (head, _) = template.split_once("[[bag]]").unwrap();
    let mut text = head.replacen("power-off = \"\"", "power-off = \"2106-01-01T00:00:00Z\"", 1);
    for (number, content) in bags {
        text += &format!("[[bag]]\nnumber = \"{number}\"\ncontent = \"{content}\"\nholder = \"Esi Fontaine\"\n");
    }
    let record = stage.folder().join(format!("{ceremony}.toml"));
    std::fs::write(&record, text).unwrap();
    minutes(&register, &["close", ceremony, "--record", record.to_str().unwrap()])
}

/// What the last transcript says of bags, as card and number.
fn opened(stage: &Stage) -> Vec<(String, Option<String>)> {
    let lines = stage.past().last.unwrap().lines;
    let noted = lines.into_iter().filter_map(|line| match line.entry {
        Event::Noted { evidence: Evidence::BagsOpened { bags } } => Some(bags),
        _ => None,
    });
    noted.flatten().map(|OpenedBag { card, number }| (card.to_string(), number)).collect()
}

fn pair(card: &str, number: Option<&str>) -> (String, Option<String>) {
    (card.to_owned(), number.map(str::to_owned))
}

/// In one line, as long sentences are looked for.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn bags_are_those_of_the_last_record_of_each_card() {
    let stage = Stage::with_root();
    let bags = [("A 1", "card records, in its sleeve"), ("A 2", "Card packages-a."), ("A 3", "card packages-b")];
    closed(&stage, "0001-root-generation", &bags).done();
    let told = flat(&stage.run(DELEGATION, Some(&good_bundle(&stage))).done().out);
    for said in [
        "Card records: bag A 1, as the closing record of 0001-root-generation says.",
        "card-keeper 1: Bag A 1 of card records is whole and closed, and this is the number on it. Yes.",
        "witness 1: Bag A 2 of card packages-a is whole and closed, and this is the number on it. Yes.",
        "The cards may be taken out.",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert_eq!(opened(&stage), [pair("records", Some("A 1")), pair("packages-a", Some("A 2"))]);
    let shown = minutes(&stage.path("register"), &["show", "0002-delegation"]).done().out.clone();
    let sentence = "Taken out: card records from bag A 1, as recorded; card packages-a from bag A 2, as recorded.";
    assert!(shown.contains(sentence), "{shown}");

    // The next record forgets card A. Card B did not leave its bag, of which the first record tells.
    let ran = closed(&stage, "0002-delegation", &[("A 4", "card records")]);
    let said = &ran.done().out;
    assert!(said.contains("card packages-a: in no bag\n") && said.contains("card records: bag A 4\n"), "{said}");
    let script = std::fs::read_to_string(DELEGATION).unwrap();
    let all = script.replace("[\"records\", \"packages-a\"]", "[\"records\", \"packages-a\", \"packages-b\"]");
    assert_ne!(script, all);
    let script = stage.folder().join("delegation.toml");
    std::fs::write(&script, all).unwrap();
    std::fs::copy("ceremony/organization.toml", stage.folder().join("organization.toml")).unwrap();
    let request = Engineer::anna().request(|request| request.id = "2026-12-anna".parse().unwrap());
    let requests = bundle(&stage, "later", &[("anna.request.asc", &request)]);
    let told = flat(&stage.run(&script, Some(&requests)).done().out);
    for said in [
        "Card records: bag A 4, as the closing record of 0002-delegation says.",
        "Card packages-a: no closing record names its bag.",
        "Card packages-b: bag A 3, as the closing record of 0001-root-generation says.",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert_eq!(
        opened(&stage),
        [pair("records", Some("A 4")), pair("packages-a", None), pair("packages-b", Some("A 3"))]
    );
    stage.assert_well_ended();
}

#[test]
fn without_a_record_people_say_how_a_card_was_kept() {
    let stage = Stage::with_root();
    let told = flat(&stage.run(DELEGATION, Some(&good_bundle(&stage))).done().out);
    for said in [
        "Card records: no closing record names its bag.",
        "witness 1: Since it was last used, card packages-a was kept where it belongs, and nobody had it alone. Yes.",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert_eq!(opened(&stage), [pair("records", None), pair("packages-a", None)]);
    let shown = minutes(&stage.path("register"), &["show", "0002-delegation"]).done().out.clone();
    assert!(shown.contains("card packages-a, of which no closing record names a bag."), "{shown}");
}

#[test]
fn a_card_is_in_one_bag() {
    let stage = Stage::with_root();
    let ran = closed(&stage, "0001-root-generation", &[("A 1", "card records"), ("A 2", "label of card records")]);
    assert!(ran.refused(1, Some("MINUTES-3")).contains("card records stands in two bags"), "{}", ran.err);
    // Other things may be in several.
    let twice = [("A 1", "card records"), ("A 2", "card reader"), ("A 3", "card reader")];
    closed(&stage, "0001-root-generation", &twice).done();
}
