//! Randomness from the card.

use keyrite_locked::Locked;
use openpgp_card::ocard::StatusBytes;

use super::error::CardError;
use super::guarded::GuardedCard;
use crate::model::shown::Shown;

/// As much as a short APDU asks for at once; Le 00 would mean 256.
const AT_ONCE: usize = 255;

impl GuardedCard<'_> {
    /// `length` bytes by GET CHALLENGE (7.2.15); `None` when the card has no such command. It is asked for, whether or not
    /// the extended capabilities announce it: some cards have it and do not say so.
    ///
    /// # Errors
    /// When the card fails, or gives more or less than was asked for.
    pub fn random(&mut self, length: usize) -> Result<Option<Locked>, CardError> {
        const ACT: &str = "asking for randomness";
        let mut random = Locked::zeroed(length)?;
        for part in random.chunks_mut(AT_ONCE) {
            // `part` is at most 255 bytes long.
            let le = u8::try_from(part.len()).unwrap_or(u8::MAX);
            match self.client.raw(ACT, vec![0x00, 0x84, 0x00, 0x00, le])? {
                Ok(bytes) if bytes.len() == part.len() => part.copy_from_slice(&zeroize::Zeroizing::new(bytes)),
                Ok(_) => {
                    let detail = Shown::new("another length than was asked for");
                    return Err(CardError::Protocol { card: self.which().clone(), act: ACT, detail });
                }
                Err(StatusBytes::INSNotSupported | StatusBytes::ConditionOfUseNotSatisfied) => return Ok(None),
                Err(status) => return Err(CardError::Status { card: self.which().clone(), act: ACT, status }),
            }
        }
        Ok(Some(random))
    }
}
