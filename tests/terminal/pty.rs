//! keyrite in a pseudo-terminal of 80 by 24, and what a person at it sees.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

pub(crate) const COLUMNS: u16 = 80;
pub(crate) const LINES: u16 = 24;
/// How a question begins, on the last line of what is shown.
const QUESTION: &str = "   >> ";
/// Clears the screen and what scrolled out of it.
pub(crate) const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";
/// The longest work between two questions, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(100);

/// A terminal with keyrite in it.
pub(crate) struct Pty {
    master: File,
    child: Child,
    shown: Receiver<Vec<u8>>,
    /// Everything that was shown.
    pub(crate) all: String,
    /// Where in `all` the last answer was given.
    answered: usize,
    /// The question that waits for an answer.
    waiting: Option<String>,
}

impl Pty {
    pub(crate) fn start(command: &mut Command, columns: u16, lines: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let mut in_session = Command::new("setsid");
        in_session.arg("--ctty").arg(command.get_program()).args(command.get_args());
        let child = in_session
            .env("LANG", "C.UTF-8")
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(slave)
            .spawn()
            .expect("setsid (util-linux)");
        let master = File::from(master);
        let (sender, shown) = channel();
        let mut reader = master.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The end of the child is an error here (EIO).
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { master, child, shown, all: String::new(), answered: 0, waiting: None }
    }

    /// What was shown since the last answer, up to the next question; nothing when keyrite has ended.
    pub(crate) fn question(&mut self) -> Option<String> {
        if self.waiting.is_none() {
            self.waiting = self.next();
        }
        self.waiting.clone()
    }

    fn next(&mut self) -> Option<String> {
        let (begun, mut bytes) = (Instant::now(), Vec::new());
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let last = text.rsplit('\n').next().and_then(|line| line.rsplit(CLEAR).next()).unwrap_or_default();
            if last.starts_with(QUESTION) && last.ends_with(": ") {
                self.all.push_str(&text);
                return Some(self.checked());
            }
            // The virtual cards keep the terminal open after keyrite has ended.
            let ended = self.child.try_wait().unwrap().is_some();
            match self.shown.recv_timeout(GLANCE) {
                Ok(more) => bytes.extend(more),
                Err(_) if ended => {
                    self.all.push_str(&text);
                    self.checked();
                    return None;
                }
                Err(_) if begun.elapsed() < PATIENCE => {}
                Err(_) => panic!("nothing more is shown after\n{}{text}", self.all),
            }
        }
    }

    /// The screen since the last answer: never wider or higher than the terminal.
    fn checked(&self) -> String {
        let since = &self.all[self.answered..];
        let screen = since.rsplit(CLEAR).next().unwrap_or_default();
        // What was typed stands behind the question before.
        let screen = if since.contains(CLEAR) { screen } else { screen.split_once('\n').map_or("", |(_, rest)| rest) };
        let screen = without_colours(screen).replace("\r\n", "\n");
        // A sign of life leaves its line empty.
        let lines: Vec<&str> = screen.split('\n').map(|line| line.rsplit('\r').next().unwrap_or_default()).collect();
        assert!(lines.len() <= LINES.into(), "{} lines:\n{screen}", lines.len());
        for line in &lines {
            // The last words are for logs too and are not broken.
            let is_last = line.starts_with("error: ") || line.starts_with("hint: ");
            assert!(is_last || line.chars().count() <= COLUMNS.into(), "too wide: {line}");
            assert!(!line.contains('\x1b'), "{line:?}");
        }
        lines.join("\n")
    }

    #[allow(dead_code, reason = "each test program needs some of this")]
    /// Another size of the window, while it is in use.
    pub(crate) fn resize(&self, columns: u16, lines: u16) {
        let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.master, size).unwrap();
    }

    pub(crate) fn answer(&mut self, words: &str) {
        self.keys(format!("{words}\n").as_bytes());
    }

    pub(crate) fn keys(&mut self, keys: &[u8]) {
        self.answered = self.all.len();
        self.waiting = None;
        self.master.write_all(keys).unwrap();
    }

    #[allow(dead_code, reason = "each test program needs some of this")]
    /// The process in it.
    pub(crate) fn process(&mut self) -> &mut Child {
        &mut self.child
    }

    /// What is shown until the end. A question that was already on its way is not answered.
    pub(crate) fn rest(&mut self) -> &str {
        while self.question().is_some() {
            self.waiting = None;
        }
        &self.all[self.answered..]
    }

    /// Waits for the end: the exit code, and whether the terminal shows what is typed.
    pub(crate) fn end(&mut self) -> (i32, bool) {
        self.rest();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        let modes = tcgetattr(&self.master).unwrap().local_modes;
        (code, modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG))
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Only when a test failed half way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What was seen, as text: without what moves the cursor, and without blanks at the ends of lines.
pub(crate) fn plain(all: &str) -> String {
    let text = without_colours(&all.replace(CLEAR, "")).replace("\r\n", "\n");
    // A sign of life ends by leaving its line empty.
    let lines = text.lines().map(|line| line.rsplit('\r').next().unwrap_or_default().trim_end());
    lines.fold(String::new(), |all, line| all + line + "\n")
}

fn without_colours(text: &str) -> String {
    text.replace("\x1b[37;40m", "").replace("\x1b[0m", "")
}
