//! After a cut: what became of the intents that nobody closed, found out from the cards themselves.

use super::CeremonyError;
use super::scene::Scene;
use crate::model::code::Code;
use crate::model::event::{Intent, Outcome};
use crate::model::evidence::{Evidence, Sealed};
use crate::model::fingerprint::Fingerprint;
use crate::model::name::{CardName, RootName};
use crate::workstation::card::{CardError, Expected, Slot, Survey, Which};

/// What a card shows after a cut.
enum Seen {
    /// It answers.
    Survey(Survey),
    /// It was cut off in a reset and answers nothing.
    Terminated,
}

/// Closes every open intent, and gives up roots that nothing has kept.
///
/// # Errors
/// When a card is missing or another one, and CARD-2 when its counter shows more signatures than any intent explains.
pub fn settle(scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
    for (number, intent) in scene.history().current.open.clone() {
        let seen = look(scene, intent.card())?;
        let outcome = match (&intent, &seen) {
            (Intent::Sign { items, artefact, .. }, Seen::Survey(survey)) => {
                signed(scene, intent.card(), *items, artefact.as_deref(), survey)?
            }
            _ => changed(scene, &intent, &seen),
        };
        scene.dialogue.tell(&sentence(&intent, &outcome));
        scene.journal.settle(number, outcome)?;
    }
    abandon(scene)
}

fn look(scene: &mut Scene<'_>, card: &CardName) -> Result<Seen, CeremonyError> {
    let serial = scene.expected(card)?.serial;
    let expected = Expected { serial, ..Expected::any(card.clone()) };
    match scene.session(&expected, |guarded| Ok(guarded.survey().clone())) {
        Ok(survey) => Ok(Seen::Survey(survey)),
        Err(CeremonyError::Card(CardError::Terminated { .. })) => Ok(Seen::Terminated),
        Err(error) => Err(error),
    }
}

/// What became of a change to the card itself.
fn changed(scene: &Scene<'_>, intent: &Intent, seen: &Seen) -> Outcome {
    if let Intent::ChangeCode { code, by, tries, .. } = intent {
        return renewed(*code, *by, *tries, seen);
    }
    let slot = match seen {
        Seen::Survey(survey) => &survey.slot,
        Seen::Terminated => return spoiled("cut off in a reset"),
    };
    let whole =
        |fingerprint: Fingerprint| matches!(slot, Slot::Complete { fingerprint: held, .. } if *held == fingerprint);
    let undone = || Outcome::Undone { signatures: 0, reason: "cut off before it began".to_owned() };
    match intent {
        // Nobody knows which PINs the card has now; it holds no key, so a reset costs nothing.
        Intent::SetPins { .. } => spoiled("cut off while its PINs were set"),
        // Its PINs may be blocked by now; the reset blocks them itself, and is done again as it was begun.
        Intent::ResetCard { .. } if *slot != Slot::Empty => undone(),
        Intent::ResetCard { .. } => spoiled("cut off in a reset"),
        Intent::GenerateKey { root, .. } => match (certified(scene, root.as_ref()), slot) {
            (Some(fingerprint), _) if whole(fingerprint) => Outcome::Done { signatures: 0 },
            (_, Slot::Empty) => undone(),
            _ => spoiled("cut off while its key was generated and certified"),
        },
        Intent::ImportKey { fingerprint, .. } if whole(*fingerprint) => Outcome::Done { signatures: 0 },
        Intent::ImportKey { .. } if *slot == Slot::Empty => undone(),
        Intent::ImportKey { .. } => spoiled("cut off while a root was written"),
        Intent::Sign { .. } | Intent::ChangeCode { .. } => {
            Outcome::Undone { signatures: 0, reason: "the card was reset since".to_owned() }
        }
    }
}

/// The key that a card generated and whose certificate is in the register: this root, or the records key.
fn certified(scene: &Scene<'_>, root: Option<&RootName>) -> Option<Fingerprint> {
    match root {
        Some(root) => scene.history().roots.get(root).map(|root| root.fingerprint),
        None => scene.history().records.as_ref().map(|(fingerprint, _)| *fingerprint),
    }
}

