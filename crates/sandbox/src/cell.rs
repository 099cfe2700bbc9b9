//! The cell: a program that reads what others made, and writes what it found. It keeps what it has open, and gets nothing else.

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{NotGranted, calls, folders};

/// What a program in a cell may use up.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Seconds on a processor; then the kernel ends it (SIGXCPU).
    pub cpu_seconds: u64,
    /// Bytes of memory, its own program included; then it gets no more.
    pub memory: u64,
}

/// A process that is shut in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The kernel's version of Landlock, when it holds this too.
    pub landlock: Option<u32>,
}

impl Cell {
    /// Shuts this process in. To be called while there is one thread and before the first byte is read: from here on it can
    /// open no file, no socket and no other process, start nothing, and use up no more than this.
    ///
    /// The filter of system calls alone holds all of that. Landlock holds the most of it once more, where the kernel has it.
    ///
    /// # Errors
    /// Then nothing should be read.
    pub fn shut(limits: Limits) -> Result<Self, NotGranted> {
        let refused = |what| move |_| NotGranted(what);
        rustix::thread::set_no_new_privs(true).map_err(refused("no_new_privs"))?;
        let landlock = folders::close_all();
        // Past the first limit it is ended by a signal, past the second one it is killed.
        lower(Resource::Cpu, limits.cpu_seconds, limits.cpu_seconds + 1).map_err(refused("limit on processor time"))?;
        lower(Resource::As, limits.memory, limits.memory).map_err(refused("limit on memory"))?;
        if !calls::computing_only() {
            return Err(NotGranted("filter of system calls"));
        }
        Ok(Self { landlock })
    }
}

/// Limits are lowered only: a process that was given less keeps that.
fn lower(resource: Resource, soft: u64, hard: u64) -> Result<(), Errno> {
    let given = getrlimit(resource);
    let least = |given: Option<u64>, wanted: u64| Some(given.map_or(wanted, |given| given.min(wanted)));
    setrlimit(resource, Rlimit { current: least(given.current, soft), maximum: least(given.maximum, hard) })
}
