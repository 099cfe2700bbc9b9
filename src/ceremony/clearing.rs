//! The end of a dress rehearsal: every card that its register knows is reset (custody rule 13).
//!
//! It comes after the minutes, which the records card signs, and before the transcript's last line. So it is in no minutes,
//! and needs none: nothing of a dress rehearsal counts.

use super::CeremonyError;
use super::act::reset_card;
use super::dialogue::Announcement;
use super::scene::Scene;
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::model::role::{Role, Seat};
use crate::model::room::{Card, Undo};

/// Resets every card that is not blank; those of an end that was cut off are not asked for again.
///
/// # Errors
/// In production, and in a rehearsal, whose cards go away with their folder: [`CeremonyError::Bug`]. Those of the cards.
pub(super) fn clear(scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
    if scene.mode != Mode::DressRehearsal {
        return Err(CeremonyError::Bug("cards are cleared at the end of a dress rehearsal".to_owned()));
    }
    let is_left = |state: Card| !matches!(state, Card::Unknown | Card::Blank | Card::Retired);
    let left: Vec<CardName> =
        scene.history().cards.iter().filter(|(_, card)| is_left(card.state)).map(|(name, _)| name.clone()).collect();
    if left.is_empty() {
        return Ok(());
    }
    announce(scene, &left);
    for card in left {
        let question = format!("Card {card} was used in a dress rehearsal only and is reset.");
        scene.confirm_serial(Seat::first(Role::CardKeeper), &card, &question)?;
        reset_card::reset(scene, &card)?;
        scene.dialogue.tell(&format!("Card {card} is as it came from its maker."));
    }
    Ok(())
}

fn announce(scene: &mut Scene<'_>, left: &[CardName]) {
    let page = left.iter().map(|card| format!("Card {card} is reset to its factory state.")).collect();
    let step = scene.step.clone();
    scene.dialogue.announce(&Announcement {
        step: &step,
        who: Seat::first(Role::CardKeeper),
        say: "The dress rehearsal is over. The card keeper brings every card; each is reset.",
        expect: page,
        undo: Undo::Irreversible,
        mend: false,
    });
}
