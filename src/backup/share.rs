//! Shamir's secret sharing over GF(2^8) with reduction 0x11d: the shares of Debian's gfsplit and gfcombine.
//!
//! The crate below answers Ok with a wrong secret for a doubled, corrupt or missing share, takes the share at x = 0 for the
//! secret, and splits with a threshold of 1 into copies. Nothing of that passes here; and since no arithmetic can tell a wrong
//! secret from the right one, only opening the sealed message proves that shares are good: [`restore`].

use std::convert::Infallible;

use blahaj::Sharks;
use keyrite_locked::Locked;
use rand_core::{TryCryptoRng, TryRng};
use serde::{Deserialize, Serialize};

use super::{BackupError, message};

/// The most shares of one secret.
pub const MOST: u8 = 16;

/// How many shares there are, and how many of them restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", deny_unknown_fields)]
pub struct Quorum {
    threshold: u8,
    shares: u8,
}

/// A quorum as it stands in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    threshold: u8,
    shares: u8,
}

impl TryFrom<Written> for Quorum {
    type Error = BackupError;

    fn try_from(written: Written) -> Result<Self, BackupError> {
        Self::new(written.threshold, written.shares)
    }
}

impl Quorum {
    /// `threshold` of `shares`.
    ///
    /// # Errors
    /// Unless 2 <= threshold <= shares <= 16. A threshold of 1 would give every custodian the secret in the clear.
    pub fn new(threshold: u8, shares: u8) -> Result<Self, BackupError> {
        if (2..=shares).contains(&threshold) && shares <= MOST {
            Ok(Self { threshold, shares })
        } else {
            Err(BackupError::Quorum { threshold, shares })
        }
    }

    /// How many shares restore.
    #[must_use]
    pub fn threshold(self) -> u8 {
        self.threshold
    }

    /// How many shares there are.
    #[must_use]
    pub fn shares(self) -> u8 {
        self.shares
    }

    /// How many random bytes [`split`] takes for a secret of `len` bytes: four for each coefficient, because the crate below
    /// draws a 32-bit word for each and keeps its lowest byte. All four are random, so that another choice would do no harm.
    #[must_use]
    pub fn randomness_len(self, len: usize) -> usize {
        4 * usize::from(self.threshold - 1) * len
    }
}

/// One share: a point of the polynomials. No Debug, no Clone.
pub struct Share {
    number: u8,
    bytes: Locked,
}

impl Share {
    /// Share `number` with these bytes: what the file `share.NNN` of gfsplit holds.
    ///
    /// # Errors
    /// When the number is 0, whose share would be the secret itself, or there are no bytes. Our own shares are numbered up to
    /// [`MOST`], which a set's statement holds them to; gfsplit numbers at random up to 255.
    pub fn new(number: u8, bytes: Locked) -> Result<Self, BackupError> {
        if number == 0 {
            return Err(BackupError::ShareNumber(number));
        }
        if bytes.is_empty() {
            return Err(BackupError::ShareLength(number));
        }
        Ok(Self { number, bytes })
    }

    /// The share's number, which is its x.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// The share's bytes, as gfcombine reads them from its file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How the name of its file must end for gfcombine, which takes x from there: `.003`.
    #[must_use]
    pub fn gf_suffix(&self) -> String {
        gf_suffix(self.number)
    }
}

/// `.003` for share 3.
pub(super) fn gf_suffix(number: u8) -> String {
    format!(".{number:03}")
}

/// Splits `secret` into the quorum's shares, numbered from 1.
///
/// `randomness` becomes the coefficients directly; nothing is stretched or drawn here. So below the threshold the secret stays
/// unknown whatever can be computed, if these bytes are uniform: [`Quorum::randomness_len`] of them, used once.
///
/// # Errors
/// When there is no secret, when the randomness has another length, or without locked memory.
pub fn split(secret: &Locked, quorum: Quorum, randomness: &Locked) -> Result<Vec<Share>, BackupError> {
    if secret.is_empty() {
        return Err(BackupError::EmptySecret);
    }
    let wanted = quorum.randomness_len(secret.len());
    let wrong = BackupError::Randomness { wanted, given: randomness.len() };
    if randomness.len() != wanted {
        return Err(wrong);
    }
    let mut coins = Coins { rest: randomness, short: false };
    let dealt: Vec<blahaj::Share> =
        Sharks(quorum.threshold).dealer_rng(secret, &mut coins).take(quorum.shares.into()).collect();
    // Another release of the crate may draw in another way: then nothing is handed out.
    if coins.short || !coins.rest.is_empty() {
        return Err(wrong);
    }
    dealt.iter().map(from_dealt).collect()
}

