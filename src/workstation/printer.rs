//! A printer as a device: what is printed goes to it and nowhere else. There is no spooler that would keep a copy.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fstat, major};
use rustix::stdio::{stderr, stdin, stdout};

use super::WorkstationError;

/// How long a printer may take nothing: to warm up, and to draw a page that it has.
const PATIENCE: Duration = Duration::from_secs(60);
/// `/dev/tty`, `/dev/console` and their like have this major number (Linux, devices.txt).
const TTY: u32 = 5;

/// A printer that takes PDF as it is, such as `/dev/usb/lp0`.
pub struct Printer {
    device: File,
    path: PathBuf,
    patience: Duration,
}

impl Printer {
    /// Opens it.
    ///
    /// # Errors
    /// [`WorkstationError::Named`] when it is not there, is no device (a file would keep what is printed), or is the screen.
    pub fn open(path: &Path) -> Result<Self, WorkstationError> {
        let named = |source| WorkstationError::Named { path: path.to_owned(), source };
        // The terminal of a process is what it opens first, otherwise; and one without paper would be waited for without an end.
        let flags = i32::try_from((OFlags::NOCTTY | OFlags::NONBLOCK).bits()).unwrap_or(0);
        let device = OpenOptions::new().write(true).custom_flags(flags).open(path).map_err(named)?;
        let meta = device.metadata().map_err(named)?;
        if !meta.file_type().is_char_device() {
            return Err(named(io::Error::other("it is not a printer's device, such as /dev/usb/lp0")));
        }
        if is_screen(meta.rdev()) {
            return Err(named(io::Error::other("it is this screen, which everybody sees, and no printer")));
        }
        Ok(Self { device, path: path.to_owned(), patience: PATIENCE })
    }

    /// Hands it a PDF, whole.
    ///
    /// # Errors
    /// [`WorkstationError::Io`] when it does not take it, or takes nothing for a minute.
    pub fn print(&mut self, pdf: &[u8]) -> Result<(), WorkstationError> {
        let mut rest = pdf;
        while !rest.is_empty() {
            match self.device.write(rest) {
                Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait()?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(self.failed(source)),
            }
        }
        Ok(())
    }

    /// Waits until it takes more.
    fn wait(&self) -> Result<(), WorkstationError> {
        let patience = Timespec::try_from(self.patience).ok();
        match poll(&mut [PollFd::new(&self.device, PollFlags::OUT)], patience.as_ref()) {
            Ok(0) => Err(self.failed(io::Error::other("it takes nothing: look at its paper, its cable and its lamps"))),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(errno) => Err(self.failed(errno.into())),
        }
    }

    fn failed(&self, source: io::Error) -> WorkstationError {
        WorkstationError::io("print to", &self.path)(source)
    }
}

/// Whether a device is the terminal at which keyrite works.
fn is_screen(device: u64) -> bool {
    let ours = [stdin(), stdout(), stderr()].map(|ours| fstat(ours).map(|meta| meta.st_rdev));
    major(device) == TTY || ours.contains(&Ok(device))
}

#[cfg(test)]
mod tests {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    #[test]
    fn a_printer_that_takes_nothing_is_not_waited_for_without_an_end() {
        let roll = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&roll).unwrap();
        unlockpt(&roll).unwrap();
        let device = PathBuf::from(ptsname(&roll, Vec::new()).unwrap().into_string().unwrap());
        let mut printer = Printer { patience: Duration::from_millis(100), ..Printer::open(&device).unwrap() };
        // What a line holds that nobody reads from is less.
        let error = printer.print(&[b'x'; 1 << 20]).unwrap_err();
        assert!(error.to_string().contains("it takes nothing"), "{error}");
    }
}
