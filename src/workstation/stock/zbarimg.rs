//! zbarimg, where it is installed: does it read the codes that keyrite reads?

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use keyrite_locked::Locked;

use crate::model::shown::Shown;
use crate::workstation::WorkstationError;
use crate::workstation::child::Running;

/// It takes half a second for a page.
const WITHIN: Duration = Duration::from_secs(180);
/// More than it has to say of a page.
const LARGEST: usize = 256 * 1024;
/// How it ends when it finds nothing.
const NOTHING_FOUND: i32 = 4;
/// Texts alone, of QR codes alone. Without the fourth, Debian's tells them to every program on the D-Bus.
const ARGUMENTS: [&str; 6] = ["--raw", "--quiet", "--nodisplay", "--nodbus", "-Sdisable", "-Sqrcode.enable"];
/// Its standard input by this name, when that is a file: what comes as `-` or through a pipe it writes to a temporary file first.
const INPUT: &str = "pgm:fd:0";

/// A zbarimg that is installed.
#[derive(Debug, Clone)]
pub struct Zbarimg {
    program: PathBuf,
}

/// Finds zbarimg on the path.
#[must_use]
pub fn find() -> Option<Zbarimg> {
    super::on_path("zbarimg").map(|program| Zbarimg { program })
}

impl Zbarimg {
    /// The texts of the QR codes in a picture (PGM), which is a file, read from its beginning.
    ///
    /// # Errors
    /// [`WorkstationError::SecondOpinion`] when it cannot read the picture.
    pub fn codes(&self, picture: File) -> Result<Vec<Locked>, WorkstationError> {
        let mut arguments = ARGUMENTS.to_vec();
        arguments.push(INPUT);
        let mut child = Running::start(&self.program, &arguments, Stdio::from(picture), Stdio::piped(), Some(WITHIN))?;
        let said = child.answer(LARGEST)?;
        let ended = child.end()?;
        match ended.how() {
            Ok(0) => {}
            Ok(NOTHING_FOUND) => return Ok(Vec::new()),
            _ => {
                let what = Shown::new(ended.words.lines().last().unwrap_or("it failed without a word"));
                return Err(WorkstationError::SecondOpinion { tool: "zbarimg", what });
            }
        }
        let lines = said.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| Ok(Locked::copy_of(line)?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};
    use std::process::Command;

    use super::*;

    /// ImageMagick, with which it reads, copies what it cannot seek in.
    #[test]
    fn it_puts_no_picture_into_a_file() {
        let mut page = tempfile::tempfile().unwrap();
        page.write_all(b"P5\n100 100\n255\n").unwrap();
        page.write_all(&[255; 10_000]).unwrap();
        page.rewind().unwrap();
        let mut traced = Command::new("strace");
        traced.args(["-f", "-e", "trace=openat", "zbarimg"]).args(ARGUMENTS).arg(INPUT).stdin(page);
        let output = traced.output().expect("strace, zbarimg (zbar-tools)");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(NOTHING_FOUND), "{said}");
        assert!(said.contains("openat(") && !said.contains("O_CREAT"), "{said}");
    }
}