/// What became of a code of a card in service, as far as the tries that are left tell: which of two PINs a card knows is
/// never tried out, and no cut makes such a card one that is reset.
fn renewed(code: Code, by: Code, before: u8, seen: &Seen) -> Outcome {
    let undone = |reason: &str| Outcome::Undone { signatures: 0, reason: reason.to_owned() };
    let unknown = |reason: &str| Outcome::Unknown { reason: reason.to_owned() };
    let Seen::Survey(survey) = seen else { return unknown("the card answers nothing") };
    let now = survey.tries.of(code);
    if code == by {
        // Its present value is verified first, which gives all tries back: more of them say nothing.
        if now < before { undone("a half was wrong") } else { unknown("cut off while it was set") }
    } else if now > before {
        // Only a new value gives tries to a code that was not presented.
        Outcome::Done { signatures: 0 }
    } else if now == 0 {
        undone("cut off before it was set")
    } else {
        unknown("cut off while it was set")
    }
}

fn spoiled(reason: &str) -> Outcome {
    Outcome::Spoiled { reason: reason.to_owned() }
}

/// How many signatures the card counted for an intent, and whether their result is where it belongs.
fn signed(
    scene: &Scene<'_>,
    card: &CardName,
    items: u32,
    artefact: Option<&str>,
    survey: &Survey,
) -> Result<Outcome, CeremonyError> {
    let record = scene.card_record(card)?;
    // A card that an act spoiled in the same moment is reset, with its counter.
    if record.state == crate::model::room::Card::Spoiled {
        return Ok(Outcome::Undone { signatures: 0, reason: "the card is spoiled".to_owned() });
    }
    let explained = record.signatures..=record.signatures.saturating_add(items);
    if !explained.contains(&survey.signatures) {
        let card = Which { name: card.clone(), serial: Some(survey.serial) };
        return Err(CardError::Counter { card, expected: explained, found: survey.signatures }.into());
    }
    let signatures = survey.signatures - record.signatures;
    if artefact.is_some_and(|path| scene.path(path).exists()) {
        return Ok(Outcome::Done { signatures });
    }
    let reason = match signatures {
        0 => "cut off before the card signed".to_owned(),
        count => format!("cut off after the card signed: {count} signature(s) were made and lost"),
    };
    Ok(Outcome::Undone { signatures, reason })
}

/// A root that was drawn but is neither sealed nor on a card died with the process that held it.
fn abandon(scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
    let lost: Vec<_> = scene
        .history()
        .roots
        .iter()
        .filter(|(_, root)| !root.on_cards && !root.sealed.contains_key(&Sealed::Key))
        .map(|(name, root)| (name.clone(), root.fingerprint))
        .collect();
    for (root, fingerprint) in lost {
        scene.dialogue.tell(&format!("Root {root} {} was lost before it was sealed.", fingerprint.groups()));
        scene.dialogue.tell("It will be drawn anew. Destroy every sheet that names that fingerprint.");
        scene.note(Evidence::RootAbandoned { root, fingerprint })?;
    }
    Ok(())
}

fn sentence(intent: &Intent, outcome: &Outcome) -> String {
    let what = match intent {
        Intent::GenerateKey { root: Some(root), .. } => format!("generating root {root}"),
        Intent::GenerateKey { root: None, .. } => "generating a key".to_owned(),
        Intent::ImportKey { root, .. } => format!("writing root {root}"),
        Intent::SetPins { .. } => "setting PINs".to_owned(),
        Intent::ChangeCode { code, .. } => format!("setting its {code} anew"),
        Intent::ResetCard { .. } => "a reset".to_owned(),
        Intent::Sign { purpose, .. } => format!("signing ({purpose})"),
    };
    let became = match outcome {
        Outcome::Done { .. } => "it was done",
        Outcome::Undone { reason, .. } | Outcome::Unknown { reason } | Outcome::Spoiled { reason } => reason,
    };
    format!("Card {}, {what}: {became}.", intent.card())
}
