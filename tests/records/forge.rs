//! Registers made up by somebody who has all files and no card: lines are rewritten and the chain is hashed anew.

use keyrite::ceremony::minutes as words;
use keyrite::format::transcript::{self, BEGINNING, Line, Transcript};
use keyrite::model::event::{Event, Opening};
use keyrite::model::evidence::{Artefact, Evidence};
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::hash::Hash;
use keyrite::model::mode::Mode;
use keyrite::trust::openpgp::signed_text;

use crate::gpg::Home;
use crate::played::{Copied, FIRST, SECOND};

/// Rewrites entries of a transcript, and hashes every line anew.
pub(crate) fn rewrite(copied: &Copied, ceremony: &str, change: impl FnMut(&mut Event)) -> Transcript {
    let bytes = std::fs::read(copied.transcript(ceremony)).unwrap();
    let mut transcript = transcript::read(ceremony, &bytes).unwrap();
    transcript.lines.iter_mut().map(|line| &mut line.entry).for_each(change);
    chain(&mut transcript.lines);
    write(copied, ceremony, transcript.lines)
}

/// Numbers lines and ties each to the one before.
pub(crate) fn chain(lines: &mut [Line]) {
    let mut previous = BEGINNING;
    for (at, line) in lines.iter_mut().enumerate() {
        (line.number, line.previous) = (at as u64 + 1, previous);
        previous = Hash::of(&line.encode().unwrap());
    }
}

pub(crate) fn write(copied: &Copied, ceremony: &str, lines: Vec<Line>) -> Transcript {
    let bytes: Vec<u8> = lines.iter().flat_map(|line| line.encode().unwrap()).collect();
    std::fs::write(copied.transcript(ceremony), &bytes).unwrap();
    transcript::read(ceremony, &bytes).unwrap()
}

pub(crate) fn opening(transcript: &Transcript) -> Opening {
    match &transcript.lines[0].entry {
        Event::Opened { opening } => Opening::clone(opening),
        _ => panic!("an opening"),
    }
}

/// A records key that somebody made with gpg.
pub(crate) struct Forger {
    pub(crate) home: Home,
    pub(crate) key: Fingerprint,
}

impl Forger {
    pub(crate) fn new(user_id: &str) -> Self {
        let home = Home::new();
        let key = home.new_key(user_id, "sign", &[]);
        Self { home, key }
    }

    /// Makes the register's first ceremony the forger's own, through and through: another records key, another mode, minutes
    /// signed anew. The second one is taken away.
    pub(crate) fn take_over(&self, copied: &Copied, mode: Mode) {
        for file in ["transcripts/0002-delegation.jsonl", "minutes/0002-delegation.asc"] {
            std::fs::remove_file(copied.register().join(file)).unwrap();
        }
        for folder in ["minutes/0001-root-generation.cosigned", "closing"] {
            std::fs::remove_dir_all(copied.register().join(folder)).unwrap();
        }
        let armored = self.home.export(self.key);
        let path = format!("records/{}.asc", self.key);
        std::fs::write(copied.register().join(&path), &armored).unwrap();
        let own = Artefact { path, sha256: Hash::of(armored.as_bytes()) };
        rewrite(copied, FIRST, |event| match event {
            Event::Opened { opening } => opening.mode = mode,
            Event::Noted { evidence: Evidence::RecordsKey { fingerprint, certificate, .. } } => {
                (*fingerprint, *certificate) = (self.key, own.clone());
            }
            _ => {}
        });
        self.sign(copied, FIRST);
    }

    /// Signs the minutes of a rewritten transcript with the forger's key, and ties everything together.
    pub(crate) fn sign(&self, copied: &Copied, ceremony: &str) {
        let bytes = std::fs::read(copied.transcript(ceremony)).unwrap();
        let mut transcript = transcript::read(ceremony, &bytes).unwrap();
        let is_noted = |line: &Line| matches!(line.entry, Event::Noted { evidence: Evidence::MinutesSigned { .. } });
        let noted = transcript.lines.iter().position(is_noted).unwrap();
        // One line before the intent to sign, as in life.
        let bound = Transcript {
            lines: transcript.lines[..noted - 1].to_vec(),
            head: Hash::of(&transcript.lines[noted - 2].encode().unwrap()),
            torn: 0,
        };
        let text = signed_text::normal(&words::text(&opening(&transcript), &bound));
        let signed = self.home.gpg(&["--clearsign"], text.as_bytes());
        let path = format!("minutes/{ceremony}.asc");
        std::fs::write(copied.register().join(&path), &signed).unwrap();
        let minutes = Artefact { path, sha256: Hash::of(&signed) };
        transcript.lines[noted].entry =
            Event::Noted { evidence: Evidence::MinutesSigned { head: bound.head, minutes } };
        chain(&mut transcript.lines);
        write(copied, ceremony, transcript.lines);
    }
}

/// The second transcript follows whatever the first one has become.
pub(crate) fn follow(copied: &Copied, change: impl Fn(&mut Opening)) {
    let first = transcript::read(FIRST, &std::fs::read(copied.transcript(FIRST)).unwrap()).unwrap();
    rewrite(copied, SECOND, |event| {
        if let Event::Opened { opening } = event {
            opening.previous_head = Some(first.head);
            change(opening);
        }
    });
}
