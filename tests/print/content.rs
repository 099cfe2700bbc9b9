//! What people need stands on the papers, and nothing that would fool them.

use std::path::Path;

use keyrite::ceremony::lint;
use keyrite::ceremony::written::Written;
use keyrite::model::pgp_words;
use keyrite::model::room::Undo;

use crate::papers::{Printed, changed, one_line, scripts};

const ROOT_GENERATION: &str = "ceremony/root-generation.toml";

#[test]
fn every_step_stands_on_the_script_with_its_words_in_order() {
    for file in scripts() {
        let written = Written::read(&file, None).unwrap();
        let organization = written.organization();
        let script = lint::lint(&written.script().unwrap(), organization, None).unwrap();
        let printed = Printed::new(&file, &[]);
        let text = printed.text("script.pdf");
        let mut rest = text.as_str();
        for step in &script.steps {
            for words in [format!("{} {}", step.step.id, step.step.who), step.step.say.clone()] {
                let Some((_, after)) = rest.split_once(&one_line(&words)) else {
                    panic!("{}: {words} does not stand in {rest}", file.display());
                };
                rest = after;
            }
            for line in step.act.page(organization) {
                assert!(rest.contains(&one_line(&line)), "{}: {line}", file.display());
            }
            for blank in step.act.blanks(organization).concat() {
                // Labels of two blanks stand side by side, line by line.
                let first = blank.label.split(' ').next().unwrap();
                assert!(rest.contains(first), "{}: {}", file.display(), blank.label);
            }
        }
        let irreversible = |step: &&lint::LintedStep| step.act.contract(organization).undo == Undo::Irreversible;
        let count = script.steps.iter().filter(irreversible).count();
        assert_eq!(text.matches("This cannot be undone. Nobody").count(), count, "{}", file.display());
        for hash in [script.sha256, written.organization_sha256()] {
            for (hex, words) in hash.groups().as_bytes().chunks(10).zip(pgp_words::words(&hash.0).chunks(4)) {
                let row = format!("{} {}", std::str::from_utf8(hex).unwrap().trim_end(), words.join(" "));
                assert!(text.contains(&row), "{}: {row}", file.display());
            }
        }
        for (role, count) in &script.header.roles {
            assert!(text.contains(&format!("{role} {count}")), "{}: {role} {count}", file.display());
        }
    }
}

#[test]
fn a_step_stays_on_one_page() {
    for size in ["a4", "letter"] {
        let printed = Printed::new(ROOT_GENERATION, &["--size", size]);
        let pages = printed.pages("script.pdf");
        let begins = pages.iter().position(|page| page.contains("The steps")).unwrap();
        let ends = pages.iter().position(|page| page.contains("When the minutes are signed")).unwrap();
        for page in &pages[begins..ends] {
            // What begins with its number ends with the time at which it was done.
            assert_eq!(
                page.matches(" min, from minute ").count(),
                page.matches("done at, UTC").count(),
                "{size}: {page}"
            );
        }
    }
}

#[test]
fn each_holder_gets_a_slip_a_receipt_and_a_sheet() {
    let printed = Printed::new(ROOT_GENERATION, &[]);
    let (slips, receipts) = (printed.text("envelopes.pdf"), printed.text("receipts.pdf"));
    for card in ["records", "packages-a", "packages-b"] {
        for (code, holders) in [
            ("user PIN", ["pin-holder 1, Finn Gallo", "pin-holder 2, Gita Haas"]),
            ("admin PIN", ["admin-holder 1, Hugo Ito", "admin-holder 2, Ines Jovanovic"]),
            ("reset code", ["admin-holder 1, Hugo Ito", "admin-holder 2, Ines Jovanovic"]),
        ] {
            assert_eq!(slips.matches(&format!("{card}: {code}")).count(), 2, "{card} {code}: {slips}");
            for (half, holder) in (1..).zip(holders) {
                assert!(slips.contains(holder), "{slips}");
                let words = format!("Half {half} of 2 of the");
                // Once for the organization, once for the holder: of three cards and of all their codes.
                assert!(receipts.matches(&words).count() >= 6, "{words}: {receipts}");
            }
        }
        let labels = printed.text("labels.pdf");
        assert!(labels.contains(&format!("Card {card}")), "{labels}");
    }
    let sheets = printed.pages("blank-sheets.pdf");
    let fronts: Vec<&String> = sheets.iter().filter(|page| page.contains("Share sheet")).collect();
    assert_eq!(fronts.len(), 8, "five custodians, three holders of the revocation");
    for number in 1..=5 {
        let is_own = |page: &&&String| page.contains(&format!("{number} of 5; any 3 restore"));
        let own: Vec<_> = fronts.iter().filter(is_own).collect();
        assert_eq!(own.len(), 1, "share {number}");
        assert!(own[0].contains(&format!("custodian {number}, ")) && own[0].contains(&format!("share.{number:03}")));
        assert!(receipts.matches(&format!("Share {number} of 5 of the")).count() == 2, "{receipts}");
    }
    let backs: Vec<&String> = sheets.iter().filter(|page| page.contains("TO RESTORE WITH DEBIAN ALONE")).collect();
    assert_eq!(backs.len(), 8);
    for command in
        ["gfcombine -o passphrase share.???", "gpg --batch --import root.key", "> share.003; sha256sum share.003"]
    {
        assert!(backs.iter().any(|back| back.contains(command)), "{command}");
    }
}

