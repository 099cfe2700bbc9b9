//! Files that cannot be read, as keyrite tells of them.

use std::path::Path;

use keyrite::model::fault::{Class, Fault};
use keyrite::workstation::WorkstationError;
use keyrite::workstation::page_reader::PageReader;

use crate::pictures::Picture;
use crate::{pdf, reader};

fn refused(file: &[u8]) -> WorkstationError {
    let error = reader().codes(Path::new("scan\u{1b}.png"), file, 1).map(drop).unwrap_err();
    let said = format!("{error} {}", error.hint().expect("a hint"));
    assert!(said.chars().all(|c| !c.is_control()), "{said:?}");
    assert_eq!(error.class(), Class::Input, "{said}");
    error
}

#[test]
fn a_page_that_cannot_be_read_is_named() {
    let error = refused(b"not a picture").to_string();
    assert_eq!(error, "page 1 of scan\\u{1b}.png: the file is neither PDF, PNG, JPEG, PGM nor PPM");
    let error = reader().codes(Path::new("scan.pgm"), &Picture::white(10, 10).pgm(), 2).map(drop).unwrap_err();
    assert_eq!(error.to_string(), "page 2 of scan.pgm: there is no page 2: the file has 1");
}

/// A page full of what looks like the corner of a code: each three of them may be one.
fn corners() -> Picture {
    let mut page = Picture::white(2400, 2400);
    let is_dark = |row: usize, column: usize| {
        let edge = |at: usize| at == 0 || at == 6;
        let core = |at: usize| (2..5).contains(&at);
        row < 7 && column < 7 && (edge(row) || edge(column) || core(row) && core(column))
    };
    for (at, dot) in page.dots.iter_mut().enumerate() {
        if is_dark(at / 2400 / 2 % 9, at % 2400 / 2 % 9) {
            *dot = 0;
        }
    }
    page
}

#[test]
fn a_file_that_takes_too_long_or_too_much_is_named() {
    let error = refused(&corners().pgm()).to_string();
    assert!(error.ends_with("to read it takes more than 2 seconds of a processor"), "{error}");
    let error = refused(&pdf::endless()).to_string();
    assert!(error.ends_with("to read it takes more than 256 MB of memory"), "{error}");
}

#[test]
fn a_page_without_codes_has_none() {
    let page = Picture::white(2480, 3508).pgm();
    assert!(reader().codes(Path::new("page"), &page, 1).unwrap().texts.is_empty());
}

#[test]
fn a_file_on_a_disk_is_opened_and_not_read_here() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.pgm");
    std::fs::write(&path, Picture::white(100, 100).pgm()).unwrap();
    assert_eq!(reader().codes_in(&path, 1).unwrap().pages, 1);
    for not_a_file in ["missing.png", "."] {
        let error = reader().codes_in(&folder.path().join(not_a_file), 1).map(drop).unwrap_err();
        assert!(matches!(error, WorkstationError::Named { .. }), "{error}");
    }
    let large = folder.path().join("large");
    std::fs::File::create(&large).unwrap().set_len(1 << 30).unwrap();
    assert!(matches!(reader().codes_in(&large, 1), Err(WorkstationError::TooLarge { .. })));
    assert!(matches!(PageReader::beside(&folder.path().join("keyrite")), Err(WorkstationError::NoPageReader { .. })));
}
