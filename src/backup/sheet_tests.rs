use crate::model::role::{Role, Seat};
use proptest::prelude::*;

use super::super::error::LineFault;
use super::super::reading::{self, UntrustedSheet};
use super::super::share::{Quorum, split};
use super::super::statement::Set;
use super::*;
use crate::model::mode::Mode;
use crate::model::timestamp::Timestamp;

const PASSPHRASE: &[u8] = b"TEST-SECR-ET22-2222-2222-2222-2222";

fn locked(bytes: &[u8]) -> Locked {
    Locked::copy_of(bytes).expect("locked memory")
}

fn set(content: Sealed, id: &str, mode: Mode) -> Set {
    Set {
        id: id.parse().expect("set id"),
        mode,
        root: "packages".parse().expect("name"),
        fingerprint: "E58294F2E9A227486E8B061B31CC528FD7FA3F19".parse().expect("fingerprint"),
        content,
        made: Timestamp(1_795_258_797),
        drill_by: (content == Sealed::Key).then_some(Timestamp(1_826_794_797)),
    }
}

fn made(content: Sealed, mode: Mode) -> (SetStatement, Vec<Share>) {
    let quorum = Quorum::new(3, 5).expect("quorum");
    let coins = (0..quorum.randomness_len(PASSPHRASE.len())).map(|at| (at * 7 + 3) as u8).collect::<Vec<_>>();
    let shares = split(&locked(PASSPHRASE), quorum, &locked(&coins)).expect("split");
    let holder = |number| Seat { role: Role::Custodian, number };
    let set = set(content, "7K3MQ2XA", mode);
    let statement = SetStatement::new(set, quorum, b"TEST MESSAGE", &shares, &(1..=5).map(holder).collect::<Vec<_>>());
    (statement.expect("statement"), shares)
}

fn sheet(statement: &SetStatement, share: &Share) -> String {
    let text = write(statement, &Shown::new("Example Organization"), share).expect("a sheet");
    text.text().expect("text").to_owned()
}

#[test]
fn a_sheet_as_it_is_printed() {
    let (statement, shares) = made(Sealed::Key, Mode::Rehearsal);
    assert_eq!(sheet(&statement, &shares[2]), include_str!("sheet_golden.txt"));
}

#[test]
fn it_survives_a_cleartext_signature() {
    for content in [Sealed::Key, Sealed::Revocation] {
        for mode in [Mode::Rehearsal, Mode::DressRehearsal, Mode::Production] {
            let (statement, shares) = made(content, mode);
            let name = Shown::new(&format!("Org\u{e9} \u{202e}{}", "-long name ".repeat(30)));
            let text = write(&statement, &name, &shares[0]).expect("a sheet");
            let text = text.text().expect("text");
            assert!(text.is_ascii() && text.ends_with('\n') && !text.contains(['\r', '\t']));
            for line in text.lines() {
                assert!(line.len() <= 80, "{line:?}");
                assert!(!line.starts_with('-') && !line.starts_with("From "), "{line:?}");
                assert_eq!(line, line.trim_end(), "{line:?}");
            }
            assert_eq!(text.contains("NOT FOR USE"), mode.mark().is_some());
        }
    }
    let (statement, shares) = made(Sealed::Key, Mode::Production);
    assert!(write(&statement, &Shown::new(&"x".repeat(20_000)), &shares[0]).is_err());
}

#[test]
fn what_is_copied_by_hand_is_enough() {
    for mode in [Mode::Rehearsal, Mode::Production] {
        let (statement, shares) = made(Sealed::Key, mode);
        let text = format!("Hash: SHA512\n\n{}", sheet(&statement, &shares[2]));
        let copied = reading::by_hand(text.as_bytes()).collect::<Vec<_>>().join(&b'\n');
        let read = UntrustedSheet::parse(&copied).and_then(|sheet| sheet.verify(&statement)).expect("the copy");
        assert_eq!(*read.share().bytes(), *shares[2].bytes());
        assert_eq!(copied.starts_with(b"REHEARSAL"), mode == Mode::Rehearsal);
        assert_eq!(reading::by_hand(text.as_bytes()).count(), 9 + 5 + usize::from(mode == Mode::Rehearsal));
    }
}

#[test]
fn the_longest_share_is_written_and_read() {
    let quorum = Quorum::new(2, 2).expect("quorum");
    let long = usize::from(crate::backup::statement::LONGEST_SHARE);
    let coins = Locked::zeroed(quorum.randomness_len(long)).expect("locked memory");
    let shares = split(&locked(&vec![0x5a; long]), quorum, &coins).expect("split");
    let holder = |number| Seat { role: Role::Custodian, number };
    let set = set(Sealed::Key, "7K3MQ2XA", Mode::Production);
    let statement = SetStatement::new(set, quorum, b"x", &shares, &[holder(1), holder(2)]).expect("statement");
    let read = UntrustedSheet::parse(sheet(&statement, &shares[1]).as_bytes()).expect("read");
    assert_eq!(read.verify(&statement).expect("verified").share().bytes(), shares[1].bytes());
}

