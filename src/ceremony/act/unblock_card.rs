//! `unblock-card`: a new user PIN for a card whose present one is blocked, or that nobody can enter any more.

use super::noted::Row;
use super::parameters::{OfCard, unknown_card};
use super::set_pins::envelope;
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::dialogue::Code;
use crate::ceremony::scene::Scene;
use crate::model::name::CardName;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Card, Chosen, Clock, Contract, Fact, Hand, People, Undo};
use crate::paper::Blank;

pub(super) static KIND: Kind = Kind {
    name: "unblock-card",
    read: |step, source| step.parameters(source).map(|OfCard { card }| Box::new(UnblockCard { card }) as _),
    examples: |organization| {
        organization.cards().map(|card| Box::new(UnblockCard { card: card.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct UnblockCard {
    card: CardName,
}

impl Act for UnblockCard {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                // Whoever asks later whose halves opened the card goes by the time.
                Fact::Clock(Clock::Confirmed),
                Fact::People(People::Present),
                Fact::Hand(self.card.clone(), Hand::Here),
                Fact::Card(self.card.clone(), Card::InService),
                Fact::Code(self.card.clone(), Code::User, Chosen::Before),
            ],
            leaves: vec![Fact::Code(self.card.clone(), Code::User, Chosen::Anew)],
            undo: Undo::Harmless,
            minutes: 6,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::PinHolder, 2), (Role::AdminHolder, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        unknown_card(&self.card, organization)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![
            format!("Admin holders 1 and 2 enter their halves of the reset code of card {}.", self.card),
            "When the card takes no reset code any more, they enter those of its admin PIN.".to_owned(),
            "PIN holders 1 and 2 choose halves of a new user PIN. Nobody shows or says a half.".to_owned(),
            envelope(&self.card),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![vec![Blank::new("which code let it be set: reset code or admin PIN"), Blank::new("why it was needed")]]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let expected = scene.expected(&self.card)?;
        let tries = scene.session(&expected, |guarded| Ok(guarded.survey().tries))?;
        let by = match tries.reset_code {
            // Blocked, or never set: a card does not tell which (4.4.3.6).
            0 => {
                scene.dialogue.tell(&format!("Card {} takes no reset code: it is blocked, or none is set.", self.card));
                Code::Admin
            }
            // There is a better way than to dare it (CARD-3), as long as the admin PIN is no worse.
            1 if tries.admin > 1 => {
                scene.dialogue.tell("One try is left for its reset code, and nobody needs to dare it.");
                Code::Admin
            }
            _ => Code::Reset,
        };
        if by == Code::Admin {
            scene.dialogue.tell("So the admin PIN sets the new user PIN. A new reset code is set with change-pins.");
        }
        scene.renew(&self.card, Code::User, by)?;
        scene.dialogue.tell(&format!("Card {} has a new user PIN, and all tries for it.", self.card));
        Ok(())
    }
}
