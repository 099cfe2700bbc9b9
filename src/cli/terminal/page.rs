//! Pages: no more between two questions than a screen holds, and help and stopping at every question.

use std::collections::BTreeMap;

use keyrite_locked::Locked;

use super::heartbeat::Heartbeat;
use super::tty::{Echo, Tty};
use crate::ceremony::CeremonyError;
use crate::ceremony::dialogue::{Answer, Aside, Unanswered};
use crate::ceremony::screen::{self, HEIGHT};
use crate::model::role::Seat;
use crate::model::shown::Shown;

/// Stops the ceremony.
const STOP: &[u8] = b"q";
/// The most characters of an exception.
const EXCEPTION: usize = 200;
/// Clears the screen, and what scrolled out of it (ECMA-48 ED 2; ED 3 as xterm and Linux have it).
const CLEAR: &[u8] = b"\x1b[H\x1b[2J\x1b[3J";
/// Grey on black whatever the terminal's colours are, so that a reader finds light where light was meant (ECMA-48 SGR).
const ON_BLACK: &str = "\x1b[37;40m";
/// Back to the terminal's own.
const PLAIN: &str = "\x1b[0m";
const HELP: [&str; 8] = [
    "?       this help",
    "!       note an exception: what the script does not foresee, and why",
    "p       pause",
    "s       show what is true now",
    "r       show what was recorded last",
    "q       stop safely; the same command goes on here",
    "Ctrl-C  the same; during a card's work it waits for the next question",
    "Ctrl-U  clear the line; also where nothing is shown",
];

/// The screen and the keyboard.
pub(super) struct Page {
    tty: Tty,
    /// Lines since the last question.
    lines: usize,
    /// Somebody stopped where nothing could be refused.
    stopped: bool,
    /// Who sits where, once they were called.
    names: BTreeMap<Seat, Shown>,
}

impl Page {
    pub(super) fn new(tty: Tty) -> Self {
        Self { tty, lines: 0, stopped: false, names: BTreeMap::new() }
    }

    /// Names the people on their seats.
    pub(super) fn seat(&mut self, seats: &[(Seat, String)]) {
        self.names = seats.iter().map(|(seat, name)| (*seat, Shown::new(name))).collect();
    }

    /// A seat, and who sits there: `witness 1 (Chloe Duarte)`.
    pub(super) fn who(&self, seat: Seat) -> String {
        self.names.get(&seat).map_or(seat.to_string(), |name| format!("{seat} ({name})"))
    }

    /// Who is spoken to, and what they are asked.
    pub(super) fn to(&self, seat: Seat, words: &str) -> Vec<String> {
        screen::told(&format!("{}: {words}", self.who(seat)))
    }

    /// Whether it shows more than ASCII.
    pub(super) fn is_utf8(&self) -> bool {
        self.tty.is_utf8()
    }

    /// A line; a full screen waits first.
    pub(super) fn line(&mut self, line: &str) {
        self.keep(1);
        let plain = |c: char| if c.is_ascii() || self.tty.is_utf8() { c } else { '?' };
        let line: String = line.chars().map(plain).collect();
        self.tty.write(format!("{line}\n").as_bytes());
        self.lines += 1;
    }

    /// Lines that stay together when a screen holds them.
    pub(super) fn block(&mut self, lines: &[String]) {
        self.keep(lines.len());
        lines.iter().for_each(|line| self.line(line));
    }

    /// A line of a secret, straight from where it lies.
    pub(super) fn secret(&mut self, line: &[u8]) {
        for part in [b"      ", line, b"\n"] {
            self.tty.write(part);
        }
        self.lines += 1;
    }

    /// Rows of a picture, which have no meaning apart.
    pub(super) fn picture(&mut self, caption: &str, rows: &[String]) {
        self.keep(rows.len() + 1);
        self.line(&format!("      {caption}"));
        for row in rows {
            self.tty.write(format!("      {ON_BLACK}{row}{PLAIN}\n").as_bytes());
            self.lines += 1;
        }
    }

    /// Clears the screen and all that can be scrolled back to.
    pub(super) fn clear(&mut self) {
        self.tty.write(CLEAR);
        self.lines = 0;
    }

    /// Waits for Enter. Who stops here is heard at the next question.
    pub(super) fn pause(&mut self, words: &str) {
        if !self.stopped && !self.read(words, Echo::On).is_ok_and(|typed| typed.trim_ascii() != STOP) {
            self.stopped = true;
        }
    }

    /// Asks: what is told first stays with the question.
    pub(super) fn ask(&mut self, told: &[String], prompt: &str, echo: Echo) -> Answer<Locked> {
        self.heard()?;
        self.keep(told.len() + 1);
        told.iter().for_each(|line| self.line(line));
        let answer = self.read(prompt, echo)?;
        let aside = match answer.trim_ascii() {
            b"!" => Aside::Exception(self.exception()?),
            b"p" => Aside::Pause,
            b"s" => Aside::Room,
            b"r" => Aside::Record,
            STOP => Aside::Stop,
            _ => return Ok(answer),
        };
        Err(Unanswered::Aside(aside))
    }

    /// What happened, in the words of the room.
    fn exception(&mut self) -> Result<Shown, CeremonyError> {
        self.block(&screen::told("What happened that the script does not foresee, and why do you go on?"));
        loop {
            let typed = self.read("recorded as an exception", Echo::On)?;
            let words = Shown::from_bytes(typed.trim_ascii());
            match words.as_str().chars().count() {
                0 => self.again("Some words are needed."),
                1..=EXCEPTION => return Ok(words),
                _ => self.again(&format!("At most {EXCEPTION} characters are recorded: say it in fewer.")),
            }
        }
    }

    /// A line. `?` is answered here.
    fn read(&mut self, prompt: &str, echo: Echo) -> Result<Locked, CeremonyError> {
        loop {
            let answer = self.tty.line(&format!("   >> {prompt}: "), echo)?;
            self.lines = 0;
            match answer.trim_ascii() {
                b"?" => HELP.iter().for_each(|line| self.line(&format!("        {line}"))),
                _ => return Ok(answer),
            }
        }
    }

    /// A sign of life until it is dropped; none on a screen that is gone.
    pub(super) fn busy(&self, words: &'static str) -> Option<Heartbeat> {
        self.tty.screen().ok().map(|screen| Heartbeat::start(screen, words))
    }

    /// Tells why an answer will not do.
    pub(super) fn again(&mut self, why: &str) {
        self.block(&screen::told(why));
    }

    /// Whether somebody stopped where nothing could be refused.
    pub(super) fn heard(&self) -> Result<(), CeremonyError> {
        if self.stopped { Err(CeremonyError::Stopped { how: "by hand" }) } else { Ok(()) }
    }

    /// Waits when `more` lines and a question after them do not fit the screen any more.
    fn keep(&mut self, more: usize) {
        if self.lines > 0 && self.lines + more >= HEIGHT {
            // Before it asks: the question after a full screen has its place.
            self.lines = 0;
            self.pause("Enter goes on");
        }
    }
}
