//! Where a secret in memory could end up: swap, hibernation, core files, a debugger.

use keyrite_locked::Hardening;

use super::Diagnosis;
use super::files::{Files, Unseen, shown};

const SWAP: &str = "memory.swap";
const HIBERNATION: &str = "memory.hibernation";
const CORE_DUMPS: &str = "memory.core-dumps";
const PTRACE: &str = "memory.ptrace";
const LOCKED: &str = "memory.locked";

pub(super) fn swap(files: &Files) -> Diagnosis {
    let areas: Vec<Area> = match files.text("proc/swaps") {
        Ok(table) => areas(files, &table),
        // A kernel that cannot swap has no such file; a system without /proc has none of these either.
        Err(Unseen::Missing) if files.exists("proc/self") => Vec::new(),
        Err(_) => return Diagnosis::unseen(SWAP, "the list of swap areas"),
    };
    let words: Vec<String> = areas.iter().map(|area| area.words.clone()).collect();
    if areas.is_empty() {
        Diagnosis::fit(SWAP, "no swap")
    } else if areas.iter().all(|area| area.in_memory) {
        Diagnosis::note(SWAP, format!("swap to {}", words.join("; ")), Some("swapoff -a"))
    } else {
        Diagnosis::unfit(
            SWAP,
            format!("swap to {}", words.join("; ")),
            "swapoff -a, before any secret is typed or drawn",
        )
    }
}

struct Area {
    words: String,
    in_memory: bool,
}

/// /proc/swaps: a line of headings, then the name first.
fn areas(files: &Files, table: &str) -> Vec<Area> {
    let names = table.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    names.map(|name| area(files, name)).collect()
}

fn area(files: &Files, name: &str) -> Area {
    let Some(device) = name.strip_prefix("/dev/").filter(|device| device.starts_with("zram")) else {
        return Area { words: shown(name), in_memory: false };
    };
    // A zram can be given a disk to write to (kernel documentation, blockdev/zram).
    let backing = files.text(&format!("sys/block/{device}/backing_dev"));
    let in_memory = match &backing {
        Ok(text) => text.trim() == "none",
        Err(unseen) => *unseen == Unseen::Missing,
    };
    let kind = if in_memory { "compressed memory" } else { "compressed memory, and a disk behind it" };
    Area { words: format!("{} ({kind})", shown(device)), in_memory }
}

pub(super) fn hibernation(files: &Files) -> Diagnosis {
    let state = files.word("sys/power/state");
    let can =
        state.split_whitespace().any(|word| word == "disk") && !files.word("sys/power/disk").contains("[disabled]");
    let line = files.word("proc/cmdline");
    let has = |option: &str| line.split_whitespace().any(|word| word.starts_with(option));
    let resumes = has("resume=") && !has("noresume") || !matches!(files.word("sys/power/resume").as_str(), "" | "0:0");
    match (can, resumes) {
        (false, _) => Diagnosis::fit(HIBERNATION, "this kernel does not hibernate"),
        (true, false) => {
            let mend = "start with nohibernate on the kernel's command line";
            Diagnosis::note(HIBERNATION, "this kernel can hibernate; no place for it is set", Some(mend))
        }
        (true, true) => {
            let mend = "start with nohibernate on the kernel's command line, and without resume=";
            Diagnosis::unfit(HIBERNATION, "this machine is set up to hibernate: memory would go to the disk", mend)
        }
    }
}

pub(super) fn core_dumps(files: &Files, hardening: Hardening) -> Diagnosis {
    let Hardening { undumpable, no_core, .. } = hardening;
    if !undumpable || !no_core {
        let mend = "start keyrite anew, on a system that lets it; nothing was lost";
        return Diagnosis::unfit(CORE_DUMPS, "the system does not let keyrite forbid core files", mend);
    }
    let pattern = files.word("proc/sys/kernel/core_pattern");
    match pattern.strip_prefix('|') {
        None => Diagnosis::fit(CORE_DUMPS, "keyrite and what it starts leave no core file"),
        // A pipe is fed whatever RLIMIT_CORE says (core(5)); it gets nothing of a process that is not dumpable.
        Some(handler) => {
            let handler = shown(handler.split_whitespace().next().unwrap_or_default());
            let words =
                format!("keyrite leaves no core file; what it starts, such as gpg, would leave one to {handler}");
            Diagnosis::note(CORE_DUMPS, words, Some("sysctl kernel.core_pattern=core"))
        }
    }
}

pub(super) fn ptrace(files: &Files) -> Diagnosis {
    match files.word("proc/sys/kernel/yama/ptrace_scope").as_str() {
        "1" | "2" | "3" => Diagnosis::fit(PTRACE, "processes do not look into each other's memory"),
        "" => Diagnosis::note(PTRACE, "this kernel has no Yama, which keeps processes apart", None),
        _ => Diagnosis::note(
            PTRACE,
            "processes of one user may look into each other's memory; keyrite closes its own",
            Some("sysctl kernel.yama.ptrace_scope=1"),
        ),
    }
}

pub(super) fn locked(files: &Files, hardening: Hardening) -> Diagnosis {
    if hardening.all_locked {
        return Diagnosis::fit(LOCKED, "all memory of keyrite is locked");
    }
    let limit = match files.text("proc/self/limits").ok().as_deref().and_then(memlock) {
        Some(limit) => format!("the limit is {limit}"),
        None => "the limit cannot be seen".to_owned(),
    };
    let words = format!("only keys and PINs are locked in memory, not all of it: {limit}");
    Diagnosis::unfit(LOCKED, words, "ulimit -l unlimited, as root, before keyrite is started")
}

/// The limit that holds, of `Max locked memory     8388608              8388608              bytes`.
fn memlock(limits: &str) -> Option<String> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max locked memory"))?;
    let limit = line.split_whitespace().next()?;
    Some(match limit.parse::<u64>() {
        Ok(bytes) => format!("{} KiB", bytes / 1024),
        Err(_) => shown(limit),
    })
}
