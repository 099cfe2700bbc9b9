//! A sign of life while nothing is asked: people who see none pull cards.

use std::fs::File;
use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// What is quick shows nothing.
const SOON: Duration = Duration::from_millis(700);
/// Between two dots.
const BEAT: Duration = Duration::from_secs(1);
/// Dots beside the words, on a line of 80 columns.
const DOTS: usize = 20;

/// Shows words, and a dot each second, until it is dropped.
pub(super) struct Heartbeat {
    stop: Option<Sender<()>>,
    beats: Option<JoinHandle<()>>,
}

impl Heartbeat {
    /// On `screen`, from its own thread.
    pub(super) fn start(mut screen: File, words: &'static str) -> Self {
        let (stop, stopped) = channel::<()>();
        let beats = std::thread::spawn(move || {
            let silent = |pause| stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout);
            if !silent(SOON) {
                return;
            }
            // A screen that is gone is no reason to stop: the next question finds out.
            let _ = write!(screen, "      {words} ");
            for dot in 1.. {
                // When the line is full, dots begin anew on the same one.
                let _ = if dot % DOTS == 0 { write!(screen, "\r      {words} ") } else { write!(screen, ".") };
                if !silent(BEAT) {
                    break;
                }
            }
            // The line is left empty for what comes next: it was not counted.
            let _ = write!(screen, "\r{:width$}\r", "", width = 6 + words.len() + 1 + DOTS);
        });
        Self { stop: Some(stop), beats: Some(beats) }
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(beats) = self.beats.take() {
            // A beat that failed has nothing to say.
            let _ = beats.join();
        }
    }
}
