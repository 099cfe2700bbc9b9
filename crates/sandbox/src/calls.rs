//! System calls that are refused, by seccomp.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// Calls that give a socket by its domain, their first argument.
const SOCKETS: [libc::c_long; 2] = [libc::SYS_socket, libc::SYS_socketpair];
/// Calls that give a socket past these two: by a queue that no filter sees, or out of another process.
const DETOURS: [libc::c_long; 5] = [
    libc::SYS_io_uring_setup,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
];
/// The same seven by their x32 numbers, which have the same architecture as those of x86-64 (`__X32_SYSCALL_BIT`).
#[cfg(target_arch = "x86_64")]
const X32: [libc::c_long; 7] = {
    const BIT: libc::c_long = 0x4000_0000;
    [BIT | 41, BIT | 53, BIT | 425, BIT | 438, BIT | 539, BIT | 540, BIT | 521]
};
#[cfg(not(target_arch = "x86_64"))]
const X32: [libc::c_long; 0] = [];

/// What a program calls that only computes: it reads and writes what it has open, takes memory, and ends.
const COMPUTING: [libc::c_long; 27] = [
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fstat,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_write,
    libc::SYS_writev,
];

type Rules = BTreeMap<libc::c_long, Vec<SeccompRule>>;

/// Refuses every socket that leads out of the machine; false when the kernel does not.
pub(crate) fn without_network() -> bool {
    network().and_then(|rules| apply(rules, SeccompAction::Allow, refused())).is_ok()
}

/// Refuses every call but those of a program that only computes; false when the kernel does not.
pub(crate) fn computing_only() -> bool {
    computing().and_then(|rules| apply(rules, refused(), SeccompAction::Allow)).is_ok()
}

/// "Not permitted": a program that is refused goes on, and says what it could not do.
fn refused() -> SeccompAction {
    SeccompAction::Errno(libc::EPERM.unsigned_abs())
}

fn network() -> Result<Rules, BackendError> {
    let domain =
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, libc::AF_UNIX.unsigned_abs().into())?;
    let elsewhere = SeccompRule::new(vec![domain])?;
    let mut rules = BTreeMap::new();
    rules.extend(SOCKETS.map(|call| (call, vec![elsewhere.clone()])));
    rules.extend(DETOURS.map(|call| (call, Vec::new())));
    rules.extend(X32.map(|call| (call, Vec::new())));
    Ok(rules)
}

fn computing() -> Result<Rules, BackendError> {
    let mut rules: Rules = COMPUTING.map(|call| (call, Vec::new())).into();
    // How a process aborts; it signals itself alone.
    let own = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, std::process::id().into())?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![own])?]);
    Ok(rules)
}

/// What the rules do not name gets `otherwise`. A call of another architecture (32-bit x86 on x86-64) kills the process: this
/// is how seccompiler begins each filter.
fn apply(rules: Rules, otherwise: SeccompAction, named: SeccompAction) -> Result<(), BackendError> {
    let arch = std::env::consts::ARCH.try_into()?;
    let filter: seccompiler::BpfProgram = SeccompFilter::new(rules, otherwise, named, arch)?.try_into()?;
    seccompiler::apply_filter_all_threads(&filter).map_err(|_| BackendError::EmptyRule)
}
