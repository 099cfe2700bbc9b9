//! zbarimg, where it is installed: does it read the codes that keyrite reads?

use std::path::PathBuf;
use std::process::{ChildStdout, Stdio};
use std::time::Duration;

use keyrite_locked::Locked;

use crate::model::shown::Shown;
use crate::workstation::WorkstationError;
use crate::workstation::child::Running;

/// It takes half a second for a page.
const WITHIN: Duration = Duration::from_secs(60);
/// More than it has to say of a page.
const LARGEST: usize = 256 * 1024;
/// How it ends when it finds nothing.
const NOTHING_FOUND: i32 = 4;
/// Texts alone, of QR codes alone. Without the fourth, Debian's tells them to every program on the D-Bus. A picture that comes
/// through a pipe, and is not put into a file on the way.
const ARGUMENTS: [&str; 6] = ["--raw", "--quiet", "--nodisplay", "--nodbus", "-Sdisable", "-Sqrcode.enable"];
const FROM_PIPE: &str = "pgm:-";

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
    /// The texts of the QR codes in a picture (PGM) that comes through a pipe.
    ///
    /// # Errors
    /// [`WorkstationError::SecondOpinion`] when it cannot read the picture.
    pub fn codes(&self, picture: ChildStdout) -> Result<Vec<Locked>, WorkstationError> {
        let mut arguments = ARGUMENTS.to_vec();
        arguments.push(FROM_PIPE);
        let mut child = Running::start(&self.program, &arguments, Stdio::from(picture), Some(WITHIN))?;
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
