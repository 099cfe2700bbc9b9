//! gpg, where it is installed: does it see the certification that keyrite sees?

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::workstation::files;
use crate::workstation::{WorkstationError, randomness};

/// A gpg home that goes away with the value.
struct Home {
    path: PathBuf,
}

impl Home {
    fn new(among: &Path) -> Result<Self, WorkstationError> {
        let random: String = randomness::kernel(8)?.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = among.join(format!("{}gpg-{random}", files::UNFINISHED));
        // Made here and now, or not at all: a folder that somebody put there is nobody's home.
        std::fs::DirBuilder::new().mode(0o700).create(&path).map_err(WorkstationError::io("make the folder", &path))?;
        Ok(Self { path })
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// A gpg that is installed.
#[derive(Debug, Clone)]
pub struct Gpg {
    program: PathBuf,
    /// The folder in which it gets a home each time. One that a killed keyrite leaves there is unfinished by its name.
    homes: PathBuf,
}

/// Finds gpg on the path. Its homes will be among `homes`.
#[must_use]
pub fn find(homes: &Path) -> Option<Gpg> {
    Some(Gpg { program: program()?, homes: homes.to_owned() })
}

/// The program.
#[must_use]
pub fn program() -> Option<PathBuf> {
    super::on_path("gpg")
}

/// What a gpg calls itself: `2.2.40`. It is asked without a home, and makes none.
#[must_use]
pub fn version(program: &Path) -> Option<String> {
    let said = super::run(Command::new(program).env_clear().arg("--version")).ok()?;
    Some(said.out.lines().next()?.split_whitespace().last()?.to_owned())
}

/// Lets gpg check that `signer`'s certificate carries a good certification by the root in `root`.
///
/// # Errors
/// [`WorkstationError::SecondOpinion`] when gpg sees none.
pub fn certified(gpg: &Gpg, root: &[u8], delegated: &[u8], signer: Fingerprint) -> Result<(), WorkstationError> {
    let (program, home) = (&gpg.program, Home::new(&gpg.homes)?);
    for (name, bytes) in [("root", root), ("signer", delegated)] {
        let path = home.path.join(name);
        files::write_passing(&path, bytes)?;
        run(program, &home, &["--import", &path.to_string_lossy()])?;
    }
    let listing = run(program, &home, &["--with-colons", "--check-signatures", &format!("0x{signer}")])?;
    let root_id = root_key_id(&run(
        program,
        &home,
        &["--with-colons", "--show-keys", &home.path.join("root").to_string_lossy()],
    )?);
    let good = |line: &str| {
        let mut fields = line.split(':');
        fields.next() == Some("sig") && fields.next() == Some("!") && fields.nth(2).map(str::to_owned) == root_id
    };
    if root_id.is_some() && listing.lines().any(good) {
        return Ok(());
    }
    let what = Shown::new("it finds no good certification by the root");
    Err(WorkstationError::SecondOpinion { tool: "gpg", what })
}

/// The long key ID of the first public key in a listing.
fn root_key_id(listing: &str) -> Option<String> {
    listing.lines().find(|line| line.starts_with("pub:"))?.split(':').nth(4).map(str::to_owned)
}

fn run(program: &Path, home: &Home, arguments: &[&str]) -> Result<String, WorkstationError> {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("GNUPGHOME", &home.path)
        .env("LC_ALL", "C")
        // Nothing here needs an agent, and none is to stay behind.
        .args([
            "--batch",
            "--no-tty",
            "--quiet",
            "--no-autostart",
            "--no-auto-check-trustdb",
            "--trust-model",
            "always",
        ])
        .args(arguments);
    let said = super::run(&mut command).map_err(WorkstationError::io("run", program))?;
    if said.success {
        return Ok(said.out);
    }
    let what = Shown::new(said.err.lines().last().unwrap_or("it failed without a word"));
    Err(WorkstationError::SecondOpinion { tool: "gpg", what })
}
