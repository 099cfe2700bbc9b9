//! The documents: links lead somewhere, lists are whole.

use keyrite::workstation::sandbox::Sandbox;
use std::path::Path;

use keyrite::ceremony::act::ACTS;
use keyrite::model::fault::Class;
use keyrite::workstation::card::{ADVISORIES, LOOKED_UP};
use keyrite::workstation::fitness::{Own, Probe};
use keyrite_locked::Hardening;

use crate::{files, root, text};

/// A kernel that grants everything.
const GRANTED: Sandbox = Sandbox { no_new_rights: true, no_network: true, landlock: Some(6) };

fn documents() -> Vec<String> {
    files(".", ".md")
}

#[test]
fn links_lead_to_files() {
    for path in documents() {
        let document = text(&path);
        for target in document.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || target.contains("://") {
                continue;
            }
            let folder = Path::new(&path).parent().unwrap_or(Path::new(""));
            assert!(root().join(folder).join(file).exists(), "{path}: {target} leads nowhere");
        }
    }
}

#[test]
fn every_decision_is_in_the_index() {
    let index = text("docs/decisions/README.md");
    for path in files("docs/decisions", ".md") {
        let name = path.rsplit('/').next().unwrap_or_default();
        assert!(name == "README.md" || index.contains(&format!("]({name})")), "{name} is not in the index");
    }
}

#[test]
fn every_act_is_described() {
    let (formats, design) = (text("docs/formats.md"), text("docs/design.md"));
    for act in ACTS {
        let row = format!("| `{}` |", act.name);
        assert!(formats.contains(&row), "docs/formats.md has no row {row}");
        assert!(design.contains(&row), "docs/design.md has no row {row}");
    }
}

#[test]
fn every_finding_is_described() {
    let hardening = Hardening { undumpable: true, no_core: true, all_locked: true };
    let own = Own { hardening, sandbox: GRANTED, randomness: true, tools: Vec::new() };
    let formats = text("docs/formats.md");
    for seen in Probe::new(root(), own).findings(None) {
        assert!(formats.contains(&format!("`{}`", seen.finding.id)), "docs/formats.md has no row {}", seen.finding.id);
    }
}

#[test]
fn every_exit_code_is_described() {
    let classes = [Class::Refused, Class::Usage, Class::Input, Class::Machine, Class::Interrupted, Class::Bug];
    for document in ["docs/guide.md", "docs/design.md"] {
        for class in classes {
            let row = format!("| {} |", class.code());
            assert!(text(document).contains(&row), "{document} has no row {row}");
        }
    }
}

/// Words that belong to the places where the project is written, not to the project.
#[test]
fn documents_name_no_machine() {
    for path in documents() {
        for word in ["/root/", "/home/", "/work/", "localhost:"] {
            assert!(!text(&path).contains(word), "{path} has {word}");
        }
    }
}

/// docs/cards.md has the advisories that keyrite has, and no other.
#[test]
fn every_advisory_is_described() {
    let document = text("docs/cards.md");
    let version = |[a, b, c]: [u8; 3]| format!("{a}.{b}.{}", if c == u8::MAX { "x".to_owned() } else { c.to_string() });
    for row in ADVISORIES {
        let firmware = format!("{} to {}", version(row.first), version(row.last));
        let cells = [row.id, row.devices, &firmware, row.broken, row.keyrite, row.remedy].join(" | ");
        assert!(document.contains(&format!("\n| {cells} |\n")), "docs/cards.md has no row | {cells} |");
        let cve = if row.cve == "none" { String::new() } else { format!(", {}", row.cve) };
        let source = format!("- {}{cve}, {}: <{}>", row.id, row.published.date(), row.source);
        assert!(document.contains(&source), "docs/cards.md has no line {source}");
    }
    assert_eq!(document.matches("\n| YSA-").count(), ADVISORIES.len());
    assert!(document.contains(&format!("last looked up on {}", LOOKED_UP.date())));
}
