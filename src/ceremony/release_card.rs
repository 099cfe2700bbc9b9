//! A signer's own card signs a release, outside of any ceremony.

use std::path::Path;

use keyrite_locked::Locked;
use sequoia_openpgp::crypto::hash::Context;

use super::CeremonyError;
use super::trial::scratch;
use crate::model::event::{Event, Intent, Outcome};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::name::CardName;
use crate::trust::openpgp;
use crate::trust::release;
use crate::workstation::card::{CardError, Expected, ExpectedKey, GuardedCard, Rack, RackExt as _};
use crate::workstation::clock;
use crate::workstation::files::Temporary;
use crate::workstation::journal::Permit;

/// What the card is called in errors.
const NAME: &str = "signer";

/// What signing takes.
pub struct Signing<'a> {
    /// The readers.
    pub rack: &'a mut dyn Rack,
    /// The key in the card's SIG slot.
    pub key: Fingerprint,
    /// Its user PIN.
    pub pin: &'a Locked,
    /// What the signatures will be about: the hash of the manifest.
    pub subject: Hash,
    /// A file beside which a journal may lie meanwhile.
    pub beside: &'a Path,
    /// keyrite's own file.
    pub keyrite: &'a Path,
}

/// Signs what each context has read: armored signatures, in the same order, all in one session with the card.
///
/// The card is in nobody's register. The journal, without which nothing is signed (JOURNAL-1), lies in an unfinished folder and is
/// gone in the end.
///
/// # Errors
/// CARD-1 for a card with another key, CARD-3 for the last try of its PIN; when there is no card, or it is cut off.
pub fn sign(signing: Signing<'_>, contexts: &[&Context]) -> Result<Vec<Vec<u8>>, CeremonyError> {
    let Signing { rack, key, pin, subject, beside, keyrite } = signing;
    let card: CardName = NAME.parse().map_err(|_| CeremonyError::Bug("a name that is none".to_owned()))?;
    let expected = Expected { key: ExpectedKey::Fingerprint(key), ..Expected::any(card.clone()) };
    let serial = rack.session(&expected, |card| Ok(card.survey().serial))?;
    let expected = Expected { serial: Some(serial), ..expected };
    let folder = Temporary::beside(beside)?;
    let title = format!("A release signed by card {serial}");
    let mut scratch = scratch::begin(&folder.path, scratch::RELEASE, &title, keyrite)?;
    scratch.present(&card, serial)?;
    let items = u32::try_from(contexts.len()).unwrap_or(u32::MAX);
    let purpose = "release".to_owned();
    let intent = Intent::Sign { card, purpose, items, request: None, subject, artefact: None };
    let permit = scratch.journal.intend(intent)?;
    let signed = rack.session(&expected, |card| all(card, &permit, pin, contexts))?;
    scratch.journal.close(permit, Outcome::Done { signatures: items })?;
    scratch.journal.append(Event::Finished)?;
    Ok(signed)
}

fn all(
    card: &mut GuardedCard<'_>,
    permit: &Permit,
    pin: &Locked,
    contexts: &[&Context],
) -> Result<Vec<Vec<u8>>, CardError> {
    let which = card.which().clone();
    let mut signer = card.signer(permit, pin)?;
    signer.verify()?;
    let mut signed = Vec::with_capacity(contexts.len());
    for context in contexts {
        // A clock that cannot be read was refused before the card was asked.
        let now = clock::now().map_err(|_| CardError::Halted { card: which.clone() })?;
        let one = release::sign(context, now, &mut signer).map_err(|error| match error {
            openpgp::Error::Signing(failure) => {
                failure.0.downcast().unwrap_or_else(|_| CardError::BadSignature { card: which.clone() })
            }
            _ => CardError::BadSignature { card: which.clone() },
        })?;
        signed.push(one);
    }
    Ok(signed)
}
