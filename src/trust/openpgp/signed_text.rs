//! What the records key signs: texts in the clear, and files by a detached signature.

use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::types::SignatureType;

use super::cleartext::{self, Cleartext};
use super::error::Error;
use super::known::Certificate;
use super::signature::{make, only, verify_known};
use crate::model::timestamp::Timestamp;

/// gpg reads lines of a clearsigned message into a buffer of 19,995 bytes and warns beyond; paper ends long before.
const MAX_LINE: usize = 10_000;

/// Clearsigns `text`, so that `gpg --verify` accepts it and `gpg -d` gives it back byte for byte. Therefore it must be in
/// normal form: not empty, every line ended by LF, no white space before it (RFC 9580 7.2 does not sign that), no NUL.
///
/// # Errors
/// [`Error::Text`] with the line, [`Error::Signing`].
pub fn sign_text(text: &[u8], now: Timestamp, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
    check_normal(text)?;
    let signature = make(SignatureType::Text, &cleartext::canonical(text), now, signer)?;
    Ok(cleartext::join(text, &signature))
}

/// Brings `text` into the form that [`sign_text`] takes: LF line ends, no trailing white space, a line end at the end.
#[must_use]
pub fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for line in text.lines() {
        out.push_str(line.trim_end_matches([' ', '\t', '\r']));
        out.push('\n');
    }
    if out.is_empty() {
        out.push('\n');
    }
    out
}

/// The text of a message that the key of `certificate` clearsigned: exactly one good signature, by a key that could sign
/// when it did, not after `at`.
///
/// # Errors
/// [`Error::Records`] around the reason.
pub fn verify_text(message: &[u8], certificate: &Certificate, at: Timestamp) -> Result<Vec<u8>, Error> {
    let read = || {
        let parts = Cleartext::split(message)?;
        let signature = only(parts.signature())?;
        verify_known(certificate, &signature, SignatureType::Text, &parts.canonical(), at)?;
        Ok(parts.text().to_vec())
    };
    read().map_err(|error| Error::Records(Box::new(error)))
}

/// The armored detached signature over `data` (type binary, RFC 9580 5.2.1.1).
///
/// # Errors
/// [`Error::Signing`].
pub fn sign_detached(data: &[u8], now: Timestamp, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
    make(SignatureType::Binary, data, now, signer)
}

/// Verifies that `signature`, armored or binary, is one good signature over `data` by the key of `certificate`, not after
/// `at`.
///
/// # Errors
/// [`Error::Records`] around the reason.
pub fn verify_detached(data: &[u8], signature: &[u8], certificate: &Certificate, at: Timestamp) -> Result<(), Error> {
    let read = || verify_known(certificate, &only(signature)?, SignatureType::Binary, data, at);
    read().map_err(|error| Error::Records(Box::new(error)))
}

fn check_normal(text: &[u8]) -> Result<(), Error> {
    let fault = |line, what| Err(Error::Text { line, what });
    if text.is_empty() {
        return fault(1, "it is empty");
    }
    for (at, line) in text.split_inclusive(|&b| b == b'\n').enumerate() {
        let Some(body) = line.strip_suffix(b"\n") else {
            return fault(at + 1, "the last line is not ended");
        };
        if body.last().is_some_and(|b| b" \t\r".contains(b)) {
            return fault(at + 1, "white space at the end of the line");
        }
        if body.contains(&0) {
            return fault(at + 1, "a NUL byte");
        }
        if body.len() > MAX_LINE {
            return fault(at + 1, "the line is too long");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::profile::Profile;
    use super::super::testing::{self, NOW, YEAR};
    use super::*;

    #[test]
    fn a_signed_text_verifies_and_a_changed_one_does_not() {
        let records = testing::drawn(3, &Profile::records("Records", YEAR));
        let mut signer = testing::signer(&records);
        let message = sign_text(b"minutes\n- of today\n", NOW, &mut signer).expect("signed");
        let text = verify_text(&message, &records.certificate, NOW).expect("verifies");
        assert_eq!(text, b"minutes\n- of today\n");

        let changed = String::from_utf8(message.clone()).expect("ASCII").replace("today", "yesterday");
        let refusal = |result: Result<Vec<u8>, Error>| match result {
            Err(Error::Records(reason)) => *reason,
            _ => panic!("was not refused"),
        };
        let bad = refusal(verify_text(changed.as_bytes(), &records.certificate, NOW));
        assert!(matches!(bad, Error::BadSignature));
        let other = testing::drawn(4, &Profile::records("Records", YEAR));
        assert!(matches!(refusal(verify_text(&message, &other.certificate, NOW)), Error::AnotherKey { .. }));
        let early = refusal(verify_text(&message, &records.certificate, Timestamp(NOW.0 - 1)));
        assert!(matches!(early, Error::NotYet { .. }));
        verify_text(&message, &records.certificate, NOW.plus(YEAR * 5)).expect("outlives the key's expiry");
    }

    #[test]
    fn a_detached_signature_verifies_and_two_do_not() {
        let records = testing::drawn(3, &Profile::records("Records", YEAR));
        let mut signer = testing::signer(&records);
        let one = sign_detached(b"data", NOW, &mut signer).expect("signed");
        verify_detached(b"data", &one, &records.certificate, NOW).expect("verifies");
        assert!(verify_detached(b"date", &one, &records.certificate, NOW).is_err());
        let binary = super::super::armor::dearmor(sequoia_openpgp::armor::Kind::Signature, &one).expect("armor");
        verify_detached(b"data", &binary, &records.certificate, NOW).expect("binary is fine");
        let twice = verify_detached(b"data", &binary.repeat(2), &records.certificate, NOW);
        assert!(matches!(twice, Err(Error::Records(e)) if matches!(*e, Error::SignatureCount { count: 2 })));
    }

    #[test]
    fn a_root_cannot_sign_minutes() {
        let root = testing::root(1);
        let signed = sign_detached(b"data", NOW, &mut testing::signer(&root)).expect("signed");
        assert!(verify_detached(b"data", &signed, &root.certificate, NOW).is_err());
    }

    #[test]
    fn only_normal_text_is_signed_and_normal_makes_it() {
        for bad in ["", "a", "a \n", "a\t\n", "a\r\n", "a\0b\n", &format!("{}\n", "x".repeat(10_001))] {
            assert!(matches!(check_normal(bad.as_bytes()), Err(Error::Text { .. })), "{bad:?}");
        }
        for text in ["", "a", "a \r\nb\t\n\n", "ä"] {
            check_normal(normal(text).as_bytes()).expect("normal");
        }
    }
}
