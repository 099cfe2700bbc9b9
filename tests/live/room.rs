//! A room: two readers, cards that people put in when they are asked for, and papers that they write on.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use keyrite::backup::frames::Frames;
use keyrite::backup::reading;
use keyrite::backup::share::Share;
use keyrite::workstation::register::{Past, Register};
use keyrite_locked::Locked;

use crate::people;
use crate::pty::{COLUMNS, LINES, Pty, plain};
use crate::readers::Readers;
use crate::stage::{Stage, keyrite};

/// The room, and what lies in it.
pub(crate) struct Room {
    pub(crate) stage: Stage,
    readers: Readers,
    /// The card in each reader, the one that was put in last at the end.
    slots: Vec<(usize, String)>,
    /// Pages of sheets that were shown to their holders.
    sheets: Vec<String>,
    /// Lines of shares that were typed from the papers.
    papers: BTreeSet<String>,
    /// Codes whose holders chose new halves.
    anew: BTreeSet<String>,
}

/// A ceremony in the room.
pub(crate) struct Running<'r> {
    pub(crate) room: &'r mut Room,
    pub(crate) pty: Pty,
}

impl Room {
    pub(crate) fn new(readers: Readers) -> Self {
        Self {
            stage: Stage::empty(),
            readers,
            slots: Vec::new(),
            sheets: Vec::new(),
            papers: BTreeSet::new(),
            anew: BTreeSet::new(),
        }
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.stage.path(relative)
    }

    pub(crate) fn past(&self) -> Past {
        Register::look_at(&self.path("register")).unwrap().past().unwrap()
    }

    /// `keyrite ceremony run --dress-rehearsal`.
    pub(crate) fn command(&self, script: &str, copy: &str) -> Command {
        std::fs::create_dir_all(self.path("out")).unwrap();
        let mut command = Command::new(keyrite());
        command.args(["ceremony", "run", "--dress-rehearsal", script, "--register"]).arg(self.path("register"));
        command.arg("--copy").arg(self.path(copy)).arg("--out").arg(self.path("out"));
        command
    }

    pub(crate) fn start(&mut self, command: &mut Command) -> Running<'_> {
        Running { pty: Pty::start(command, COLUMNS, LINES), room: self }
    }

    pub(crate) fn run(&mut self, script: &str, copy: &str) -> Running<'_> {
        let mut command = self.command(script, copy);
        self.start(&mut command)
    }

    /// Pulls a card that somebody should have left alone.
    pub(crate) fn pull(&mut self, card: &str) {
        let at = self.slots.iter().position(|(_, there)| there == card).expect("the card is in a reader");
        let (slot, _) = self.slots.remove(at);
        self.readers.pull(slot);
    }

    /// Puts a card into a reader: an empty one, or that of the card which lies there longest.
    pub(crate) fn put(&mut self, card: &str) {
        let file = self.path(&format!("{card}.card"));
        let slot = (0..2).find(|slot| self.slots.iter().all(|(used, _)| used != slot)).unwrap_or_else(|| {
            let (slot, _) = self.slots.remove(0);
            self.readers.pull(slot);
            slot
        });
        self.readers.insert(slot, &file);
        self.slots.push((slot, card.to_owned()));
    }

    /// A line of a share, as its holder wrote it down.
    fn line(&self, screen: &str, all: &str) -> String {
        let question = screen.rsplit(">> line ").next().expect("a question");
        let number: usize = question.split(' ').next().unwrap().parse().unwrap();
        // The holder's own sheet: the last that was shown before.
        let (share, of) = share_and_set(all.rsplit("Share ").next().expect("a share"));
        let is_it = |sheet: &&String| {
            sheet.contains(&format!("Set:          {of}")) && sheet.contains(&format!("Share:        {share} of"))
        };
        let sheet = self.sheets.iter().rfind(is_it).unwrap_or_else(|| panic!("no paper of share {share}, set {of}"));
        let label = format!("{number}: ");
        let line = sheet.lines().find_map(|line| line.trim_start().strip_prefix(&label)).expect("the line");
        line.to_owned()
    }

    /// The text of the code of the share that was shown last; or of the same bytes as another share of its set.
    pub(crate) fn code(&self, other: Option<u8>) -> Locked {
        let sheet = self.sheets.last().expect("a sheet");
        let said = |label: &str| sheet.lines().find_map(|line| line.trim_start().strip_prefix(label)).expect("a label");
        let set = said("Set:").trim().parse().unwrap();
        let number = said("Share:").trim().split(' ').next().unwrap().parse().unwrap();
        let typed = |line: u8| sheet.lines().find_map(|text| text.trim_start().strip_prefix(&format!("{line}: ")));
        let lines = (1..).map_while(|line| typed(line).map(|typed| reading::line(set, number, line, typed.as_bytes())));
        let bytes: Vec<u8> = lines.flat_map(|line| line.unwrap().to_vec()).collect();
        let share = Share::new(other.unwrap_or(number), Locked::absorb(bytes).unwrap()).unwrap();
        Frames::of_share(set, &share).unwrap().texts()[0].duplicate().unwrap()
    }

    /// The sheet that was shown last, as the text of a decrypted copy.
    pub(crate) fn copy(&self) -> String {
        format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n", self.sheets.last().expect("a sheet"))
    }

    /// No share is in any file.
    pub(crate) fn asserts_nothing_of_the_papers_on_disk(&self) {
        assert!(!self.papers.is_empty());
        for (path, bytes) in self.stage.files() {
            let text = String::from_utf8_lossy(&bytes);
            for line in &self.papers {
                let digits = line.split('/').next().unwrap().trim();
                // The last line of a share is short enough to stand anywhere by chance.
                assert!(digits.len() < 9 || !text.contains(digits), "{} holds {line}", path.display());
            }
        }
    }
}

