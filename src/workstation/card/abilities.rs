//! What a card can do for a key, as it announces it: asked before anybody sets a PIN.

use openpgp_card::ocard::KeyType;
use openpgp_card::ocard::algorithm::{AlgorithmAttributes, Curve};
use openpgp_card::ocard::crypto::EccType;
use openpgp_card::ocard::data::ApplicationRelatedData;

use super::client::Client;
use super::error::CardError;
use super::guarded::GuardedCard;
use super::kdf::CodeForm;
use crate::model::algorithm::Algorithm;

/// What a card announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Whether its SIG slot can hold a key of the algorithm that was asked for.
    pub holds: Holding,
    /// Whether it takes its codes as hashes already (KDF-DO, 4.3.2).
    pub hashed_pins: bool,
}

/// Whether a slot can hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// The card does not say.
    Untold,
}

/// The first version of the application with elliptic curves (4.4.3.9).
const WITH_CURVES: u16 = 0x0300;

impl GuardedCard<'_> {
    /// Asks for them.
    ///
    /// # Errors
    /// When the card does not answer, or not as it should.
    pub fn abilities(&mut self, algorithm: Algorithm) -> Result<Abilities, CardError> {
        let ard = self.client.call("reading what it can do", |tx| tx.application_related_data())?;
        let holds = holding(&mut self.client, &ard, algorithm)?;
        Ok(Abilities { holds, hashed_pins: *self.code_form()? != CodeForm::Plain })
    }

    /// CARD-5, as far as the card itself tells: `algorithm` has a place in the SIG slot.
    ///
    /// # Errors
    /// [`CardError::Unable`]; when the card does not answer.
    pub fn require_able(&mut self, algorithm: Algorithm) -> Result<Abilities, CardError> {
        let abilities = self.abilities(algorithm)?;
        match abilities.holds {
            Holding::No => Err(CardError::Unable { card: self.which().clone(), algorithm }),
            Holding::Yes | Holding::Untold => Ok(abilities),
        }
    }
}

/// By its algorithm attributes (DO C1, 4.4.3.9); where they can be changed (extended capabilities, 4.4.3.7), by its algorithm
/// information (DO FA, 4.4.3.11), which cards have since version 3.4.
fn holding(client: &mut Client<'_>, ard: &ApplicationRelatedData, algorithm: Algorithm) -> Result<Holding, CardError> {
    const ACT: &str = "reading its algorithms";
    let now = client.call(ACT, |_| ard.algorithm_attributes(KeyType::Signing))?;
    if is(&now, algorithm) {
        return Ok(Holding::Yes);
    }
    if !client.call(ACT, |_| ard.extended_capabilities())?.algo_attrs_changeable() {
        return Ok(Holding::No);
    }
    // A list that cannot be read is none. If the card is gone, the next command says so.
    let list = client.call(ACT, |tx| Ok(tx.algorithm_information().ok().flatten()))?;
    Ok(match list {
        Some(list) if list.for_keytype(KeyType::Signing).into_iter().any(|one| is(one, algorithm)) => Holding::Yes,
        Some(_) => Holding::No,
        None if algorithm.modulus().is_none()
            && client.call(ACT, |_| ard.application_id())?.version() < WITH_CURVES =>
        {
            Holding::No
        }
        None => Holding::Untold,
    })
}

fn is(attributes: &AlgorithmAttributes, algorithm: Algorithm) -> bool {
    match attributes {
        AlgorithmAttributes::Ecc(ecc) => matches!(
            (algorithm, ecc.ecc_type(), ecc.curve()),
            (Algorithm::Ed25519, EccType::EdDSA, Curve::Ed25519)
                | (Algorithm::NistP256, EccType::ECDSA, Curve::NistP256r1)
                | (Algorithm::NistP384, EccType::ECDSA, Curve::NistP384r1)
                | (Algorithm::NistP521, EccType::ECDSA, Curve::NistP521r1)
        ),
        AlgorithmAttributes::Rsa(rsa) => matches!(
            (algorithm, rsa.len_n()),
            (Algorithm::Rsa2048, 2048) | (Algorithm::Rsa3072, 3072) | (Algorithm::Rsa4096, 4096)
        ),
        _ => false,
    }
}