#[test]
fn a_share_of_another_set_is_not_written() {
    let (statement, shares) = made(Sealed::Key, Mode::Production);
    let foreign = Share::new(3, locked(shares[3].bytes())).expect("a share");
    let refused = write(&statement, &Shown::new("x"), &foreign).err();
    assert!(matches!(refused, Some(BackupError::ShareWrong(3))));
}

#[test]
fn what_was_written_is_read() {
    let (statement, shares) = made(Sealed::Key, Mode::Production);
    for share in &shares {
        let read = UntrustedSheet::parse(sheet(&statement, share).as_bytes()).expect("read").verify(&statement);
        let read = read.expect("verified");
        assert_eq!((read.share().number(), read.share().bytes()), (share.number(), share.bytes()));
        assert_eq!(read.holder().to_string(), format!("custodian {}", share.number()));
    }
}

#[test]
fn what_a_person_types_is_read() {
    let (statement, shares) = made(Sealed::Key, Mode::Production);
    let printed = sheet(&statement, &shares[2]);
    let mut lines: Vec<String> = printed.lines().filter(|line| line.contains(" / ")).map(str::to_owned).collect();
    lines.reverse();
    let typed = format!("set : 7k3mq2xa\n share: 3\n{}", lines.join("\n").to_lowercase().replace(" ", ""));
    let read = UntrustedSheet::parse(typed.as_bytes()).expect("read").verify(&statement).expect("verified");
    assert_eq!(read.into_share().bytes(), shares[2].bytes());
    // Line by line, as a dialogue asks for it.
    lines.reverse();
    let id = statement.set().id;
    let read = (1u8..).zip(&lines).map(|(at, line)| {
        let typed = line.split_once(':').expect("a line").1.replace('/', " ").to_lowercase();
        reading::line(id, 3, at, typed.as_bytes()).expect("a line")
    });
    let read = UntrustedSheet::of_lines(id, 3, read.collect()).expect("read").verify(&statement).expect("verified");
    assert_eq!(read.share().bytes(), shares[2].bytes());
}

/// The fault of the first line that is refused.
fn fault(text: &str) -> (u8, LineFault) {
    match UntrustedSheet::parse(text.as_bytes()).err() {
        Some(BackupError::Line { share: 3, line, fault }) => (line, fault),
        other => panic!("another outcome: {other:?}"),
    }
}

#[test]
fn every_wrong_digit_is_named_with_its_line() {
    let (statement, shares) = made(Sealed::Key, Mode::Production);
    let printed = sheet(&statement, &shares[2]);
    let start = printed.find("   1:").expect("the first line");
    let end = printed.find("SHA-256 of the").expect("the hash");
    let mut line = 0;
    for at in start..end {
        let before = printed.as_bytes()[at];
        line += u8::from(printed[at..].starts_with(": ") || printed[at..].starts_with(":"));
        let in_share = printed[..at].rsplit('\n').next().is_some_and(|begun| begun.contains(':'));
        if before.is_ascii_hexdigit() && in_share {
            for other in "0123456789ABCDEF".bytes().filter(|other| *other != before) {
                let mut changed = printed.clone().into_bytes();
                changed[at] = other;
                let changed = String::from_utf8(changed).expect("text");
                assert_eq!(fault(&changed), (line, LineFault::Checksum), "{at}");
            }
        }
    }
    assert_eq!(line, 5);
}

#[test]
fn slips_of_the_pen_are_named() {
    let (statement, shares) = made(Sealed::Key, Mode::Production);
    let printed = sheet(&statement, &shares[2]);
    let lines: Vec<&str> = printed.lines().filter(|line| line.contains(" / ")).collect();
    let with = |at: usize, new: &str| printed.replace(lines[at], new);
    assert_eq!(fault(&with(1, "")), (2, LineFault::Missing));
    assert_eq!(fault(&with(1, lines[0])), (1, LineFault::Doubled));
    assert_eq!(fault(&with(1, &lines[1][..lines[1].len() - 1])), (2, LineFault::Length(19)));
    assert_eq!(fault(&with(1, &format!("{}0", lines[1]))), (2, LineFault::Length(21)));
    assert_eq!(fault(&with(1, &format!("{}O", &lines[1][..lines[1].len() - 1]))), (2, LineFault::Digit));
    assert_eq!(fault(&with(1, &lines[2].replace("3:", "2:"))), (2, LineFault::Checksum), "a line in another's place");
    assert_eq!(fault(&with(0, "1:")), (1, LineFault::Length(0)));
    // The last line is missed when the length is known.
    let short = UntrustedSheet::parse(with(4, "").as_bytes()).expect("read").verify(&statement).err();
    assert!(matches!(short, Some(BackupError::Line { line: 5, fault: LineFault::Missing, .. })));
}

