//! gpg as a signer's own: their home, their agent, their keys, on a card or not.

use std::path::{Path, PathBuf};
use std::process::Command;

use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};

use super::agent::{self, AgentSigner};
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::workstation::WorkstationError;

/// The signer's gpg. Its agent has to run already: one that was started here would stay behind in keyrite's sandbox, without a
/// way to a terminal or to a card.
pub struct SignersGpg {
    program: PathBuf,
}

/// Finds gpg on the path.
///
/// # Errors
/// [`WorkstationError::SignersGpg`] when there is none.
pub fn find() -> Result<SignersGpg, WorkstationError> {
    let program = super::on_path("gpg").ok_or_else(|| failed("there is no gpg on the path"))?;
    Ok(SignersGpg { program })
}

/// Where gpg keeps its home: it writes locks and a seed of its generator there.
#[must_use]
pub fn home() -> Option<PathBuf> {
    let named = std::env::var_os("GNUPGHOME").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".gnupg")))
}

pub(super) fn failed(what: &str) -> WorkstationError {
    WorkstationError::SignersGpg { what: Shown::new(what) }
}

impl SignersGpg {
    /// A certificate of the keyring, armored, without what others say of it.
    ///
    /// # Errors
    /// When gpg does not have it.
    pub fn certificate(&self, of: Fingerprint) -> Result<Vec<u8>, WorkstationError> {
        let options = "--export-options=export-minimal,no-export-attributes";
        let out = self.run(&["--armor", options, "--export", &format!("0x{of}")])?;
        if out.is_empty() { Err(failed(&format!("it has no key {of}"))) } else { Ok(out.into_bytes()) }
    }

    /// This key, in the hands of the agent.
    ///
    /// # Errors
    /// When gpg does not list it, no agent runs, or it does not have the secret part.
    pub fn signer(
        &self,
        key: Fingerprint,
        public: Key<PublicParts, UnspecifiedRole>,
    ) -> Result<AgentSigner, WorkstationError> {
        let listing = self.run(&["--with-colons", "--with-keygrip", "--list-keys", &format!("0x{key}")])?;
        let keygrip = agent::keygrip(&listing, key).ok_or_else(|| failed(&format!("it lists no key {key}")))?;
        let gpgconf = self.program.with_file_name("gpgconf");
        let said = super::run(Command::new(&gpgconf).args(["--list-dirs", "agent-socket"]));
        let said = said.map_err(WorkstationError::io("run", &gpgconf))?;
        AgentSigner::open(Path::new(said.out.trim_end_matches('\n')), &keygrip, public)
    }

    fn run(&self, arguments: &[&str]) -> Result<String, WorkstationError> {
        let mut command = Command::new(&self.program);
        command.args(["--batch", "--quiet", "--no-autostart"]).args(arguments);
        let said = super::run(&mut command).map_err(WorkstationError::io("run", &self.program))?;
        match said.success {
            true => Ok(said.out),
            false => Err(failed(said.err.lines().last().unwrap_or("it failed without a word"))),
        }
    }
}
