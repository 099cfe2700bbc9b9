//! What can go wrong with files, register and journal.

use std::io;
use std::path::{Path, PathBuf};

use crate::format::FormatError;
use crate::model::control::Control;
use crate::model::fault::{Class, Fault};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// A failure of the machine, or of what lies on its disk.
#[derive(Debug, thiserror::Error)]
pub enum WorkstationError {
    /// The output is there already.
    #[error("{} already exists", .path.show())]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// An incoming bundle is not what a bundle must be.
    #[error("bundle {}: {what}", .folder.show())]
    Bundle {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        what: Shown,
    },
    /// The operating system refused.
    #[error("cannot {doing} {}: {source}", .path.show())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is larger than anything that belongs there.
    #[error("{} is larger than {largest} bytes", .path.show())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        largest: u64,
    },
    /// A file changed between writing and reading, or since its hash was recorded.
    #[error("{} is not what was written there", .path.show())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A signer's gpg did not do what it was asked.
    #[error("gpg does not sign: {what}")]
    SignersGpg {
        /// What it said.
        what: Shown,
    },
    /// A file that is not one content from beginning to end of its reading.
    #[error("{} is not hashed: {what}", .path.show())]
    Unsteady {
        /// The file.
        path: PathBuf,
        /// Why not.
        what: Shown,
    },
    /// A recorded file is not there.
    #[error("{} is recorded in a transcript, and it is gone", .path.show())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// Another keyrite works on this register.
    #[error("another keyrite is at work on register {}", .path.show())]
    InUse {
        /// The register.
        path: PathBuf,
    },
    /// A file or folder that somebody named cannot be read.
    #[error("cannot use {}: {source}", .path.show())]
    Named {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder is no register.
    #[error("{} is not a register", .path.show())]
    NotARegister {
        /// The folder.
        path: PathBuf,
    },
    /// A file inside is not acceptable.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The clock stands before something that has been.
    #[error("the clock says {now}, but {what} {then}")]
    ClockBehind {
        /// The clock.
        now: Timestamp,
        /// What has been.
        what: String,
        /// When.
        then: Timestamp,
    },
    /// The machine must not be used for what counts.
    #[error("this machine is not fit for production: {}", .ids.join(", "))]
    Unfit {
        /// What was found unfit.
        ids: Vec<String>,
    },
    /// The machine got a network after it was checked.
    #[error("this machine got a network since it was checked: {}", .ways.join("; "))]
    NetworkAppeared {
        /// What leads out.
        ways: Vec<String>,
    },
    /// A helper process of keyrite failed.
    #[error("the fresh process failed: {what}")]
    Worker {
        /// Whether it refused what it was handed.
        refused: bool,
        /// What it said.
        what: Shown,
        /// The control that refused in it.
        control: Option<Control>,
        /// What it advised.
        hint: Option<Shown>,
    },
    /// A helper process that does not end.
    #[error("{} did not end in time, and was killed", .program.show())]
    Late {
        /// The program.
        program: PathBuf,
    },
    /// A file without a code.
    #[error("no code can be read in {}", .path.show())]
    NoCode {
        /// The file.
        path: PathBuf,
    },
    /// The program that reads pages is not there.
    #[error("there is no {}, which reads codes from pages", .program.show())]
    NoPageReader {
        /// Where it should be.
        program: PathBuf,
    },
    /// A page does not carry the codes that were meant for it.
    #[error("page {page}, code {code}: {what}")]
    NotReadBack {
        /// The page.
        page: usize,
        /// How the code's text begins.
        code: Shown,
        /// What is wrong with it.
        what: Shown,
    },
    /// A page cannot be read.
    #[error("page {page} of {}: {what}", .file.show())]
    Page {
        /// The file.
        file: PathBuf,
        /// The page.
        page: usize,
        /// Whether the file is to blame.
        is_input: bool,
        /// Why not.
        what: Shown,
        /// What to do.
        hint: Shown,
    },
    /// A stock tool disagrees with keyrite.
    #[error("{tool} does not agree: {what}")]
    SecondOpinion {
        /// The tool.
        tool: &'static str,
        /// What it said.
        what: Shown,
    },
    /// No locked memory.
    #[error(transparent)]
    Memory(#[from] keyrite_locked::LockError),
    /// A defect.
    #[error("{0}: this is a defect of keyrite")]
    Bug(&'static str),
}

/// Paths as they may be shown.
trait ShowPath {
    fn show(&self) -> Shown;
}

impl ShowPath for PathBuf {
    fn show(&self) -> Shown {
        Shown::new(&self.to_string_lossy())
    }
}

impl WorkstationError {
    /// Turns an I/O error into one that says what was tried on what.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    /// The same for a call of rustix.
    pub(crate) fn os(doing: &'static str, path: &Path) -> impl FnOnce(rustix::io::Errno) -> Self {
        let to_io = Self::io(doing, path);
        move |errno| to_io(errno.into())
    }
}

impl Fault for WorkstationError {
    fn class(&self) -> Class {
        match self {
            Self::Worker { refused: true, .. }
            | Self::Exists { .. }
            | Self::Changed { .. }
            | Self::Gone { .. }
            | Self::InUse { .. }
            | Self::ClockBehind { .. }
            | Self::Unfit { .. }
            | Self::NetworkAppeared { .. }
            | Self::NotReadBack { .. }
            | Self::SecondOpinion { .. }
            | Self::Unsteady { .. } => Class::Refused,
            Self::Page { is_input: true, .. }
            | Self::NoCode { .. }
            | Self::Bundle { .. }
            | Self::Named { .. }
            | Self::NotARegister { .. }
            | Self::TooLarge { .. } => Class::Input,
            Self::Io { .. }
            | Self::Late { .. }
            | Self::Memory(_)
            | Self::NoPageReader { .. }
            | Self::Page { .. }
            | Self::SignersGpg { .. }
            | Self::Worker { .. } => Class::Machine,
            Self::Format(error) => error.class(),
            Self::Bug(_) => Class::Bug,
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::Bundle { .. } => Some(Control::BundleManifest),
            Self::Worker { refused: true, control, .. } => control.or(Some(Control::ShareQuorum)),
            Self::Exists { .. } => Some(Control::NoOverwrite),
            Self::Changed { .. } | Self::Gone { .. } => Some(Control::ReadBack),
            Self::InUse { .. } => Some(Control::RegisterLock),
            Self::ClockBehind { .. } => Some(Control::ClockForward),
            Self::Unfit { .. } => Some(Control::MachineFit),
            Self::NetworkAppeared { .. } => Some(Control::NoNetwork),
            Self::NotReadBack { .. } => Some(Control::PageReadBack),
            Self::SecondOpinion { .. } => Some(Control::VerifiedAfter),
            Self::Unsteady { .. } => Some(Control::ReleaseSteady),
            Self::Format(error) => error.control(),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Bundle { .. } => "ask the courier for a new bundle; nothing in this one was used",
            Self::Exists { .. } => "name another place; keyrite never overwrites a file",
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "make room on that disk, then run the same command again: it goes on where it stopped"
            }
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => "look whether the name is right",
            Self::Io { .. } => "mend that, then run the same command again: it goes on where it stopped",
            Self::TooLarge { .. } => "look where this file comes from",
            Self::Gone { .. } => "bring it back from a copy of the register; nothing is signed before that",
            Self::Changed { .. } => "stop, and compare this file with the register's copies before anything is signed",
            Self::InUse { .. } => "wait for it to end, or end it; a killed keyrite leaves no lock behind",
            Self::Named { .. } => "look whether the name is right; nothing was changed",
            Self::NotARegister { .. } => "a register holds a folder named transcripts; look whether the path is right",
            Self::Format(error) => return error.hint(),
            Self::ClockBehind { .. } => "set the machine's clock to UTC by two witnesses' clocks, then start again",
            Self::Unfit { .. } => "mend what is unfit, or take another machine, then run the same command again",
            Self::NetworkAppeared { .. } => {
                "switch it off and find out who switched it on, then run the same command again"
            }
            Self::Late { .. } => {
                "nothing was changed by it; run the same command again, on a machine that is less busy"
            }
            Self::NoCode { .. } => {
                "scan the page anew, flat and sharp, at 300 dpi in grey; or type the lines of the share"
            }
            Self::NoPageReader { .. } => "put it beside keyrite, from the same build; or type the lines of the share",
            Self::NotReadBack { .. } => {
                "nothing of this paper is used: print it anew, and keep the file for whoever looks into it"
            }
            Self::Page { hint, .. } => return Some(hint.to_string()),
            Self::Worker { hint: Some(hint), .. } => return Some(hint.to_string()),
            Self::Worker { .. } => "nothing was changed by it; run the same command again",
            Self::SecondOpinion { .. } => "stop, keep everything as it is, and find out which of the two is wrong",
            Self::SignersGpg { .. } => {
                "look whether gpg-agent runs (gpgconf --launch gpg-agent) and has the key (gpg --list-secret-keys); nothing was written"
            }
            Self::Unsteady { .. } => "copy the file to a place where nobody writes, and take that copy",
            Self::Memory(_) => "raise the limit on locked memory (ulimit -l), then run the same command again",
            Self::Bug(_) => "please report it with the transcript; nothing was lost",
        };
        Some(text.to_owned())
    }
}
