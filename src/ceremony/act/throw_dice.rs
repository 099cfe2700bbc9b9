//! `throw-dice`: throws of a die are mixed into everything that this process draws (custody rule 4).

use keyrite_locked::Locked;

use super::noted::Row;
use super::parameters::Nothing;
use super::{Act, Kind};
use crate::ceremony::{CeremonyError, scene::Scene};
use crate::entropy::{self, EntropyError, THROWS};
use crate::model::evidence::Evidence;
use crate::model::organization::Organization;
use crate::model::role::{Role, Seat};
use crate::model::room::{Contract, Dice, Fact, People, Undo};
use crate::paper::Blank;

pub(super) static KIND: Kind = Kind {
    name: "throw-dice",
    read: |step, source| step.parameters::<Nothing>(source).map(|Nothing {}| Box::new(ThrowDice) as _),
    examples: |_| vec![Box::new(ThrowDice)],
};

/// The act.
pub struct ThrowDice;

/// How many throws an organization wants.
fn wanted(organization: &Organization) -> u16 {
    organization.dice.unwrap_or(THROWS)
}

/// What acts that draw keys, passphrases and shares need, where the organization wants dice.
pub(in crate::ceremony) fn needed(organization: &Organization) -> Option<Fact> {
    organization.dice.map(|_| Fact::Dice(Dice::Thrown))
}

impl Act for ThrowDice {
    fn name(&self) -> &'static str {
        KIND.name
    }

    /// The throws are in this process's memory alone: after a cut they are thrown again.
    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![Fact::People(People::Present)],
            leaves: vec![Fact::Dice(Dice::Thrown)],
            undo: Undo::Repeatable,
            minutes: 10,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Witness, 1)]
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        vec![
            format!("Witness 1 throws a six-sided die {} times and types what it shows.", wanted(organization)),
            "Nothing is shown while it is typed; nobody writes it down, and a slip does no harm.".to_owned(),
            "It is mixed with what kernel and card give: no die makes that weaker.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![vec![Blank::new("throws"), Blank::wide("who threw, and where the die came from", 2)]]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let throws = wanted(scene.organization);
        let thrown = loop {
            let thrown = typed(scene, usize::from(throws))?;
            match entropy::judge(&thrown) {
                Ok(()) => break thrown,
                Err(error @ EntropyError::Dice(_)) => {
                    if !scene
                        .ask(|room| room.again(&error.to_string(), "Throw all of them again, with another die?"))?
                    {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        };
        *scene.dice = Some(thrown);
        scene.dialogue.tell(&format!("{throws} throws are mixed into everything that is drawn from here on."));
        scene.note(Evidence::DiceThrown { throws })
    }
}

/// As many throws as are wanted, in locked memory; what is typed beyond them is left out.
fn typed(scene: &mut Scene<'_>, wanted: usize) -> Result<Locked, CeremonyError> {
    let mut all = Locked::zeroed(wanted)?;
    let mut at = 0;
    while at < wanted {
        let some = scene.ask(|room| room.throws(Seat::first(Role::Witness), at, wanted))?;
        for face in some.iter().filter(|byte| !byte.is_ascii_whitespace()) {
            if let Some(place) = all.get_mut(at) {
                *place = *face;
                at += 1;
            }
        }
    }
    Ok(all)
}
