//! How a card takes its codes: as people type them, or as hashes of them (KDF-DO, 4.3.2).
//!
//! A card with KDF on never gets what people chose, so no reader and no cable sees it. The hash is OpenPGP's iterated and salted
//! one (RFC 9580 3.7.1.3), with a salt for each code. Which form a card wants, it says itself, and it is asked before it is
//! presented a code: a code in the wrong form costs a try.

use keyrite_locked::{LockError, Locked};
use openpgp_card::ocard::StatusBytes;
use sha2::digest::Digest;
use sha2::digest::generic_array::GenericArray;
use sha2::{Sha256, Sha512};

use super::client::Client;
use super::error::CardError;
use crate::model::code::Code;
use crate::workstation::{WorkstationError, randomness};

/// GET DATA (7.2.6) for the KDF-DO (F9).
const READ: [u8; 5] = [0x00, 0xca, 0x00, 0xf9, 0x00];

/// How many bytes are hashed on the cards that keyrite sets up: some 30 ms of a small machine, for each code.
const COUNT: u32 = 0x0080_0000;
/// The most that OpenPGP can say (RFC 9580 3.7.1.3); more would only keep people waiting.
const COUNT_MAX: u32 = 0x03e0_0000;
/// A salt's length. gpg takes no other one.
const SALT: usize = 8;
/// The longest salt of other hands that is believed.
const SALT_MAX: usize = 64;
/// Hashed at once: it lies in locked memory.
const AT_ONCE: usize = 2048;

/// How a card takes its codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeForm {
    /// As people type them.
    Plain,
    /// As hashes of them.
    Hashed(Kdf),
}

/// What a KDF-DO says. Nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kdf {
    hash: Hash,
    /// Bytes that are hashed, salts and codes together.
    count: u32,
    user: Vec<u8>,
    reset_code: Vec<u8>,
    admin: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha512,
}

impl CodeForm {
    /// Asks the card. One that does not announce KDF, or has no such DO, takes codes as they are typed.
    pub(super) fn read(client: &mut Client<'_>) -> Result<Self, CardError> {
        const ACT: &str = "reading how it takes its codes";
        let announces = client.call(ACT, |tx| Ok(tx.application_related_data()?.extended_capabilities()?.kdf_do()))?;
        if !announces {
            return Ok(Self::Plain);
        }
        match client.raw(ACT, READ.to_vec())? {
            Ok(bytes) => parse(&bytes).map_err(|what| CardError::Unsupported {
                card: client.which.clone(),
                algorithm: format!("its way of hashing codes (KDF: {what})"),
            }),
            Err(StatusBytes::ReferencedDataNotFound) => Ok(Self::Plain),
            Err(status) => Err(CardError::Status { card: client.which.clone(), act: ACT, status }),
        }
    }

    /// A code as the card takes it; in locked memory either way.
    pub(super) fn of(&self, pin: Code, code: &Locked) -> Result<Locked, LockError> {
        match self {
            Self::Plain => Locked::copy_of(code),
            Self::Hashed(kdf) => kdf.hashed(pin, code),
        }
    }

    /// How long a code is that the card takes; none for any length.
    pub(super) fn length(&self) -> Option<usize> {
        match self {
            Self::Plain => None,
            Self::Hashed(kdf) => Some(kdf.hash.length()),
        }
    }
}

