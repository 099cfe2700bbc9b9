use super::super::share::split;
use super::*;
use crate::model::role::Role;

fn locked(bytes: &[u8]) -> keyrite_locked::Locked {
    keyrite_locked::Locked::copy_of(bytes).expect("locked memory")
}

fn made() -> (SetStatement, Vec<Share>) {
    let quorum = Quorum::new(2, 3).expect("quorum");
    let coins = locked(&vec![0x5a; quorum.randomness_len(11)]);
    let shares = split(&locked(b"TEST SECRET"), quorum, &coins).expect("split");
    let set = Set {
        id: SetId::draw([0, 1, 2, 3, 252, 253, 254, 255]),
        mode: Mode::Rehearsal,
        root: "packages".parse().expect("name"),
        fingerprint: Fingerprint([0xab; 20]),
        content: Sealed::Revocation,
        made: Timestamp(1_795_258_797),
        drill_by: None,
    };
    let holders: Vec<Seat> = Seat::all(Role::Custodian, 3).collect();
    (SetStatement::new(set, quorum, b"TEST MESSAGE", &shares, &holders).expect("statement"), shares)
}

#[test]
fn a_set_id_is_eight_symbols() {
    assert_eq!(SetId::draw([0, 1, 2, 3, 252, 253, 254, 255]).to_string(), "2345WXYZ");
    assert_eq!("2345wxyz".parse::<SetId>().expect("an id").to_string(), "2345WXYZ");
    for bad in ["", "2345WXY", "2345WXYZ2", "O345WXYZ", "2345-WXY", "éééé"] {
        assert!(bad.parse::<SetId>().is_err(), "{bad}");
    }
}

#[test]
fn it_reads_what_it_writes_and_writes_it_again_the_same() {
    let (statement, _) = made();
    let text = statement.to_toml().expect("written");
    let read = SetStatement::from_toml(&text).expect("read");
    assert_eq!(read, statement);
    assert_eq!(read.to_toml().expect("written"), text);
    let expected = "\
format = \"keyrite-share-set-1\"
share-bytes = 11
message-sha256 = \"4dc3d67f0f5ba1f4a9dcf8a8e2e7ba55f1ffb37a13a1b6c2c2e8b9f4f0000000\"

[set]
id = \"2345WXYZ\"
mode = \"rehearsal\"
root = \"packages\"
fingerprint = \"ABABABABABABABABABABABABABABABABABABABAB\"
content = \"revocation\"
made = \"2026-11-21T10:59:57Z\"

[quorum]
threshold = 2
shares = 3

[[share]]
number = 1
";
    let hash = Hash::of(b"TEST MESSAGE").to_string();
    let expected = expected.replace("4dc3d67f0f5ba1f4a9dcf8a8e2e7ba55f1ffb37a13a1b6c2c2e8b9f4f0000000", &hash);
    assert!(text.starts_with(&expected), "{text}");
}

#[test]
fn it_is_strict() {
    let (statement, _) = made();
    let text = statement.to_toml().expect("written");
    for (from, to) in [
        ("keyrite-share-set-1", "keyrite-share-set-2"),
        ("share-bytes = 11", "share-bytes = 0"),
        ("share-bytes = 11", "share-bytes = 1601"),
        ("share-bytes = 11", "share-bytes = 70000"),
        ("threshold = 2", "threshold = 1"),
        ("shares = 3", "shares = 4"),
        ("number = 1", "number = 2"),
        ("mode = \"rehearsal\"", "mode = \"real\""),
        ("[quorum]", "[quorum]\nspare = 1"),
        ("[set]", "[set]\nspare = 1"),
        ("format =", "spare = 1\nformat ="),
        ("[[share]]", "[[share]]\nspare = 1"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        assert!(SetStatement::from_toml(&changed).is_err(), "{to}");
    }
    assert!(SetStatement::from_toml(&"#".repeat(LARGEST + 1)).is_err());
}

#[test]
fn the_date_of_a_drill_is_that_of_a_key_alone_and_may_be_missing() {
    let (statement, _) = made();
    let older = statement.to_toml().expect("written").replace("\"revocation\"", "\"key\"");
    assert_eq!(SetStatement::from_toml(&older).expect("read").set().drill_by, None);
    let with =
        |text: &str, day: &str| text.replace("\n\n[quorum]", &format!("\ndrill-by = \"{day}T10:59:57Z\"\n\n[quorum]"));
    let dated = with(&older, "2027-11-21");
    let read = SetStatement::from_toml(&dated).expect("read");
    assert_eq!(read.set().drill_by, Some(Timestamp(1_826_794_797)));
    assert_eq!(read.to_toml().expect("written"), dated);
    for wrong in [with(&older, "2026-11-21"), with(&older, "today"), dated.replace("\"key\"", "\"revocation\"")] {
        assert!(SetStatement::from_toml(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn one_share_is_checked_without_the_others() {
    let (statement, shares) = made();
    for share in &shares {
        assert_eq!(statement.check_share(share).expect("the share").holder.number, share.number());
        for at in 0..share.bytes().len() {
            let mut changed = locked(share.bytes());
            changed[at] ^= 1;
            let changed = Share::new(share.number(), changed).expect("a share");
            assert!(matches!(statement.check_share(&changed), Err(BackupError::ShareWrong(_))));
        }
    }
    let elsewhere = Share::new(2, locked(shares[0].bytes())).expect("a share");
    assert!(matches!(statement.check_share(&elsewhere), Err(BackupError::ShareWrong(2))));
    let foreign = Share::new(4, locked(shares[0].bytes())).expect("a share");
    assert!(matches!(statement.check_share(&foreign), Err(BackupError::ShareNumber(4))));
}

#[test]
fn every_changed_byte_of_the_message_is_found() {
    let (statement, _) = made();
    assert!(statement.check_message(b"TEST MESSAGE").is_ok());
    for at in 0..12 {
        let mut changed = *b"TEST MESSAGE";
        changed[at] ^= 1;
        assert!(matches!(statement.check_message(&changed), Err(BackupError::WrongMessage)));
    }
}

#[test]
fn shares_holders_and_quorum_must_fit() {
    let (statement, mut shares) = made();
    let holders =
        |count: usize| -> Vec<Seat> { statement.shares().iter().take(count).map(|entry| entry.holder).collect() };
    let make = |shares: &[Share], count| {
        SetStatement::new(statement.set().clone(), statement.quorum(), b"x", shares, &holders(count))
    };
    assert!(make(&shares, 2).is_err());
    assert!(make(&shares[..2], 2).is_err());
    shares.swap(0, 1);
    assert!(make(&shares, 3).is_err());
}
