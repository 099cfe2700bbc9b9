//! Randomness for one act: the kernel's, and the records card's where it has some (custody rule 4).

use keyrite_locked::Locked;

use super::CeremonyError;
use super::scene::Scene;
use crate::entropy::{self, KERNEL_LEN, Label};
use crate::model::room::Card;
use crate::workstation::randomness;

/// How much is asked of a card.
const CARD_LEN: usize = 32;

/// Randomness gathered once; every use draws its own under its own label.
pub struct Randomness {
    kernel: Locked,
    card: Option<Locked>,
}

impl Randomness {
    /// Asks the kernel, and the records card when it is in service.
    ///
    /// # Errors
    /// When the kernel or the card fails.
    pub fn gather(scene: &mut Scene<'_>) -> Result<Self, CeremonyError> {
        let records = &scene.organization.records.card;
        let in_service = scene.history().cards.get(records).is_some_and(|card| card.state == Card::InService);
        let card = if in_service {
            let expected = scene.expected(records)?;
            scene.session(&expected, |guarded| guarded.random(CARD_LEN))?
        } else {
            None
        };
        Ok(Self { kernel: randomness::kernel(KERNEL_LEN)?, card })
    }

    /// `len` bytes for the use that `label` names.
    ///
    /// # Errors
    /// Without locked memory.
    pub fn draw(&self, label: &Label<'_>, len: usize) -> Result<Locked, CeremonyError> {
        Ok(entropy::mix(&self.kernel, self.card.as_ref(), None, label, len)?)
    }
}
