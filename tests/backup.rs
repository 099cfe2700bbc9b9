//! Backups against the stock tools that must restore them: gfsplit, gfcombine and gpg, as Debian ships them.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "backup/room.rs"]
mod room;

use std::fs;

use keyrite::backup::reading::UntrustedSheet;
use keyrite::backup::share::{self, Quorum, Share};
use keyrite::backup::statement::{Set, SetStatement};
use keyrite::backup::{message, passphrase, sheet};
use keyrite::entropy::{Label, mix};
use keyrite::model::evidence::Sealed;
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::hash::Hash;
use keyrite::model::mode::Mode;
use keyrite::model::name::RootName;
use keyrite::model::role::{Role, Seat};
use keyrite::model::shown::Shown;
use keyrite::model::timestamp::Timestamp;
use keyrite_locked::Locked;
use room::Room;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::CertBuilder;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::KeyFlags;

fn locked(bytes: &[u8]) -> Locked {
    Locked::copy_of(bytes).expect("locked memory")
}

fn packages() -> RootName {
    "packages".parse().expect("name")
}

/// Not random at all, for repeatable tests: `salt` tells the draws apart.
fn drawn(label: &Label<'_>, len: usize, salt: u8) -> Locked {
    mix(&locked(&[salt; 48]), None, None, label, len).expect("mixed")
}

#[test]
fn gpg_decrypts_what_was_sealed() {
    let room = Room::new();
    let phrase = passphrase::draw(&drawn(&Label::KeyPassphrase(&packages()), 28, 1)).expect("drawn");
    for len in [1, 200, 9000] {
        let plain = vec![b'k'; len];
        let sealed = message::seal(&locked(&plain), &phrase, &["TEST SECRET"]).expect("sealed");
        room.write("sealed.asc", &sealed);
        let arguments = ["--batch", "--pinentry-mode", "loopback", "--passphrase-fd", "0", "-d", "sealed.asc"];
        let done = room.run("gpg", &arguments, &phrase);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
        assert_eq!(done.stdout, plain, "{len}");
        // A cipher that is weak or without protection would be warned of here.
        assert!(said.contains("AES256") && !said.to_lowercase().contains("warning"), "{said}");
    }
}

#[test]
fn what_gpg_seals_by_its_own_defaults_is_refused() {
    let room = Room::new();
    let arguments = ["--batch", "--pinentry-mode", "loopback", "--passphrase", "TEST", "-a", "-c"];
    let sealed = room.run("gpg", &arguments, b"TEST SECRET").stdout;
    assert!(sealed.starts_with(b"-----BEGIN PGP MESSAGE-----"));
    assert!(message::open(&sealed, &locked(b"TEST")).is_err());
}

/// Every threshold of every number of shares up to eight, and some up to sixteen.
fn quorums() -> impl Iterator<Item = (u8, u8)> {
    let small = (2..=8).flat_map(|shares| (2..=shares).map(move |threshold| (threshold, shares)));
    small.chain([(2, 16), (3, 9), (5, 12), (7, 16), (8, 11), (9, 16), (11, 13), (15, 16), (16, 16)])
}

/// A secret of 1 to 300 bytes, another one for each quorum.
fn secret_of(threshold: u8, shares: u8) -> Vec<u8> {
    let seed = Hash::of(&[threshold, shares]).0;
    let len = 1 + usize::from(seed[0]) * 299 / 255;
    seed.iter().copied().cycle().zip(0u8..=255).map(|(byte, at)| byte ^ at).cycle().take(len).collect()
}

/// As many of these as the threshold says, in no order: the first, the last, and such as chance has it.
fn chosen<T>(all: &[T], threshold: u8) -> Vec<Vec<&T>> {
    let threshold = usize::from(threshold);
    let mut shuffled: Vec<usize> = (0..all.len()).collect();
    shuffled.sort_by_key(|at| Hash::of(&[*at as u8, all.len() as u8, threshold as u8]).0);
    let places =
        [(0..threshold).rev().collect(), (all.len() - threshold..all.len()).collect(), shuffled[..threshold].to_vec()];
    places.into_iter().map(|places: Vec<usize>| places.into_iter().map(|at| &all[at]).collect()).collect()
}

#[test]
fn gfcombine_takes_our_shares() {
    for (threshold, shares) in quorums() {
        let secret = secret_of(threshold, shares);
        let quorum = Quorum::new(threshold, shares).expect("quorum");
        let coins = drawn(&Label::KeyShares(&packages()), quorum.randomness_len(secret.len()), shares);
        for some in chosen(&share::split(&locked(&secret), quorum, &coins).expect("split"), threshold) {
            let room = Room::new();
            for share in some {
                room.write(&format!("share{}", share.gf_suffix()), share.bytes());
            }
            room.sh("gfcombine -o secret share.???", b"");
            assert_eq!(room.read("secret"), secret, "{threshold} of {shares}");
        }
    }
}

