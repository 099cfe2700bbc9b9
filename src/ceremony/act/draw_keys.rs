//! `draw-keys`: the root is drawn in locked memory (custody rules 3 and 4).

use super::noted::{self, Row};
use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind, throw_dice};
use crate::ceremony::{CeremonyError, qr, randomness::Randomness, scene::Scene};
use crate::model::algorithm::Algorithm;
use crate::model::evidence::Evidence;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::room::{Card, Clock, Contract, Fact, Hand, Machine, Memory, Profile, Root, Source, Undo};
use crate::trust::openpgp::root::{self, DrawnRoot};
use crate::trust::openpgp::throwaway;

pub(super) static KIND: Kind = Kind {
    name: "draw-keys",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(DrawKeys { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(DrawKeys { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct DrawKeys {
    root: RootName,
}

impl Act for DrawKeys {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let records = &organization.records.card;
        let mut needs = vec![
            Fact::Machine(Machine::Checked),
            Fact::Clock(Clock::Confirmed),
            Fact::Hand(records.clone(), Hand::Here),
            Fact::Card(records.clone(), Card::InService),
            Fact::Profile(self.root.clone(), Profile::Tried),
            Fact::Root(self.root.clone(), Root::Absent),
            Fact::Memory(self.root.clone(), Memory::Empty),
        ];
        needs.extend(throw_dice::needed(organization));
        Contract {
            needs,
            leaves: vec![
                Fact::Root(self.root.clone(), Root::Drawn),
                Fact::Memory(self.root.clone(), Memory::Held),
                Fact::Source(self.root.clone(), Source::Drawn),
            ],
            undo: Undo::Harmless,
            minutes: 3,
        }
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        not_backed_up(&self.root, organization, "its card generates it, which generate-root does")
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        let algorithm = organization.roots.get(&self.root).map(|root| root.algorithm);
        let from: &[&str] = match algorithm.and_then(Algorithm::modulus) {
            None => &["Randomness of the kernel and of the records card is mixed."],
            Some(_) => &[
                "The library draws the primes, from the kernel's randomness.",
                "Of the records card's randomness nothing goes in.",
            ],
        };
        let lines = from.iter().chain(&["The fingerprint is shown and read aloud."]);
        lines.map(|line| (*line).to_owned()).collect()
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![noted::fingerprint(&format!("root {}", self.root))]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let (profile, now) = (scene.root_profile(&self.root)?, scene.opened()?);
        let drawn = self.draw(scene)?;
        let fingerprint = drawn.fingerprint();
        let path = format!("{}/certificate.asc", Scene::root_folder(&self.root, fingerprint));
        let certificate = scene.write(&path, &drawn.certificate.armored(&[])?)?;
        // From the bytes on the disk, not from memory (TRUST-2).
        throwaway::judge(&scene.register.read(&certificate)?, fingerprint, &profile, now)?;
        scene.held.insert(self.root.clone(), drawn.secret);
        scene.dialogue.tell(&format!("Root {} has the fingerprint", self.root));
        scene.dialogue.tell(&format!("    {}", fingerprint.groups()));
        qr::show(scene.dialogue, &self.root, fingerprint);
        scene.note(Evidence::RootDrawn { root: self.root.clone(), fingerprint, certificate })
    }
}

impl DrawKeys {
    fn draw(&self, scene: &mut Scene<'_>) -> Result<DrawnRoot, CeremonyError> {
        let (profile, algorithm) = (scene.root_profile(&self.root)?, scene.root(&self.root)?.algorithm);
        let now = scene.opened()?;
        if algorithm.modulus().is_some() {
            let _life = scene.dialogue.busy("The primes are drawn.");
            return Ok(root::generate(algorithm, &profile, now)?);
        }
        let secret = Randomness::gather(scene)?.secret(&self.root, algorithm)?;
        Ok(root::draw(algorithm, &secret, &profile, now)?)
    }
}
