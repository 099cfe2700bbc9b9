//! `set-pins`: a new card is set up as the organization wants it; then user PIN, admin PIN and reset code, each in two halves by
//! two holders (custody rule 1).

use keyrite_locked::Locked;

use super::parameters::{OfCard, unknown_card};
use super::{Act, Kind};
use crate::ceremony::CeremonyError;
use crate::ceremony::dialogue::{Choice, Code};
use crate::ceremony::scene::Scene;
use crate::model::event::{Intent, Outcome};
use crate::model::evidence::Evidence;
use crate::model::name::CardName;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Card, Contract, Fact, Hand, People, Undo};
use crate::workstation::card::{NewPins, OldPins};

/// What a card knows when it comes from its maker, or from a reset (OpenPGP card 3.4.1, 4.2). No secret.
const FACTORY_USER: &[u8] = b"123456";
/// As above.
const FACTORY_ADMIN: &[u8] = b"12345678";

pub(super) static KIND: Kind = Kind {
    name: "set-pins",
    read: |step, source| step.parameters(source).map(|OfCard { card }| Box::new(SetPins { card }) as _),
    examples: |organization| {
        organization.cards().map(|card| Box::new(SetPins { card: card.clone() }) as Box<dyn Act>).collect()
    },
};

/// What is told to people who write a half down.
pub(super) fn envelope(card: &CardName) -> String {
    format!(
        "Whoever writes a half down closes it into an envelope of their own: {card}, the code, name and date on it."
    )
}

/// The act.
pub struct SetPins {
    card: CardName,
}

impl SetPins {
    /// For a card.
    #[must_use]
    pub fn of(card: CardName) -> Self {
        Self { card }
    }
}

impl Act for SetPins {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::People(People::Present),
                Fact::Hand(self.card.clone(), Hand::Here),
                Fact::Card(self.card.clone(), Card::Blank),
            ],
            leaves: vec![Fact::Card(self.card.clone(), Card::Pinned)],
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

    fn page(&self, organization: &Organization) -> Vec<String> {
        let mut page = vec![
            format!("PIN holders 1 and 2 choose halves of the user PIN of card {}.", self.card),
            "Admin holders 1 and 2 choose halves of its admin PIN and of its reset code.".to_owned(),
            "Nobody shows or says a half.".to_owned(),
            envelope(&self.card),
        ];
        let wanted = organization.settings(&self.card);
        if !wanted.is_empty() {
            page.push(format!("Before its PINs, the card is set up: {}.", wanted.in_words().join("; ")));
        }
        page
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let expected = scene.expected(&self.card)?;
        let wanted = scene.organization.settings(&self.card);
        // Nobody chooses anything for a card that is not there, or that cannot be what it should.
        scene.session(&expected, |guarded| guarded.require_settable(&wanted))?;
        let user = scene.new_code(&self.card, Code::User, Choice::Present)?;
        let admin = scene.new_code(&self.card, Code::Admin, Choice::Present)?;
        let reset_code = scene.new_code(&self.card, Code::Reset, Choice::Present)?;
        let (old_user, old_admin) = (Locked::copy_of(FACTORY_USER)?, Locked::copy_of(FACTORY_ADMIN)?);
        let new = NewPins { user: &user, admin: &admin, reset_code: &reset_code };
        let old = OldPins { user: &old_user, admin: &old_admin };
        let permit = scene.journal.intend(Intent::SetPins { card: self.card.clone() })?;
        let (settings, permit) =
            scene.permitted(&expected, permit, |guarded, permit| guarded.set_pins(permit, &wanted, &new, &old))?;
        if !settings.is_empty() {
            scene.dialogue.tell(&format!("Card {} is set up: {}.", self.card, settings.in_words().join("; ")));
            // Before the intent is closed: a card that counts as having its PINs has this on record.
            scene.note(Evidence::CardSettings { card: self.card.clone(), settings })?;
        }
        scene.journal.close(permit, Outcome::Done { signatures: 0 })?;
        scene.dialogue.tell(&format!("User PIN, admin PIN and reset code of card {} are set.", self.card));
        Ok(())
    }
}
