//! Releases: prepared, signed by stock gpg and by keyrite, checked by gpg, gpgv, sha256sum and keyrite.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod checking;
#[path = "../support/engineer.rs"]
mod engineer;
#[path = "../support/gpg.rs"]
mod gpg;
mod office;
mod rehearsed;
mod signing;
#[path = "../support/stage.rs"]
mod stage;
mod steady;
#[path = "../support/typed.rs"]
mod typed;

use std::path::Path;
use std::process::Command;

use stage::{Ran, keyrite};

/// `keyrite release VERB`, by somebody with this gpg home.
pub(crate) fn release(home: &gpg::Home, verb: &str, args: &[&str]) -> Command {
    let mut command = Command::new(keyrite());
    command.args(["release", verb]).args(args).env("GNUPGHOME", home.path()).stdin(std::process::Stdio::null());
    command
}

pub(crate) fn ran(mut command: Command) -> Ran {
    Ran::of(&command.output().expect("keyrite starts"))
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}
