//! `certify`: the root vouches for the keys that were reviewed, one signature each.

use super::noted::Row;
use super::parameters::{OfRootCard, foreign_card, root_cards};
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::cards::{HeldPin, Purpose};
use crate::ceremony::scene::Scene;
use crate::model::evidence::{Artefact, Evidence};
use crate::model::hash::Hash;
use crate::model::name::{CardName, RootName};
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Card, Clock, Contract, Fact, Hand, Requests, Root, Undo};
use crate::model::shown::Shown;
use crate::paper::Blank;
use crate::trust::delegation::Approved;
use crate::trust::openpgp::Certificate;
use crate::trust::openpgp::certification::{self, Terms};
use crate::workstation::card::CardSigner;
use crate::workstation::{files, stock};

/// The largest delegated certificate.
const LARGEST: u64 = 1024 * 1024;

pub(super) static KIND: Kind = Kind {
    name: "certify",
    read: |step, source| step.parameters(source).map(|OfRootCard { root, card }| Box::new(Certify { root, card }) as _),
    examples: |organization| {
        root_cards(organization)
            .map(|OfRootCard { root, card }| Box::new(Certify { root, card }) as Box<dyn Act>)
            .collect()
    },
};

/// The act.
pub struct Certify {
    root: RootName,
    card: CardName,
}

impl Act for Certify {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::Clock(Clock::Confirmed),
                Fact::Root(self.root.clone(), Root::Kept),
                Fact::Hand(self.card.clone(), Hand::Here),
                Fact::Card(self.card.clone(), Card::InService),
                Fact::Requests(Requests::Reviewed),
            ],
            leaves: vec![Fact::Requests(Requests::Certified)],
            undo: Undo::Irreversible,
            minutes: 5,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Operator, 1), (Role::PinHolder, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        foreign_card(&self.root, &self.card, organization)
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        let mut page = vec![
            "Each certification is made with a throwaway key first, then once by the card.".to_owned(),
            "It is verified from the disk by keyrite and, where it is installed, by gpg.".to_owned(),
        ];
        if organization.settings(&self.card).pin_each_signature == Some(false) {
            page.push("The user PIN is asked for once, for all of them.".to_owned());
        }
        page
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![vec![
            Blank::new("requests answered"),
            Blank::new("certifications made"),
            Blank::wide("requests refused, and why", 2),
        ]]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let not_reviewed = || CeremonyError::Bug("nothing was reviewed".to_owned());
        let reviews = scene.inbox.reviews.take().ok_or_else(not_reviewed)?;
        if reviews.is_empty() {
            scene.dialogue.tell("No request came in: nothing is certified.");
            return scene.note(Evidence::AllAnswered);
        }
        let confirmed = scene.history().current.review.ok_or_else(not_reviewed)?;
        scene.confirm(
            Seat::first(Role::Operator),
            &format!("Root {} certifies {} key(s) with card {}.", self.root, reviews.len(), self.card),
            Some(confirmed),
        )?;
        // What the transcript says was confirmed, not what this process remembers (REVIEW-1).
        let mut pin = None;
        for approved in reviews.approve(confirmed)? {
            self.answer(scene, approved, &mut pin)?;
            // Once for the batch where policy says so, and otherwise for each.
            if scene.organization.settings(&self.card).pin_each_signature != Some(false) {
                pin = None;
            }
        }
        scene.note(Evidence::AllAnswered)
    }
}

impl Certify {
    fn answer(
        &self,
        scene: &mut Scene<'_>,
        approved: Approved,
        pin: &mut Option<HeldPin>,
    ) -> Result<(), CeremonyError> {
        let request = approved.change().request();
        let (id, request_sha256) = (request.id().clone(), request.sha256());
        if scene.history().delegations.iter().any(|d| d.request == id) {
            scene.dialogue.tell(&format!("Request {id} was answered before the cut."));
            return Ok(());
        }
        let (root, now) = (scene.root_certificate(&self.root)?, scene.opened()?);
        let ceremony = scene.history().ceremony().to_owned();
        let terms = approved.terms(&ceremony, now);
        let text = request.text();
        let (signer, user_id, scope) = (text.signer.clone(), text.user_id.clone(), text.scope.clone());
        let path = format!("delegations/{}/{ceremony}-{id}.pgp", self.root);
        let signed = if scene.is_taken(&path) {
            None
        } else {
            let purpose = Purpose {
                name: "certify",
                items: approved.items(),
                request: Some(id.clone()),
                subject: approved.review(),
                artefact: Some(path.clone()),
            };
            let expected = scene.expected(&self.card)?;
            let certify = |signer: &mut CardSigner<'_, '_>| approved.certify(&root, &ceremony, now, signer);
            let signed = scene.sign_with(&expected, &purpose, pin, certify)?;
            scene.write(&path, &signed.value.certificate)?;
            Some(signed)
        };
        // From the disk, whether this process or one before the cut wrote it (TRUST-2).
        let judged = judge(scene, &root, &path, &terms);
        let bytes = if signed.is_none() { judged.map_err(CeremonyError::taken(&scene.path(&path))) } else { judged }?;
        let certificate = Artefact { path, sha256: Hash::of(&bytes) };
        scene.dialogue.tell(&format!(
            "Request {id}: {} is delegated until {}.",
            Shown::new(&signer),
            terms.until.date()
        ));
        scene.note(Evidence::Certified {
            root: self.root.clone(),
            request: id,
            request_sha256,
            signer,
            fingerprint: terms.signer,
            user_id,
            scope,
            expires: terms.until,
            certificate,
        })?;
        match signed {
            Some(signed) => scene.keep(signed).map(drop),
            None => Ok(()),
        }
    }
}

/// The delegated certificate, judged from the disk by keyrite and by gpg.
fn judge(scene: &Scene<'_>, root: &Certificate, path: &str, terms: &Terms) -> Result<Vec<u8>, CeremonyError> {
    let bytes = files::read(&scene.path(path), LARGEST)?;
    certification::judge(root, &bytes, terms)?;
    if let Some(gpg) = &scene.programs.gpg {
        stock::gpg::certified(gpg, &root.bytes()?, &bytes, terms.signer)?;
    }
    Ok(bytes)
}
