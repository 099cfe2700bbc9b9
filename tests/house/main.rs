//! The house stays in order: floors, exits, unsafe code, dependencies, documents (docs/design.md, docs/controls.md).
#![allow(clippy::expect_used, clippy::panic)]

mod controls;
mod dependencies;
mod documents;
mod floors;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the repository.
fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below `folder` whose name ends so, as a path in the repository. What builds leave is not looked at.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path: PathBuf = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') && !name.starts_with("rehearsal-") {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                let inside = path.strip_prefix(root()).expect("below the repository");
                found.push(inside.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}
