//! The terminal itself: lines that are shown and lines that are not, and what ends the waiting for one.
//!
//! Signals become a byte in a pipe, and every question waits for the pipe too. So no signal ends keyrite in the middle of a
//! card's work, none ends it while the terminal shows nothing, and what was pressed meanwhile is found by the next question.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;

use keyrite_locked::Locked;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::TerminalError;
use crate::ceremony::CeremonyError;
use crate::ceremony::screen::{HEIGHT, WIDTH};

/// Where the people are, whatever standard input is.
const PATH: &str = "/dev/tty";
/// The longest line that a terminal gives in one piece (`N_TTY_BUF_SIZE`).
const LINE: usize = 4096;
/// No character: what switches a special key off (`_POSIX_VDISABLE`).
const NO_KEY: u8 = 0;

/// Whether the terminal shows what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    On,
    Off,
}

/// The terminal. Dropping it leaves it as it was.
pub(super) struct Tty {
    /// Reading never blocks: Ctrl-C throws away a line between the moment it is announced and the moment it is read.
    keys: File,
    screen: File,
    before: Termios,
    modes: Termios,
    signals: UnixStream,
}

impl Tty {
    /// Opens it, and sees whether people can work at it.
    pub(super) fn open() -> Result<Self, TerminalError> {
        for (name, is_terminal) in
            [("standard input", io::stdin().is_terminal()), ("standard output", io::stdout().is_terminal())]
        {
            if !is_terminal {
                return Err(TerminalError::Redirected(name));
            }
        }
        let unusable = |source| TerminalError::Unusable { path: PATH, source };
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let keys = OpenOptions::new().read(true).custom_flags(flags).open(PATH).map_err(unusable)?;
        let screen = OpenOptions::new().write(true).open(PATH).map_err(unusable)?;
        let before = tcgetattr(&keys).map_err(|errno| unusable(errno.into()))?;
        let size = tcgetwinsize(&keys).map_err(|errno| unusable(errno.into()))?;
        let (columns, lines) = (size.ws_col.into(), size.ws_row.into());
        // A serial line does not know its size.
        if (columns, lines) != (0, 0) && (columns < WIDTH || lines < HEIGHT) {
            return Err(TerminalError::Small { columns, lines });
        }
        let this = Self { keys, screen, modes: modes(&before), before, signals: signals().map_err(unusable)? };
        tcsetattr(&this.keys, OptionalActions::Now, &this.modes).map_err(|errno| unusable(errno.into()))?;
        Ok(this)
    }

    /// Whether it shows more than ASCII.
    pub(super) fn is_utf8(&self) -> bool {
        let is_named =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| std::env::var(name).ok()).any(|locale| {
                let locale = locale.to_ascii_lowercase();
                locale.ends_with("utf-8") || locale.ends_with("utf8")
            });
        is_named || self.before.input_modes.contains(InputModes::IUTF8)
    }

    /// Writes at once. A screen that is gone is no reason to stop in the middle of something; the next question finds out.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        let _ = self.screen.write_all(bytes);
    }

    /// Shows `prompt` and reads a line, without its end. What was typed before a secret was asked for is thrown away.
    pub(super) fn line(&mut self, prompt: &str, echo: Echo) -> Result<Locked, CeremonyError> {
        if echo == Echo::On {
            self.write(prompt.as_bytes());
            return self.wait();
        }
        let mut silent = self.modes.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(&self.keys, OptionalActions::Flush, &silent).map_err(|_| GONE)?;
        self.write(prompt.as_bytes());
        let line = self.wait();
        tcsetattr(&self.keys, OptionalActions::Now, &self.modes).map_err(|_| GONE)?;
        line
    }

    fn wait(&mut self) -> Result<Locked, CeremonyError> {
        let stopped = |how| {
            let _ = (&self.screen).write_all(b"\n");
            Err(CeremonyError::Stopped { how })
        };
        loop {
            let mut waiting = [PollFd::new(&self.signals, PollFlags::IN), PollFd::new(&self.keys, PollFlags::IN)];
            match poll(&mut waiting, None) {
                Err(Errno::INTR) => continue,
                Err(_) => return Err(GONE),
                Ok(_) => {}
            }
            if !waiting[0].revents().is_empty() {
                return stopped("by a signal");
            }
            let mut line = Locked::zeroed(LINE)?;
            match (&self.keys).read(&mut line) {
                Ok(0) => return stopped("by hand"),
                Ok(read) => {
                    line.truncate(read);
                    let end = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
                    line.truncate(end);
                    return Ok(line);
                }
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
                Err(_) => return Err(GONE),
            }
        }
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = tcsetattr(&self.keys, OptionalActions::Now, &self.before);
    }
}

/// Nobody can be asked any more.
const GONE: CeremonyError = CeremonyError::Stopped { how: "because the terminal is gone" };

/// Lines with their usual keys, whatever the program before left behind. Ctrl-Z does nothing: a ceremony is not put aside.
fn modes(before: &Termios) -> Termios {
    let mut modes = before.clone();
    modes.input_modes.insert(InputModes::ICRNL);
    modes.output_modes.insert(OutputModes::OPOST | OutputModes::ONLCR);
    modes.local_modes.insert(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ECHOE | LocalModes::ISIG);
    modes.special_codes[SpecialCodeIndex::VSUSP] = NO_KEY;
    modes
}

/// The end of a pipe at which signals arrive.
fn signals() -> io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        signal_hook::low_level::pipe::register(signal, theirs.try_clone()?)?;
    }
    Ok(ours)
}
