//! The terminal itself: lines that are shown and lines that are not, and what ends the waiting for one.
//!
//! rpassword reads the lines that are not shown. It gets its characters from [`Keys`] and not from the terminal, because it
//! switches Ctrl-C off while it waits and does not see other signals (docs/decisions/0018-rpassword.md).
//!
//! Signals become a byte in a pipe, and every question waits for the pipe too. So no signal ends keyrite in the middle of a
//! card's work, none ends it while the terminal shows nothing, and what was pressed meanwhile is found by the next question.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;

use keyrite_locked::Locked;
use rpassword::ConfigBuilder;
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
    keys: Keys,
    screen: File,
    before: Termios,
    modes: Termios,
}

/// What is typed, and the signals that end the waiting for it.
struct Keys {
    /// Reading never blocks: Ctrl-C throws away a line between the moment it is announced and the moment it is read.
    terminal: File,
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
        let terminal = OpenOptions::new().read(true).custom_flags(flags).open(PATH).map_err(unusable)?;
        let screen = OpenOptions::new().write(true).open(PATH).map_err(unusable)?;
        let before = tcgetattr(&terminal).map_err(|errno| unusable(errno.into()))?;
        let size = tcgetwinsize(&terminal).map_err(|errno| unusable(errno.into()))?;
        let (columns, lines) = (size.ws_col.into(), size.ws_row.into());
        // A serial line does not know its size.
        if (columns, lines) != (0, 0) && (columns < WIDTH || lines < HEIGHT) {
            return Err(TerminalError::Small { columns, lines });
        }
        let keys = Keys { terminal, signals: signals().map_err(unusable)? };
        let this = Self { keys, screen, modes: modes(&before), before };
        tcsetattr(&this.keys.terminal, OptionalActions::Now, &this.modes).map_err(|errno| unusable(errno.into()))?;
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

    /// The screen once more, for another thread.
    pub(super) fn screen(&self) -> io::Result<File> {
        self.screen.try_clone()
    }

    /// Shows `prompt` and reads a line, without its end. What was typed before it was asked is thrown away: nobody answers a
    /// question that they have not seen.
    pub(super) fn line(&mut self, prompt: &str, echo: Echo) -> Result<Locked, CeremonyError> {
        let mut modes = self.modes.clone();
        modes.local_modes.insert(match echo {
            Echo::On => LocalModes::ECHO,
            Echo::Off => LocalModes::ECHONL,
        });
        tcsetattr(&self.keys.terminal, OptionalActions::Flush, &modes).map_err(|_| GONE)?;
        self.write(prompt.as_bytes());
        let line = match echo {
            Echo::On => self.keys.shown(),
            Echo::Off => self.keys.hidden(),
        };
        tcsetattr(&self.keys.terminal, OptionalActions::Now, &self.modes).map_err(|_| GONE)?;
        if line.is_err() {
            self.write(b"\n");
        }
        line
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = tcsetattr(&self.keys.terminal, OptionalActions::Now, &self.before);
    }
}

impl Keys {
    /// A line as the terminal gives it.
    fn shown(&self) -> Result<Locked, CeremonyError> {
        let mut line = Locked::zeroed(LINE)?;
        let read = self.wait(&mut line)?;
        line.truncate(read);
        let end = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
        line.truncate(end);
        Ok(line)
    }

    /// A line by rpassword, moved into locked memory. The heap that it grew on is wiped as it is freed.
    fn hidden(&self) -> Result<Locked, CeremonyError> {
        let keys = Self {
            terminal: self.terminal.try_clone().map_err(|_| GONE)?,
            signals: self.signals.try_clone().map_err(|_| GONE)?,
        };
        let from_keys = ConfigBuilder::new().input_reader(keys).output_discard().build();
        let typed = rpassword::read_password_with_config(from_keys)
            .map_err(|error| error.downcast::<CeremonyError>().unwrap_or(GONE))?;
        Ok(Locked::absorb(typed.into_bytes())?)
    }

    /// Waits for keys, at least one.
    fn wait(&self, keys: &mut [u8]) -> Result<usize, CeremonyError> {
        loop {
            let mut waiting = [PollFd::new(&self.signals, PollFlags::IN), PollFd::new(&self.terminal, PollFlags::IN)];
            match poll(&mut waiting, None) {
                Err(Errno::INTR) => continue,
                Err(_) => return Err(GONE),
                Ok(_) => {}
            }
            if !waiting[0].revents().is_empty() {
                return Err(CeremonyError::Stopped { how: "by a signal" });
            }
            match (&self.terminal).read(keys) {
                Ok(0) => return Err(CeremonyError::Stopped { how: "by hand" }),
                Ok(read) => return Ok(read),
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
                Err(_) => return Err(GONE),
            }
        }
    }
}

/// For rpassword, which would take an end for an empty line: there is none, only errors.
impl Read for Keys {
    fn read(&mut self, keys: &mut [u8]) -> io::Result<usize> {
        self.wait(keys).map_err(io::Error::other)
    }
}

/// Nobody can be asked any more.
const GONE: CeremonyError = CeremonyError::Stopped { how: "because the terminal is gone" };

/// Lines with their usual keys, whatever the program before left behind. Ctrl-Z does nothing: a ceremony is not put aside.
fn modes(before: &Termios) -> Termios {
    let mut modes = before.clone();
    modes.input_modes.insert(InputModes::ICRNL);
    modes.output_modes.insert(OutputModes::OPOST | OutputModes::ONLCR);
    modes.local_modes.insert(LocalModes::ICANON | LocalModes::ECHOE | LocalModes::ISIG);
    // Between two questions: a half that is typed too early is not shown to the room.
    modes.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
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