impl Hash {
    fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl Kdf {
    /// A new one, with salts of the kernel's randomness: what keyrite sets cards up with, in the form that gpg takes.
    pub(super) fn draw() -> Result<Self, WorkstationError> {
        let salt = || randomness::kernel(SALT).map(|salt| salt.to_vec());
        Ok(Self { hash: Hash::Sha256, count: COUNT, user: salt()?, reset_code: salt()?, admin: salt()? })
    }

    /// The DO, with the hashes of the codes that the card is to have from now on. gpg takes just these members in this order.
    pub(super) fn data_object(&self, user: &Locked, admin: &Locked) -> Result<Vec<u8>, LockError> {
        let hash = match self.hash {
            Hash::Sha256 => 0x08,
            Hash::Sha512 => 0x0a,
        };
        let mut object = vec![0x81, 1, 0x03, 0x82, 1, hash, 0x83, 4];
        object.extend(self.count.to_be_bytes());
        let (user, admin) = (self.hashed(Code::User, user)?, self.hashed(Code::Admin, admin)?);
        let members: [(u8, &[u8]); 5] =
            [(0x84, &self.user), (0x85, &self.reset_code), (0x86, &self.admin), (0x87, &user), (0x88, &admin)];
        for (tag, value) in members {
            // None is longer than 64 bytes.
            object.extend([tag, u8::try_from(value.len()).unwrap_or(u8::MAX)]);
            object.extend(value);
        }
        Ok(object)
    }

    fn hashed(&self, pin: Code, code: &Locked) -> Result<Locked, LockError> {
        let salt = match pin {
            Code::User => &self.user,
            Code::Reset => &self.reset_code,
            Code::Admin => &self.admin,
        };
        match self.hash {
            Hash::Sha256 => iterated::<Sha256>(self.count, salt, code),
            Hash::Sha512 => iterated::<Sha512>(self.count, salt, code),
        }
    }
}

/// OpenPGP's iterated and salted S2K (RFC 9580 3.7.1.3): salt and code, again and again, `count` bytes of them; but once at least.
fn iterated<D: Digest>(count: u32, salt: &[u8], code: &[u8]) -> Result<Locked, LockError> {
    let once = salt.len() + code.len();
    // Some rounds at once, so that no short piece of memory is hashed a million times.
    let mut rounds = Locked::zeroed(once * (AT_ONCE / once.max(1)).max(1))?;
    for round in rounds.chunks_mut(once.max(1)) {
        let (first, second) = round.split_at_mut(salt.len());
        first.copy_from_slice(salt);
        second.copy_from_slice(code);
    }
    let mut left = usize::try_from(count).unwrap_or(usize::MAX).max(once);
    let mut digest = D::new();
    while left > 0 && !rounds.is_empty() {
        let part = rounds.get(..left.min(rounds.len())).unwrap_or(&rounds);
        digest.update(part);
        left -= part.len();
    }
    let mut hash = Locked::zeroed(<D as Digest>::output_size())?;
    digest.finalize_into(GenericArray::from_mut_slice(&mut hash));
    Ok(hash)
}

/// Reads a KDF-DO; or says what is wrong with it.
fn parse(bytes: &[u8]) -> Result<CodeForm, &'static str> {
    // opcard gives the tag with the value as long as nothing was written.
    let bytes = match bytes {
        [0xf9, length, rest @ ..] if usize::from(*length) == rest.len() => rest,
        all => all,
    };
    if bytes.is_empty() {
        return Ok(CodeForm::Plain);
    }
    let members = members(bytes).ok_or("its members cannot be told apart")?;
    let member = |tag| members.iter().find(|(found, _)| *found == tag).map(|(_, value)| *value);
    match member(0x81) {
        Some([0x00]) => return Ok(CodeForm::Plain),
        Some([0x03]) => {}
        _ => return Err("neither none nor iterated and salted"),
    }
    let hash = match member(0x82) {
        Some([0x08]) => Hash::Sha256,
        Some([0x0a]) => Hash::Sha512,
        _ => return Err("neither SHA-256 nor SHA-512"),
    };
    let count = match member(0x83).map(<[u8; 4]>::try_from) {
        Some(Ok(count)) => u32::from_be_bytes(count),
        _ => return Err("no count"),
    };
    if count > COUNT_MAX {
        return Err("a count that is too large");
    }
    let user = member(0x84).ok_or("no salt")?;
    // With one salt it is for all of them.
    let (reset_code, admin) = (member(0x85).unwrap_or(user), member(0x86).unwrap_or(user));
    if [user, reset_code, admin].iter().any(|salt| !(1..=SALT_MAX).contains(&salt.len())) {
        return Err("a salt of an odd length");
    }
    let (user, reset_code, admin) = (user.to_vec(), reset_code.to_vec(), admin.to_vec());
    Ok(CodeForm::Hashed(Kdf { hash, count, user, reset_code, admin }))
}

