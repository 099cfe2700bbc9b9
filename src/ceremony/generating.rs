//! Keys that cards generate, with the certificates that they sign for themselves.

use super::CeremonyError;
use super::cards::Purpose;
use super::scene::Scene;
use crate::model::algorithm::Algorithm;
use crate::model::event::{Intent, Outcome};
use crate::model::evidence::{Artefact, Evidence};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::name::{CardName, RootName};
use crate::trust::openpgp::{Profile, fingerprint_of, root, throwaway};
use crate::workstation::card::{ExpectedKey, PublicKey};

/// What the card signs for, in the journal.
pub(super) const PURPOSE: &str = "certificate";

/// A key that a card shall generate.
pub(super) struct Planned {
    /// The card.
    pub(super) card: CardName,
    /// The root that it is to be; none for the records key.
    pub(super) root: Option<RootName>,
    /// Its algorithm.
    pub(super) algorithm: Algorithm,
    /// What its certificate is to say.
    pub(super) profile: Profile,
}

/// Has a card generate its key and sign the certificate, which is judged from the disk; then notes `evidence` of it. Gives the
/// fingerprint.
///
/// The intent to generate stays open until that evidence is noted: a cut before leaves a key that nobody knows, and the card is
/// reset.
///
/// # Errors
/// Those of the card; what the judge says of the certificate.
pub(super) fn generate(
    scene: &mut Scene<'_>,
    planned: &Planned,
    path: impl FnOnce(Fingerprint) -> String,
    evidence: impl FnOnce(Fingerprint, Artefact) -> Evidence,
) -> Result<Fingerprint, CeremonyError> {
    let Planned { card, root, algorithm, profile } = planned;
    let now = scene.opened()?;
    let mut expected = scene.expected(card)?;
    let intent = Intent::GenerateKey { card: card.clone(), root: root.clone() };
    let (key, generating) =
        scene.change(&expected, &intent, |guarded, permit, admin| guarded.generate(permit, *algorithm, now, admin))?;

    let fingerprint = fingerprint_of(&key.fingerprint())?;
    expected.key = ExpectedKey::Fingerprint(fingerprint);
    let path = path(fingerprint);
    let purpose = Purpose {
        name: PURPOSE,
        // The direct-key signature and the user ID's binding.
        items: 2,
        request: None,
        subject: Hash::of(profile.user_id.as_bytes()),
        // Whoever finds a certificate there that no evidence names knows that a cut left it.
        artefact: Some(path.clone()),
    };
    let signed = scene.sign_as(&expected, &purpose, |signer| {
        let statement = signer.attest(&generating)?;
        Ok::<_, CeremonyError>((root::certificate(&key, profile, now, signer)?, statement))
    })?;
    let (certificate, statement) = scene.keep(signed)?;
    // Only of the records key an organization may require it.
    let must = root.is_none() && scene.organization.records.attested;
    scene.attested(card, &PublicKey::from(key), statement, must, path.trim_end_matches(".asc"))?;
    let artefact = scene.write(&path, &certificate.armored(&[])?)?;
    // From the bytes on the disk, not from memory (TRUST-2).
    throwaway::judge(&scene.register.read(&artefact)?, fingerprint, profile, now)?;
    scene.note(evidence(fingerprint, artefact))?;
    scene.journal.close(generating, Outcome::Done { signatures: 0 })?;
    Ok(fingerprint)
}
