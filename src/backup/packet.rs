//! The bytes of a sealed message under its armor: one shape, written and read here.
//!
//! SKESK v4 (RFC 9580 5.3.1): AES-256, S2K iterated and salted, SHA-256, highest count, no session key of its own, so that the
//! derived key is the session key, as `gpg -c` has it. Then SEIPD v1 (5.13.1), in it one literal packet (5.9): binary, no name,
//! no date. All lengths are definite and as short as can be (4.2.1). Nothing else is read: no other S2K, cipher, AEAD,
//! compression, signature or nesting, so a hostile message costs no more than one S2K of known size.

use std::fmt::Display;
use std::io::{Read, Write};

use keyrite_locked::Locked;
use sequoia_openpgp::crypto::symmetric::{BlockCipherMode, Decryptor, Encryptor, PaddingMode, UnpaddingMode};
use sequoia_openpgp::crypto::{Password, S2K, SessionKey};
use sequoia_openpgp::parse::buffered_reader::Memory;
use sequoia_openpgp::types::{HashAlgorithm, SymmetricAlgorithm};

use super::BackupError;

/// Tag 3, 13 bytes, version 4, AES-256 (9), iterated S2K (3), SHA-256 (8). Salt and count follow.
const SKESK_HEAD: [u8; 6] = [0xc3, 13, 4, 9, 3, 8];
/// The highest coded count: 65,011,712 bytes are hashed (RFC 9580 3.7.1.3).
const S2K_COUNT: u8 = 0xff;
const S2K_BYTES: u32 = 65_011_712;
/// Tag 18, and the version before its ciphertext.
const SEIPD: u8 = 0xd2;
const SEIPD_VERSION: u8 = 1;
/// Tag 11: binary, a name of no bytes, no date.
const LITERAL: u8 = 0xcb;
const LITERAL_HEAD: [u8; 6] = [b'b', 0, 0, 0, 0, 0];
/// The packet of the modification detection code: tag 19, 20 bytes (RFC 9580 5.13.1).
const MDC_HEAD: [u8; 2] = [0xd3, 20];
const MDC_LEN: usize = 20;
/// A block of random bytes, whose last two are repeated.
const BLOCK: usize = 16;
const PREFIX_LEN: usize = BLOCK + 2;

/// A sealed message taken apart.
pub(super) struct Sealed<'a> {
    /// The S2K's salt.
    pub(super) salt: [u8; 8],
    /// What is encrypted.
    pub(super) ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// Takes `packets` apart; every byte before the ciphertext must be the expected one.
    pub(super) fn parse(packets: &'a [u8]) -> Result<Self, BackupError> {
        const NOT_OURS: BackupError = BackupError::NotSealed(
            "it must begin with one passphrase, AES-256, and an S2K of SHA-256 at the highest count",
        );
        let rest = packets.strip_prefix(&SKESK_HEAD).ok_or(NOT_OURS)?;
        let (salt, rest) = rest.split_first_chunk::<8>().ok_or(NOT_OURS)?;
        let rest = rest.strip_prefix(&[S2K_COUNT]).ok_or(NOT_OURS)?;
        let body =
            body_of(SEIPD, rest).ok_or(BackupError::NotSealed("one encrypted packet must follow, and nothing else"))?;
        let ciphertext = body
            .strip_prefix(&[SEIPD_VERSION])
            .ok_or(BackupError::NotSealed("its encrypted packet must be of version 1"))?;
        Ok(Self { salt: *salt, ciphertext })
    }

    /// The packets as they stand in the message.
    pub(super) fn to_vec(&self) -> Vec<u8> {
        let mut out = SKESK_HEAD.to_vec();
        out.extend_from_slice(&self.salt);
        out.push(S2K_COUNT);
        out.push(SEIPD);
        out.extend(length(1 + self.ciphertext.len()));
        out.push(SEIPD_VERSION);
        out.extend_from_slice(self.ciphertext);
        out
    }
}

/// The session key that `passphrase` gives with `salt`: always the same work, about 50 ms.
pub(super) fn derive(passphrase: &Locked, salt: [u8; 8]) -> Result<SessionKey, BackupError> {
    let s2k = S2K::Iterated { hash: HashAlgorithm::SHA256, salt, hash_bytes: S2K_BYTES };
    s2k.derive_key(&Password::from(&**passphrase), 32).map_err(failed("deriving the key"))
}

