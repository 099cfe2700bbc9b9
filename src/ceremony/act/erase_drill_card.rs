//! `erase-drill-card`: the drill card is reset, and is seen to be empty. It is nobody's card any more.

use super::noted::{self, Row};
use super::parameters::{OfRoot, drilled, no_drill_card};
use super::reset_card::reset;
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::model::evidence::Evidence;
use crate::model::name::{CardName, RootName};
use crate::model::organization::{Organization, Root};
use crate::model::role::{Role, Seat};
use crate::model::room::{Card, Contract, Drill, Fact, Hand, Memory, People, Undo};
use crate::workstation::card::{Expected, ExpectedKey};

pub(super) static KIND: Kind = Kind {
    name: "erase-drill-card",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(EraseDrillCard { root }) as _),
    examples: |organization| {
        drilled(organization).map(|root| Box::new(EraseDrillCard { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct EraseDrillCard {
    root: RootName,
}

impl EraseDrillCard {
    fn card<'o>(&self, organization: &'o Organization) -> Option<&'o CardName> {
        organization.roots.get(&self.root).and_then(Root::drill_card)
    }
}

impl Act for EraseDrillCard {
    fn name(&self) -> &'static str {
        KIND.name
    }

    /// The root is somewhere else: its backup restored it, and the card that is reset is in service for nothing (CARD-4).
    fn contract(&self, organization: &Organization) -> Contract {
        let mut needs = vec![
            Fact::People(People::Present),
            Fact::Memory(self.root.clone(), Memory::Empty),
            Fact::Drill(self.root.clone(), Drill::Proved),
        ];
        let mut leaves = vec![Fact::Drill(self.root.clone(), Drill::Erased)];
        if let Some(card) = self.card(organization) {
            needs.push(Fact::Hand(card.clone(), Hand::Here));
            needs.push(Fact::Card(card.clone(), Card::Loaded));
            leaves.push(Fact::Card(card.clone(), Card::Unknown));
        }
        Contract { needs, leaves, undo: Undo::Irreversible, minutes: 3 }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::CardKeeper, 1), (Role::Witness, 1)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        no_drill_card(&self.root, organization)
    }

    /// A cut in its reset leaves the card blank or half written; then only the rest is left to do.
    fn begun(&self, organization: &Organization) -> Vec<Fact> {
        let card = self.card(organization);
        card.iter()
            .flat_map(|card| [Card::Blank, Card::Spoiled].map(|state| Fact::Card((*card).clone(), state)))
            .collect()
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        let card = self.card(organization).map_or_else(String::new, ToString::to_string);
        vec![
            format!("Card {card} is reset to its factory state: the root on it goes, and so do its PINs."),
            "Then it is looked at once more: it must be empty.".to_owned(),
        ]
    }

    fn blanks(&self, organization: &Organization) -> Vec<Row> {
        let card = self.card(organization);
        card.iter().map(|card| noted::serial(card, "compared with the card by")).collect()
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let Some(card) = self.card(scene.organization).cloned() else {
            return Err(CeremonyError::Bug(format!("root {} has no drill card", self.root)));
        };
        let serial = scene.card_record(&card)?.serial.clone();
        if scene.card_record(&card)?.state != Card::Blank {
            let question = format!("Drill card {card} is erased.");
            let compared = format!("{question} Its serial is {serial}, as printed on it.");
            scene.confirm(Seat::first(Role::Witness), &compared, None)?;
            scene.confirm_serial(Seat::first(Role::CardKeeper), &card, &question)?;
            reset(scene, &card)?;
        }
        // Whatever it said while it was reset: no key and no signature is on it now.
        let expected = Expected { key: ExpectedKey::Empty, counter: Some(0..=0), ..scene.expected(&card)? };
        scene.session(&expected, |_| Ok(()))?;
        scene.dialogue.tell(&format!("Card {card} is empty, and has the PINs of a new card."));
        scene.note(Evidence::DrillCardErased { root: self.root.clone(), card, serial })
    }
}