/// Five lines, as many as the share of a passphrase has, each numbered and with a stroke before its checksum.
#[test]
fn a_blank_sheet_has_the_lines_of_a_share() {
    let printed = Printed::new(ROOT_GENERATION, &[]);
    let golden = std::fs::read_to_string("src/backup/sheet_golden.txt").unwrap();
    let lines =
        golden.lines().filter(|line| line.trim_start().split_once(": ").is_some_and(|(n, _)| n.parse::<u8>().is_ok()));
    let count = lines.count();
    for page in printed.pages("blank-sheets.pdf").iter().filter(|page| page.contains("Share sheet")) {
        let drawn: Vec<&str> =
            page.split("checksum.").nth(1).unwrap().split("sha256").next().unwrap().split_whitespace().collect();
        let strokes = drawn.iter().filter(|word| **word == "/").count();
        assert_eq!(strokes, count, "{drawn:?}");
    }
}

#[test]
fn marks_stand_on_every_page_of_what_does_not_count_and_on_no_other() {
    for (arguments, mark) in [
        (&["--rehearsal"][..], Some("REHEARSAL, NOT FOR USE")),
        (&["--dress-rehearsal"], Some("DRESS REHEARSAL, NOT FOR USE")),
        (&[], None),
    ] {
        let printed = Printed::new(ROOT_GENERATION, arguments);
        for paper in printed.papers().keys() {
            for (number, page) in (1..).zip(printed.pages(paper)) {
                match mark {
                    Some(mark) => assert!(page.matches(mark).count() >= 2, "{paper}, page {number}: {page}"),
                    None => assert!(!page.contains("NOT FOR USE"), "{paper}, page {number}: {page}"),
                }
            }
        }
        // What is cut out is marked by itself: three cards, each with a label and a label of its bag.
        let labels = printed.text("labels.pdf").matches("NOT FOR USE").count();
        assert_eq!(labels, if mark.is_some() { 2 * 2 + 6 } else { 0 });
    }
}

#[test]
fn what_to_do_names_what_there_is() {
    for (script, backed_up) in [(ROOT_GENERATION, true), ("ceremony/card-only/root-generation.toml", false)] {
        for size in ["a4", "letter"] {
            let printed = Printed::new(script, &["--size", size, "--day", "2026-11-22"]);
            let pages = printed.pages("emergency.pdf");
            assert_eq!(pages.len(), 2, "one page of what to do, one of dates: {pages:#?}");
            let named = |ending: &'static str| {
                let words = pages[0].split_whitespace();
                words
                    .map(|word| word.trim_matches(|c: char| "(),;.".contains(c)).to_owned())
                    .filter(move |word| word.ends_with(ending))
            };
            let runbooks: Vec<String> = named(".md").collect();
            assert!(runbooks.len() >= 5, "{}", pages[0]);
            for runbook in runbooks {
                assert!(Path::new("docs/runbooks").join(&runbook).exists(), "{runbook}");
            }
            for script in named(".toml") {
                assert!(Path::new("ceremony").join(&script).exists(), "{script}");
            }
            assert_eq!(pages[0].contains("reshare.toml"), backed_up);
            // Five years of 365 days, and one.
            assert!(pages[1].contains("2031-11-21") && pages[1].contains("2027-11-22"), "{}", pages[1]);
        }
    }
}

#[test]
fn dates_that_nobody_gave_are_blanks() {
    let printed = Printed::new(ROOT_GENERATION, &[]);
    for paper in printed.papers().keys() {
        let text = printed.text(paper);
        assert!(!text.contains("2026-") && !text.contains("2031-"), "{paper}: {text}");
    }
    // A delegation makes no root: when the root ends it does not know.
    let printed = Printed::new("ceremony/delegation.toml", &["--day", "2026-11-22"]);
    let dates = &printed.pages("emergency.pdf")[1];
    assert!(!dates.contains("2031-") && dates.contains("The first of the delegations of this day ends"), "{dates}");
}

#[test]
fn the_longest_names_have_room() {
    let long = |text: &str, length: usize| text.chars().cycle().take(length).collect::<String>().trim_end().to_owned();
    let (name, card) = (long("Wilhelmina Ölçer Ğışı ", 80), long("mw-", 40).trim_end_matches('-').to_owned() + "m");
    let changes: [(&str, &str); 5] = [
        ("name       = \"Example Organization\"", &format!("name = \"{}\"", long("Worldwide Organization of ", 80))),
        ("Finn Gallo", &name),
        ("Esi Fontaine", &long("Иван Жуков ", 80)),
        ("packages-a", &card[..40]),
        ("[roots.packages]", &format!("[roots.{}]", &card[..39])),
    ];
    let (root, card) = (format!("root = \"{}\"", &card[..39]), card[..40].to_owned());
    let title = format!("title = \"{}\"", long("Generate the roots of ", 80));
    let script: [(&str, &str); 3] =
        [("root = \"packages\"", &root), ("packages-a", &card), ("title = \"Generate the packages root\"", &title)];
    let (_folder, script) = changed(&script, &changes);
    for arguments in [&["--size", "letter", "--dress-rehearsal"][..], &["--size", "a4", "--dress-rehearsal"]] {
        let printed = Printed::new(&script, arguments);
        assert!(printed.text("labels.pdf").contains("WITH") || printed.papers().len() == 6);
    }
}
