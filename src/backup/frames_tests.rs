use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;
use crate::model::fault::Fault;

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 + at / 256 + 7) as u8).collect()
}

fn frames(content: &[u8]) -> Vec<Vec<u8>> {
    Frames::of(content).unwrap().texts().iter().map(|text| text.to_vec()).collect()
}

fn joined(texts: &[Vec<u8>]) -> Result<Vec<u8>, BackupError> {
    join(texts.iter().map(Vec::as_slice)).map(|content| content.to_vec())
}

fn said(texts: &[Vec<u8>]) -> String {
    joined(texts).unwrap_err().to_string()
}

fn set(id: &str) -> SetId {
    id.parse().unwrap()
}

fn share(number: u8) -> Share {
    Share::new(number, Locked::copy_of(&content(34)).unwrap()).unwrap()
}

/// What docs/formats.md tells a stranger to type, with the texts where zbarimg would be.
fn by_coreutils(texts: &[Vec<u8>]) -> Vec<u8> {
    let mut shell = Command::new("sh");
    shell.args(["-c", "sort -u | cut -c9- | tr -d '\\n' | base32 -d"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    let mut pipe = shell.stdin.take().unwrap();
    for text in texts {
        pipe.write_all(text).unwrap();
        pipe.write_all(b"\n").unwrap();
    }
    drop(pipe);
    let output = shell.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn frames_look_as_described() {
    assert_eq!(frames(b"TEST SECRET"), [b"6C490101KRCVGVBAKNCUGUSFKQ======".to_vec()]);
    let many = frames(&content(BYTES + 1));
    assert_eq!(many.iter().map(Vec::len).collect::<Vec<_>>(), [1408, 16]);
    assert!(many[0][4..8] == *b"0102" && many[1][4..8] == *b"0202" && many[0][..4] == many[1][..4]);
    for (length, count) in [(1, 1), (875, 1), (876, 2), (2000, 3), (10_000, 12), (10_500, 12)] {
        assert_eq!(frames(&content(length)).len(), count, "{length} bytes");
    }
    for length in [0, 10_501] {
        assert!(matches!(Frames::of(&content(length)), Err(BackupError::TooMuchForPaper(_))), "{length} bytes");
    }
}

#[test]
fn coreutils_restore_every_length() {
    for length in (1..=16).chain([870, 871, 872, 873, 874, 875, 876, 2000, 10_500]) {
        let mut texts = frames(&content(length));
        texts.reverse();
        // A page that was scanned twice.
        texts.push(texts[0].clone());
        assert_eq!(by_coreutils(&texts), content(length), "{length} bytes");
    }
    let frame = Frames::of_share(set("7K3MQ2XA"), &share(3)).unwrap();
    assert_eq!(by_coreutils(&[frame.texts()[0].to_vec()]), content(34));
}

proptest! {
    #[test]
    fn any_bytes_come_back_in_any_order(content in prop::collection::vec(any::<u8>(), 1..4000), turn in 0_usize..5) {
        let mut texts = frames(&content);
        let count = texts.len();
        texts.rotate_left(turn % count);
        texts.push(texts[0].clone());
        prop_assert_eq!(joined(&texts).unwrap(), content);
    }

    #[test]
    fn no_text_is_a_panic(text in "[0-9A-F]{4}0[0-9]1[0-2][A-Z2-7]{0,40}={0,8}") {
        let _ = UntrustedFrame::parse(text.as_bytes()).map(drop);
        let _ = UntrustedFrame::typed(text.as_bytes()).map(drop);
    }
}

#[test]
fn what_is_missing_foreign_or_doubled_is_named() {
    let texts = frames(&content(3000));
    let (tag, other) = (String::from_utf8_lossy(&texts[0][..4]).into_owned(), frames(&content(3001)));
    let without = |gone: &[usize]| -> Vec<Vec<u8>> {
        texts.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, text)| text.clone()).collect()
    };
    assert_eq!(said(&without(&[1])), "of 4 codes these are missing: 2");
    assert_eq!(said(&without(&[0, 1, 3])), "of 4 codes these are missing: 1, 2, 4");
    assert_eq!(said(&[]), "no code of it was read");
    // One page twice, and the other one not.
    let twice = [without(&[2, 3]), without(&[2, 3])].concat();
    assert_eq!(said(&twice), "of 4 codes these are missing: 3, 4");

    let foreign = [without(&[3]), vec![other[3].clone()]].concat();
    let name = String::from_utf8_lossy(&other[3][..8]);
    assert_eq!(said(&foreign), format!("code {name}: it is not of the same paper as code {tag}0104"));

    let mut changed = texts[2].clone();
    changed[20] = if changed[20] == b'A' { b'B' } else { b'A' };
    let doubled = [texts.clone(), vec![changed.clone()]].concat();
    assert_eq!(said(&doubled), format!("code {tag}0304: it was read twice, differently"));
    let misread = [without(&[2]), vec![changed]].concat();
    assert_eq!(said(&misread), format!("code {tag}0104: the codes do not give what their header names"));
}

#[test]
fn a_text_that_is_no_frame_is_refused() {
    let good = frames(b"TEST SECRET").remove(0);
    let no_frame: [&[u8]; 8] = [
        b"",
        b"6C49010",
        b"https://example.org/",
        b"6c490101KRCVG===",
        b"6C490001KRCVG===",
        b"6C490201KRCVG===",
        b"6C491313KRCVG===",
        b"\x1b[2J\x1b[2JKRCVG===",
    ];
    for text in no_frame {
        let error = UntrustedFrame::parse(text).map(drop).unwrap_err();
        assert!(matches!(&error, BackupError::Frame { fault: FrameFault::NoFrame, .. }), "{error}");
        assert!(!error.to_string().contains('\u{1b}') && error.hint().is_some());
    }
    let misread: [&[u8]; 8] = [
        b"6C490101",
        b"6C490101KRCV",
        b"6C490101KRCVG0==",
        b"6C490101krcvg===",
        b"6C490101KRCVGVBAKNCUGUSFKQ=====",
        b"6C490101KRCVGVBAKNCUGUSFKR======",
        b"6C490101========",
        b"6C490102KRCVG===",
    ];
    for text in misread {
        let error = UntrustedFrame::parse(text).map(drop).unwrap_err();
        assert!(matches!(&error, BackupError::Frame { fault: FrameFault::Base32, .. }), "{error}");
    }
    assert!(UntrustedFrame::parse(&good).is_ok());
}

#[test]
fn every_changed_character_is_found() {
    let good = frames(&content(60));
    for at in 0..good[0].len() {
        for other in [b'0', b'1', b'A', b'Z', b'2', b'=', b' '] {
            let mut text = good[0].clone();
            if text[at] != other {
                text[at] = other;
                assert!(joined(&[text]).is_err(), "character {at} as {}", char::from(other));
            }
        }
    }
}

#[test]
fn a_frame_of_a_share_is_of_that_share_alone() {
    let (ours, theirs) = (set("7K3MQ2XA"), set("7K3MQ2XB"));
    let text = Frames::of_share(ours, &share(3)).unwrap().texts()[0].to_vec();
    assert_eq!(text.len(), 64);
    let taken = |set, number| UntrustedFrame::parse(&text).unwrap().into_share(set, number);
    let good = taken(ours, 3).unwrap();
    assert_eq!((good.number(), good.bytes()), (3, &*content(34)));
    let name = String::from_utf8_lossy(&text[..8]);
    let said = |error: BackupError| error.to_string();
    assert_eq!(
        said(taken(ours, 2).map(drop).unwrap_err()),
        format!("code {name}: it is share 3 of this set, and share 2 is wanted")
    );
    assert_eq!(
        said(taken(theirs, 3).map(drop).unwrap_err()),
        format!("code {name}: it is not share 3 of this set, but of another set, or misread")
    );
    // A sealed message is no share, and a share no sealed message.
    let message = frames(&content(34));
    assert!(UntrustedFrame::parse(&message[0]).unwrap().into_share(ours, 3).is_err());
    assert!(joined(&[text]).is_err());
    let long = Share::new(1, Locked::copy_of(&content(BYTES + 1)).unwrap()).unwrap();
    assert!(matches!(Frames::of_share(ours, &long), Err(BackupError::TooMuchForPaper(_))));
}

#[test]
fn a_scanner_may_shift_letters_and_lose_padding() {
    let ours = set("7K3MQ2XA");
    let text = String::from_utf8(Frames::of_share(ours, &share(3)).unwrap().texts()[0].to_vec()).unwrap();
    let bare = text.trim_end_matches('=');
    assert_ne!(bare, text);
    for typed in [text.clone(), bare.to_owned(), text.to_lowercase(), format!(" {bare}= ")] {
        assert!(UntrustedFrame::is_like(typed.as_bytes()), "{typed}");
        let share = UntrustedFrame::typed(typed.as_bytes()).unwrap().into_share(ours, 3).unwrap();
        assert_eq!(share.bytes(), content(34), "{typed}");
    }
    // A German keyboard, say.
    let swapped: String = bare
        .chars()
        .map(|c| match c {
            'Z' => 'Y',
            'Y' => 'Z',
            c => c,
        })
        .collect();
    assert_ne!(swapped, bare);
    assert!(UntrustedFrame::typed(swapped.as_bytes()).and_then(|frame| frame.into_share(ours, 3)).is_err());
    for typed in
        [b"".as_slice(), b"n", b"7A6B 7D3D 797D F62A / 38E3", b"7A6B7D3D797DF62A38E3", b"file /media/usb/scan.png"]
    {
        assert!(!UntrustedFrame::is_like(typed));
    }
    for typed in [b"".as_slice(), b"=", b"========", b"1234567"] {
        assert!(UntrustedFrame::typed(typed).is_err());
    }
}