#[test]
fn gfsplits_shares_are_taken() {
    for (threshold, shares) in quorums() {
        let secret = secret_of(threshold, shares);
        let room = Room::new();
        room.write("secret", &secret);
        // gfsplit holds a threshold against the number of shares read so far, 5 at first: -m must come before -n.
        room.sh(&format!("mkdir dealt && gfsplit -m {shares} -n {threshold} secret dealt/share"), b"");
        let found: Vec<(u8, Vec<u8>)> = fs::read_dir(room.path().join("dealt"))
            .expect("the folder")
            .map(|entry| entry.expect("a file").path())
            .map(|path| {
                let number = path.extension().and_then(|number| number.to_str()?.parse().ok()).expect("a number");
                (number, fs::read(&path).expect("read"))
            })
            .collect();
        assert_eq!(found.len(), usize::from(shares));
        let quorum = Quorum::new(threshold, shares).expect("quorum");
        for some in chosen(&found, threshold) {
            let some: Vec<Share> =
                some.into_iter().map(|(number, bytes)| Share::new(*number, locked(bytes)).expect("a share")).collect();
            assert_eq!(*share::recover(&some, quorum).expect("recovered"), secret[..], "{threshold} of {shares}");
        }
    }
}

/// Something to keep, its sealed message, the set's statement and all sheets.
struct Backup {
    plain: Vec<u8>,
    fingerprint: Fingerprint,
    message: Vec<u8>,
    statement: SetStatement,
    sheets: Vec<String>,
}

/// A throwaway root, and its key or its revocation in armor.
fn root(content: Sealed) -> (Fingerprint, Vec<u8>) {
    let (cert, revocation) = CertBuilder::new()
        .add_userid("TEST SECRET, REHEARSAL, NOT FOR USE <root@example.org>")
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .generate()
        .expect("a key");
    let written = match content {
        Sealed::Key => cert.as_tsk().armored().to_vec(),
        Sealed::Revocation => Packet::from(revocation).to_vec(),
    };
    (cert.fingerprint().to_string().parse().expect("v4"), written.expect("written"))
}

fn backup(content: Sealed, threshold: u8, shares: u8) -> Backup {
    let (fingerprint, plain) = root(content);
    let phrase = passphrase::draw(&drawn(&Label::KeyPassphrase(&packages()), 28, 2)).expect("drawn");
    let quorum = Quorum::new(threshold, shares).expect("quorum");
    let coins = drawn(&Label::KeyShares(&packages()), quorum.randomness_len(phrase.len()), 3);
    let dealt = share::split(&phrase, quorum, &coins).expect("split");
    let set = Set {
        id: "7K3MQ2XA".parse().expect("set id"),
        mode: Mode::Rehearsal,
        root: packages(),
        fingerprint,
        content,
        made: Timestamp(1_795_258_797),
        drill_by: (content == Sealed::Key).then_some(Timestamp(1_826_794_797)),
    };
    let message = message::seal(&locked(&plain), &phrase, &["TEST SECRET", "Set: 7K3MQ2XA"]).expect("sealed");
    let holder = |number| Seat { role: Role::Custodian, number };
    let statement = SetStatement::new(set, quorum, &message, &dealt, &(1..=shares).map(holder).collect::<Vec<_>>());
    let statement = statement.expect("statement");
    let sheet = |share: &Share| {
        let text = sheet::write(&statement, &Shown::new("Example Organization"), share).expect("a sheet");
        text.text().expect("text").to_owned()
    };
    let sheets = dealt.iter().map(sheet).collect();
    Backup { plain, fingerprint, message, statement, sheets }
}

/// The commands printed on a sheet: what stands behind `$`, and the line after a backslash.
fn commands(sheet: &str) -> Vec<String> {
    let joined = sheet.replace("\\\n", "\\\r");
    joined
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("$ "))
        .map(|line| line.replace('\r', "\n"))
        .collect()
}

/// What a person types from a sheet into a share's file: the digits between line number and slash.
fn typed(sheet: &str) -> String {
    let digits = |line: &str| line.split_once(':')?.1.split_once(" /").map(|(digits, _)| digits.trim().to_lowercase());
    sheet.lines().filter_map(digits).collect::<Vec<_>>().join("\n") + "\n"
}

