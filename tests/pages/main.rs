//! Codes on paper: drawn, worn, read by two readers, restored by stock tools, and read back.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../support/pdf.rs"]
mod pdf;
#[path = "../support/pictures.rs"]
mod pictures;
mod read_back;
mod reading;
mod refusals;
#[path = "../support/stage.rs"]
mod stage;

use std::path::Path;

use keyrite::backup::frames::Frames;
use keyrite::backup::statement::SetId;
use keyrite::paper::code::Code;
use keyrite::workstation::page_reader::PageReader;

/// Random enough that no code is like another.
fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 + at / 256 * 7 + 11) as u8).collect()
}

fn texts(content: &[u8]) -> Vec<Vec<u8>> {
    Frames::of(content).unwrap().texts().iter().map(|text| text.to_vec()).collect()
}

fn codes(texts: &[Vec<u8>]) -> Vec<Code> {
    texts.iter().map(|text| Code::full(text).unwrap()).collect()
}

fn set(id: &str) -> SetId {
    id.parse().unwrap()
}

fn reader() -> PageReader {
    PageReader::beside(&stage::page_reader().with_file_name("keyrite")).unwrap()
}

/// What keyrite's own reader reads, in order.
fn read(file: &[u8]) -> Vec<Vec<u8>> {
    let read = reader().codes(Path::new("page"), file, 1).unwrap_or_else(|error| panic!("{error}"));
    let mut texts: Vec<Vec<u8>> = read.texts.iter().map(|text| text.to_vec()).collect();
    texts.sort();
    texts
}
