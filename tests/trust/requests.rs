//! Which requests are refused, and by which control.

use keyrite::model::fault::Fault;

use crate::home::*;

#[track_caller]
fn refused(message: &[u8], control: Option<&str>, words: &str) {
    let error = verified(message).map(|_| ()).expect_err("refused");
    assert_eq!(error.control().map(keyrite::model::control::Control::id), control, "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.hint().is_some(), "{error} has no hint");
}

#[test]
fn a_request_must_be_signed_by_the_key_inside_as_it_stands() {
    let home = Home::new();
    let key = home.new_key(ANN, "sign", &[]);
    let text = request_text(home.export(key));
    let message = clearsigned(&home, key, &text);
    let request = verified(&message).expect("a good request");
    assert_eq!(request.certificate().fingerprint(), key);
    assert_eq!(request.text().user_id, ANN);
    let back = home.run("gpg", &["--batch", "-d"], &message).stdout;
    assert_eq!(back, text.as_bytes());

    let message = String::from_utf8(message).expect("UTF-8");
    let changed = message.replace("lifetime-days = 365", "lifetime-days = 366");
    refused(changed.as_bytes(), Some("REQUEST-1"), "does not verify");
    let other = home.new_key("Other", "sign", &[]);
    let by_other = clearsigned(&home, other, &text);
    refused(&by_other, Some("REQUEST-1"), "signed by another key");
    refused(text.as_bytes(), Some("REQUEST-1"), "begins with -----BEGIN PGP SIGNED MESSAGE-----");
    refused(format!("{message}{message}").as_bytes(), Some("REQUEST-1"), "armored PGP SIGNATURE");
    let sha1 = home.gpg(&["--local-user", &key.to_string(), "--digest-algo", "SHA1", "--clearsign"], text.as_bytes());
    refused(&sha1, Some("REQUEST-1"), "hash");
    // Line ends change on the way; what is signed does not.
    verified(message.replace('\n', "\r\n").as_bytes()).expect("CRLF is transport");
}

#[test]
fn a_request_is_refused_for_its_form_and_its_terms() {
    let home = Home::new();
    let key = home.new_key(ANN, "sign", &[]);
    let text = request_text(home.export(key));
    let edited = |from: &str, to: &str| clearsigned(&home, key, &text.replace(from, to));
    refused(&edited("scope =", "skope ="), None, "line 7, column 1: unknown key `skope`");
    refused(&edited("= 365", "= 3650"), Some("REQUEST-4"), "lifetime-days is 3650");
    refused(&edited("Acme Builds", "Acne Builds"), Some("REQUEST-4"), "organization is \"Acne Builds\"");
    refused(&edited(ANN, "Bo"), Some("REQUEST-2"), "no valid user ID \"Bo\"");
    refused(&edited(ANN, "Ann\\u001b[2J\\u202e"), Some("REQUEST-2"), "\"Ann\\u{1b}[2J\\u{202e}\"");
}
