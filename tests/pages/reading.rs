//! What is on the page is read, clean and worn, by both readers; and stock tools restore it.

use keyrite::backup::frames::{Frames, UntrustedFrame, join};
use keyrite::backup::share::Share;
use keyrite::paper::code::Code;
use keyrite_locked::Locked;

use crate::pictures::{Picture, SQUARE, restored};
use crate::{codes, content, read, set, texts};

/// A page full of codes, as much as stands on the second page of ten kilobytes too.
const FULL: usize = 6 * 875;

#[test]
fn a_clean_page_is_read_by_both_and_restored_by_stock_tools() {
    let texts = texts(&content(FULL));
    let page = Picture::page(&codes(&texts), SQUARE).pgm();
    assert_eq!(read(&page), texts);
    assert_eq!(join(texts.iter().map(Vec::as_slice)).unwrap().to_vec(), content(FULL));
    assert_eq!(restored(&[("page-1.pgm", page)]), content(FULL));
}

#[test]
fn a_worn_page_is_read_by_both_and_restored_by_stock_tools() {
    let texts = texts(&content(FULL));
    let page = Picture::page(&codes(&texts), SQUARE).worn(1.5, 1.0, 12.0).pgm();
    assert_eq!(read(&page), texts);
    assert_eq!(restored(&[("page-1.pgm", page)]), content(FULL));
}

#[test]
fn ten_kilobytes_on_two_pages_are_restored_by_stock_tools() {
    let texts = texts(&content(10_000));
    let pages: Vec<Vec<u8>> = texts.chunks(6).map(|texts| Picture::page(&codes(texts), SQUARE).pgm()).collect();
    assert_eq!(restored(&[("page-1.pgm", pages[0].clone()), ("page-2.pgm", pages[1].clone())]), content(10_000));
    // One of them scanned twice, too.
    let again = [("page-1.pgm", pages[0].clone()), ("page-2.pgm", pages[1].clone()), ("page-3.pgm", pages[0].clone())];
    assert_eq!(restored(&again), content(10_000));
}

#[test]
fn a_share_is_one_small_code_that_gives_its_bytes() {
    let ours = set("7K3MQ2XA");
    let share = Share::new(3, Locked::copy_of(&content(34)).unwrap()).unwrap();
    let frames = Frames::of_share(ours, &share).unwrap();
    let code = Code::smallest(&frames.texts()[0]).unwrap();
    assert_eq!((frames.texts().len(), code.width()), (1, 33));
    for page in [Picture::page(std::slice::from_ref(&code), 12), Picture::of(&code, 12)] {
        let page = page.worn(1.5, 1.0, 12.0).pgm();
        let read = read(&page);
        let taken = UntrustedFrame::parse(&read[0]).and_then(|frame| frame.into_share(ours, 3)).unwrap();
        assert_eq!((read.len(), taken.bytes()), (1, &*content(34)));
        assert_eq!(restored(&[("page.pgm", page)]), content(34));
    }
}

#[test]
fn every_length_of_padding_is_read() {
    for length in 1..=5 {
        let texts = texts(&content(870 + length));
        let page = Picture::of(&codes(&texts)[0], SQUARE).pgm();
        assert_eq!(read(&page), texts);
        assert_eq!(restored(&[("page.pgm", page)]), content(870 + length));
    }
}
