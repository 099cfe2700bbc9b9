//! A child process that is fed through a pipe and answers through one. It gets an empty environment, and does not outlive its
//! use. Neither its arguments nor its environment hold a secret.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use keyrite_locked::Locked;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::AsFd;
use rustix::io::Errno;

use super::WorkstationError;

/// The most of what it says of itself.
const WORDS: u64 = 4096;
/// Between two looks at whether it has ended.
const SOON: Duration = Duration::from_millis(5);

/// A child at work.
pub(super) struct Running {
    child: Child,
    program: PathBuf,
    /// When it must have ended; it is killed then.
    until: Option<Instant>,
}

/// A child that ended.
pub(super) struct Ended {
    status: ExitStatus,
    /// What it wrote to its standard error.
    pub(super) words: String,
}

impl Ended {
    /// Its exit code, or the signal that ended it.
    pub(super) fn how(&self) -> Result<i32, i32> {
        self.status.code().ok_or(self.status.signal().unwrap_or_default())
    }

    /// What it said behind a label of its own: `error: `.
    pub(super) fn said(&self, label: &str) -> Option<&str> {
        self.words.lines().find_map(|line| line.strip_prefix(label))
    }
}

impl Running {
    /// Starts it.
    pub(super) fn start(
        program: &Path,
        arguments: &[&str],
        input: Stdio,
        output: Stdio,
        within: Option<Duration>,
    ) -> Result<Self, WorkstationError> {
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            // Ctrl-C is for keyrite, which stops at its next question.
            .process_group(0)
            .stdin(input)
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(WorkstationError::io("start", program))?;
        let until = within.and_then(|within| Instant::now().checked_add(within));
        Ok(Self { child, program: program.to_owned(), until })
    }

    /// Hands it all of its input. Dropping the pipe tells it that this was all.
    pub(super) fn feed(&mut self, input: &[u8]) -> std::io::Result<()> {
        self.child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(input))
    }

    /// Its answer, at most so long, straight into locked pages: no other copy of it is made here.
    pub(super) fn answer(&mut self, largest: usize) -> Result<Locked, WorkstationError> {
        let mut pipe = self.child.stdout.take().ok_or(WorkstationError::Bug("a child without output"))?;
        let mut answer = Locked::zeroed(largest)?;
        let mut filled = 0;
        while let Some(rest) = answer.get_mut(filled..)
            && !rest.is_empty()
        {
            self.wait_for(&pipe)?;
            match pipe.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(WorkstationError::io("read from", &self.program)(source)),
            }
        }
        answer.truncate(filled);
        Ok(answer)
    }

    /// Waits for its end.
    pub(super) fn end(mut self) -> Result<Ended, WorkstationError> {
        // Whoever is still told something waits for nobody.
        self.child.stdin.take();
        self.child.stdout.take();
        let mut words = String::new();
        if let Some(pipe) = self.child.stderr.take() {
            self.wait_for(&pipe)?;
            let _ = pipe.take(WORDS).read_to_string(&mut words);
        }
        let failed = WorkstationError::io("wait for", &self.program);
        if self.until.is_none() {
            return self.child.wait().map(|status| Ended { status, words }).map_err(failed);
        }
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Ok(Ended { status, words }),
                Ok(None) => {
                    self.left()?;
                    std::thread::sleep(SOON);
                }
                Err(source) => return Err(failed(source)),
            }
        }
    }

    /// Waits until something comes through a pipe, its end too.
    fn wait_for(&self, pipe: &impl AsFd) -> Result<(), WorkstationError> {
        loop {
            let left = self.left()?;
            let mut waiting = [PollFd::new(pipe, PollFlags::IN)];
            match poll(&mut waiting, left.as_ref()) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(errno) => return Err(WorkstationError::os("wait for", &self.program)(errno)),
            }
        }
    }

    /// The time that is left to it, where it has a limit.
    fn left(&self) -> Result<Option<Timespec>, WorkstationError> {
        let Some(until) = self.until else { return Ok(None) };
        match until.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(Timespec::try_from(left).ok()),
            _ => Err(WorkstationError::Late { program: self.program.clone() }),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended takes no harm.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, within: u64) -> Running {
        Running::start(
            Path::new("/bin/sh"),
            &["-c", script],
            Stdio::piped(),
            Stdio::piped(),
            Some(Duration::from_millis(within)),
        )
        .unwrap()
    }

    #[test]
    fn it_is_fed_answers_and_says_how_it_ended() {
        let mut child = shell("cat; echo 'error: why' >&2; exit 3", 10_000);
        child.feed(b"TEST SECRET").unwrap();
        assert_eq!(&*child.answer(100).unwrap(), b"TEST SECRET");
        let ended = child.end().unwrap();
        assert_eq!((ended.how(), ended.said("error: ")), (Ok(3), Some("why")));
        let killed = shell("kill -9 $$", 10_000).end().unwrap();
        assert_eq!(killed.how(), Err(9));
    }

    #[test]
    fn an_answer_has_a_longest_and_a_last_moment() {
        let mut endless = shell("exec cat /dev/zero", 10_000);
        assert_eq!(endless.answer(5000).unwrap().len(), 5000);
        for (silent, is_answer) in [("exec sleep 60", true), ("exec >&-; exec 2>&-; exec sleep 60", false)] {
            let begun = Instant::now();
            let mut child = shell(silent, 200);
            let late = if is_answer { child.answer(10).map(drop) } else { child.end().map(drop) };
            assert!(matches!(late, Err(WorkstationError::Late { .. })), "{silent}");
            assert!(begun.elapsed() < Duration::from_secs(30));
        }
    }
}
