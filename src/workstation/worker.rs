//! A fresh process of keyrite: it knows nothing but what it is handed through a pipe.

use std::path::Path;
use std::process::Stdio;

use keyrite_locked::Locked;

use super::WorkstationError;
use super::child::{Ended, Running};
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
    // It takes as long as it takes: S2K is slow by design.
    let mut child = Running::start(program, arguments, Stdio::piped(), Stdio::piped(), None)?;
    let fed = child.feed(input);
    let answer = child.answer(LARGEST);
    let ended = child.end()?;
    if ended.how() == Ok(0) && fed.is_ok() { answer } else { Err(told(&ended)) }
}

/// Its error, as it told it on its standard error.
fn told(ended: &Ended) -> WorkstationError {
    let control =
        ended.said("refused by control ").and_then(|id| Control::ALL.iter().find(|control| control.id() == id));
    WorkstationError::Worker {
        refused: ended.how() == Ok(Class::Refused.code().into()),
        what: Shown::new(ended.said("error: ").unwrap_or("it ended without a word")),
        control: control.copied(),
        hint: ended.said("hint: ").map(Shown::new),
    }
}
