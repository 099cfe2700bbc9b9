//! Whether a card is fit for its key: what it announces, and what its maker has published (CARD-5).

use super::CeremonyError;
use super::scene::Scene;
use crate::model::concern::{Bearing, Compared, Concern};
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::workstation::card::{
    Abilities, Algorithm, CardError, CardKey, Found, Holding, Kind, LOOKED_UP, Origin, Serial, Versions, Which,
    advisories, age_in_words,
};

/// The algorithm of every key: that of the records key, and of roots.
pub const ALGORITHM: Algorithm = Algorithm::Ed25519;

impl Scene<'_> {
    /// The key that a card is for: the records card generates its own, the others get a root written.
    fn key_of(&self, card: &CardName) -> CardKey {
        let origin = if *card == self.organization.records.card { Origin::Generated } else { Origin::Imported };
        CardKey { kind: Kind::Ed25519, origin }
    }

    /// Compares a card with what its maker has published, tells the room, and gives what stands in the transcript. For a test
    /// card nothing is published.
    ///
    /// # Errors
    /// In production, an advisory that concerns this card's key, or may (CARD-5).
    pub fn compare(
        &mut self,
        card: &CardName,
        serial: Serial,
        versions: &Versions,
    ) -> Result<Option<Compared>, CeremonyError> {
        if serial.is_test() {
            return Ok(None);
        }
        let found = advisories(serial, versions.firmware.as_deref(), self.key_of(card));
        let age = age_in_words(self.opened()?);
        let count = if found.is_empty() { "none is" } else { "those that are" };
        self.dialogue
            .tell(&format!("Card {card}: maker {}. Of advisories, {count} known here ({age}).", serial.maker()));
        for one in &found {
            self.dialogue.tell(&format!("    {}", in_words(one)));
        }
        let against: Vec<&Found> = found.iter().filter(|found| found.bearing != Bearing::Spares).collect();
        if self.mode == Mode::Production && !against.is_empty() {
            let advisories = against.into_iter().map(in_words).collect();
            let card = Which { name: card.clone(), serial: Some(serial) };
            return Err(CardError::Advised { card, advisories }.into());
        }
        let concern = |found: &Found| Concern { advisory: found.advisory.id.to_owned(), bearing: found.bearing };
        Ok(Some(Compared { looked_up: LOOKED_UP.date(), concerns: found.iter().map(concern).collect() }))
    }

    /// Tells what the room should know of what a card announces, before anybody sets a PIN.
    pub fn tell_abilities(&mut self, card: &CardName, abilities: Abilities) {
        if abilities.holds == Holding::Untold {
            self.dialogue.tell(&format!(
                "Card {card} does not say whether it can hold {ALGORITHM}; whether it can is seen when it gets its key."
            ));
        }
        if abilities.hashed_pins {
            self.dialogue.tell(&format!(
                "Card {card} wants its PINs as hashes (KDF), which is not done here: it will not know them. Reset it first."
            ));
        }
    }
}

fn in_words(found: &Found) -> String {
    let Found { advisory, bearing } = found;
    format!("{} ({}) {bearing}: {}; {}", advisory.id, advisory.devices, advisory.broken, advisory.remedy)
}
