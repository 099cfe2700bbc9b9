//! What is reported of cards, in the form of its JSON.

use serde::Serialize;

use crate::model::concern::Bearing;
use crate::model::fingerprint::Fingerprint;
use crate::model::history::{CardRecord, History};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::workstation::card::{
    Found, Holds, LOOKED_UP, Origin, Portrait, Seen, Serial, Slot, advisories, age, age_in_words,
};

/// The version of the report's JSON form.
const VERSION: u32 = 1;

/// Everything.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Report {
    version: u32,
    /// When the advisories were last looked up, `2026-11-22`, and how many days ago.
    looked_up: String,
    days: u32,
    #[serde(skip)]
    pub(super) age: String,
    pub(super) readers: Vec<Reader>,
}

/// A reader.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Reader {
    pub(super) reader: String,
    /// `card`, `foreign`, `held`, `nothing`, `silent`, `terminated`.
    pub(super) holds: &'static str,
    /// The same in words.
    pub(super) words: String,
    pub(super) card: Option<Card>,
}

/// A card.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Card {
    pub(super) serial: Serial,
    pub(super) maker: &'static str,
    pub(super) application: String,
    pub(super) firmware: Option<String>,
    pub(super) holder: Option<String>,
    pub(super) url: Option<String>,
    pub(super) slots: Vec<SlotLine>,
    /// Why the key in SIG is none that keyrite would work with.
    pub(super) orphan: Option<String>,
    pub(super) signatures: u32,
    pub(super) tries: Tries,
    /// Whether the user PIN holds for one signature only.
    pub(super) pin_each_signature: bool,
    pub(super) hashed_pins: bool,
    pub(super) advisories: Vec<Advised>,
    pub(super) register: Option<Recorded>,
}

/// A slot.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct SlotLine {
    pub(super) slot: &'static str,
    pub(super) algorithm: String,
    /// Whether there is a key.
    pub(super) key: bool,
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) origin: Option<Origin>,
    pub(super) touch: Option<&'static str>,
}

/// Tries that are left.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Tries {
    pub(super) user: u8,
    pub(super) reset_code: u8,
    pub(super) admin: u8,
}

/// An advisory.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Advised {
    pub(super) advisory: &'static str,
    pub(super) bearing: Bearing,
    pub(super) broken: &'static str,
    pub(super) remedy: &'static str,
    pub(super) source: &'static str,
}

/// What the register says.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Recorded {
    pub(super) card: String,
    /// The root whose key it holds.
    pub(super) root: Option<String>,
    pub(super) state: String,
    pub(super) signatures: u32,
    /// Whether key and counter are those that are recorded.
    pub(super) as_recorded: bool,
}

impl Report {
    /// Of what was seen, with what the register says.
    pub(super) fn new(seen: &[Seen], history: Option<&History>, now: Timestamp) -> Self {
        let readers = seen.iter().map(|one| Reader::new(one, history)).collect();
        Self { version: VERSION, looked_up: LOOKED_UP.date(), days: age(now), age: age_in_words(now), readers }
    }
}

impl Reader {
    fn new(seen: &Seen, history: Option<&History>) -> Self {
        let reader = seen.place.reader.to_string();
        match &seen.portrait {
            Some(Ok(portrait)) => {
                let card = Card::new(portrait, history);
                let words = format!("card {}, {}", card.serial, card.maker);
                Self { reader, holds: "card", words, card: Some(card) }
            }
            Some(Err(error)) => {
                Self { reader, holds: "silent", words: format!("a card that failed: {error}"), card: None }
            }
            None => {
                let (holds, words) = not_a_card(&seen.place.holds);
                Self { reader, holds, words, card: None }
            }
        }
    }
}

fn not_a_card(holds: &Holds) -> (&'static str, String) {
    let (holds, words) = match holds {
        Holds::Card(serial) | Holds::Known(serial) => ("silent", format!("card {serial}, which does not answer")),
        Holds::Foreign => ("foreign", "a card that is no OpenPGP card".to_owned()),
        Holds::Held => ("held", "a card that another program uses".to_owned()),
        Holds::Nothing => ("nothing", "no card".to_owned()),
        Holds::Silent(reason) => ("silent", format!("a card that does not answer ({reason})")),
        Holds::Terminated => ("terminated", "a card that was reset only half way".to_owned()),
    };
    (holds, words)
}

impl Card {
    fn new(portrait: &Portrait, history: Option<&History>) -> Self {
        let Portrait { survey, versions, slots, url, hashed_pins } = portrait;
        let advised = |Found { advisory, bearing }: Found| Advised {
            advisory: advisory.id,
            bearing,
            broken: advisory.broken,
            remedy: advisory.remedy,
            source: advisory.source,
        };
        let found = advisories(survey.serial, versions.firmware.as_deref(), portrait.card_key());
        Self {
            serial: survey.serial,
            maker: survey.serial.maker(),
            application: versions.application.clone(),
            firmware: versions.firmware.clone(),
            // Escaped when it was read; once more does nothing.
            holder: survey.holder.as_deref().filter(|name| !name.is_empty()).map(|name| Shown::new(name).to_string()),
            url: Some(Shown::new(url).to_string()).filter(|url| !url.is_empty()),
            slots: slots
                .iter()
                .map(|slot| SlotLine {
                    slot: slot.name,
                    algorithm: slot.algorithm.clone(),
                    key: slot.key.is_some(),
                    fingerprint: slot.key.and_then(|key| key.fingerprint),
                    origin: slot.key.map(|key| key.origin),
                    touch: slot.touch,
                })
                .collect(),
            orphan: match &survey.slot {
                Slot::Orphan { cause } => Some(cause.to_string()),
                Slot::Empty | Slot::Complete { .. } => None,
            },
            signatures: survey.signatures,
            tries: Tries { user: survey.tries.user, reset_code: survey.tries.reset_code, admin: survey.tries.admin },
            pin_each_signature: survey.pin_once,
            hashed_pins: *hashed_pins,
            advisories: found.into_iter().map(advised).collect(),
            register: history.and_then(|history| recorded(portrait, history)),
        }
    }
}

/// What the register says of the card with this serial.
fn recorded(portrait: &Portrait, history: &History) -> Option<Recorded> {
    let survey = &portrait.survey;
    let serial = survey.serial.to_string();
    let (name, CardRecord { state, holds, signatures, .. }) =
        history.cards.iter().find(|(_, record)| record.serial == serial)?;
    let root =
        history.roots.iter().find(|(_, root)| Some(root.fingerprint) == *holds).map(|(root, _)| root.to_string());
    let key = match &survey.slot {
        Slot::Complete { fingerprint, .. } => Some(*fingerprint) == *holds,
        Slot::Empty => holds.is_none(),
        Slot::Orphan { .. } => false,
    };
    let as_recorded = key && survey.signatures == *signatures;
    Some(Recorded { card: name.to_string(), root, state: state.to_string(), signatures: *signatures, as_recorded })
}
