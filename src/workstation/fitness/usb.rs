//! USB devices, against the list of the organization. Nothing is opened: /sys says what each one says of itself.

use std::collections::BTreeSet;

use super::Diagnosis;
use super::files::{Files, Unseen, shown};
use crate::model::usb::UsbId;

const DEVICES: &str = "usb.devices";
const FOLDER: &str = "sys/bus/usb/devices";

const HUB: &str = "09";
const SMARTCARD: &str = "0b";

/// A device as it describes itself.
pub(super) struct Device {
    id: Option<UsbId>,
    name: String,
    /// Class codes, of the device or of its interfaces.
    classes: BTreeSet<String>,
}

impl Device {
    /// Whether it is a hub and nothing else: what hangs on it is a device of its own.
    fn is_hub(&self) -> bool {
        self.classes.iter().all(|class| class == HUB) && !self.classes.is_empty()
    }

    /// Whether it is a reader and nothing else.
    fn is_reader(&self) -> bool {
        self.classes.iter().all(|class| class == SMARTCARD) && !self.classes.is_empty()
    }

    /// Whether a card can be reached through it: some tokens are keyboards too.
    pub(super) fn reads_cards(&self) -> bool {
        self.classes.contains(SMARTCARD)
    }

    fn words(&self) -> String {
        let id = self.id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
        let kinds: Vec<String> = self.classes.iter().map(|class| kind(class)).collect();
        let kinds = if kinds.is_empty() { "unknown kind".to_owned() } else { kinds.join(", ") };
        format!("{id} {} ({kinds})", self.name).replace("  ", " ")
    }
}

/// What a class code stands for (usb.org, defined class codes).
fn kind(class: &str) -> String {
    match class {
        "01" => "sound",
        "02" | "0a" => "modem or network",
        "03" => "keyboard or mouse",
        "06" => "camera",
        "07" => "printer",
        "08" => "storage",
        HUB => "hub",
        SMARTCARD => "card reader",
        "0e" => "video",
        "e0" => "radio",
        other => return format!("class {}", shown(other)),
    }
    .to_owned()
}

/// Every device, hubs included; a kernel without USB has none.
pub(super) fn devices(files: &Files) -> Result<Vec<Device>, Unseen> {
    let names = files.class(FOLDER)?;
    // `1-2` is a device, `1-2:1.0` an interface of it.
    let devices = names.iter().filter(|name| !name.contains(':'));
    Ok(devices.map(|name| device(files, name, &names)).collect())
}

fn device(files: &Files, name: &str, all: &[String]) -> Device {
    let read = |folder: &str, what: &str| files.word(&format!("{FOLDER}/{folder}/{what}"));
    let interfaces = all.iter().filter(|other| other.split_once(':').is_some_and(|(device, _)| device == name));
    let mut classes: BTreeSet<String> = interfaces.map(|interface| read(interface, "bInterfaceClass")).collect();
    // 00: each interface says its own (USB 2.0, 9.6.1).
    classes.insert(read(name, "bDeviceClass"));
    classes.retain(|class| !class.is_empty() && class != "00" && class != "ef");
    Device {
        id: format!("{}:{}", read(name, "idVendor"), read(name, "idProduct")).parse().ok(),
        name: shown(&format!("{} {}", read(name, "manufacturer"), read(name, "product"))),
        classes,
    }
}

pub(super) fn judged(devices: &Result<Vec<Device>, Unseen>, allowed: Option<&BTreeSet<UsbId>>) -> Diagnosis {
    let Ok(devices) = devices else { return Diagnosis::unseen(DEVICES, "the list of USB devices") };
    let hubs = devices.iter().filter(|device| device.is_hub()).count();
    let readers = devices.iter().filter(|device| device.is_reader()).count();
    let others = devices.iter().filter(|device| !device.is_hub() && !device.is_reader());
    let listed = |device: &&Device| device.id.is_some_and(|id| allowed.is_some_and(|allowed| allowed.contains(&id)));
    let (listed, foreign): (Vec<&Device>, Vec<&Device>) = others.partition(listed);
    let words = foreign.iter().map(|device| device.words()).collect::<Vec<_>>().join("; ");
    match (foreign.is_empty(), allowed) {
        (true, _) => {
            let listed = listed.len();
            Diagnosis::fit(DEVICES, format!("{hubs} hub(s), {readers} card reader(s), {listed} allowed device(s)"))
        }
        (false, None) => {
            let mend = "unplug what is not needed; list the rest in organization.toml, [workstation]";
            Diagnosis::note(DEVICES, format!("USB devices, and no list to compare with: {words}"), Some(mend))
        }
        (false, Some(_)) => {
            let mend = "unplug it; only what organization.toml lists may be there";
            Diagnosis::unfit(DEVICES, format!("USB devices that are not on the list: {words}"), mend)
        }
    }
}
