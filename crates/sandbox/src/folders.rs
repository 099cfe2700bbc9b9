//! Places that are kept, by Landlock.

use std::io;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope, make_bitflags,
};
use rustix::fs::{Mode, OFlags};

use super::UnseenPlace;

/// The newest Landlock whose rules were tried. Newer kernels know it; older ones grant what they have of it.
const TRIED: ABI = ABI::V6;
/// What is done in a folder. No devices, pipes and links, and nothing moved to another folder.
pub(crate) const FOLDER: BitFlags<AccessFs> =
    make_bitflags!(AccessFs::{WriteFile | Truncate | MakeReg | MakeDir | MakeSock | RemoveFile | RemoveDir});
/// What is done with a device.
pub(crate) const DEVICE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{WriteFile | Truncate | IoctlDev});

/// What is done with a folder that somebody else fills.
pub(crate) const EMPTIED: BitFlags<AccessFs> = make_bitflags!(AccessFs::{RemoveDir});

/// Devices that everybody writes to: where the people are, and where nothing is kept.
pub(crate) fn devices() -> Vec<PathBuf> {
    ["/dev/null", "/dev/tty"].map(PathBuf::from).into()
}

/// `None` when nothing is there.
pub(crate) fn rule(
    place: &Path,
    access: BitFlags<AccessFs>,
) -> Result<Option<PathBeneath<rustix::fd::OwnedFd>>, UnseenPlace> {
    match rustix::fs::open(place, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) {
        Ok(there) => Ok(Some(PathBeneath::new(there, access))),
        Err(errno) if errno.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(errno) => Err(UnseenPlace { place: place.to_owned(), source: errno.into() }),
    }
}

/// Reading stays as it is; each kind of writing that no rule allows is refused. Gives the kernel's version of Landlock.
pub(crate) fn confine(rules: Vec<PathBeneath<rustix::fd::OwnedFd>>) -> Option<u32> {
    // A refusal of the kernel is a sandbox that was not granted, as an old kernel is.
    restrict(AccessFs::from_write(TRIED), rules).unwrap_or(None)
}

/// No file is opened any more, not even for reading.
pub(crate) fn close_all() -> Option<u32> {
    restrict(AccessFs::from_all(TRIED), Vec::new()).unwrap_or(None)
}

/// Refuses these kinds of access where no rule allows them; and TCP, abstract sockets and signals to processes outside.
fn restrict(
    access: BitFlags<AccessFs>,
    rules: Vec<PathBeneath<rustix::fd::OwnedFd>>,
) -> Result<Option<u32>, RulesetError> {
    let status = Ruleset::default()
        .handle_access(access)?
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
