//! `sign-minutes`: the readable record, signed by the records key.

use super::noted::{self, Row};
use super::parameters::Nothing;
use super::{Act, Kind};
use crate::ceremony::cards::Purpose;
use crate::ceremony::scene::Scene;
use crate::ceremony::{CeremonyError, minutes, qr};
use crate::format::transcript::Line;
use crate::model::event::Event;
use crate::model::evidence::{Artefact, Evidence};
use crate::model::hash::Hash;
use crate::model::organization::Organization;
use crate::model::pgp_words;
use crate::model::role::{Role, Seat};
use crate::model::room::{Card, Contract, Fact, Hand, Minutes, Undo};
use crate::model::script;
use crate::paper::Blank;
use crate::trust::openpgp::signed_text;
use crate::workstation::{WorkstationError, clock, files};

pub(super) static KIND: Kind = Kind {
    name: "sign-minutes",
    read: |step, source| step.parameters::<Nothing>(source).map(|Nothing {}| Box::new(SignMinutes) as _),
    examples: |_| vec![Box::new(SignMinutes)],
};

/// The act.
pub struct SignMinutes;

impl Act for SignMinutes {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let records = &organization.records.card;
        Contract {
            needs: vec![
                Fact::Hand(records.clone(), Hand::Here),
                Fact::Card(records.clone(), Card::InService),
                Fact::Minutes(Minutes::Open),
            ],
            leaves: vec![Fact::Minutes(Minutes::Signed)],
            undo: Undo::Harmless,
            minutes: 6,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::Leader, 1), (Role::PinHolder, 2)]
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec!["The minutes name every artefact and the head of the transcript.".to_owned()]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![noted::words("the head"), vec![Blank::new("name of the ceremony"), Blank::new("exceptions noted")]]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let path = format!("minutes/{}.asc", scene.history().ceremony());
        if scene.is_taken(&path) {
            return adopt(scene, &path).map_err(CeremonyError::taken(&scene.path(&path)));
        }
        let (text, head) = loop {
            let (text, head, lines) = drawn_up(scene)?;
            if !is_excepted_after(scene, lines)? {
                break (text, head);
            }
            scene.dialogue.tell(
                "An exception was noted meanwhile. The minutes are drawn up anew: cross out the words on the papers.",
            );
        };

        let (card, now) = (scene.organization.records.card.clone(), clock::now()?);
        let purpose = Purpose {
            name: "minutes",
            items: 1,
            request: None,
            subject: Hash::of(text.as_bytes()),
            artefact: Some(path.clone()),
        };
        let signed = scene.sign(&card, &purpose, |signer| signed_text::sign_text(text.as_bytes(), now, signer))?;
        let minutes = scene.write(&path, &signed.value)?;
        verify(scene, &minutes)?;
        scene.note(Evidence::MinutesSigned { head, minutes })?;
        scene.keep(signed)?;
        show_roots(scene);
        Ok(())
    }
}

/// The minutes up to now, agreed on by the room: their text, the head that they bind, and how many lines it ends.
fn drawn_up(scene: &mut Scene<'_>) -> Result<(String, Hash, usize), CeremonyError> {
    let past = scene.register.past()?;
    let (Some(opening), Some(transcript)) = (&past.history.current.opening, &past.last) else {
        return Err(CeremonyError::Bug("minutes without a transcript".to_owned()));
    };
    let text = signed_text::normal(&minutes::text(opening, transcript));
    let head = transcript.head;
    scene.dialogue.tell("The head that the minutes bind, in words:");
    for row in minutes::head_words(head) {
        scene.dialogue.tell(&format!("    {row}"));
    }
    let written = "The witnesses have written down the first word and the last.";
    scene.confirm(Seat::first(Role::Leader), written, Some(head))?;
    read_back(scene, head)?;
    Ok((text, head, transcript.lines.len()))
}

/// Whether an exception stands in the transcript after so many lines: then minutes that end there would not have it.
fn is_excepted_after(scene: &Scene<'_>, lines: usize) -> Result<bool, CeremonyError> {
    let is_exception = |line: &Line| matches!(line.entry, Event::Exception { .. });
    Ok(scene.register.past()?.last.is_some_and(|transcript| transcript.lines.iter().skip(lines).any(is_exception)))
}

/// Each witness reads the head's first and last word from their paper, so that it is known to stand there.
fn read_back(scene: &mut Scene<'_>, head: Hash) -> Result<(), CeremonyError> {
    let words = pgp_words::words(&head.0);
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return Err(CeremonyError::Bug("a head without words".to_owned()));
    };
    for seat in Seat::all(Role::Witness, scene.header.roles.get(&Role::Witness).copied().unwrap_or(0)) {
        scene.ask(|room| room.read_back(seat, "the head", [first, last]))?;
    }
    Ok(())
}

/// The roots once more at the end of the ceremony that made them, for witnesses who missed them.
fn show_roots(scene: &mut Scene<'_>) {
    if scene.header.kind != script::Kind::RootGeneration {
        return;
    }
    let roots: Vec<_> = scene.history().roots.iter().map(|(name, root)| (name.clone(), root.fingerprint)).collect();
    for (root, fingerprint) in roots {
        qr::show(scene.dialogue, &root, fingerprint);
    }
}

/// Minutes that were signed and written before a cut: verified from the disk, compared with the transcript up to the head
/// that they name, and taken as they are.
fn adopt(scene: &mut Scene<'_>, path: &str) -> Result<(), CeremonyError> {
    let bytes = files::read(&scene.path(path), 16 * 1024 * 1024)?;
    let minutes = Artefact { path: path.to_owned(), sha256: Hash::of(&bytes) };
    let text = verify(scene, &minutes)?;
    let past = scene.register.past()?;
    let head = past.history.current.opening.zip(past.last).and_then(|(opening, transcript)| {
        let named =
            String::from_utf8_lossy(&text).lines().find_map(|line| line.strip_prefix(minutes::HEAD)?.parse().ok());
        let before = transcript.up_to(named?)?;
        (signed_text::normal(&minutes::text(&opening, &before)).as_bytes() == text).then_some(before.head)
    });
    let head = head.ok_or_else(|| WorkstationError::Changed { path: scene.path(path) })?;
    scene.dialogue.tell("The minutes were signed before the cut; they are good.");
    scene.note(Evidence::MinutesSigned { head, minutes })
}

fn verify(scene: &Scene<'_>, minutes: &Artefact) -> Result<Vec<u8>, CeremonyError> {
    let bytes = scene.register.read(minutes)?;
    Ok(signed_text::verify_text(&bytes, &scene.records_certificate()?, clock::now()?)?)
}
