//! docs/controls.md says what the code says: the same controls, and tests that exist.

use std::collections::BTreeSet;

use keyrite::model::control::Control;

use crate::source::bare;
use crate::{files, text};

const DOCUMENT: &str = "docs/controls.md";

/// The document's sections: a heading `### ID` and what stands under it.
fn sections(document: &str) -> Vec<(String, String)> {
    let sections = document.split("\n### ").skip(1);
    sections.filter_map(|section| section.split_once('\n')).map(|(id, body)| (id.trim().into(), body.into())).collect()
}

#[test]
fn the_document_has_every_control_and_no_other() {
    let document: Vec<String> = sections(&text(DOCUMENT)).into_iter().map(|(id, _)| id).collect();
    let code: BTreeSet<String> = Control::ALL.iter().map(|control| control.id().to_owned()).collect();
    assert_eq!(code.len(), Control::ALL.len(), "two controls have one ID");
    assert_eq!(document.iter().cloned().collect::<BTreeSet<_>>(), code);
    assert_eq!(document.len(), code.len(), "a control stands in {DOCUMENT} twice");
}

/// Every control meets a threat, and every threat that names one names one that there is.
#[test]
fn every_control_meets_a_threat() {
    let named: BTreeSet<String> = text("docs/threat-model.md")
        .split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-'))
        .filter(|word| word.split_once('-').is_some_and(|(_, number)| number.parse::<u8>().is_ok()))
        .filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()) && !word.starts_with("SHA-"))
        .map(str::to_owned)
        .collect();
    let code: BTreeSet<String> = Control::ALL.iter().map(|control| control.id().to_owned()).collect();
    assert_eq!(named, code);
}

#[test]
fn every_control_says_what_where_and_by_which_tests() {
    for (id, body) in sections(&text(DOCUMENT)) {
        for label in ["Meets:", "Refuses:", "Accept test:", "Reject test:"] {
            assert!(body.contains(label), "{id} in {DOCUMENT} has no \"{label}\"");
        }
    }
}

/// Names in backquotes on the lines of accept and reject tests, and on the lines that go on with them.
fn named_tests(document: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, body) in sections(document) {
        for item in body.split("\n- ").filter(|item| item.contains("Accept test:") || item.contains("Reject test:")) {
            let item = item.split("\n\n").next().unwrap_or_default();
            names.extend(item.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    names
}

#[test]
fn every_named_test_exists() {
    let mut sources: String = ["src", "tests", "crates"]
        .into_iter()
        .flat_map(|folder| files(folder, ".rs"))
        .map(|path| bare(&text(&path)))
        .collect();
    sources.push_str(&text("tests/rehearsal.expected"));
    let names = named_tests(&text(DOCUMENT));
    assert!(names.len() >= Control::ALL.len(), "only {names:?}");
    let exists = |name: &str| sources.contains(&format!("fn {name}(")) || sources.contains(&format!("\n{name}\t"));
    let missing: Vec<&String> = names.iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "{DOCUMENT} names tests that are not there: {missing:?}");
}

#[test]
fn a_missing_test_would_be_seen() {
    let document = "x\n### A-1\n- Accept test: `one`, and\n  `two`\n- Reject test: none yet\n\n`three`\n";
    assert_eq!(named_tests(document).into_iter().collect::<Vec<_>>(), ["one", "two"]);
}
