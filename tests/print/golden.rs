//! Every shipped script on both sizes of paper, byte for byte; and the words of one of them, to be read.

use std::fmt::Write as _;
use std::path::Path;

use keyrite::model::hash::Hash;

use crate::papers::{Printed, read, scripts};

/// Compares with a golden file, or writes it.
pub(crate) fn golden(path: &str, text: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    for (at, (own, other)) in (1..).zip(text.lines().zip(expected.lines())) {
        assert_eq!(own, other, "{path}, line {at}; BLESS=1 writes it anew");
    }
    assert!(text == expected, "{path} has another length; BLESS=1 writes it anew");
}

/// The fonts of a paper are its own, and it has the size that was asked for.
pub(crate) fn is_whole(paper: &Path, size: &str) {
    let fonts = read("pdffonts", &[], paper, &[]);
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!rows.is_empty(), "{}: {fonts}", paper.display());
    for row in rows {
        // Columns from the right: object, generation, unicode, subset, embedded.
        let columns: Vec<&str> = row.split_whitespace().rev().collect();
        assert_eq!(columns[2..5], ["yes"; 3], "{}: {fonts}", paper.display());
    }
    let info = read("pdfinfo", &[], paper, &[]);
    assert!(info.lines().any(|line| line.starts_with("Page size:") && line.contains(size)), "{info}");
    assert!(!info.contains("CreationDate") && !info.contains("ModDate"), "{info}");
}

#[test]
fn every_script_prints_the_same_bytes_every_time() {
    let mut hashes = String::new();
    for script in scripts() {
        for (size, points) in [("a4", "(A4)"), ("letter", "612 x 792 pts (letter)")] {
            let arguments = ["--size", size, "--day", "2026-11-22"];
            let (printed, again) = (Printed::new(&script, &arguments), Printed::new(&script, &arguments));
            assert!(printed.papers().len() >= 4, "{:?}", printed.papers());
            for (name, paper) in printed.papers() {
                let bytes = std::fs::read(&paper).unwrap();
                assert!(bytes == std::fs::read(again.out().join(&name)).unwrap(), "{name} of {}", script.display());
                is_whole(&paper, points);
                let _ = writeln!(hashes, "{}  {size}  {}  {name}", Hash::of(&bytes), script.display());
                assert!(
                    printed.ran.out.contains(&format!("{}  {}\n", Hash::of(&bytes), paper.display())),
                    "{}",
                    printed.ran.out
                );
            }
        }
    }
    golden("tests/print/papers.sha256", &hashes);
}

#[test]
fn what_stands_on_the_papers_of_a_root_generation() {
    let printed = Printed::new("ceremony/root-generation.toml", &["--day", "2026-11-22"]);
    let mut all = String::new();
    for (name, paper) in printed.papers() {
        let text = read("pdftotext", &["-layout"], &paper, &["-"]);
        let _ = write!(all, "==== {name}\n{}\n", text.replace('\u{c}', "\n---- next page\n"));
    }
    golden("tests/print/root-generation.txt", &all);
}
