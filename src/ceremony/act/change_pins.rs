//! `change-pins`: holders who know the present halves of a card's codes choose new ones.

use serde::Deserialize;

use super::noted::Row;
use super::parameters::unknown_card;
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

const CODES: [Code; 3] = [Code::User, Code::Admin, Code::Reset];

pub(super) static KIND: Kind = Kind {
    name: "change-pins",
    read: |step, source| step.parameters::<ChangePins>(source).map(|act| Box::new(act) as _),
    examples: |organization| {
        let of = |card: &CardName| Box::new(ChangePins { card: card.clone(), which: CODES.to_vec() }) as Box<dyn Act>;
        organization.cards().map(of).collect()
    },
};

/// The act.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChangePins {
    card: CardName,
    which: Vec<Code>,
}

impl Act for ChangePins {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        let code = |chosen| move |code: &Code| Fact::Code(self.card.clone(), *code, chosen);
        let mut needs = vec![
            // Whoever asks later whose halves opened the card goes by the time.
            Fact::Clock(Clock::Confirmed),
            Fact::People(People::Present),
            Fact::Hand(self.card.clone(), Hand::Here),
            Fact::Card(self.card.clone(), Card::InService),
        ];
        needs.extend(self.which.iter().map(code(Chosen::Before)));
        Contract {
            needs,
            leaves: self.which.iter().map(code(Chosen::Anew)).collect(),
            undo: Undo::Harmless,
            minutes: 6,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        let role = |code: &Code| if *code == Code::User { Role::PinHolder } else { Role::AdminHolder };
        let mut seats: Vec<_> = self.which.iter().map(|code| (role(code), 2)).collect();
        seats.sort_unstable();
        seats.dedup();
        seats
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        let mut faults = unknown_card(&self.card, organization);
        if self.which.is_empty() {
            faults.push("which names no code: user, admin, reset-code".to_owned());
        }
        for (at, code) in self.which.iter().enumerate() {
            if self.which.iter().skip(at + 1).any(|other| other == code) {
                faults.push(format!("which names the {code} twice"));
            }
        }
        faults
    }

    /// Each code is set by itself: one that is set already is not asked for again.
    fn continues(&self) -> bool {
        true
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        let line = |code: &Code| match code {
            Code::User => format!("PIN holders 1 and 2 enter their halves of the user PIN of card {}.", self.card),
            Code::Admin => format!("Admin holders 1 and 2 enter their halves of the admin PIN of card {}.", self.card),
            Code::Reset => format!("Under the admin PIN of card {}, its reset code is set anew.", self.card),
        };
        let mut page: Vec<String> = self.which.iter().map(line).collect();
        page.push("Then they choose new ones. Nobody shows or says a half.".to_owned());
        page.push(envelope(&self.card));
        page
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![vec![
            Blank::wide("codes that were set anew", 2),
            Blank::wide("codes of which it stayed open whether the card took them", 2),
        ]]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        for code in &self.which {
            if scene.history().current.chosen.contains(&(self.card.clone(), *code)) {
                scene.dialogue.tell(&format!("The {code} of card {} is set anew already.", self.card));
                continue;
            }
            let by = if *code == Code::Reset { Code::Admin } else { *code };
            scene.renew(&self.card, *code, by)?;
            scene.dialogue.tell(&format!("The {code} of card {} is set anew.", self.card));
        }
        Ok(())
    }
}
