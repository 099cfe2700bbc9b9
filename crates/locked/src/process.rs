//! What a process can do for its secrets once, at its start.

use rustix::process::{DumpableBehavior, Resource, Rlimit};

/// What the machine granted. Evidence for the transcript: a refusal is not an error here, the caller decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hardening {
    /// No core dump, and `/proc/PID/mem` closed to other processes of the same user.
    pub undumpable: bool,
    /// `RLIMIT_CORE` is zero.
    pub no_core: bool,
    /// All memory is locked, also what libraries keep on the ordinary heap. False under the usual 8 MiB limit of plain users.
    pub all_locked: bool,
}

/// Makes this process keep to itself: non-dumpable, no core file, memory locked where the limit allows.
#[must_use]
pub fn harden() -> Hardening {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    Hardening {
        undumpable: rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok(),
        no_core: rustix::process::setrlimit(Resource::Core, none).is_ok(),
        all_locked: lock_all(),
    }
}

/// `MCL_ONFAULT` would spare untouched pages, but a page is locked before the secret is in it only with both flags below.
fn lock_all() -> bool {
    use rustix::mm::MlockAllFlags as Flags;
    let unlimited = |limit: Option<u64>| limit.is_none_or(|bytes| bytes >= 1 << 30);
    // With a small limit, MCL_FUTURE would make later allocations fail: then the arena alone is locked.
    unlimited(rustix::process::getrlimit(Resource::Memlock).current)
        && rustix::mm::mlockall(Flags::CURRENT | Flags::FUTURE).is_ok()
}
