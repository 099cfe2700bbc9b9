//! The cleartext signature framework (RFC 9580 7), taken apart strictly.
//!
//! The text that is handed on is rebuilt from the very lines that were hashed, so nothing that a reader sees can stand
//! outside the signature: no text before or behind the message, no headers but `Hash`, no line that is not dash-escaped.

use super::error::Error;

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
/// As much as a request with the largest certificate, or the minutes of a long day.
const MAX_MESSAGE: usize = 1024 * 1024;

/// A clearsigned message whose signature was not looked at yet.
pub(crate) struct Cleartext {
    text: Vec<u8>,
    signature: Vec<u8>,
}

impl Cleartext {
    /// Takes `message` apart.
    ///
    /// # Errors
    /// [`Error::Cleartext`] with the line, [`Error::TooLarge`].
    pub(crate) fn split(message: &[u8]) -> Result<Self, Error> {
        if message.len() > MAX_MESSAGE {
            return Err(Error::TooLarge { size: message.len(), limit: MAX_MESSAGE });
        }
        let mut lines = message.split_inclusive(|&b| b == b'\n').enumerate().map(|(at, line)| (at + 1, line));
        let fault = |line, what| Error::Cleartext { line, what };
        match lines.next() {
            Some((_, line)) if trimmed(line) == BEGIN => {}
            _ => return Err(fault(1, "a clearsigned message begins with -----BEGIN PGP SIGNED MESSAGE-----")),
        }
        headers(&mut lines)?;
        let mut text = Vec::with_capacity(message.len());
        for (at, line) in lines.by_ref() {
            let line = trimmed(line);
            if line == SIGNATURE {
                let begin = message.split_inclusive(|&b| b == b'\n').take(at - 1).map(<[u8]>::len).sum::<usize>();
                return Ok(Self { text, signature: message.get(begin..).unwrap_or_default().to_vec() });
            }
            text.extend_from_slice(unescaped(line).ok_or_else(|| fault(at, "a dash that is not escaped"))?);
            text.push(b'\n');
        }
        Err(fault(text.iter().filter(|&&b| b == b'\n').count() + 1, "the signature is missing"))
    }

    /// The signed text, each line without trailing white space and ended by LF.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The armored signature.
    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// What is hashed.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        canonical(&self.text)
    }
}

/// Lines ended by CRLF, the last one by nothing (RFC 9580 7.2: the line end before the signature does not belong to it).
pub(super) fn canonical(text: &[u8]) -> Vec<u8> {
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let mut out = Vec::with_capacity(body.len() + body.len() / 32 + 2);
    for (at, line) in body.split(|&b| b == b'\n').enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(line);
    }
    out
}

/// Puts `text` and its armored `signature` into the framework.
pub(super) fn join(text: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut out = [BEGIN, b"\nHash: SHA512\n\n"].concat();
    for line in text.split_inclusive(|&b| b == b'\n') {
        if line.starts_with(b"-") {
            out.extend_from_slice(b"- ");
        }
        out.extend_from_slice(line);
    }
    out.extend_from_slice(signature);
    out
}

/// White space at the end of a line is not signed (RFC 9580 7.2), so it is not handed on either.
fn trimmed(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|b| !b" \t\r\n".contains(b)).map_or(0, |last| last + 1);
    line.get(..end).unwrap_or_default()
}

fn unescaped(line: &[u8]) -> Option<&[u8]> {
    match line.strip_prefix(b"-") {
        None => Some(line),
        // "- " alone has lost its space to the trimming: an empty line that was escaped without need.
        Some(b"") => Some(b""),
        Some(rest) => rest.strip_prefix(b" "),
    }
}

/// `Hash:` headers and the empty line behind them. A reader could take another header for signed text (RFC 9580 7.1).
fn headers<'a>(lines: &mut impl Iterator<Item = (usize, &'a [u8])>) -> Result<(), Error> {
    for (at, line) in lines {
        let line = trimmed(line);
        if line.is_empty() {
            return Ok(());
        }
        let names = line.strip_prefix(b"Hash: ");
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b", -".contains(b);
        if !names.is_some_and(|names| names.iter().all(plain)) {
            return Err(Error::Cleartext { line: at, what: "a header other than Hash" });
        }
    }
    Err(Error::Cleartext { line: 2, what: "the empty line before the text is missing" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &str = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n";

    fn split(message: &str) -> Result<Cleartext, Error> {
        Cleartext::split(message.replace('#', TAIL).as_bytes())
    }

    #[test]
    fn the_text_comes_out_as_it_was_hashed() {
        let message =
            "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\none \t\r\n- -----dash\r\n\r\nlast\r\n#";
        let parts = split(message).expect("message");
        assert_eq!(parts.text(), b"one\n-----dash\n\nlast\n");
        assert_eq!(parts.canonical(), b"one\r\n-----dash\r\n\r\nlast");
        assert_eq!(parts.signature(), TAIL.as_bytes());
    }

    #[test]
    fn joining_and_splitting_are_inverse() {
        for text in ["a\n", "\n", "-\n", "- a\n-b\n\n", "From x\n"] {
            let parts = Cleartext::split(&join(text.as_bytes(), TAIL.as_bytes())).expect("own message");
            assert_eq!(parts.text(), text.as_bytes());
        }
    }

    #[test]
    fn nothing_unsigned_is_let_through() {
        for (message, why) in [
            ("x\n-----BEGIN PGP SIGNED MESSAGE-----\n\na\n#", "text before"),
            ("-----BEGIN PGP SIGNED MESSAGE-----\nComment: trust me\n\na\n#", "a header"),
            ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\u{1b}\n\na\n#", "an escape in a header"),
            ("-----BEGIN PGP SIGNED MESSAGE-----\n\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n#", "dash"),
            ("-----BEGIN PGP SIGNED MESSAGE-----\n\na\n", "no signature"),
            ("-----BEGIN PGP SIGNED MESSAGE-----\n", "cut off"),
            ("", "empty"),
        ] {
            assert!(split(message).is_err(), "{why}");
        }
    }
}
