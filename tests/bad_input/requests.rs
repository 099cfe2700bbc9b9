//! The request itself: its text and its signature.

use crate::signers::armored;
use crate::{Desk, anna};

const REQUEST_1: Option<&str> = Some("REQUEST-1");

#[test]
fn text_outside_of_the_signature() {
    let desk = Desk::new();
    let good = String::from_utf8(anna().request()).unwrap();
    desk.refuses(
        "text before",
        format!("Approved by all.\n{good}").as_bytes(),
        REQUEST_1,
        "line 1 of the signed message",
    );
    desk.refuses(
        "text behind",
        format!("{good}Approved by all.\n").as_bytes(),
        REQUEST_1,
        "not one armored PGP SIGNATURE",
    );
    let header = good.replacen("Hash: SHA512", "Hash: SHA512\nComment: approved\u{1b}[2J", 1);
    desk.refuses("a header", header.as_bytes(), REQUEST_1, "a header other than Hash");
    desk.refuses("two messages", format!("{good}{good}").as_bytes(), REQUEST_1, "not one armored PGP SIGNATURE");
    desk.refuses(
        "no signature",
        good.split_once("-----BEGIN PGP SIGNATURE").unwrap().0.as_bytes(),
        REQUEST_1,
        "is missing",
    );
    desk.refuses("nothing", b"", REQUEST_1, "line 1 of the signed message");
    desk.refuses("noise", &[0xff; 4096], REQUEST_1, "line 1 of the signed message");
}

#[test]
fn tables_nested_without_end_and_keys_that_nobody_knows() {
    let desk = Desk::new();
    let anna = anna();
    let text = |head: String| {
        let mut message = format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{head}");
        message.push_str("-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\n");
        message.into_bytes()
    };
    desk.refuses(
        "arrays",
        &text(format!("a = {}{}\n", "[".repeat(200_000), "]".repeat(200_000))),
        None,
        "line 1, column ",
    );
    desk.refuses("tables", &text(format!("[{}a]\n", "a.".repeat(100_000))), None, "line 1, column ");
    desk.refuses("a key", &text("\"\\u001b[2J\\u202e\" = 1\n".to_owned()), None, "unknown key `\\u{1b}[2J\\u{202e}`");
    desk.refuses("a long key", &text(format!("\"{}\" = 1\n", "\\u001b".repeat(60_000))), None, "unknown key `\\u{1b}");
    let date = anna.text().render().unwrap().replace("date = \"", "date = \"9").replace("\n-----", "\n- -----");
    desk.refuses("a date", &text(date), None, "not a moment in UTC");
}

#[test]
fn a_certificate_in_place_of_a_request() {
    let desk = Desk::new();
    desk.refuses(
        "a certificate",
        anna().armored().as_bytes(),
        REQUEST_1,
        "begins with -----BEGIN PGP SIGNED MESSAGE-----",
    );
    desk.refuses("armor of zeros", armored(&[0; 1000]).as_bytes(), REQUEST_1, "begins with -----BEGIN PGP SIGNED");
}
