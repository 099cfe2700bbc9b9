//! Results on standard output. A reader who goes away is not an error of ours, and no reason to panic.

use std::io::{self, Write};

use super::CliError;

/// Standard output.
pub struct Screen(io::Stdout);

impl Screen {
    /// Opens it.
    #[must_use]
    pub fn new() -> Self {
        Self(io::stdout())
    }

    /// Writes a line, or nothing where nobody reads any more: who pipes into `head` has seen enough.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub fn line(&mut self, line: &str) -> Result<(), CliError> {
        match writeln!(self.0, "{line}") {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(CliError::Output),
        }
    }
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
