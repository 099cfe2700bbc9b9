//! A room: two readers, cards that people put in when they are asked for, and papers that they write on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use keyrite::backup::frames::Frames;
use keyrite::backup::reading;
use keyrite::backup::share::Share;
use keyrite::workstation::register::{Past, Register};
use keyrite_locked::Locked;

use crate::gpg::Home;
use crate::people;
use crate::printer::{Printer, numbered, text};
use crate::pty::{COLUMNS, LINES, Pty, plain};
use crate::readers::Readers;
use crate::stage::Stage;
use crate::traces::Traces;

/// The room, and what lies in it.
pub(crate) struct Room {
    pub(crate) stage: Stage,
    traces: Traces,
    /// Where share sheets are printed, if they are.
    printer: Option<Printer>,
    readers: Readers,
    /// The card in each reader, the one that was put in last at the end.
    slots: Vec<(usize, String)>,
    /// Pages of sheets that were shown to their holders, or came out of the printer.
    sheets: Vec<String>,
    /// Halves that were typed.
    halves: BTreeSet<String>,
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
        let stage = Stage::empty();
        Self {
            traces: Traces::begin(stage.folder()),
            stage,
            printer: None,
            readers,
            slots: Vec::new(),
            sheets: Vec::new(),
            halves: BTreeSet::new(),
            anew: BTreeSet::new(),
        }
    }

    /// The same, with a printer.
    pub(crate) fn with_printer(readers: Readers) -> Self {
        Self { printer: Some(Printer::new()), ..Self::new(readers) }
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
        let mut command = self.traces.keyrite();
        command.args(["ceremony", "run", "--dress-rehearsal", script, "--register"]).arg(self.path("register"));
        command.arg("--copy").arg(self.path(copy)).arg("--out").arg(self.path("out"));
        command.args(self.printer.iter().flat_map(|printer| ["--printer".as_ref(), printer.device.as_os_str()]));
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
            let sheet = flat(sheet);
            sheet.contains(&format!("Set: {of} ")) && sheet.contains(&format!("Share: {share} of"))
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

    /// No share, no passphrase and no half is in any file that keyrite could have written.
    pub(crate) fn asserts_nothing_of_the_papers_on_disk(&self) {
        let secrets = self.secrets();
        // These people have no pockets on the disk.
        self.traces.assert_none_of(&secrets, &self.path("pockets"));
    }

    /// Halves that were typed; shares, whole and line by line; the passphrases that they restore.
    fn secrets(&self) -> BTreeSet<String> {
        let mut secrets = self.halves.clone();
        let mut sets: BTreeMap<(String, u8), BTreeMap<u8, String>> = BTreeMap::new();
        for sheet in &self.sheets {
            let lines = numbered(sheet);
            // The last line of a share is short enough to stand anywhere by chance.
            secrets.extend(lines.iter().filter(|digits| digits.len() >= 12).cloned());
            secrets.insert(lines.concat());
            let sheet = flat(sheet);
            let said = |label: &str| sheet.split(label).nth(1).expect("a label").split(' ').next().unwrap().to_owned();
            let (set, number, threshold) = (said(" Set: "), said(" Share: "), said("; any "));
            let shares = sets.entry((set, threshold.parse().unwrap())).or_default();
            shares.insert(number.parse().unwrap(), lines.concat());
        }
        assert!(!secrets.is_empty() && sets.len() >= 2, "{}", sets.len());
        for ((_, threshold), shares) in sets {
            let passphrase = combined(shares.iter().take(threshold.into()));
            secrets.extend([passphrase.replace('-', ""), passphrase]);
        }
        secrets
    }
}

/// The passphrase that shares restore, by gfcombine.
fn combined<'a>(shares: impl Iterator<Item = (&'a u8, &'a String)>) -> String {
    let home = Home::new();
    for (number, digits) in shares {
        let bytes = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
        home.write(&format!("share.{number:03}"), &bytes.collect::<Vec<u8>>());
    }
    let mut combine = Command::new("sh");
    combine.args(["-c", "gfcombine -o passphrase share.???"]).current_dir(home.path());
    assert!(combine.status().unwrap().success(), "gfcombine (libgfshare-bin)");
    let passphrase = std::fs::read_to_string(home.path().join("passphrase")).unwrap();
    // Seven groups of four.
    assert_eq!(passphrase.split('-').map(str::len).collect::<Vec<_>>(), [4; 7]);
    passphrase
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
        if screen.contains("one of these letters") {
            let papers = self.room.printer.as_ref().expect("a printer").papers();
            self.room.sheets.extend(papers.iter().map(|paper| text(paper)));
            return "y".to_owned();
        }
        if screen.contains(">> line ") {
            return self.room.line(screen, &self.pty.all);
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
        // Nobody else has such halves, so that each that is found is of here.
        let end = if self.room.anew.contains(&code) { "n" } else { "" };
        let folder = self.room.stage.folder().to_string_lossy().into_owned();
        let here = folder.get(folder.len() - 4..).expect("a name");
        let half = format!("{answer}{here}{end}");
        self.room.halves.insert(half.clone());
        half
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
