//! Whether a card is fit for its key: what it announces, and what its maker has published (CARD-5).

use super::CeremonyError;
use super::scene::Scene;
use crate::model::algorithm::Algorithm;
use crate::model::concern::{Bearing, Compared, Concern};
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::model::role::{Role, Seat};
use crate::model::room;
use crate::workstation::card::{
    Abilities, CardError, CardKey, Found, Holding, LOOKED_UP, Origin, Serial, Versions, Which, advisories, age_in_words,
};

/// Who bears that a card with a published fault is used.
const QUORUM: [Seat; 3] =
    [Seat::first(Role::Leader), Seat::first(Role::Witness), Seat { role: Role::Witness, number: 2 }];

/// What each of them types.
const ALL_THE_SAME: &str = "use it all the same";

impl Scene<'_> {
    /// The algorithm of the key that a card is for: of the key as it is once there is one, whatever was planned since.
    ///
    /// # Errors
    /// When that key's certificate changed.
    pub fn algorithm_of(&self, card: &CardName) -> Result<Algorithm, CeremonyError> {
        let certificate = match self.organization.root_of(card) {
            Some(root) if self.history().roots.contains_key(root) => Some(self.root_certificate(root)?),
            None if self.history().records.is_some() => Some(self.records_certificate()?),
            _ => None,
        };
        let is = certificate.and_then(|certificate| certificate.algorithm());
        Ok(is.unwrap_or_else(|| self.organization.algorithm_of(card)))
    }

    /// The key that a card is for: the records card and those of card-only roots generate it, the others get it written.
    fn key_of(&self, card: &CardName) -> Result<CardKey, CeremonyError> {
        let organization = self.organization;
        let generates = *card == organization.records.card || organization.generates(card).is_some();
        let origin = if generates { Origin::Generated } else { Origin::Imported };
        Ok(CardKey { kind: self.algorithm_of(card)?.into(), origin })
    }

    /// Compares a card with what its maker has published, tells the room, and gives what stands in the transcript. For a test
    /// card nothing is published.
    ///
    /// # Errors
    /// In production, an advisory that concerns this card's key, or may (CARD-5); for a card that the organization has already,
    /// when the room does not bear it.
    pub fn compare(
        &mut self,
        card: &CardName,
        serial: Serial,
        versions: &Versions,
    ) -> Result<Option<Compared>, CeremonyError> {
        let key = self.key_of(card)?;
        if serial.is_test() {
            return Ok(None);
        }
        let found = advisories(serial, versions.firmware.as_deref(), key);
        let age = age_in_words(self.opened()?);
        let count = if found.is_empty() { "none is" } else { "those that are" };
        self.dialogue
            .tell(&format!("Card {card}: maker {}. Of advisories, {count} known here ({age}).", serial.maker()));
        for one in &found {
            self.dialogue.tell(&format!("    {}", in_words(one)));
        }
        let against: Vec<&Found> = found.iter().filter(|found| found.bearing != Bearing::Spares).collect();
        if self.mode == Mode::Production && !against.is_empty() && !self.is_borne(card)? {
            let advisories = against.into_iter().map(in_words).collect();
            let card = Which { name: card.clone(), serial: Some(serial) };
            return Err(CardError::Advised { card, advisories }.into());
        }
        let concern = |found: &Found| Concern { advisory: found.advisory.id.to_owned(), bearing: found.bearing };
        Ok(Some(Compared { looked_up: LOOKED_UP.date(), concerns: found.iter().map(concern).collect() }))
    }

    /// Whether a card in service is used once more, although a fault of it was published since: replacing it takes ceremonies,
    /// and those take the card. Leader and witnesses say so, each in typed words.
    fn is_borne(&mut self, card: &CardName) -> Result<bool, CeremonyError> {
        let known = self.history().cards.get(card).map(|record| record.state);
        if !matches!(known, Some(room::Card::Loaded | room::Card::InService)) {
            return Ok(false);
        }
        let question = format!(
            "Card {card} is in service, and its maker has published a fault that concerns its key. Using it once more is for \
             replacing it, or for work that cannot wait."
        );
        for seat in QUORUM {
            if !self.dares(seat, &question, ALL_THE_SAME)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tells the room what a card says of its making.
    pub fn tell_versions(&mut self, card: &CardName, versions: &Versions) {
        let firmware = match &versions.firmware {
            Some(version) => format!("firmware {version}"),
            None => "it does not tell its firmware".to_owned(),
        };
        self.dialogue.tell(&format!("Card {card}: OpenPGP application {}; {firmware}.", versions.application));
    }

    /// Tells what the room should know of what a card announces, before anybody sets a PIN.
    pub fn tell_abilities(&mut self, card: &CardName, algorithm: Algorithm, abilities: Abilities) {
        if abilities.holds == Holding::Untold {
            self.dialogue.tell(&format!(
                "Card {card} does not say whether it can hold {algorithm}; whether it can is seen when it gets its key."
            ));
        }
        if abilities.hashed_pins {
            self.dialogue.tell(&format!(
                "Card {card} takes its codes as hashes of them (KDF) already, which is not how it comes from its maker."
            ));
        }
    }
}

fn in_words(found: &Found) -> String {
    let Found { advisory, bearing } = found;
    format!("{} ({}) {bearing}: {}; {}", advisory.id, advisory.devices, advisory.broken, advisory.remedy)
}
