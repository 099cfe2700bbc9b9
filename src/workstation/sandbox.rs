//! The sandbox: no network, and writing in a ceremony's folders only, for this process and all that it starts
//! (docs/decisions/0020-sandbox.md).
//!
//! Both parts are inherited through fork and exec and cannot be taken back. What the kernel does not grant is no error here:
//! [`Sandbox`] says what it granted, and the caller judges.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope, make_bitflags,
};
use rustix::fs::{Mode, OFlags};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::WorkstationError;

/// What the kernel granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sandbox {
    /// No program that is started has more rights than its parent (`no_new_privs`).
    pub no_new_rights: bool,
    /// No socket but one of this machine can be opened (seccomp).
    pub no_network: bool,
    /// The kernel's version of Landlock, when it keeps writing to the named folders.
    pub landlock: Option<u32>,
}

/// Where a ceremony writes. What is not there is left out: it cannot be made either, unless it lies below another one.
#[derive(Debug, Clone, Default)]
pub struct Writable {
    /// Files and folders may be made, written and removed below these.
    pub below: Vec<PathBuf>,
    /// Empty folders below these may be removed, and nothing else.
    pub emptied: Vec<PathBuf>,
}

impl Writable {
    /// One folder, when it is there.
    #[must_use]
    pub fn below(folder: &Path) -> Self {
        Self { below: vec![folder.to_owned()], ..Self::default() }
    }

    /// Also where a new folder is made: the nearest one above it that is there.
    #[must_use]
    pub fn and_new(mut self, folder: &Path) -> Self {
        let above = folder.ancestors().skip(1);
        let above = above.map(|above| if above.as_os_str().is_empty() { Path::new(".") } else { above });
        self.below.extend(above.filter(|above| above.is_dir()).take(1).map(Path::to_owned));
        self
    }
}

impl Sandbox {
    /// Closes the network. To be called before anything else: threads and children that are there already keep theirs.
    #[must_use]
    pub fn without_network() -> Self {
        Self {
            no_new_rights: rustix::thread::set_no_new_privs(true).is_ok(),
            no_network: filter().is_ok_and(|filter| seccompiler::apply_filter_all_threads(&filter).is_ok()),
            landlock: None,
        }
    }

    /// Keeps writing to these places. To be called while there is one thread: Landlock binds the calling one and its
    /// children.
    ///
    /// # Errors
    /// When a place cannot be looked at. A kernel without Landlock is no error.
    pub fn confined(self, writable: &Writable) -> Result<Self, WorkstationError> {
        let mut rules = Vec::new();
        for (places, access) in
            [(&writable.below, FOLDER), (&writable.emptied, AccessFs::RemoveDir.into()), (&devices(), DEVICE)]
        {
            for place in places {
                rules.extend(rule(place, access)?);
            }
        }
        // A refusal of the kernel is a sandbox that was not granted, as an old kernel is.
        Ok(Self { landlock: confine(rules).unwrap_or(None), ..self })
    }
}

// --- seccomp ---------------------------------------------------------------------------------------------------------------

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

/// Answers EPERM to those calls. A call of another architecture (32-bit x86 on x86-64) kills the process: this is how
/// seccompiler begins each filter.
fn filter() -> Result<BpfProgram, BackendError> {
    let domain =
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, libc::AF_UNIX.unsigned_abs().into())?;
    let elsewhere = SeccompRule::new(vec![domain])?;
    let mut rules = BTreeMap::new();
    rules.extend(SOCKETS.map(|call| (call, vec![elsewhere.clone()])));
    rules.extend(DETOURS.map(|call| (call, Vec::new())));
    rules.extend(X32.map(|call| (call, Vec::new())));
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    SeccompFilter::new(rules, SeccompAction::Allow, refused, std::env::consts::ARCH.try_into()?)?.try_into()
}

// --- Landlock --------------------------------------------------------------------------------------------------------------

/// The newest Landlock whose rules were tried. Newer kernels know it; older ones grant what they have of it.
const TRIED: ABI = ABI::V6;
/// What is done in a folder. No devices, pipes and links, and nothing moved to another folder.
const FOLDER: BitFlags<AccessFs> =
    make_bitflags!(AccessFs::{WriteFile | Truncate | MakeReg | MakeDir | MakeSock | RemoveFile | RemoveDir});
/// What is done with a device.
const DEVICE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{WriteFile | Truncate | IoctlDev});

/// Devices that everybody writes to: where the people are, and where nothing is kept.
fn devices() -> Vec<PathBuf> {
    ["/dev/null", "/dev/tty"].map(PathBuf::from).into()
}

/// `None` when nothing is there.
fn rule(
    place: &Path,
    access: BitFlags<AccessFs>,
) -> Result<Option<PathBeneath<rustix::fd::OwnedFd>>, WorkstationError> {
    match rustix::fs::open(place, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) {
        Ok(there) => Ok(Some(PathBeneath::new(there, access))),
        Err(errno) if errno.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(errno) => Err(WorkstationError::os("look at", place)(errno)),
    }
}

/// Reading stays as it is; each kind of writing that no rule allows is refused, and TCP, abstract sockets and signals to
/// processes outside.
fn confine(rules: Vec<PathBeneath<rustix::fd::OwnedFd>>) -> Result<Option<u32>, RulesetError> {
    let status = Ruleset::default()
        .handle_access(AccessFs::from_write(TRIED))?
        .handle_access(AccessNet::from_all(TRIED))?
        .scope(Scope::from_all(TRIED))?
        .create()?
        .add_rules(rules.into_iter().map(Ok::<_, RulesetError>))?
        .restrict_self()?;
    Ok(match status.landlock {
        _ if status.ruleset == RulesetStatus::NotEnforced => None,
        LandlockStatus::Available { effective_abi, kernel_abi } => {
            Some(kernel_abi.and_then(|version| version.try_into().ok()).unwrap_or(effective_abi as u32))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_is_made_in_the_nearest_one_that_is_there() {
        let above = tempfile::tempdir().unwrap();
        let there = above.path().to_owned();
        assert_eq!(Writable::default().and_new(&there.join("new")).below, vec![there.clone()]);
        assert_eq!(Writable::default().and_new(&there.join("a/b/new")).below, vec![there.clone()]);
        assert_eq!(Writable::default().and_new(Path::new("new")).below, vec![PathBuf::from(".")]);
        assert_eq!(Writable::below(&there).and_new(&there.join("new")).below, vec![there.clone(), there]);
    }
}
