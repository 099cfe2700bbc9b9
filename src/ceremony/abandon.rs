//! Giving up a ceremony that nobody will finish, so that another can begin in its register.

use super::CeremonyError;
use super::aside::is_kept;
use crate::model::event::Event;
use crate::model::evidence::Evidence;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::history::CardRecord;
use crate::model::name::{CardName, RootName};
use crate::model::room::{Card, Fact, Root};
use crate::model::shown::Shown;
use crate::workstation::journal::Journal;
use crate::workstation::register::Register;

/// What was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abandoned {
    /// The ceremony's name.
    pub ceremony: String,
    /// The head of its transcript.
    pub head: Hash,
    /// Roots that are nowhere any more: papers that name them are destroyed.
    pub roots: Vec<(RootName, Fingerprint)>,
    /// Cards that were presented and are of no use to anybody yet. Their names are taken.
    pub cards: Vec<CardName>,
}

/// Gives up the open ceremony of a register: its transcript ends with the reason, and has no minutes.
///
/// # Errors
/// [`CeremonyError::NothingOpen`]; [`CeremonyError::MustGoOn`] while a card may have been changed, or a root exists whose backup
/// only this ceremony proves: nobody may delegate under such a root. A card-only root that does not serve yet is given up with it:
/// nobody has seen it outside, and its card may be what broke.
pub fn abandon(register: &Register, reason: &Shown) -> Result<Abandoned, CeremonyError> {
    let past = register.past()?;
    let history = &past.history;
    let ceremony = history.ceremony().to_owned();
    if ceremony.is_empty() || history.current.finished {
        return Err(CeremonyError::NothingOpen);
    }
    let must_go_on = |why| Err(CeremonyError::MustGoOn { ceremony: ceremony.clone(), why });
    if let Some(intent) = history.current.open.values().next() {
        return must_go_on(format!("nobody has seen yet what became of card {}", intent.card()));
    }
    let mut lost = Vec::new();
    let room = history.room();
    for (root, record) in history.roots.iter().filter(|(_, record)| !record.proved) {
        if record.generated_on.is_some() {
            if room.holds(&Fact::Root(root.clone(), Root::Kept)) {
                continue;
            }
        } else if is_kept(history, root) {
            return must_go_on(format!("root {root} exists, and its backup is not proved"));
        }
        lost.push(Evidence::RootAbandoned { root: root.clone(), fingerprint: record.fingerprint });
    }
    let roots = lost.iter().filter_map(|evidence| match evidence {
        Evidence::RootAbandoned { root, fingerprint } => Some((root.clone(), *fingerprint)),
        _ => None,
    });
    let roots = roots.collect();
    let is_idle = |(_, card): &(&CardName, &CardRecord)| matches!(card.state, Card::Blank | Card::Pinned);
    // A drill card without codes is taken out of the register by giving up.
    let cards = history.cards.iter().filter(is_idle).map(|(name, _)| name.clone());
    let cards = cards.filter(|card| history.current.unbagged.contains(card)).collect();
    let (mut journal, _) = Journal::reopen(register, past)?;
    for evidence in lost {
        journal.note(evidence)?;
    }
    journal.append(Event::Abandoned { reason: reason.to_string() })?;
    Ok(Abandoned { ceremony, head: journal.head(), roots, cards })
}