/// The crate's x-then-y bytes as ours.
fn from_dealt(dealt: &blahaj::Share) -> Result<Share, BackupError> {
    let bytes = Locked::absorb(Vec::from(dealt))?;
    let (number, y) = bytes.split_first().ok_or(BackupError::EmptySecret)?;
    Share::new(*number, Locked::copy_of(y)?)
}

/// The secret from exactly as many different shares as the threshold says. That it is the right one is shown only by opening
/// the sealed message with it.
///
/// # Errors
/// When there are more or fewer shares, one twice, or lengths differ.
pub fn recover(shares: &[Share], quorum: Quorum) -> Result<Locked, BackupError> {
    check(shares, quorum)?;
    let points = shares.iter().map(to_point).collect::<Result<Vec<_>, _>>()?;
    let secret = Sharks(quorum.threshold)
        .recover(&points)
        .map_err(|_| BackupError::ShareCount { wanted: quorum.threshold.into(), given: shares.len() })?;
    Ok(Locked::absorb(secret)?)
}

fn check(shares: &[Share], quorum: Quorum) -> Result<(), BackupError> {
    let wanted = usize::from(quorum.threshold);
    if shares.len() != wanted {
        return Err(BackupError::ShareCount { wanted, given: shares.len() });
    }
    for (at, share) in shares.iter().enumerate() {
        if shares[..at].iter().any(|earlier| earlier.number == share.number) {
            return Err(BackupError::ShareTwice(share.number));
        }
        if share.bytes.len() != shares[0].bytes.len() {
            return Err(BackupError::ShareLength(share.number));
        }
    }
    Ok(())
}

/// Our share as the crate's, which wipes its own when dropped.
fn to_point(share: &Share) -> Result<blahaj::Share, BackupError> {
    let mut bytes = Locked::zeroed(1 + share.bytes.len())?;
    bytes[0] = share.number;
    bytes[1..].copy_from_slice(&share.bytes);
    blahaj::Share::try_from(&*bytes).map_err(|_| BackupError::ShareLength(share.number))
}

/// Recovers the passphrase and opens the sealed message with it: the one proof that the shares are good (BACKUP-1).
///
/// # Errors
/// As [`recover`] and [`message::open`]; [`BackupError::NotRestored`] when the shares give no passphrase that opens it.
pub fn restore(message: &[u8], shares: &[Share], quorum: Quorum) -> Result<Locked, BackupError> {
    let passphrase = recover(shares, quorum)?;
    message::open(message, &passphrase).map_err(|error| match error {
        BackupError::NotOpened => BackupError::NotRestored,
        other => other,
    })
}

/// Random bytes that came in, in the shape the crate takes them. It cannot fail by its trait, so it remembers that it ran dry.
struct Coins<'a> {
    rest: &'a [u8],
    short: bool,
}

impl TryRng for Coins<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut word = [0; 4];
        self.try_fill_bytes(&mut word)?;
        Ok(u32::from_le_bytes(word))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut word = [0; 8];
        self.try_fill_bytes(&mut word)?;
        Ok(u64::from_le_bytes(word))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        match self.rest.split_at_checked(out.len()) {
            Some((taken, rest)) => {
                out.copy_from_slice(taken);
                self.rest = rest;
            }
            None => self.short = true,
        }
        Ok(())
    }
}

impl TryCryptoRng for Coins<'_> {}

#[cfg(test)]
#[path = "share_tests.rs"]
mod tests;