/// Writes the share of a sheet into its file by the sheet's own command; gives what was said.
fn type_share(room: &Room, sheet: &str) -> String {
    let own = commands(sheet).into_iter().find(|command| command.starts_with("tr ")).expect("a command");
    room.sh(&own, typed(sheet).as_bytes())
}

/// Types the shares of `which` in as their sheets say, then does everything that the last of them says.
fn restore_by_hand(room: &Room, backup: &Backup, which: &[usize]) {
    room.write("sealed.asc", &backup.message);
    let (last, others) = which.split_last().expect("sheets");
    for sheet in others.iter().map(|at| &backup.sheets[*at]) {
        let said = type_share(room, sheet);
        assert!(sheet.contains(&format!("      {}\n", &said[..16])), "the share's own hash is on its sheet");
    }
    let sheet = &backup.sheets[*last];
    let said = room.sh(&commands(sheet).join("\n"), typed(sheet).as_bytes());
    let hash = backup.statement.message();
    assert!(said.contains(&hash.to_string()), "the message's hash: {said}");
    assert!(hash.groups().split(' ').all(|group| sheet.contains(group)), "the sheet has the whole hash");
}

#[test]
fn the_commands_on_the_sheets_restore_the_key() {
    let backup = backup(Sealed::Key, 3, 5);
    for which in [[0, 1, 2], [4, 1, 3]] {
        let room = Room::bare();
        restore_by_hand(&room, &backup, &which);
        assert_eq!(room.read("root.key"), backup.plain);
        let listed = room.sh("gpg --batch --with-colons --list-secret-keys", b"");
        assert!(listed.contains(&backup.fingerprint.to_string()), "{listed}");
    }
}

#[test]
fn the_commands_on_the_sheets_restore_the_revocations() {
    let backup = backup(Sealed::Revocation, 2, 3);
    let room = Room::bare();
    restore_by_hand(&room, &backup, &[2, 0]);
    assert_eq!(room.read("revocations.asc"), backup.plain);
    assert!(room.sh("gpg --batch --with-colons --list-keys", b"").lines().all(|line| line.starts_with("tru")));
}

#[test]
fn a_mistyped_share_fails_by_hand_and_here() {
    let backup = backup(Sealed::Key, 2, 3);
    let room = Room::bare();
    room.write("sealed.asc", &backup.message);
    let mut wrong = backup.sheets[0].clone();
    let digit = wrong.find("   1: ").expect("a line") + 6;
    let other = if wrong.as_bytes()[digit] == b'A' { "B" } else { "A" };
    wrong.replace_range(digit..=digit, other);
    let said = type_share(&room, &wrong);
    assert!(!wrong.contains(&said[..16]), "the hash on the sheet shows it first");
    type_share(&room, &backup.sheets[1]);
    let rest: Vec<String> = commands(&wrong).into_iter().filter(|command| !command.starts_with("tr ")).collect();
    let done = room.run("sh", &["-e", "-c", &rest.join("\n")], b"");
    assert!(!done.status.success() && !room.path().join("root.key").exists());
    assert!(UntrustedSheet::parse(wrong.as_bytes()).is_err());
}

#[test]
fn every_quorum_of_read_sheets_restores_here() {
    let backup = backup(Sealed::Key, 2, 3);
    let written = backup.statement.to_toml().expect("written");
    let statement = SetStatement::from_toml(&written).expect("read");
    statement.check_message(&backup.message).expect("the message");
    for which in [[0, 1], [0, 2], [2, 1]] {
        let read = |at: &usize| {
            let sheet = UntrustedSheet::parse(backup.sheets[*at].as_bytes()).expect("read");
            sheet.verify(&statement).expect("verified").into_share()
        };
        let shares: Vec<Share> = which.iter().map(read).collect();
        let opened = share::restore(&backup.message, &shares, statement.quorum()).expect("restored");
        assert_eq!(&*opened, backup.plain.as_slice());
    }
}

/// A cleartext signature (by any key) around a sheet changes nothing in it.
#[test]
fn a_sheet_survives_a_cleartext_signature() {
    let backup = backup(Sealed::Key, 2, 3);
    let room = Room::new();
    room.write("key", &backup.plain);
    room.write("sheet", backup.sheets[0].as_bytes());
    room.sh("gpg --batch -q --import key; gpg --batch -q -o signed --clearsign sheet; gpg -q -o back -d signed", b"");
    assert_eq!(room.read("back"), backup.sheets[0].as_bytes());
    let signed = String::from_utf8(room.read("signed")).expect("text");
    assert!(signed.contains(&backup.sheets[0]), "nothing is escaped");
    UntrustedSheet::parse(signed.as_bytes()).expect("read").verify(&backup.statement).expect("verified");
}
