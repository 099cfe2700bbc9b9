//! What the kernel refuses this process and all that it starts.

use super::Diagnosis;
use crate::workstation::sandbox::Sandbox;

const NETWORK: &str = "sandbox.network";
const WRITING: &str = "sandbox.writing";
const MEND: &str = "start a kernel of Debian's, which has it";

pub(super) fn network(sandbox: Sandbox) -> Diagnosis {
    if sandbox.no_network && sandbox.no_new_rights {
        Diagnosis::fit(NETWORK, "the kernel refuses keyrite every network, and more rights than it has")
    } else {
        Diagnosis::unfit(NETWORK, "the kernel does not keep keyrite from a network (seccomp)", MEND)
    }
}

pub(super) fn writing(sandbox: Sandbox) -> Diagnosis {
    match sandbox.landlock {
        Some(version) => Diagnosis::fit(
            WRITING,
            format!("the kernel refuses keyrite to write outside the ceremony's folders (Landlock {version})"),
        ),
        None => {
            Diagnosis::unfit(WRITING, "the kernel does not keep keyrite in the ceremony's folders (Landlock)", MEND)
        }
    }
}
