//! Armor (RFC 9580 6): strict on the way in, with comments on the way out.

use std::io::{Read as _, Write as _};

use sequoia_openpgp::armor::{Kind, Reader, ReaderMode, Writer};

use super::error::Error;
use super::packets::MAX_BYTES;

/// Base64 and line ends make armor a good third longer than what it carries.
pub(super) const MAX_ARMOR: usize = MAX_BYTES / 2 * 3;

/// The text between the dashes.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Message => "PGP MESSAGE",
        Kind::Signature => "PGP SIGNATURE",
        _ => "PGP PUBLIC KEY BLOCK",
    }
}

/// `bytes` in armor, one `Comment:` per line of `comments`.
pub(in crate::trust) fn enarmor(kind: Kind, comments: &[String], bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let headers = comments.iter().map(|line| ("Comment", line.as_str()));
    let mut writer = Writer::with_headers(Vec::new(), kind, headers).map_err(|e| Error::library(e.into()))?;
    writer.write_all(bytes).and_then(|()| writer.finalize()).map_err(|e| Error::library(e.into()))
}

/// What one armor block carries. Nothing but white space may stand before or behind it.
pub(super) fn dearmor(kind: Kind, text: &[u8]) -> Result<Vec<u8>, Error> {
    if text.len() > MAX_ARMOR {
        return Err(Error::TooLarge { size: text.len(), limit: MAX_ARMOR });
    }
    let fault = || Error::Armor { kind: name(kind) };
    let text = std::str::from_utf8(text).map_err(|_| fault())?.trim();
    if kind == Kind::PublicKey && text.contains("-----BEGIN PGP PRIVATE KEY BLOCK-----") {
        return Err(Error::SecretKey);
    }
    let (begin, end) = (format!("-----BEGIN {}-----", name(kind)), format!("-----END {}-----", name(kind)));
    if !text.starts_with(&begin) || !text.ends_with(&end) || text.matches("-----BEGIN ").count() != 1 {
        return Err(fault());
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) + 1;
    Reader::from_bytes(text.as_bytes(), ReaderMode::Tolerant(Some(kind)))
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|_| fault())?;
    Ok(bytes)
}

/// The packets of `text`, which may be armored or binary.
pub(super) fn binary(kind: Kind, text: &[u8]) -> Result<Vec<u8>, Error> {
    // A packet begins with bit 7 set (RFC 9580 4.2), armor does not.
    match text.first() {
        Some(first) if first & 0x80 != 0 => Ok(text.to_vec()),
        _ => dearmor(kind, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armor_comes_back_and_nothing_stands_beside_it() {
        let comments = ["made for a test".to_owned()];
        let text = enarmor(Kind::PublicKey, &comments, b"\x99test").expect("armor");
        assert!(String::from_utf8_lossy(&text).contains("\nComment: made for a test\n"));
        assert_eq!(dearmor(Kind::PublicKey, &text).expect("own armor"), b"\x99test");
        let twice = text.repeat(2);
        let before = [b"note\n".as_slice(), &text].concat();
        let behind = [text.as_slice(), b"note\n"].concat();
        for bad in [&twice, &before, &behind] {
            assert!(matches!(dearmor(Kind::PublicKey, bad), Err(Error::Armor { .. })));
        }
        assert!(matches!(dearmor(Kind::Signature, &text), Err(Error::Armor { .. })));
    }
}
