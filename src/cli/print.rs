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

    /// Writes a line.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub fn line(&mut self, line: &str) -> Result<(), CliError> {
        writeln!(self.0, "{line}").map_err(CliError::Output)
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
