//! Radios: Wi-Fi, Bluetooth and the rest. One that is blocked is still there, and what is there can be unblocked.

use super::Diagnosis;
use super::files::{Files, Unseen, listed, shown};

const WIRELESS: &str = "radio.wireless";
const BLUETOOTH: &str = "radio.bluetooth";
const OTHER: &str = "radio.other";

const BLOCK: &str = "rfkill block all; better: switch it off in the firmware, or take it out";
const TAKE_OUT: Option<&str> = Some("better: switch it off in the firmware, or take it out");

/// A radio's switch, in /sys/class/rfkill.
struct Switch {
    /// What it switches: `phy0`, `hci0`, or a name of the maker's.
    name: String,
    /// `wlan`, `bluetooth`, `wwan`, ...
    kind: String,
    blocked: bool,
}

pub(super) fn wireless(files: &Files) -> Diagnosis {
    match (files.class("sys/class/ieee80211"), switches(files)) {
        (Ok(radios), Ok(switches)) => judged(WIRELESS, "wireless network", &radios, &switches),
        _ => Diagnosis::unseen(WIRELESS, "the list of wireless networks"),
    }
}

pub(super) fn bluetooth(files: &Files) -> Diagnosis {
    match (files.class("sys/class/bluetooth"), switches(files)) {
        (Ok(mut radios), Ok(switches)) => {
            // `hci0:12` is a connection of `hci0`.
            radios.retain(|name| !name.contains(':'));
            judged(BLUETOOTH, "Bluetooth", &radios, &switches)
        }
        _ => Diagnosis::unseen(BLUETOOTH, "the list of Bluetooth adapters"),
    }
}

/// Mobile networks, NFC and whatever else has a switch.
pub(super) fn other(files: &Files) -> Diagnosis {
    let Ok(mut switches) = switches(files) else { return Diagnosis::unseen(OTHER, "the list of radios") };
    switches.retain(|switch| switch.kind != "wlan" && switch.kind != "bluetooth");
    let words = |switch: &Switch| {
        let state = if switch.blocked { "blocked" } else { "on" };
        format!("{} {} is {state}", shown(&switch.kind), shown(&switch.name))
    };
    let all: Vec<String> = switches.iter().map(words).collect();
    if all.is_empty() {
        Diagnosis::fit(OTHER, "no other radio")
    } else if switches.iter().all(|switch| switch.blocked) {
        Diagnosis::note(OTHER, all.join("; "), TAKE_OUT)
    } else {
        Diagnosis::unfit(OTHER, all.join("; "), BLOCK)
    }
}

fn judged(id: &str, what: &str, radios: &[String], switches: &[Switch]) -> Diagnosis {
    // One without a switch of its own cannot be blocked.
    let blocked = |radio: &&String| switches.iter().any(|switch| switch.name == **radio && switch.blocked);
    let (off, on): (Vec<&String>, Vec<&String>) = radios.iter().partition(blocked);
    match (off.as_slice(), on.as_slice()) {
        ([], []) => Diagnosis::fit(id, format!("no {what}")),
        (off, []) => Diagnosis::note(id, format!("{what} is there and blocked: {}", names(off)), TAKE_OUT),
        (_, on) => Diagnosis::unfit(id, format!("{what} is there and not blocked: {}", names(on)), BLOCK),
    }
}

fn names(radios: &[&String]) -> String {
    listed(radios.iter().map(|name| name.as_str()))
}

fn switches(files: &Files) -> Result<Vec<Switch>, Unseen> {
    let names = files.class("sys/class/rfkill")?;
    let read = |folder: &str, what: &str| files.word(&format!("sys/class/rfkill/{folder}/{what}"));
    let switch = |folder: String| Switch {
        name: read(&folder, "name"),
        kind: read(&folder, "type"),
        blocked: read(&folder, "soft") == "1" || read(&folder, "hard") == "1",
    };
    Ok(names.into_iter().map(switch).collect())
}
