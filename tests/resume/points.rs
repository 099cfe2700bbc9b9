//! The points at which a ceremony is cut: what lies on the disk then, copied.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use keyrite::format::transcript::Line;
use keyrite::model::event::{Event, Intent, Outcome};
use keyrite::model::evidence::Evidence;
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::name::RootName;
use keyrite::workstation::card::{Action, Answer, Apdu, SharedTap, Tap};
use keyrite::workstation::register::Past;

use crate::stage::{self, Stage};

/// One point.
pub struct Point {
    /// Where it is, in words.
    pub name: String,
    /// The copy.
    pub scratch: PathBuf,
    /// Lines of the transcript at this point.
    pub lines: usize,
}

impl Point {
    /// What the copy's transcripts say.
    pub fn past(&self) -> Past {
        stage::past(&self.scratch)
    }
}

/// Takes the copies while a ceremony runs.
pub struct Points {
    from: PathBuf,
    to: PathBuf,
    taken: Vec<Point>,
    line: String,
    lines: usize,
}

impl Points {
    /// Runs a script once and copies its scratch folder at every point.
    pub fn collect(stage: &Stage, script: &Path, bundle: Option<&Path>) -> Vec<Point> {
        let points = Arc::new(Mutex::new(Self {
            from: stage.scratch(),
            to: stage.points(),
            taken: Vec::new(),
            line: "the beginning".to_owned(),
            lines: 0,
        }));
        let tap: SharedTap = Arc::new(Mutex::new(Commands(points.clone())));
        let lines = points.clone();
        let observer = Box::new(move |line: &Line| lines.lock().unwrap().line(line));
        stage.run_watched(script, bundle, tap, observer).unwrap();
        std::mem::take(&mut points.lock().unwrap().taken)
    }

    fn line(&mut self, line: &Line) {
        let text = String::from_utf8(line.encode().unwrap()).unwrap();
        let entry = text.split_once("\"entry\":").map_or("", |(_, entry)| entry);
        self.line = format!("line {} {}", line.number, entry.chars().take(70).collect::<String>());
        self.lines = line.number.try_into().unwrap();
        self.take("after");
    }

    fn take(&mut self, when: &str) {
        let scratch = self.to.join(self.taken.len().to_string());
        stage::copy(&self.from, &scratch);
        self.taken.push(Point { name: format!("{when} {}", self.line), scratch, lines: self.lines });
    }
}

/// Copies before and after each command that changes a card.
struct Commands(Arc<Mutex<Points>>);

impl Tap for Commands {
    fn before(&mut self, apdu: &Apdu) -> Action {
        if apdu.mutates() {
            let when = format!("before INS {:02x}, past", apdu.instruction);
            self.0.lock().unwrap().take(&when);
        }
        Action::Pass
    }

    fn after(&mut self, apdu: &Apdu, _answer: &Answer) -> Action {
        if apdu.mutates() {
            let when = format!("after INS {:02x}, past", apdu.instruction);
            self.0.lock().unwrap().take(&when);
        }
        Action::Pass
    }
}

/// The root that was about to go onto a card, or went.
pub fn meant_for_a_card(past: &Past) -> Option<Fingerprint> {
    past.last.iter().flat_map(|last| &last.lines).find_map(|line| match &line.entry {
        Event::Intended { intent: Intent::ImportKey { fingerprint, .. } } => Some(*fingerprint),
        _ => None,
    })
}

/// The roots that cards had generated, with certificates.
pub fn generated(past: &Past) -> Vec<(RootName, Fingerprint)> {
    let lines = past.last.iter().flat_map(|last| &last.lines);
    let generated = |line: &Line| match &line.entry {
        Event::Noted { evidence: Evidence::RootGenerated { root, fingerprint, .. } } => {
            Some((root.clone(), *fingerprint))
        }
        _ => None,
    };
    lines.filter_map(generated).collect()
}

/// Whether a line says that bags were compared and opened.
pub fn opens_bags(line: &Line) -> bool {
    matches!(line.entry, Event::Noted { evidence: Evidence::BagsOpened { .. } })
}

/// Signatures that the last transcript accounts for after its first `lines` lines.
pub fn signatures_closed_after(past: &Past, lines: usize) -> u32 {
    past.last
        .iter()
        .flat_map(|last| last.lines.iter().skip(lines))
        .map(|line| match &line.entry {
            Event::Closed { outcome, .. } => outcome.signatures(),
            _ => 0,
        })
        .sum()
}

/// Whether a line says how lots fell.
pub fn draws_lots(line: &Line) -> bool {
    matches!(line.entry, Event::Noted { evidence: Evidence::LotsDrawn { .. } })
}

/// Whether a line says that a card is to be reset.
pub fn resets(line: &Line) -> bool {
    matches!(line.entry, Event::Intended { intent: Intent::ResetCard { .. } })
}

/// Whether a line says that nobody can know what became of a change.
pub fn leaves_open(line: &Line) -> bool {
    matches!(line.entry, Event::Closed { outcome: Outcome::Unknown { .. }, .. })
}

/// Whether a line says that releases are in the signed list.
pub fn takes_releases(line: &Line) -> bool {
    matches!(line.entry, Event::Noted { evidence: Evidence::ReleasesTaken { .. } })
}
