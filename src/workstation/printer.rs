//! A printer as a device: what is printed goes to it and nowhere else. There is no spooler that would keep a copy.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{OFlags, fstat, major};
use rustix::stdio::{stderr, stdin, stdout};

use super::WorkstationError;

/// A printer that takes PDF as it is, such as `/dev/usb/lp0`.
pub struct Printer {
    device: File,
    path: PathBuf,
}

impl Printer {
    /// Opens it.
    ///
    /// # Errors
    /// [`WorkstationError::Named`] when it is not there, is no device (a file would keep what is printed), or is the screen.
    pub fn open(path: &Path) -> Result<Self, WorkstationError> {
        let named = |source| WorkstationError::Named { path: path.to_owned(), source };
        // The terminal of a process is what it opens first, otherwise.
        let flags = i32::try_from(OFlags::NOCTTY.bits()).unwrap_or(0);
        let device = OpenOptions::new().write(true).custom_flags(flags).open(path).map_err(named)?;
        let meta = device.metadata().map_err(named)?;
        if !meta.file_type().is_char_device() {
            return Err(named(io::Error::other("it is not a printer's device, such as /dev/usb/lp0")));
        }
        if is_screen(meta.rdev()) {
            return Err(named(io::Error::other("it is this screen, which everybody sees, and no printer")));
        }
        Ok(Self { device, path: path.to_owned() })
    }

    /// Hands it a PDF, whole.
    ///
    /// # Errors
    /// [`WorkstationError::Io`] when it does not take it.
    pub fn print(&mut self, pdf: &[u8]) -> Result<(), WorkstationError> {
        self.device.write_all(pdf).map_err(WorkstationError::io("print to", &self.path))
    }
}

/// `/dev/tty`, `/dev/console` and their like have this major number (Linux, devices.txt).
const TTY: u32 = 5;

/// Whether a device is the terminal at which keyrite works.
fn is_screen(device: u64) -> bool {
    let ours = [stdin(), stdout(), stderr()].map(|ours| fstat(ours).map(|meta| meta.st_rdev));
    major(device) == TTY || ours.contains(&Ok(device))
}