impl Running<'_> {
    /// Answers as people should, until `stop` says so; the screen at which it did, or nothing at the end.
    pub(crate) fn until(&mut self, mut stop: impl FnMut(&str) -> bool) -> Option<String> {
        let mut before = String::new();
        while let Some(screen) = self.pty.question() {
            if stop(&flat(&screen)) {
                return Some(screen);
            }
            before = if screen.contains("Once more") { before + &screen } else { screen };
            let answer = self.answer(&before);
            self.pty.answer(&answer);
        }
        None
    }

    /// Answers until the room hears these words.
    pub(crate) fn expect(&mut self, words: &str) -> String {
        self.until(|screen| screen.contains(words)).unwrap_or_else(|| panic!("never shown: {words}\n{}", self.pty.all))
    }

    /// Answers until a card is asked for.
    pub(crate) fn expect_missing(&mut self, card: &str) {
        let found = self.until(|screen| missing_card(screen).as_deref() == Some(card));
        assert!(found.is_some(), "{card} is not asked for:\n{}", self.pty.all);
    }

    fn answer(&mut self, screen: &str) -> String {
        if let Some(card) = missing_card(&flat(screen)) {
            self.room.put(&card);
            return "y".to_owned();
        }
        if screen.contains("copy every line by hand.") {
            self.room.sheets.push(screen.to_owned());
        }
        if screen.contains(">> line ") {
            let line = self.room.line(screen, &self.pty.all);
            self.room.papers.insert(line.clone());
            return line;
        }
        let answer = people::answer(screen, &self.pty.all);
        let asked = flat(screen);
        if !asked.contains("half of the ") {
            return answer;
        }
        // `1urecords` is a half of that code until its holders choose new ones, and after the card was erased.
        let code = answer[1..].to_owned();
        if asked.contains("choose a new half") {
            self.room.anew.insert(code.clone());
        } else if asked.contains("choose your half") {
            self.room.anew.remove(&code);
        }
        if self.room.anew.contains(&code) { format!("{answer}n") } else { answer }
    }

    /// To the good end; what was shown.
    pub(crate) fn finish(mut self) -> String {
        self.until(|_| false);
        assert_eq!(self.pty.end(), (0, true), "{}", self.pty.all);
        plain(&self.pty.all)
    }
}

/// The card that is asked for.
fn missing_card(screen: &str) -> Option<String> {
    let (before, after) = screen.rsplit_once(" is not at hand: ")?;
    let (_, card) = before.rsplit_once("card ").expect("a card");
    after.contains("y or n").then(|| card.split(' ').next().expect("a name").to_owned())
}

/// `3 of set 7K3MQ2XA, for custodian 3 alone` as number and set.
fn share_and_set(words: &str) -> (String, String) {
    let mut words = words.split([' ', ',']);
    let share = words.next().expect("a number").to_owned();
    (share, words.nth(2).expect("a set").to_owned())
}

/// In one line, as long sentences are looked for.
pub(crate) fn flat(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}
