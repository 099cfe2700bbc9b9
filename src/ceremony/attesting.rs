//! What becomes of a card's word that it generated its key: judged, told, recorded and, where the organization wants it, required.

use super::CeremonyError;
use super::scene::Scene;
use crate::model::evidence::Evidence;
use crate::model::name::CardName;
use crate::workstation::card::{CardError, PublicKey, Statement, Which, YUBICO, verify};

impl Scene<'_> {
    /// Judges what a card says of the key that it just generated, and keeps it at `base`: the certificate's path without its end.
    ///
    /// # Errors
    /// Where an attestation `must` be there, none, or one that is not believed (CARD-5).
    pub fn attested(
        &mut self,
        card: &CardName,
        key: &PublicKey,
        statement: Option<Statement>,
        must: bool,
        base: &str,
    ) -> Result<(), CeremonyError> {
        let record = self.card_record(card)?;
        let serial = record.serial.parse().map_err(|_| CeremonyError::Bug(format!("serial of card {card}")))?;
        let refuse = |why: &str| {
            let card = Which { name: card.clone(), serial: Some(serial) };
            CeremonyError::from(CardError::Unattested { card, why: why.to_owned() })
        };
        let Some(statement) = statement else {
            self.dialogue.tell(&format!("Card {card} does not attest where its key comes from."));
            return if must { Err(refuse("it says nothing of it")) } else { Ok(()) };
        };
        let (firmware, defect) = match verify(&YUBICO, &statement, key, serial, self.opened()?) {
            Ok(attested) => (Some(attested.firmware), None),
            Err(defect) => (None, Some(defect.to_string())),
        };
        match (&firmware, &defect) {
            (Some(firmware), _) => self.dialogue.tell(&format!(
                "Card {card} generated this key itself: so its maker signs. It has firmware {firmware}."
            )),
            (None, defect) => {
                let why = defect.as_deref().unwrap_or_default();
                self.dialogue
                    .tell(&format!("Card {card} says that it generated this key. That is NOT BELIEVED: {why}."));
            }
        }
        if let (true, Some(why)) = (must, &defect) {
            return Err(refuse(why));
        }
        let path = |what: &str| format!("{base}.{what}.der");
        let attesting = self.write(&path("attesting"), &statement.card)?;
        let statement = self.write(&path("attestation"), &statement.key)?;
        self.note(Evidence::CardAttested { card: card.clone(), firmware, defect, statement, attesting })
    }
}