#[test]
fn a_sheet_that_contradicts_the_statement_is_refused() {
    let (statement, shares) = made(Sealed::Key, Mode::Production);
    let printed = sheet(&statement, &shares[2]);
    let cases = [
        ("E582 94F2", "E582 94F3", "Fingerprint"),
        ("Sealed:       key", "Sealed: revocation", "Sealed"),
        ("any 3 restore", "any 2 restore", "Share"),
        ("2026-11-21", "2026-11-22", "Date"),
        ("2027-11-21", "2028-11-21", "Drill by"),
        ("custodian 3", "custodian 4", "Holder"),
        ("packages\n", "images\n", "Root"),
    ];
    for (from, to, wrong) in cases {
        let changed = printed.replace(from, to);
        assert_ne!(changed, printed, "{wrong}");
        let refused = UntrustedSheet::parse(changed.as_bytes()).expect("read").verify(&statement).err();
        assert!(matches!(refused, Some(BackupError::WrongSet { field, .. }) if field == wrong), "{wrong}");
    }
    let (mut other, _) = made(Sealed::Key, Mode::Production);
    other = SetStatement::new(
        set(Sealed::Key, "ABCDEFGH", Mode::Production),
        other.quorum(),
        b"TEST MESSAGE",
        &shares,
        &other.shares().iter().map(|entry| entry.holder).collect::<Vec<_>>(),
    )
    .expect("statement");
    let refused = UntrustedSheet::parse(printed.as_bytes()).expect("read").verify(&other).err();
    assert!(matches!(refused, Some(BackupError::WrongSet { field: "Set", .. })));
}

#[test]
fn a_sheet_may_say_less_than_its_set_and_not_more() {
    let (statement, shares) = made(Sealed::Key, Mode::Production);
    let dated = sheet(&statement, &shares[2]);
    let line = "Drill by:     2027-11-21\n";
    let older = dated.replace(line, "");
    assert_ne!(older, dated);
    let verified = |text: &str, statement: &SetStatement| {
        UntrustedSheet::parse(text.as_bytes()).expect("read").verify(statement).map(|sheet| sheet.share().number())
    };
    let copied = reading::by_hand(older.as_bytes()).collect::<Vec<_>>().join(&b'\n');
    for text in [older.as_str(), std::str::from_utf8(&copied).expect("text")] {
        assert!(matches!(verified(text, &statement), Ok(3)), "{text}");
    }
    // A set made before there was such a line.
    let text = statement.to_toml().expect("written").replace("drill-by = \"2027-11-21T10:59:57Z\"\n", "");
    let before = SetStatement::from_toml(&text).expect("read");
    assert_eq!(sheet(&before, &shares[2]), older);
    assert!(matches!(verified(&older, &before), Ok(3)));
    assert!(matches!(verified(&dated, &before), Err(BackupError::WrongSet { field: "Drill by", .. })));
    // No drill opens a revocation certificate.
    let (revocation, shares) = made(Sealed::Revocation, Mode::Production);
    let text = sheet(&revocation, &shares[2]);
    assert!(!text.contains("Drill by"));
    let refused = verified(&text.replace("Date:  ", "Drill by: 2027-11-21\nDate:  "), &revocation);
    assert!(matches!(refused, Err(BackupError::WrongSet { field: "Drill by", .. })));
}

#[test]
fn a_sheet_without_its_labels_is_refused() {
    let (statement, shares) = made(Sealed::Key, Mode::Production);
    let printed = sheet(&statement, &shares[2]);
    for (from, to, wrong) in [
        ("Set:  ", "Sat:  ", "Set"),
        ("7K3MQ2XA\n", "7K3MQ2X\n", "Set"),
        ("Share:  ", "Shore:  ", "Share"),
        ("3 of 5", "300 of 5", "Share"),
        ("Root:  ", "Set:  ", "Set"),
    ] {
        let refused = UntrustedSheet::parse(printed.replace(from, to).as_bytes()).err();
        assert!(matches!(refused, Some(BackupError::SheetField { field, .. }) if field == wrong), "{from}");
    }
    for bytes in [&b""[..], b"\xff\xfe", &[b'\n'; reading::LARGEST + 1]] {
        assert!(UntrustedSheet::parse(bytes).is_err());
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "([A-Za-z0-9:/ \n]|Set:|Share: 3|1: |\u{e9}){0,400}") {
        let (statement, _) = made(Sealed::Key, Mode::Production);
        if let Ok(read) = UntrustedSheet::parse(text.as_bytes()) {
            prop_assert!(read.verify(&statement).is_err());
        }
    }
}