/// The members of a DO with tags of one byte and lengths of one or, after 81, of two.
fn members(mut bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut members = Vec::new();
    while let [tag, rest @ ..] = bytes {
        let (length, rest) = match rest {
            [0x81, length, rest @ ..] | [length @ ..=0x7f, rest @ ..] => (usize::from(*length), rest),
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        members.push((*tag, value));
        bytes = rest;
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use sequoia_openpgp::crypto::{Password, S2K};
    use sequoia_openpgp::types::HashAlgorithm;

    use super::*;

    fn locked(code: &[u8]) -> Locked {
        Locked::copy_of(code).expect("locked memory")
    }

    fn kdf(hash: Hash, count: u32) -> Kdf {
        let (user, reset_code, admin) = (b"01234567".to_vec(), b"89:;<=>?".to_vec(), b"ABCDEFGH".to_vec());
        Kdf { hash, count, user, reset_code, admin }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    #[test]
    fn the_examples_of_the_card_specification() {
        let kdf = kdf(Hash::Sha256, 100_000);
        let user = kdf.hashed(Code::User, &locked(b"123456")).expect("hashed");
        assert_eq!(hex(&user), "773784A602B6C81E3F092F4D7D00E17CC822D88F7360FCF2D2EF2D9D901F44B6");
        let admin = kdf.hashed(Code::Admin, &locked(b"12345678")).expect("hashed");
        assert_eq!(hex(&admin), "2675D6164A0D4827D1D00C7EEA620D015C00030A1CAB38B4D0DD600B27DC9630");
    }

    #[test]
    fn hashes_are_those_of_openpgp() {
        // Less than salt and code; just so much; in the middle of a round, and of what is hashed at once; large.
        for count in [0, 3, 16, 17, 2047, 2048, 2049, 65_536, 1_000_003] {
            for code in [&b"1"[..], b"123456", b"a longer code of forty-one characters ...", &[0xff; 127]] {
                for (hash, algorithm) in [(Hash::Sha256, HashAlgorithm::SHA256), (Hash::Sha512, HashAlgorithm::SHA512)]
                {
                    let ours = iterated_with(hash, count, code);
                    let s2k = S2K::Iterated { hash: algorithm, salt: *b"89:;<=>?", hash_bytes: count };
                    let theirs = s2k.derive_key(&Password::from(code), hash.length()).expect("derived");
                    assert_eq!(hex(&ours), hex(&theirs), "{count} {code:?} {algorithm}");
                }
            }
        }
    }

    fn iterated_with(hash: Hash, count: u32, code: &[u8]) -> Locked {
        kdf(hash, count).hashed(Code::Reset, &locked(code)).expect("hashed")
    }

    #[test]
    fn what_is_written_is_what_is_read_and_what_gpg_takes() {
        let drawn = Kdf::draw().expect("salts");
        assert_ne!(drawn, Kdf::draw().expect("salts"));
        let object = drawn.data_object(&locked(b"123456"), &locked(b"12345678")).expect("a DO");
        assert_eq!(object.len(), 110, "KDF_DATA_LENGTH_MAX of gpg");
        assert_eq!(object[..12], [0x81, 1, 3, 0x82, 1, 8, 0x83, 4, 0x00, 0x80, 0x00, 0x00]);
        assert_eq!(object[44..76], *drawn.hashed(Code::User, &locked(b"123456")).expect("hashed"));
        assert_eq!(parse(&object), Ok(CodeForm::Hashed(drawn)));
        let long = kdf(Hash::Sha512, 7).data_object(&locked(b"1"), &locked(b"2")).expect("a DO");
        assert_eq!(parse(&long), Ok(CodeForm::Hashed(kdf(Hash::Sha512, 7))));
    }

    #[test]
    fn one_salt_is_for_all_codes() {
        let object = [&[0x81, 1, 3, 0x82, 1, 8, 0x83, 4, 0, 0, 0, 1, 0x84, 8][..], b"ABCDEFGH"].concat();
        let Ok(CodeForm::Hashed(read)) = parse(&object) else { panic!("not read") };
        assert!([&read.user, &read.reset_code, &read.admin].iter().all(|salt| salt.as_slice() == b"ABCDEFGH"));
    }

    #[test]
    fn plain_cards_and_odd_ones() {
        for plain in [&[][..], &[0x81, 1, 0], &[0xf9, 3, 0x81, 1, 0], &[0x81, 0x81, 1, 0], &[0xf9, 0]] {
            assert_eq!(parse(plain), Ok(CodeForm::Plain), "{plain:x?}");
        }
        let whole = Kdf::draw().expect("salts").data_object(&locked(b"1"), &locked(b"2")).expect("a DO");
        for length in 1..whole.len() {
            // Cut between members, the initial hashes are missing: nobody needs them afterwards. Salts fall back to the first.
            let is_whole = [22, 32, 42, 76].contains(&length);
            assert_eq!(parse(&whole[..length]).is_ok(), is_whole, "{length} bytes");
        }
        let with = |at: usize, byte: u8| {
            let mut object = whole.clone();
            object[at] = byte;
            parse(&object)
        };
        // Another KDF, another hash, a count of hours, a length that runs out, an indefinite length.
        for (at, byte) in [(2, 1), (2, 4), (5, 9), (5, 11), (8, 4), (13, 0xff), (1, 0x80), (109 - 32, 40)] {
            assert!(with(at, byte).is_err(), "{byte:x} at {at}");
        }
    }
}
