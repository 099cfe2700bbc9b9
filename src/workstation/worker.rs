//! A fresh process of keyrite: it knows nothing but what it is handed through a pipe.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use keyrite_locked::Locked;

use super::WorkstationError;
use crate::model::control::Control;
use crate::model::fault::Class;
use crate::model::shown::Shown;

/// The largest answer of a fresh process.
const LARGEST: usize = 256 * 1024;

/// Runs `program` with `arguments` and an empty environment, hands it `input`, and takes its standard output into locked
/// memory. Neither the arguments nor the environment hold a secret.
///
/// # Errors
/// [`WorkstationError::Worker`] with its last words when it fails.
pub fn run(program: &Path, arguments: &[&str], input: &Locked) -> Result<Locked, WorkstationError> {
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        // Ctrl-C is for keyrite, which stops at its next question.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(WorkstationError::io("start", program))?;
    let fed = match child.stdin.take() {
        // Dropping the pipe tells the child that this was all.
        Some(mut pipe) => pipe.write_all(input),
        None => Ok(()),
    };
    let answer = match child.stdout.take() {
        Some(pipe) => take(pipe),
        None => Err(WorkstationError::Bug("a child without output")),
    };
    let mut words = String::new();
    if let Some(pipe) = child.stderr.take() {
        let _ = pipe.take(4096).read_to_string(&mut words);
    }
    let status = child.wait().map_err(WorkstationError::io("wait for", program))?;
    if !status.success() || fed.is_err() {
        return Err(told(&words, status.code() == Some(Class::Refused.code().into())));
    }
    answer
}

/// Its error, as it told it on its standard error.
fn told(words: &str, refused: bool) -> WorkstationError {
    let after = |label: &str| words.lines().find_map(|line| line.strip_prefix(label));
    let control = after("refused by control ").and_then(|id| Control::ALL.iter().find(|control| control.id() == id));
    WorkstationError::Worker {
        refused,
        what: Shown::new(after("error: ").unwrap_or("it ended without a word")),
        control: control.copied(),
        hint: after("hint: ").map(Shown::new),
    }
}

/// Reads straight into locked pages, so that no other copy of the answer is made here.
fn take(mut pipe: impl Read) -> Result<Locked, WorkstationError> {
    let mut answer = Locked::zeroed(LARGEST)?;
    let mut filled = 0;
    while let Some(rest) = answer.get_mut(filled..)
        && !rest.is_empty()
    {
        match pipe.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(WorkstationError::io("read from", Path::new("the fresh process"))(source)),
        }
    }
    answer.truncate(filled);
    Ok(answer)
}
