//! Stock tools: child processes without a network. Those that give a second opinion have a scratch home of their own; the gpg, and
//! the agent, that sign for somebody have theirs.

use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

pub mod agent;
pub mod gpg;
pub mod signer;
pub mod zbarimg;

mod sexp;

/// More than any of them has to say.
const LONGEST: u64 = 64 * 1024 * 1024;

/// What a tool said.
struct Said {
    success: bool,
    out: String,
    err: String,
}

/// Runs a tool to its end. The standard library's own `output` panics when a pipe cannot be read.
fn run(command: &mut Command) -> io::Result<Said> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    // Both at once: a tool waits for whoever does not read.
    let (out, err) = thread::scope(|scope| {
        let err = scope.spawn(|| all(err));
        (all(out), err.join().unwrap_or_else(|_| Err(io::Error::other("a reader that panicked"))))
    });
    if out.is_err() || err.is_err() {
        // It would wait for ever for somebody to read; whether it could be ended changes nothing.
        let _ = child.kill();
    }
    let success = child.wait()?.success();
    Ok(Said { success, out: out?, err: err? })
}

fn all(pipe: Option<impl Read>) -> io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(LONGEST).read_to_end(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Finds a program on the path.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}
