//! Share sheets and sheets of sealed messages, of a secret that is known and worth nothing, byte for byte.

use std::fmt::Write as _;

use keyrite::backup::share::{Quorum, split};
use keyrite::backup::sheet;
use keyrite::backup::statement::{Set, SetStatement};
use keyrite::ceremony::print::sealed::SealedSheets;
use keyrite::ceremony::print::share::SharePaper;
use keyrite::model::evidence::Sealed;
use keyrite::model::hash::Hash;
use keyrite::model::mode::Mode;
use keyrite::model::role::{Role, Seat};
use keyrite::model::shown::Shown;
use keyrite::model::timestamp::Timestamp;
use keyrite::paper::Size;
use keyrite_locked::Locked;

use crate::golden::{golden, is_whole};
use crate::papers::read;

const ORGANIZATION: &str = "Example Organization";
const DRILL_BY: Timestamp = Timestamp(1_826_794_797);

/// Lines as armor has them, which say nothing.
fn armored(what: &str, lines: u32) -> String {
    let line = |at: u32| Hash::of(&at.to_be_bytes()).to_string();
    let lines: String = (0..lines).map(|at| line(at) + "\n").collect();
    format!("-----BEGIN PGP {what}-----\nComment: TEST SECRET\n\n{lines}=TEST\n-----END PGP {what}-----\n")
}

/// A message, the statement of its shares, and the sheet of the third as it is signed.
fn sealed(content: Sealed, mode: Mode) -> (String, SetStatement, String) {
    let locked = |bytes: &[u8]| Locked::copy_of(bytes).unwrap();
    let (quorum, secret) = (Quorum::new(3, 5).unwrap(), locked(b"TEST-SECR-ET22-2222-2222-2222-2222"));
    let coins: Vec<u8> = (0..quorum.randomness_len(secret.len())).map(|at| (at % 251) as u8).collect();
    let shares = split(&secret, quorum, &locked(&coins)).unwrap();
    let set = Set {
        id: "7K3MQ2XA".parse().unwrap(),
        mode,
        root: "packages".parse().unwrap(),
        fingerprint: "E58294F2E9A227486E8B061B31CC528FD7FA3F19".parse().unwrap(),
        content,
        made: Timestamp(1_795_258_797),
        drill_by: (content == Sealed::Key).then_some(DRILL_BY),
    };
    let role = if content == Sealed::Key { Role::Custodian } else { Role::RevocationHolder };
    let (message, holders) = (armored("MESSAGE", 21), Seat::all(role, 5).collect::<Vec<_>>());
    let statement = SetStatement::new(set, quorum, message.as_bytes(), &shares, &holders).unwrap();
    let text = sheet::write(&statement, &Shown::new(ORGANIZATION), &shares[2]).unwrap();
    let signature = armored("SIGNATURE", 4);
    let signed = format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}{signature}", text.text().unwrap());
    (message, statement, signed)
}

#[test]
fn sheets_of_shares_and_of_sealed_messages_are_the_same_bytes_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut hashes = String::new();
    for (size, name, points) in [(Size::A4, "a4", "(A4)"), (Size::Letter, "letter", "612 x 792 pts (letter)")] {
        for (content, mode) in [(Sealed::Key, Mode::Rehearsal), (Sealed::Revocation, Mode::Production)] {
            let (message, statement, signed) = sealed(content, mode);
            let (organization, message) = (ORGANIZATION, message.as_bytes());
            let due = statement.set().drill_by;
            let sheets = SealedSheets { organization, statement: &statement, message, due, size };
            let share = SharePaper::of(signed.as_bytes(), size).unwrap().pdf.to_vec();
            for (what, pdf) in [("share", share), ("sealed", sheets.pdf().unwrap().0)] {
                let paper = folder.path().join(format!("{what}-{content}-{name}.pdf"));
                std::fs::write(&paper, &pdf).unwrap();
                is_whole(&paper, points);
                let info = read("pdfinfo", &[], &paper, &[]);
                assert!(info.lines().any(|line| line.starts_with("Pages:") && line.ends_with(" 3")), "{what}: {info}");
                let text = read("pdftotext", &["-layout"], &paper, &["-"]);
                assert_eq!(text.contains(&DRILL_BY.date()), content == Sealed::Key, "{text}");
                let _ = writeln!(hashes, "{}  {name}  {what} of a {content}", Hash::of(&pdf));
            }
        }
    }
    golden("tests/print/backup.sha256", &hashes);
}
