//! Printing, and reading what was printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stage::{Ran, keyrite};

/// The shipped scripts, found and not listed: a new one is printed too.
pub(crate) fn scripts() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ["ceremony", "ceremony/card-only"] {
        files.extend(std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    }
    files.retain(|path| path.extension().is_some_and(|end| end == "toml") && !path.ends_with("organization.toml"));
    files.sort();
    files
}

/// What was printed of a script.
pub(crate) struct Printed {
    folder: tempfile::TempDir,
    pub(crate) ran: Ran,
}

impl Printed {
    /// Prints a script that is taken.
    pub(crate) fn new(script: impl AsRef<Path>, arguments: &[&str]) -> Self {
        let printed = Self::tried(script, arguments);
        printed.ran.done();
        printed
    }

    /// Prints a script, or tries to.
    pub(crate) fn tried(script: impl AsRef<Path>, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut print = Command::new(keyrite());
        print
            .args(["ceremony", "print"])
            .arg(script.as_ref())
            .args(arguments)
            .arg("--out")
            .arg(folder.path().join("out"));
        let ran = Ran::of(&print.output().unwrap());
        Self { folder, ran }
    }

    /// Where the papers lie.
    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// What lies beside them.
    pub(crate) fn beside(&self) -> usize {
        self.folder.path().read_dir().unwrap().count()
    }

    /// The papers by name.
    pub(crate) fn papers(&self) -> BTreeMap<String, PathBuf> {
        let files = self.out().read_dir().unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path)).collect()
    }

    /// The text of a paper, in one line.
    pub(crate) fn text(&self, paper: &str) -> String {
        one_line(&read("pdftotext", &["-layout"], &self.out().join(paper), &["-"]))
    }

    /// The text of each of its pages, in one line each.
    pub(crate) fn pages(&self, paper: &str) -> Vec<String> {
        let text = read("pdftotext", &["-layout"], &self.out().join(paper), &["-"]);
        text.trim_end_matches('\u{c}').split('\u{c}').map(one_line).collect()
    }
}

/// What a stock tool says of a file.
pub(crate) fn read(tool: &str, before: &[&str], file: &Path, after: &[&str]) -> String {
    let output = Command::new(tool).args(before).arg(file).args(after).output().expect("poppler-utils");
    assert!(output.status.success(), "{tool} {}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{tool} {}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder with a script and an organization, changed.
pub(crate) fn changed(script: &[(&str, &str)], organization: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (file, changes) in [("root-generation.toml", script), ("organization.toml", organization)] {
        let mut text = std::fs::read_to_string(Path::new("ceremony").join(file)).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    let script = folder.path().join("root-generation.toml");
    (folder, script)
}
