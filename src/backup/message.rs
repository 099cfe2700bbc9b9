//! A secret sealed under a passphrase, as gpg 2.2 and later decrypt it.

use std::io::{Read, Write};

use keyrite_locked::Locked;
use sequoia_openpgp::armor::{Kind, Reader, ReaderMode, Writer};

use super::BackupError;
use super::packet::{self, Sealed, failed};

/// The longest message that is written or read, armor included.
pub const LARGEST: usize = 64 * 1024;
/// The longest comment.
pub const COMMENT_LEN: usize = 64;
/// The line a message begins with; what stands before it is not skipped.
const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----\n";

/// Seals `plain` under `passphrase`: SKESK v4, AES-256, iterated S2K of SHA-256 at the highest count, SEIPD v1. Each of
/// `comments` becomes a line of the armor, which nothing protects but the message's SHA-256. Salt and prefix are drawn by the
/// OpenPGP library; the strength lies in the passphrase alone.
///
/// # Errors
/// When a comment is not plain, when there is nothing to seal, when the message would be longer than [`LARGEST`], or when the
/// library fails.
pub fn seal(plain: &Locked, passphrase: &Locked, comments: &[&str]) -> Result<Vec<u8>, BackupError> {
    if plain.is_empty() {
        return Err(BackupError::EmptySecret);
    }
    if plain.len() > LARGEST {
        return Err(BackupError::TooLarge(plain.len()));
    }
    if let Some(at) = comments.iter().position(|comment| !is_plain(comment)) {
        return Err(BackupError::Comment(at + 1));
    }
    let (mut salt, mut prefix) = ([0; 8], [0; 16]);
    sequoia_openpgp::crypto::random(&mut salt).map_err(failed("drawing the salt"))?;
    sequoia_openpgp::crypto::random(&mut prefix).map_err(failed("drawing the prefix"))?;
    let key = packet::derive(passphrase, salt)?;
    let ciphertext = packet::encrypt(plain, &key, prefix)?;
    let message = armor(&Sealed { salt, ciphertext: &ciphertext }.to_vec(), comments)?;
    if message.len() > LARGEST {
        return Err(BackupError::TooLarge(message.len()));
    }
    Ok(message)
}

/// Opens what [`seal`] wrote, and nothing else: byte for byte the same armor, the same packets, the same algorithms.
///
/// # Errors
/// [`BackupError::NotSealed`] or [`BackupError::TooLarge`] for another shape, before any key is derived;
/// [`BackupError::NotOpened`] when passphrase and message do not belong together or a bit was changed.
pub fn open(message: &[u8], passphrase: &Locked) -> Result<Locked, BackupError> {
    let packets = dearmor(message)?;
    let sealed = Sealed::parse(&packets)?;
    let key = packet::derive(passphrase, sealed.salt)?;
    packet::decrypt(sealed.ciphertext, &key)
}

fn is_plain(comment: &str) -> bool {
    (1..=COMMENT_LEN).contains(&comment.len())
        && comment.trim() == comment
        && comment.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// RFC 9580 6.2. With the checksum that old readers want.
fn armor(packets: &[u8], comments: &[&str]) -> Result<Vec<u8>, BackupError> {
    let headers = comments.iter().map(|comment| ("Comment", *comment));
    let mut writer = Writer::with_headers(Vec::new(), Kind::Message, headers).map_err(failed("armoring"))?;
    writer.write_all(packets).map_err(failed("armoring"))?;
    writer.finalize().map_err(failed("armoring"))
}

/// The packets under the armor. The library forgives much; so what it read is armored again and must be the same bytes.
fn dearmor(message: &[u8]) -> Result<Vec<u8>, BackupError> {
    const NOT_OURS: BackupError = BackupError::NotSealed("its armor is not as it was written");
    if message.len() > LARGEST {
        return Err(BackupError::TooLarge(message.len()));
    }
    if !message.starts_with(BEGIN) {
        return Err(BackupError::NotSealed("it does not begin with -----BEGIN PGP MESSAGE-----"));
    }
    let mut reader = Reader::from_bytes(message, ReaderMode::Tolerant(Some(Kind::Message)));
    let mut packets = Vec::new();
    reader.read_to_end(&mut packets).map_err(|_| NOT_OURS)?;
    let headers = reader.headers().map_err(|_| NOT_OURS)?;
    let comments: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
    let ours = comments.iter().all(|comment| is_plain(comment)) && armor(&packets, &comments)? == message;
    if ours { Ok(packets) } else { Err(NOT_OURS) }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
