//! Whether a fault did harm.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use crate::stage::{Ran, Stage, is_plain};
use crate::trace::{self, Call, Fault};

/// What a fault did.
pub(crate) enum Verdict {
    /// It ended the run, which went on afterwards.
    Ended,
    /// The run came to its end all the same.
    Borne,
    /// It did not happen: this run made fewer such calls. How often a pipe is read depends on how the other side writes.
    Missed,
}

/// The exit codes of a run that something stopped: a file, the machine, or a screen that nobody sees.
const STOPPED: [i32; 3] = [3, 4, 5];

/// Plays a script with a fault, and again without it.
pub(crate) fn judge(
    stage: &Stage,
    script: &str,
    bundle: Option<&Path>,
    call: &Call,
    fault: Fault,
) -> Result<Verdict, String> {
    let (output, hit) = trace::with_fault(stage, script, bundle, call, fault);
    if !hit {
        Ran::of(&output).done();
        return Ok(Verdict::Missed);
    }
    let killed = output.status.signal() == Some(9);
    let code = output.status.code();
    if !killed {
        said(&Ran::of(&output))?;
    }
    let before = written(stage);
    let finished = is_finished(stage, script);
    match (killed, code) {
        (false, Some(0)) if finished => {
            stage.assert_well_ended();
            return Ok(Verdict::Borne);
        }
        (false, Some(0)) => return Err("it said that it was done, and it was not".to_owned()),
        (true, _) => {}
        (false, Some(code)) if STOPPED.contains(&code) => {}
        _ => return Err(format!("ended with {code:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
    // Only the very end came after `finished` was on the disk.
    if !finished {
        let again = stage.run(script, bundle);
        if again.code != Some(0) {
            return Err(format!("did not go on: {:?} {}", again.code, again.err));
        }
    }
    stage.assert_well_ended();
    let after = written(stage);
    let differs =
        |path: &PathBuf, bytes: &Vec<u8>| after.get(path).is_some_and(|after| after != bytes && !is_half(after));
    match before.iter().find(|(path, bytes)| differs(path, bytes)) {
        Some((path, _)) => Err(format!("{} was half written, or written again", path.display())),
        None => Ok(Verdict::Ended),
    }
}

/// Whether this is a half of a code, whole: in a pocket a new one takes the place of the one before it.
fn is_half(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.starts_with("REHEARSAL, NOT FOR USE: a test secret\n") && text.lines().count() == 3 && text.ends_with('\n')
}

/// Whoever stops says why and what to do, in plain words.
fn said(ran: &Ran) -> Result<(), String> {
    let is_said = ran.code == Some(0) || (ran.err.contains("error: ") && ran.err.contains("\nhint: "));
    let is_bug = ran.err.contains("panicked") || ran.err.contains("RUST_BACKTRACE");
    if is_said && !is_bug && is_plain(&ran.err) && is_plain(&ran.out) { Ok(()) } else { Err(ran.err.clone()) }
}

/// Whether the last ceremony is this script's, and over.
fn is_finished(stage: &Stage, script: &str) -> bool {
    if !stage.path("register/transcripts").is_dir() {
        return false;
    }
    let current = stage.past().history.current;
    let sha256 = keyrite::model::hash::Hash::of(&std::fs::read(script).unwrap());
    current.finished && current.opening.is_some_and(|opening| opening.script == sha256)
}

/// Every file that people or later steps take for whole: not the transcripts, which grow, nor what is marked as unfinished.
fn written(stage: &Stage) -> BTreeMap<PathBuf, Vec<u8>> {
    let grows = |path: &Path| {
        let text = path.to_string_lossy();
        text.contains("/transcripts/")
            || text.contains("/cards/")
            || text.contains("/.unfinished-")
            || text.ends_with("/lock")
    };
    stage.files().into_iter().filter(|(path, _)| !grows(path)).collect()
}
