//! The virtual cards of a rehearsal: one process each, which outlives a keyrite that is killed.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::model::name::CardName;
use crate::workstation::runtime::Folder;
use crate::workstation::{WorkstationError, files};

/// Seconds without a connection after which a card's process ends: nothing is left behind by a rehearsal that never goes on.
const IDLE: &str = "120";

/// Virtual cards with power.
pub struct Cards {
    program: PathBuf,
    /// The folder of the sockets.
    readers: Folder,
    sockets: BTreeMap<CardName, PathBuf>,
    /// The processes that this one started.
    children: Vec<Child>,
    /// One connection a card, on which nothing is said: as long as keyrite lives the cards do, however long people think.
    _company: Vec<UnixStream>,
}

impl Cards {
    /// Gives power to every card: finds the processes that a killed keyrite left, starts the others.
    ///
    /// # Errors
    /// When a card cannot be started.
    pub fn start<'a>(
        program: &Path,
        scratch: &Path,
        names: impl Iterator<Item = &'a CardName>,
    ) -> Result<Self, WorkstationError> {
        let folder = scratch.join("cards");
        files::make_folder(&folder)?;
        let readers = Folder::of(&folder)?;
        let (mut sockets, mut company, mut children) = (BTreeMap::new(), Vec::new(), Vec::new());
        for name in names {
            let socket = readers.path().join(format!("{name}.sock"));
            let (stream, child) = power(program, &folder.join(format!("{name}.card")), &socket)?;
            children.extend(child);
            company.push(stream);
            sockets.insert(name.clone(), socket);
        }
        Ok(Self { program: program.to_owned(), readers, sockets, children, _company: company })
    }

    /// The folder of the sockets.
    #[must_use]
    pub fn readers(&self) -> &Path {
        self.readers.path()
    }

    /// Where each card listens.
    #[must_use]
    pub fn sockets(&self) -> BTreeMap<CardName, PathBuf> {
        self.sockets.clone()
    }

    /// Cuts the power of every card and ends its process.
    ///
    /// # Errors
    /// When a card's program cannot be run.
    pub fn stop(&mut self) -> Result<(), WorkstationError> {
        for socket in self.sockets.values() {
            Command::new(&self.program)
                .arg("stop")
                .arg("--socket")
                .arg(socket)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .map_err(WorkstationError::io("start", &self.program))?;
        }
        for mut child in self.children.drain(..) {
            // It was told to end; a card that was stopped is no error of this rehearsal.
            let _ = child.wait();
        }
        Ok(())
    }
}

/// How often a card's process is looked for, 100 ms apart.
const PATIENCE: u32 = 20;

/// Connects to a card, whose process is started when there is none. A keyrite that was killed may have left one that does
/// not listen yet but holds the card: it is waited for.
fn power(program: &Path, card: &Path, socket: &Path) -> Result<(UnixStream, Option<Child>), WorkstationError> {
    let (mut child, mut failed) = (None, None);
    for _ in 0..PATIENCE {
        if let Ok(stream) = UnixStream::connect(socket) {
            return Ok((stream, child));
        }
        match serve(program, card, socket) {
            Ok(started) => child = Some(started),
            Err(error) => {
                failed = Some(error);
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
    Err(failed.unwrap_or(WorkstationError::Bug("a card that says it is ready and does not listen")))
}

/// Starts a card's process and waits until it listens. What it has to say goes into a file beside the card: it outlives
/// this process, and whoever reads this one's standard error would wait for it to close.
fn serve(program: &Path, card: &Path, socket: &Path) -> Result<Child, WorkstationError> {
    let log = card.with_extension("log");
    let said = OpenOptions::new().create(true).append(true).mode(0o600).open(&log);
    let said = said.map_err(WorkstationError::io("open", &log))?;
    let mut child = Command::new(program)
        .arg("serve")
        .arg("--card")
        .arg(card)
        .arg("--socket")
        .arg(socket)
        .args(["--idle-exit", IDLE])
        // Ctrl-C is for keyrite: a card that dies of it would have lost its power in the middle of something.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(said)
        .spawn()
        .map_err(WorkstationError::io("start", program))?;
    let mut line = [0; 6];
    let ready = match child.stdout.take() {
        Some(mut out) => out.read_exact(&mut line),
        None => Ok(()),
    };
    ready.map(|()| child).map_err(|error| {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        let error = said.lines().rev().find_map(|line| line.strip_prefix("error: ")).map_or(error, io::Error::other);
        WorkstationError::io("get a card from", program)(error)
    })
}
