//! User IDs in requests, and in the certificates inside.

use keyrite::format::request::RequestFile;

use crate::made::packet;
use crate::signers::{Signer, armored};
use crate::{Desk, anna};

/// A request for this user ID, from a certificate that has it.
fn with(user_id: &str) -> Vec<u8> {
    let signer = Signer::made("anna", |builder| builder.add_userid(user_id));
    signer.sign(&RequestFile { user_id: user_id.to_owned(), ..signer.text() })
}

#[test]
fn escapes_and_letters_that_turn_the_line() {
    let desk = Desk::new();
    for (user_id, shown) in [
        ("anna\u{1b}[2J <anna@example.org>", "anna\\u{1b}[2J <anna@example.org>"),
        ("anna \u{202e}gro.elpmaxe@anna\u{202c}", "anna \\u{202e}gro.elpmaxe@anna\\u{202c}"),
        ("anna\u{200b} <anna@example.org>", "anna\\u{200b} <anna@example.org>"),
        ("anna\n-----END PGP SIGNED MESSAGE-----", "anna\\u{a}-----END PGP SIGNED MESSAGE-----"),
        ("anna\0 <anna@example.org>", "anna\\u{0} <anna@example.org>"),
    ] {
        let words = format!("user ID \"{shown}\" contains control or direction-changing characters");
        desk.refuses(&format!("{user_id:?}"), &with(user_id), Some("REQUEST-2"), &words);
    }
}

/// Cyrillic letters, a full-width one, and one that is composed of two: none is on the roster letter by letter.
#[test]
fn letters_that_look_like_those_on_the_roster() {
    let desk = Desk::new();
    for (user_id, shown) in [
        ("\u{430}nna (rehearsal) <anna@example.org>", "\\u{430}nna (rehearsal) <anna@example.org>"),
        ("anna (rehearsal) <anna@ex\u{430}mple.org>", "anna (rehearsal) <anna@ex\\u{430}mple.org>"),
        ("\u{ff41}nna (rehearsal) <anna@example.org>", "\\u{ff41}nna (rehearsal) <anna@example.org>"),
        ("anna\u{301} (rehearsal) <anna@example.org>", "anna\\u{301} (rehearsal) <anna@example.org>"),
    ] {
        let words = format!("user-id is \"{shown}\", which the roster does not list for \"anna\"");
        desk.refuses(&format!("{user_id:?}"), &with(user_id), Some("REQUEST-4"), &words);
    }
    // The request has the roster's letters, the certificate has others.
    let user_id = "\u{430}nna (rehearsal) <anna@example.org>";
    let anna = Signer { cert: Signer::made("anna", |builder| builder).cert, ..anna() };
    let other = sequoia_openpgp::cert::CertBuilder::new()
        .add_userid(user_id)
        .set_primary_key_flags(sequoia_openpgp::types::KeyFlags::empty().set_certification().set_signing())
        .set_creation_time(crate::made::made())
        .generate()
        .unwrap()
        .0;
    let lookalike = Signer { cert: other, ..anna };
    let words =
        "no valid user ID \"anna (rehearsal) <anna@example.org>\", but \"\\u{430}nna (rehearsal) <anna@example.org>\"";
    desk.refuses("only in the certificate", &lookalike.request(), Some("REQUEST-2"), words);
    // A signer whose name only looks like one.
    let request = lookalike.sign(&RequestFile { signer: "\u{430}nna".to_owned(), ..crate::anna().text() });
    desk.refuses("a signer's name", &request, Some("REQUEST-1"), "signed by another key");
    let anna = crate::anna();
    let request = anna.sign(&RequestFile { signer: "\u{430}nna".to_owned(), ..anna.text() });
    desk.refuses("a signer's name", &request, Some("REQUEST-4"), "signer is \"\\u{430}nna\", who is not on the roster");
}

#[test]
fn ten_megabytes() {
    let desk = Desk::new();
    let anna = anna();
    let long = "a".repeat(10_000_000);
    let request = anna.sign(&RequestFile { certificate: armored(&packet(13, long.as_bytes())), ..anna.text() });
    desk.refuses("10 MB in a certificate", &request, None, "is larger than 524288 bytes");
    let text = anna.text().render().unwrap().replace(&anna.user_id, &long);
    desk.refuses("10 MB in a request", text.as_bytes(), None, "is larger than 524288 bytes");
    let kilobytes = "a".repeat(100_000);
    let request = anna.sign(&RequestFile { certificate: armored(&packet(13, kilobytes.as_bytes())), ..anna.text() });
    desk.refuses("100 kB", &request, Some("REQUEST-2"), "longer than such a packet may be");
}
