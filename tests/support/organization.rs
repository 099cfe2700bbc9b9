//! The example organization, changed as a test wants it.
#![allow(dead_code, reason = "each test program needs some of this")]

use std::path::{Path, PathBuf};

/// The example organization with other lines in some of its tables: `("[records]", "pin-each-signature = true")`. A table that it
/// does not have is added.
pub(crate) fn with(lines: &[(&str, &str)]) -> String {
    let mut text = std::fs::read_to_string("ceremony/organization.toml").expect("the example");
    for (table, more) in lines {
        let head = format!("\n{table}\n");
        match text.matches(&head).count() {
            1 => text = text.replace(&head, &format!("{head}{more}\n")),
            _ => text = text.replacen("\n[[person]]\n", &format!("\n{table}\n{more}\n\n[[person]]\n"), 1),
        }
    }
    text
}

/// Every setting of cards, otherwise than new cards have it; the records card asks for its PIN at each signature.
pub(crate) const EVERY_SETTING: &[(&str, &str)] = &[
    ("[records]", "pin-each-signature = true"),
    ("[roots.packages]", "pin-each-signature = false"),
    (
        "[cards]",
        "touch = \"on\"\nkdf = true\nholder = \"Example Organization\"\nurl = \"https://www.example.org/root.asc\"",
    ),
];

/// The shipped scripts in a folder, beside an organization with other lines in it.
pub(crate) fn beside(folder: &Path, lines: &[(&str, &str)]) -> PathBuf {
    let own = folder.join("own");
    std::fs::create_dir_all(&own).expect("a folder");
    for entry in std::fs::read_dir("ceremony").expect("the shipped scripts") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            std::fs::copy(&path, own.join(path.file_name().expect("a name"))).expect("copied");
        }
    }
    std::fs::write(own.join("organization.toml"), with(lines)).expect("written");
    own
}
