//! `minutes print`: signed minutes on paper, read back by stock tools.

use std::path::Path;
use std::process::Command;

use keyrite::model::pgp_words;

use crate::played::{Copied, FIRST, SECOND, minutes};

/// The text of a PDF.
fn text(pdf: &Path) -> String {
    let output = Command::new("pdftotext").arg("-layout").arg(pdf).arg("-").output().expect("poppler-utils");
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Without what breaking lines adds or takes.
fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn every_line_that_was_signed_stands_on_paper() {
    let copied = Copied::new();
    let register = copied.register();
    for (ceremony, cosigned) in [(FIRST, true), (SECOND, false)] {
        for size in ["a4", "letter"] {
            let pdf = register.with_file_name(format!("{ceremony}-{size}.pdf"));
            let arguments = ["print", ceremony, "--size", size, "--out", &pdf.to_string_lossy()];
            let first = minutes(&register, &arguments);
            assert!(first.done().out.ends_with(&format!("  {}\n", pdf.display())), "{}", first.out);
            let printed = text(&pdf);
            for page in printed.trim_end_matches('\u{c}').split('\u{c}') {
                assert!(page.matches("REHEARSAL, NOT FOR USE").count() >= 2, "{page}");
            }
            let whole = bare(&printed);
            let shown = minutes(&register, &["show", ceremony]).done().out.clone();
            let entries = shown.lines().filter(|line| line.starts_with("20"));
            let mut found = 0;
            for line in entries {
                let (time, words) = line.split_at(20);
                let entry = format!("{}{}", &time[11..19], bare(words));
                // A page may end in it.
                let beginning: String = entry.chars().take(30).collect();
                assert!(whole.contains(&beginning), "{beginning}: {printed}");
                found += 1;
            }
            assert!(found > 20, "{shown}");
            let head = shown.lines().find_map(|line| line.strip_prefix("head  ")).unwrap().trim();
            let head: keyrite::model::hash::Hash = head.parse().unwrap();
            for row in pgp_words::words(&head.0).chunks(4) {
                assert!(whole.contains(&row.concat()), "{row:?}: {printed}");
            }
            assert_eq!(whole.contains("Bynobodyuntilthiswasprinted."), !cosigned, "{printed}");
            assert!(printed.contains("Chloe Duarte") && printed.contains("Signed by hand"), "{printed}");
            // The same bytes every time; and what is there already stays.
            let again = register.with_file_name("again.pdf");
            minutes(&register, &["print", ceremony, "--size", size, "--out", &again.to_string_lossy()]).done();
            assert!(std::fs::read(&again).unwrap() == std::fs::read(&pdf).unwrap());
            minutes(&register, &arguments).refused(1, Some("FILE-1"));
            std::fs::remove_file(again).unwrap();
        }
    }
}

#[test]
fn minutes_that_are_not_as_signed_are_not_printed() {
    let copied = Copied::new();
    let register = copied.register();
    let path = register.join(format!("minutes/{FIRST}.asc"));
    let signed = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, signed.replacen("leader 1 Ada", "leader 1 Eve", 1)).unwrap();
    let pdf = register.with_file_name("minutes.pdf");
    let ran = minutes(&register, &["print", FIRST, "--out", &pdf.to_string_lossy()]);
    assert_eq!((ran.code, pdf.exists()), (Some(1), false), "{}", ran.err);
}
