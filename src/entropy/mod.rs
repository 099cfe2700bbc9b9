//! Randomness for keys and passphrases (custody rule 4). Floor 2, pure: the random bytes come in.
//!
//! What the kernel, the card and the dice gave is mixed by HKDF-SHA-512 (RFC 5869). Anybody can repeat a mixing with a few
//! lines of script; the tests' vectors were made so.

mod dice;
mod label;
mod lots;
mod scalar;

use hkdf::Hkdf;
use keyrite_locked::{LockError, Locked};
use sha2::Sha512;
use zeroize::Zeroize;

pub use dice::{THROWS, Unfair, judge};
pub use label::Label;
pub use lots::{PER_NUMBER, lots};
pub use scalar::{Curve, scalar};

use crate::model::fault::{Class, Fault};

/// The least the kernel must give, in bytes: as strong as the strongest scalar drawn from it (P-521: 256 bits of security),
/// with half as much again to spare.
pub const KERNEL_LEN: usize = 48;

/// RFC 5869 2.3: the most one expansion gives.
const LONGEST: usize = 255 * 64;

/// What mixing can fail with.
#[derive(Debug, thiserror::Error)]
pub enum EntropyError {
    /// The kernel's share of the randomness is the one that must suffice alone.
    #[error("the kernel gave {0} bytes of randomness; at least {KERNEL_LEN} are needed")]
    KernelShort(usize),
    /// More was asked for than HKDF-SHA-512 gives, or nothing.
    #[error("{0} bytes cannot be drawn at once; 1 to {LONGEST} can")]
    Length(usize),
    /// The bytes for a scalar are not as many as the curve takes.
    #[error("a scalar on {curve} takes {} random bytes, not {len}", curve.wide_len())]
    ScalarLength {
        /// The curve.
        curve: Curve,
        /// What was given.
        len: usize,
    },
    /// Throws that no fair die throws.
    #[error("these throws are not taken: {0}")]
    Dice(#[from] Unfair),
    /// No locked memory.
    #[error(transparent)]
    Memory(#[from] LockError),
}

impl Fault for EntropyError {
    fn class(&self) -> Class {
        match self {
            Self::Dice(_) => Class::Input,
            Self::KernelShort(_) | Self::Memory(_) => Class::Machine,
            Self::Length(_) | Self::ScalarLength { .. } => Class::Bug,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::KernelShort(_) => Some("take the randomness from getrandom(2) and check that it came whole".into()),
            Self::Dice(_) => Some("take another die, and throw again from the beginning".into()),
            Self::Memory(_) => Some("raise the limit of locked memory (`ulimit -l`) for this user".into()),
            Self::Length(_) | Self::ScalarLength { .. } => None,
        }
    }
}

/// `len` bytes for one use, from all sources that were there.
///
/// The input keying material is kernel, card, dice, in this order, each behind its length (four bytes, big-endian; an absent
/// source is an empty one), so that no two sets of sources give the same input. There is no salt; `label` is the info. HKDF
/// extracts from the whole: a source that is weak, or chosen by an attacker who does not know the kernel's bytes, adds nothing
/// and takes nothing away (RFC 5869 3.1 and 3.4), so the result is never weaker than the kernel's bytes alone.
///
/// The same sources and label give the same bytes: draw new kernel bytes for each call.
///
/// # Errors
/// When the kernel gave fewer than [`KERNEL_LEN`] bytes, when `len` is zero or above 16,320, or without locked memory.
pub fn mix(
    kernel: &Locked,
    card: Option<&Locked>,
    dice: Option<&Locked>,
    label: &Label<'_>,
    len: usize,
) -> Result<Locked, EntropyError> {
    if kernel.len() < KERNEL_LEN {
        return Err(EntropyError::KernelShort(kernel.len()));
    }
    if !(1..=LONGEST).contains(&len) {
        return Err(EntropyError::Length(len));
    }
    let mut out = Locked::zeroed(len)?;
    let material = material([Some(kernel), card, dice])?;
    expand(&material, label.info().as_bytes(), &mut out)?;
    Ok(out)
}

/// The sources in one piece, each behind its length.
fn material(sources: [Option<&Locked>; 3]) -> Result<Locked, EntropyError> {
    let bytes = |source: Option<&Locked>| source.map_or(0, |source| source.len());
    let mut material = Locked::zeroed(sources.iter().map(|source| 4 + bytes(*source)).sum())?;
    let mut rest: &mut [u8] = &mut material;
    for source in sources {
        let len = u32::try_from(bytes(source)).map_err(|_| EntropyError::Length(bytes(source)))?;
        let (prefix, after) = rest.split_at_mut(4);
        prefix.copy_from_slice(&len.to_be_bytes());
        let (body, after) = after.split_at_mut(bytes(source));
        if let Some(source) = source {
            body.copy_from_slice(source);
        }
        rest = after;
    }
    Ok(material)
}

/// RFC 5869 2.2 and 2.3. The hash's own working state is not wiped by its crate; it lives on the stack for this call only.
fn expand(material: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), EntropyError> {
    let (mut prk, hkdf) = Hkdf::<Sha512>::extract(None, material);
    prk.as_mut_slice().zeroize();
    hkdf.expand(info, out).map_err(|_| EntropyError::Length(out.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::name::RootName;

    fn locked(bytes: &[u8]) -> Locked {
        Locked::copy_of(bytes).expect("locked memory")
    }

    fn kernel() -> Locked {
        locked(&(0..48).collect::<Vec<u8>>())
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Made with Python 3 alone:
    /// ```python
    /// import hmac, hashlib
    /// def hkdf(ikm, info, length):
    ///     prk, t, out, i = hmac.new(bytes(64), ikm, hashlib.sha512).digest(), b"", b"", 1
    ///     while len(out) < length:
    ///         t = hmac.new(prk, t + info + bytes([i]), hashlib.sha512).digest(); out += t; i += 1
    ///     return out[:length]
    /// def mix(kernel, card, dice, info, length):
    ///     return hkdf(b"".join(len(x).to_bytes(4, "big") + x for x in (kernel, card, dice)), info.encode(), length)
    /// kernel, card, dice = bytes(range(48)), bytes([0xc0]) * 32, b"16253416253"
    /// mix(kernel, card, dice, "keyrite/v1/ed25519-scalar/packages", 32).hex()
    /// ```
    #[test]
    fn agrees_with_an_hkdf_written_in_python() {
        let (card, dice) = (locked(&[0xc0; 32]), locked(b"16253416253"));
        let packages: RootName = "packages".parse().expect("name");
        let label = Label::Ed25519Scalar(&packages);
        let cases = [
            (None, None, "6aa1f06e537e345d83a011b94272f6ce1527471953b954402da81e305b1ccac0"),
            (Some(&card), None, "8335199d1ac05a4344eb0afa6a893a96bf33bceb33cb344a55834f87b2315e8c"),
            (Some(&card), Some(&dice), "7e65c9f04f60a7e063f7c690322f371f6c135c5467d2bd65d4801e4f0b7dadb6"),
        ];
        for (card, dice, expected) in cases {
            assert_eq!(hex(&mix(&kernel(), card, dice, &label, 32).expect("mixed")), expected);
        }
    }

    /// Two blocks of HKDF's output, from the same script: the last 20 of 100 bytes.
    #[test]
    fn agrees_beyond_one_block() {
        let images: RootName = "images".parse().expect("name");
        let out = mix(&kernel(), None, None, &Label::KeyShares(&images), 100).expect("mixed");
        assert_eq!(hex(&out[80..]), "468274371d7a0ddac33abc241016ffff85ff891f");
    }

    #[test]
    fn a_byte_moved_from_one_source_to_the_next_changes_the_result() {
        let root: RootName = "packages".parse().expect("name");
        let label = Label::KeyPassphrase(&root);
        let (one, other) = (locked(b"123"), locked(b"12"));
        let (rest, tail) = (locked(b"4"), locked(b"34"));
        let first = mix(&kernel(), Some(&one), Some(&rest), &label, 28).expect("mixed");
        let second = mix(&kernel(), Some(&other), Some(&tail), &label, 28).expect("mixed");
        assert_ne!(&*first, &*second);
        let as_card = mix(&kernel(), Some(&one), None, &label, 28).expect("mixed");
        let as_dice = mix(&kernel(), None, Some(&one), &label, 28).expect("mixed");
        assert_ne!(&*as_card, &*as_dice);
    }

    #[test]
    fn a_short_kernel_is_refused_however_much_the_others_gave() {
        let root: RootName = "packages".parse().expect("name");
        let (short, card) = (locked(&[7; 47]), locked(&[9; 64]));
        let refused = mix(&short, Some(&card), None, &Label::KeyPassphrase(&root), 28).err();
        assert!(matches!(refused, Some(EntropyError::KernelShort(47))));
    }

    #[test]
    fn no_more_is_drawn_than_hkdf_gives() {
        let root: RootName = "packages".parse().expect("name");
        for len in [0, LONGEST + 1] {
            let refused = mix(&kernel(), None, None, &Label::KeyShares(&root), len).err();
            assert!(matches!(refused, Some(EntropyError::Length(_))), "{len}");
        }
        assert!(mix(&kernel(), None, None, &Label::KeyShares(&root), LONGEST).is_ok());
    }
}
