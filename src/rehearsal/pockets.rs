//! What the people of a rehearsal carry: test secrets in files, each marked, so that a killed rehearsal can go on.

use std::path::{Path, PathBuf};

use keyrite_locked::Locked;

use crate::ceremony::CeremonyError;
use crate::ceremony::dialogue::{Choice, Code, Half, Papers, SheetName};
use crate::model::mode::Mode;
use crate::model::role::Seat;
use crate::workstation::files::{self, Readers};
use crate::workstation::{WorkstationError, randomness};

/// The largest thing in a pocket.
const LARGEST: u64 = 64 * 1024;
/// Digits of a half.
const DIGITS: usize = 6;

/// All pockets.
pub struct Pockets {
    folder: PathBuf,
}

impl Pockets {
    /// Those of a scratch folder.
    #[must_use]
    pub fn new(scratch: &Path) -> Self {
        Self { folder: scratch.join("pockets") }
    }

    fn path(&self, seat: Seat, name: &str) -> PathBuf {
        self.folder.join(format!("{}-{}", seat.role, seat.number)).join(name)
    }

    /// A half that was chosen. One that a card is not known to have taken lies beside the one before it.
    pub(super) fn half(&self, half: &Half) -> Result<Locked, CeremonyError> {
        let (before, new) = self.paths(half);
        // Without two there is no question: the new one was put in the other's place, and the card knows it.
        let path = if half.choice == Choice::New && is_there(&new)? { new } else { before };
        if !is_there(&path)? {
            let what = format!("a half of the {} of card {}", half.code, half.card);
            return Err(CeremonyError::Missing { seat: half.seat, what });
        }
        let text = Locked::absorb(files::read(&path, LARGEST)?)?;
        let last = text.trim_ascii_end().rsplit(|b| *b == b'\n').next().unwrap_or_default();
        Ok(Locked::copy_of(last)?)
    }

    /// A half that is chosen now: drawn, and put into the pocket first. Who chooses again after a cut remembers the first
    /// choice.
    pub(super) fn choose(&self, half: &Half) -> Result<Locked, CeremonyError> {
        let (before, new) = self.paths(half);
        let path = if half.choice == Choice::New { new } else { before };
        if !is_there(&path)? {
            let random = randomness::kernel(DIGITS)?;
            let digits: String = random.iter().map(|byte| char::from(b'0' + byte % 10)).collect();
            let text = format!(
                "{}: a test secret\ncard {}, {}, half of {}\n{digits}\n",
                Mode::Rehearsal.mark().unwrap_or_default(),
                half.card,
                half.code,
                half.seat
            );
            self.write(&path, text.as_bytes())?;
        }
        self.half(half)
    }

    /// The card knows this half: the other one is forgotten.
    pub(super) fn known(&self, half: &Half) -> Result<(), WorkstationError> {
        let (before, new) = self.paths(half);
        match half.choice {
            _ if !is_there(&new)? => Ok(()),
            Choice::New => std::fs::rename(&new, &before).map_err(WorkstationError::io("put away", &new)),
            Choice::Present | Choice::Before => {
                std::fs::remove_file(&new).map_err(WorkstationError::io("put away", &new))
            }
        }
    }

    /// Where a half lies, and where a new one does until the card knows it.
    fn paths(&self, half: &Half) -> (PathBuf, PathBuf) {
        let name = half_name(half);
        (self.path(half.seat, &format!("{name}.txt")), self.path(half.seat, &format!("{name}.new.txt")))
    }

    /// The number of a bag that nobody has used yet.
    pub(super) fn bag(&self) -> Result<String, CeremonyError> {
        let random = randomness::kernel(4)?;
        Ok(format!("TEST-{}", random.iter().map(|byte| format!("{byte:02X}")).collect::<String>()))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), WorkstationError> {
        if let Some(folder) = path.parent() {
            files::make_folder(folder)?;
        }
        files::write_new(path, bytes, Readers::Owner)
    }
}

impl Papers for Pockets {
    fn put(&mut self, seat: Seat, name: &SheetName, sheet: &Locked) -> Result<(), CeremonyError> {
        Ok(self.write(&self.path(seat, &sheet_name(name)), sheet)?)
    }

    /// A copy: the sheet stays in the pocket.
    fn take(&mut self, seat: Seat, name: &SheetName) -> Result<Locked, CeremonyError> {
        let path = self.path(seat, &sheet_name(name));
        if !is_there(&path)? {
            let what = format!("share {} of set {} ({} of root {})", name.number, name.set, name.sealed, name.root);
            return Err(CeremonyError::Missing { seat, what });
        }
        Ok(Locked::absorb(files::read(&path, LARGEST)?)?)
    }

    /// What is left of it is a scrap that says so: a rehearsal that is cut off here and goes on finds it destroyed, and not missing.
    fn destroy(&mut self, seat: Seat, name: &SheetName) -> Result<bool, CeremonyError> {
        let path = self.path(seat, &sheet_name(name));
        let scrap = path.with_extension("destroyed");
        if is_there(&path)? {
            if !is_there(&scrap)? {
                self.write(&scrap, b"")?;
            }
            std::fs::remove_file(&path).map_err(WorkstationError::io("destroy", &path))?;
        }
        Ok(is_there(&scrap)?)
    }
}

/// Throws of a die that nobody threw.
pub(super) fn throws(count: usize) -> Result<Locked, CeremonyError> {
    let mut throws = Locked::zeroed(count)?;
    // 252 is the largest multiple of six in a byte: the faces are even.
    for face in throws.iter_mut() {
        *face = loop {
            let random = randomness::kernel(1)?;
            match random.first() {
                Some(byte) if *byte < 252 => break b'1' + byte % 6,
                _ => {}
            }
        };
    }
    Ok(throws)
}

/// Whether something lies there; where nobody can say, that is no answer.
fn is_there(path: &Path) -> Result<bool, WorkstationError> {
    path.try_exists().map_err(WorkstationError::io("look at", path))
}

fn half_name(half: &Half) -> String {
    let code = match half.code {
        Code::User => "user",
        Code::Admin => "admin",
        Code::Reset => "reset",
    };
    format!("{}-{code}", half.card)
}

fn sheet_name(name: &SheetName) -> String {
    format!("{}-{}-{}.{:03}.asc", name.root, name.sealed, name.set, name.number)
}
