//! `take-releases`: releases that came in are read aloud, agreed to, and signed into the list of past releases (custody rule 6).

use super::noted::{self, Row};
use super::parameters::{OfRoot, unknown_root};
use super::{Act, Kind, Outside};
use crate::ceremony::CeremonyError;
use crate::ceremony::cards::Purpose;
use crate::ceremony::releases::{self, Arrived, Present, Taken};
use crate::ceremony::scene::Scene;
use crate::format::past_releases;
use crate::format::release::ENDING;
use crate::model::evidence::{Artefact, Evidence, TakenRelease};
use crate::model::hash::Hash;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{
    Bundle as Carried, Card, Clock, Contract, Fact, Hand, Machine, People, Releases, Requests, Root, Undo,
};
use crate::paper::Blank;
use crate::trust::openpgp::signed_text;
use crate::workstation::bundle::Bundle;
use crate::workstation::{clock, files};

pub(super) static KIND: Kind = Kind {
    name: "take-releases",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(TakeReleases { root }) as _),
    examples: |organization| {
        organization.roots.keys().map(|root| Box::new(TakeReleases { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct TakeReleases {
    root: RootName,
}

impl Act for TakeReleases {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let records = &organization.records.card;
        Contract {
            needs: vec![
                Fact::Machine(Machine::Checked),
                Fact::Clock(Clock::Confirmed),
                Fact::People(People::Present),
                Fact::Root(self.root.clone(), Root::Kept),
                Fact::Hand(records.clone(), Hand::Here),
                Fact::Card(records.clone(), Card::InService),
                Fact::Requests(Requests::Certified),
                Fact::Bundle(Carried::Unwritten),
                Fact::Releases(Releases::Unread),
            ],
            leaves: vec![Fact::Releases(Releases::Taken)],
            undo: Undo::Harmless,
            minutes: 5,
        }
    }

    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Leader, 1), (Role::Witness, organization.agreeing), (Role::PinHolder, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        unknown_root(&self.root, organization)
    }

    fn ready(&self, outside: &Outside<'_>) -> Result<(), CeremonyError> {
        let folder = outside.bundles.incoming.as_ref().ok_or(CeremonyError::NoBundle)?;
        Present::before(outside, &self.root)?.arrived(&Bundle::read(folder)?).map(drop)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![
            "Releases that came in are read aloud. What is confirmed is the hash of these words.".to_owned(),
            "The records key signs the list of past releases with them. Without a release, nothing is signed."
                .to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![
            noted::words("the words that were read"),
            vec![
                Blank::new("number of the list"),
                Blank::new("releases taken in"),
                Blank::wide("doubts, and whose", 3),
            ],
        ]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        if scene.inbox.bundle.is_none() {
            let folder = scene.bundles.incoming.as_ref().ok_or(CeremonyError::NoBundle)?;
            scene.inbox.bundle = Some(Bundle::read(folder)?);
        }
        let bundle = scene.inbox.bundle.as_ref().ok_or(CeremonyError::NoBundle)?;
        let arrived = Present::of(scene, &self.root)?.arrived(bundle)?;
        for release in &arrived.listed {
            scene.dialogue.tell(&format!("Release {release} is in the list of past releases already."));
        }
        if arrived.taken.is_empty() {
            scene.dialogue.tell("No release came in that the list of past releases does not have.");
            return scene.note(Evidence::NoReleases);
        }
        let (review, text) = self.agree(scene, &arrived)?;
        let releases = arrived.taken.iter().map(|one| kept(scene, one)).collect::<Result<_, _>>()?;
        sign(scene, &arrived, |list, signature| {
            let number = arrived.after.number;
            Evidence::ReleasesTaken { number, list, signature, releases, review, text }
        })
    }
}

impl TakeReleases {
    /// The words, and that the room agrees to them.
    fn agree(&self, scene: &mut Scene<'_>, arrived: &Arrived) -> Result<(Hash, Artefact), CeremonyError> {
        let review = arrived.review(&self.root, scene.root_record(&self.root)?.fingerprint);
        for line in review.text().lines() {
            scene.dialogue.tell(line);
        }
        let hash = review.hash();
        scene.tell_hash("These words have the sha256", hash);
        let witnesses = Seat::all(Role::Witness, scene.organization.agreeing);
        for seat in std::iter::once(Seat::first(Role::Leader)).chain(witnesses) {
            scene.confirm(seat, "I have read these releases and agree that they are listed.", Some(hash))?;
        }
        Ok((hash, scene.keep_copy(&format!("reviews/{hash}.txt"), review.text().as_bytes())?))
    }
}

/// The manifest and its signature, in the register.
fn kept(scene: &Scene<'_>, one: &Taken) -> Result<TakenRelease, CeremonyError> {
    let release = one.release.release.to_string();
    let path = format!("releases/{release}-{:.16}{ENDING}", Hash::of(&one.manifest));
    // The same manifest may have been signed once more for another ceremony, which was given up.
    let beside = format!("releases/{release}-{:.16}{ENDING}{}", Hash::of(&one.signature), releases::SIGNATURE);
    let (manifest, signature) = (scene.keep_copy(&path, &one.manifest)?, scene.keep_copy(&beside, &one.signature)?);
    Ok(TakenRelease { release, manifest, signature })
}

/// The list in the register, signed by the records key: now, or by a process before a cut.
fn sign(
    scene: &mut Scene<'_>,
    arrived: &Arrived,
    evidence: impl FnOnce(Artefact, Artefact) -> Evidence,
) -> Result<(), CeremonyError> {
    let text = past_releases::write(&arrived.after);
    // Named by its content: what a ceremony that was given up left there stands in nobody's way.
    let path = format!("releases/past-releases-{:04}-{:.16}.txt", arrived.after.number, Hash::of(text.as_bytes()));
    let list = scene.keep_copy(&path, text.as_bytes()).map_err(CeremonyError::taken(&scene.path(&path)))?;
    let path = format!("{path}{}", releases::SIGNATURE);
    if scene.is_taken(&path) {
        let signature = verified(scene, &list, &path).map_err(CeremonyError::taken(&scene.path(&path)))?;
        scene.dialogue.tell("The list of past releases was signed before the cut; it is good.");
        return scene.note(evidence(list, signature));
    }
    let (card, now) = (scene.organization.records.card.clone(), clock::now()?);
    let purpose =
        Purpose { name: "past-releases", items: 1, request: None, subject: list.sha256, artefact: Some(path.clone()) };
    let signed = scene.sign(&card, &purpose, |signer| signed_text::sign_detached(text.as_bytes(), now, signer))?;
    scene.write(&path, &signed.value)?;
    let signature = verified(scene, &list, &path)?;
    scene.tell_hash(&format!("List {} of past releases is signed:", arrived.after.number), list.sha256);
    scene.note(evidence(list, signature))?;
    scene.keep(signed).map(drop)
}

/// The signature, verified from the disk over the list on the disk (TRUST-2).
fn verified(scene: &Scene<'_>, list: &Artefact, path: &str) -> Result<Artefact, CeremonyError> {
    let signature = files::read(&scene.path(path), 64 * 1024)?;
    let bytes = scene.register.read(list)?;
    releases::list_of(&list.path, &bytes, &signature, &scene.records_certificate()?)?;
    Ok(Artefact { path: path.to_owned(), sha256: Hash::of(&signature) })
}
