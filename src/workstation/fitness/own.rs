//! What the process knows of itself, and the tools it finds: the part of the probes that is not read from files.

use keyrite_locked::Hardening;
use rustix::rand::{GetRandomFlags, getrandom};

use crate::workstation::sandbox::Sandbox;
use crate::workstation::stock::gpg;
use crate::workstation::stock::on_path;

/// A stock tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Whether it is installed.
    pub found: bool,
    /// Its version, where that is asked.
    pub version: Option<String>,
}

/// What the process knows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// What the machine granted it.
    pub hardening: Hardening,
    /// What the kernel refuses it from now on.
    pub sandbox: Sandbox,
    /// Whether the kernel's randomness is initialised.
    pub randomness: bool,
    /// The tools of the second opinion.
    pub tools: Vec<Tool>,
}

impl Own {
    /// Looks.
    #[must_use]
    pub fn look(hardening: Hardening, sandbox: Sandbox) -> Self {
        let mut byte = [0];
        // With NONBLOCK the kernel says EAGAIN before it is initialised, instead of waiting (getrandom(2)).
        let randomness = getrandom(&mut byte, GetRandomFlags::NONBLOCK) == Ok(1);
        let other = |name| Tool { name, found: on_path(name).is_some(), version: None };
        let gpg = gpg::program();
        let gpg = Tool { name: "gpg", found: gpg.is_some(), version: gpg.as_deref().and_then(gpg::version) };
        Self { hardening, sandbox, randomness, tools: vec![gpg, other("gfcombine")] }
    }
}
