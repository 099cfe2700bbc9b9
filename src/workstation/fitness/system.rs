//! Which system this is: its kernel, what it was started from, whether somebody else's machine is around it.

use super::Diagnosis;
use super::files::{Files, shown};

const KERNEL: &str = "system.kernel";
const BOOT: &str = "system.boot";
const VIRTUAL: &str = "system.virtual";
const RANDOMNESS: &str = "system.randomness";

/// Bits of the kernel's taint that mean foreign code: proprietary, forced, out of tree, unsigned, patched while running
/// (kernel documentation, tainted-kernels).
const FOREIGN_CODE: u64 = 1 | 1 << 1 | 1 << 12 | 1 << 13 | 1 << 15;

pub(super) fn kernel(files: &Files) -> Diagnosis {
    let release = files.word("proc/sys/kernel/osrelease");
    let release = if release.is_empty() { "of an unknown release".to_owned() } else { shown(&release) };
    let lockdown = files.word("sys/kernel/security/lockdown");
    let lockdown = match lockdown.split_once('[').and_then(|(_, rest)| rest.split_once(']')) {
        Some((level, _)) => format!("lockdown {}", shown(level)),
        None => "without lockdown".to_owned(),
    };
    let words = format!("kernel {release}, {lockdown}");
    match files.word("proc/sys/kernel/tainted").parse::<u64>() {
        Ok(taint) if taint & FOREIGN_CODE == 0 => Diagnosis::fit(KERNEL, words),
        Ok(taint) => {
            let words = format!("{words}; it runs code that is not its own (taint {taint})");
            Diagnosis::note(KERNEL, words, Some("start a system without foreign modules"))
        }
        Err(_) => Diagnosis::note(KERNEL, format!("{words}; whether it is tainted cannot be seen"), None),
    }
}

/// File systems that do not outlive the power, or cannot be written to.
const LIVE: &[&str] = &["erofs", "overlay", "ramfs", "rootfs", "squashfs", "tmpfs"];

pub(super) fn boot(files: &Files) -> Diagnosis {
    let mend = Some("start a live system, so that nothing of the ceremony stays");
    let Some((kind, device)) = files.text("proc/self/mountinfo").ok().as_deref().and_then(root_mount) else {
        return Diagnosis::note(BOOT, "what this system was started from cannot be seen", mend);
    };
    let named = files.word("proc/cmdline").split_whitespace().any(|word| word == "boot=live");
    let named = if named { ", started with boot=live" } else { "" };
    if LIVE.contains(&kind.as_str()) {
        Diagnosis::fit(BOOT, format!("live system: its root is {kind}{named}"))
    } else {
        Diagnosis::note(BOOT, format!("installed system: its root is {kind} on {device}{named}"), mend)
    }
}

/// Type and device of the last mount at `/`: `27 1 254:0 / / rw,relatime - ext4 /dev/vda rw` (proc_pid_mountinfo(5)).
fn root_mount(mounts: &str) -> Option<(String, String)> {
    let line = mounts.lines().rfind(|line| line.split(' ').nth(4) == Some("/"))?;
    let mut fields = line.split_once(" - ")?.1.split(' ');
    Some((shown(fields.next()?), shown(fields.next()?)))
}

pub(super) fn virtual_machine(files: &Files) -> Diagnosis {
    let xen = files.word("sys/hypervisor/type");
    let maker = files.word("sys/class/dmi/id/sys_vendor");
    let flagged = files.text("proc/cpuinfo").is_ok_and(|text| {
        text.lines()
            .find(|line| line.starts_with("flags"))
            .is_some_and(|line| line.ends_with(" hypervisor") || line.contains(" hypervisor "))
    });
    let hint = match (xen.as_str(), maker.as_str(), flagged) {
        ("", _, false) => return Diagnosis::fit(VIRTUAL, "no sign of a virtual machine"),
        ("", "", true) => "the processor says so".to_owned(),
        ("", maker, true) => format!("made by {}", shown(maker)),
        (xen, _, _) => shown(xen),
    };
    let words = format!("this is a virtual machine ({hint}): whoever runs it sees all of its memory");
    Diagnosis::note(VIRTUAL, words, Some("hold production ceremonies on a machine of your own"))
}

pub(super) fn randomness(ready: bool) -> Diagnosis {
    if ready {
        Diagnosis::fit(RANDOMNESS, "the kernel's randomness is initialised")
    } else {
        let mend = "wait, type something, then run the same command again";
        Diagnosis::unfit(RANDOMNESS, "the kernel's randomness is not initialised yet", mend)
    }
}
