//! A floor imports only from floors below it, and rooms of one floor do not import each other.

use crate::source::{bare, climbs, has_word, rooms};
use crate::{files, text};

/// Each room of `src/` with its floor, as docs/design.md draws them.
const ROOMS: &[(&str, u8)] = &[
    ("model", 0),
    ("format", 1),
    ("entropy", 2),
    ("trust", 2),
    ("backup", 2),
    ("paper", 2),
    ("publication", 2),
    ("workstation", 2),
    ("ceremony", 3),
    ("cli", 4),
    ("rehearsal", 4),
];

fn floor(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// What `room` may not import, out of what `bare` source of it does, `depth` modules below the crate.
fn trespasses(room: &str, bare: &str, depth: usize) -> Vec<String> {
    let mut reached = rooms(bare);
    reached.extend(climbs(bare, depth).into_iter().filter(|name| floor(name).is_some()));
    let own = floor(room);
    reached.retain(|other| other != room && floor(other).is_none_or(|f| Some(f) >= own));
    reached
}

#[test]
fn a_room_imports_only_from_floors_below() {
    let mut faults = Vec::new();
    for path in files("src", ".rs") {
        let inside: Vec<&str> = path.split('/').skip(1).collect();
        if inside == ["main.rs"] || inside == ["lib.rs"] {
            continue;
        }
        let room = inside[0].trim_end_matches(".rs");
        assert!(floor(room).is_some(), "{path}: room {room} has no floor; give it one here and in docs/design.md");
        let depth = inside.len() - usize::from(inside.last() == Some(&"mod.rs"));
        for other in trespasses(room, &bare(&text(&path)), depth) {
            faults.push(format!("{path}: {room} imports {other}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_trespass_is_found() {
    assert_eq!(trespasses("trust", "use crate::{model::a, workstation::b};", 2), ["workstation"]);
    assert_eq!(trespasses("format", "use crate::ceremony::Scene;", 2), ["ceremony"]);
    assert_eq!(trespasses("cli", "fn f() { crate::rehearsal::g() }", 2), ["rehearsal"]);
    assert_eq!(trespasses("backup", "use super::super::trust::x;", 2), ["trust"]);
    assert_eq!(trespasses("ceremony", "use crate::{backup, format::script, model};", 2), Vec::<String>::new());
}

/// Every Rust file that belongs to the project.
fn sources() -> Vec<String> {
    ["src", "crates", "tests", "examples", "benches"].into_iter().flat_map(|folder| files(folder, ".rs")).collect()
}

#[test]
fn only_main_exits_the_process() {
    for path in sources().iter().filter(|path| path.contains("src/") && !path.ends_with("src/main.rs")) {
        let bare = bare(&text(path));
        let leaves = ["process::exit", "process::abort"].iter().any(|call| bare.contains(call));
        let imports = bare.split(';').filter(|item| item.contains("use std::process"));
        let hidden = imports.into_iter().any(|item| has_word(item, "exit") || has_word(item, "abort"));
        assert!(!leaves && !hidden, "{path} ends the process; only main does that");
    }
}

#[test]
fn unsafe_code_is_in_the_crate_for_locked_memory_only() {
    for path in sources() {
        let has_unsafe = has_word(&bare(&text(&path)), "unsafe");
        assert!(!has_unsafe || path.starts_with("crates/locked/src/"), "{path} has unsafe code");
    }
}
