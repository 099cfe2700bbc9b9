//! A paper as keyrite prints it: read back from its dots, by two; and what another renderer makes of it.

use std::path::Path;

use keyrite::backup::frames::Frames;
use keyrite::model::fault::Fault;
use keyrite::paper::code::Code;
use keyrite::paper::{Block, Document, Size};
use keyrite::workstation::WorkstationError;
use keyrite::workstation::read_back::{ReadBack, read_back};
use keyrite::workstation::stock::zbarimg;

use crate::pictures::{drawn, restored};
use crate::{codes, content, read, reader, texts};

const LENGTH: usize = 6000;

fn paper(size: Size, codes: &[Code]) -> Vec<u8> {
    let labelled = |(number, code): (usize, &Code)| (format!("Code {number}"), code.clone());
    let blocks = vec![
        Block::Title("A sealed message".to_owned()),
        Block::Text("All of it, as codes.".to_owned()),
        Block::Codes((1..).zip(codes).map(labelled).collect()),
    ];
    let title = "Sealed message".to_owned();
    Document { size, title, head: "Example".to_owned(), foot: "Set 7K3MQ2XA".to_owned(), mark: None, blocks }
        .to_pdf()
        .unwrap()
}

fn back(pdf: &[u8], expected: &[Vec<u8>]) -> Result<ReadBack, WorkstationError> {
    let expected: Vec<&[u8]> = expected.iter().map(Vec::as_slice).collect();
    let zbarimg = zbarimg::find().expect("zbarimg (zbar-tools)");
    read_back(&reader(), Some(&zbarimg), Path::new("sheet.pdf"), pdf, &expected)
}

#[test]
fn a_paper_reads_back_on_either_size() {
    let texts = texts(&content(LENGTH));
    for size in [Size::A4, Size::Letter] {
        let pdf = paper(size, &codes(&texts));
        let read = back(&pdf, &texts).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read, ReadBack { pages: 2, by_two: true }, "{size:?}");
    }
}

#[test]
fn what_poppler_draws_is_read_and_restored_too() {
    let texts = texts(&content(LENGTH));
    let pdf = paper(Size::A4, &codes(&texts));
    for form in ["-gray", "-png", "-jpeg"] {
        let pages = drawn(&pdf, form);
        let mut seen: Vec<Vec<u8>> = pages.iter().flat_map(|(_, page)| read(page)).collect();
        seen.sort();
        assert_eq!(seen, texts, "{form}");
    }
    let pages = drawn(&pdf, "-png");
    let pages: Vec<(&str, Vec<u8>)> = pages.iter().map(|(name, page)| (name.as_str(), page.clone())).collect();
    assert_eq!(restored(&pages), content(LENGTH));
}

#[test]
fn a_paper_that_is_not_what_was_meant_is_refused() {
    let (texts, other) = (texts(&content(LENGTH)), texts(&content(LENGTH + 1)));
    let (good, name) = (codes(&texts), |text: &[u8]| String::from_utf8_lossy(&text[..8]).into_owned());
    let refused = |pdf: &[u8], words: &str| {
        let error = back(pdf, &texts).unwrap_err();
        assert_eq!(error.to_string(), words);
        assert_eq!(error.control().map(keyrite::model::control::Control::id), Some("PAPER-1"));
        assert!(error.hint().is_some());
    };
    // A code of another sheet in place of one.
    let mut foreign = good.clone();
    foreign[1] = Code::full(&other[1]).unwrap();
    let words = format!("page 1, code {}: it should not be there", name(&other[1]));
    refused(&paper(Size::A4, &foreign), &words);
    // One is missing, of all and of the last page.
    let words = format!("page 2, code {}: it was read on no page up to this one", name(&texts[6]));
    refused(&paper(Size::A4, &good[..6]).clone(), &words.replace("page 2", "page 1"));
    // A page twice.
    let twice: Vec<Code> = good.iter().chain(&good[..1]).cloned().collect();
    refused(&paper(Size::A4, &twice), &format!("page 2, code {}: it stands on page 1 already", name(&texts[0])));
    // A square that is wrong is corrected by the code itself; so many are not.
    let share = Frames::of(&content(34)).unwrap();
    let error = back(&paper(Size::A4, &[Code::smallest(&share.texts()[0]).unwrap()]), &[]).unwrap_err();
    assert!(error.to_string().ends_with("it should not be there"), "{error}");
}