/// Encrypts `plain` as the one literal packet of an SEIPD v1 body. `random` fills the first block.
pub(super) fn encrypt(plain: &Locked, key: &SessionKey, random: [u8; BLOCK]) -> Result<Vec<u8>, BackupError> {
    let mut head = vec![LITERAL];
    head.extend(length(LITERAL_HEAD.len() + plain.len()));
    head.extend_from_slice(&LITERAL_HEAD);
    let mut clear = Locked::zeroed(PREFIX_LEN + head.len() + plain.len() + MDC_HEAD.len() + MDC_LEN)?;
    let parts: [&[u8]; 5] = [&random, &random[BLOCK - 2..], &head, plain, &MDC_HEAD];
    let mut at = 0;
    for part in parts {
        clear[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    let code = modification_code(&clear[..at])?;
    clear[at..].copy_from_slice(&code);
    let mut encryptor = Encryptor::new(
        SymmetricAlgorithm::AES256,
        BlockCipherMode::CFB,
        PaddingMode::None,
        key,
        None,
        Vec::with_capacity(clear.len()),
    )
    .map_err(failed("encrypting"))?;
    encryptor.write_all(&clear).map_err(failed("encrypting"))?;
    encryptor.finalize().map_err(failed("encrypting"))
}

/// Decrypts and checks; gives what the literal packet holds. The library reads through a buffer of its own, which it does not
/// wipe: that page is kept from disk by the process's locked memory, not by [`Locked`].
pub(super) fn decrypt(ciphertext: &[u8], key: &SessionKey) -> Result<Locked, BackupError> {
    let mut clear = Locked::zeroed(ciphertext.len())?;
    let mut decryptor = Decryptor::new(
        SymmetricAlgorithm::AES256,
        BlockCipherMode::CFB,
        UnpaddingMode::None,
        key,
        None,
        Memory::with_cookie(ciphertext, Default::default()),
    )
    .map_err(failed("decrypting"))?;
    decryptor.read_exact(&mut clear).map_err(failed("decrypting"))?;
    // The code covers the random prefix, the literal packet and its own header, so the two repeated bytes of the prefix, which
    // make an oracle of whoever answers differently for them (RFC 9580 13.4), need no look.
    let (covered, code) = clear.split_last_chunk::<MDC_LEN>().ok_or(BackupError::NotOpened)?;
    if modification_code(covered)? != *code {
        return Err(BackupError::NotOpened);
    }
    const NOT_OURS: BackupError = BackupError::NotSealed("it must hold one literal packet without name and date");
    let literal = covered.get(PREFIX_LEN..).and_then(|rest| rest.strip_suffix(&MDC_HEAD)).ok_or(NOT_OURS)?;
    let body = body_of(LITERAL, literal).ok_or(NOT_OURS)?;
    Ok(Locked::copy_of(body.strip_prefix(&LITERAL_HEAD).ok_or(NOT_OURS)?)?)
}

/// SHA-1, as RFC 9580 5.13.1 has it: here it is keyed by being encrypted, and collisions are of no use against it.
fn modification_code(covered: &[u8]) -> Result<[u8; MDC_LEN], BackupError> {
    let mut code = [0; MDC_LEN];
    let mut hash = HashAlgorithm::SHA1.context().map_err(failed("hashing"))?.for_digest();
    hash.update(covered);
    hash.digest(&mut code).map_err(failed("hashing"))?;
    Ok(code)
}

/// A length in the shortest form (RFC 9580 4.2.1).
fn length(len: usize) -> Vec<u8> {
    match u32::try_from(len) {
        Ok(short @ 0..=191) => vec![short.to_be_bytes()[3]],
        Ok(middle @ 192..=8383) => {
            let [.., high, low] = (middle - 192).to_be_bytes();
            vec![high + 192, low]
        }
        Ok(long) => std::iter::once(0xff).chain(long.to_be_bytes()).collect(),
        // Four gigabytes: no message here comes near. The length does not fit, so nothing will accept it.
        Err(_) => vec![0xff; 5],
    }
}

/// The body of the one packet with header `tag` that fills `bytes`, its length written in the shortest form.
fn body_of(tag: u8, bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(&[tag])?;
    [1, 2, 5].into_iter().find_map(|digits| {
        let (written, body) = rest.split_at_checked(digits)?;
        (written == length(body.len())).then_some(body)
    })
}

/// The library's error as ours.
pub(super) fn failed<E: Display>(at: &'static str) -> impl Fn(E) -> BackupError {
    move |error| BackupError::OpenPgp { at, reason: error.to_string() }
}
