//! Judgement on recorded systems: a machine as it should be, and each thing that can be wrong with it.

use crate::workstation::sandbox::Sandbox;
use std::collections::BTreeSet;
use std::path::Path;

use keyrite_locked::Hardening;

use super::*;

const HARDENED: Hardening = Hardening { undumpable: true, no_core: true, all_locked: true };

/// A live system on a laptop without radios: no network, no swap, a card reader.
const FIT: &[(&str, &str)] = &[
    ("proc/sys/kernel/osrelease", "6.1.0-37-amd64\n"),
    ("proc/sys/kernel/tainted", "0\n"),
    ("proc/sys/kernel/core_pattern", "core\n"),
    ("proc/sys/kernel/yama/ptrace_scope", "1\n"),
    ("proc/cmdline", "BOOT_IMAGE=/live/vmlinuz boot=live quiet\n"),
    ("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme sse2 hypervisorless\n"),
    ("proc/self/mountinfo", "22 27 0:21 / /proc rw - proc proc rw\n27 1 0:25 / / rw,relatime - overlay overlay rw\n"),
    ("proc/self/stat", "41 (a ) name) S 1 41 41 34816 41 4194304 100\n"),
    ("proc/self/limits", "Max locked memory         8388608              8388608              bytes     \n"),
    ("proc/swaps", "Filename\t\t\t\tType\t\tSize\n"),
    ("proc/net/dev", "Inter-|   Receive\n face |bytes\n    lo:  12 1 0 0\n"),
    ("proc/net/route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"),
    ("proc/net/fib_trie", "Local:\n  +-- 127.0.0.0/8 2 0 2\n     |-- 127.0.0.1\n        /32 host LOCAL\n"),
    ("proc/net/if_inet6", "00000000000000000000000000000001 01 80 10 80       lo\n"),
    (
        "proc/net/ipv6_route",
        "00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001       lo\n",
    ),
    ("sys/class/net/lo/flags", "0x9\n"),
    ("sys/class/rtc/rtc0/name", "rtc_cmos\n"),
    ("sys/class/dmi/id/sys_vendor", "LENOVO\n"),
    ("sys/power/state", "freeze mem disk\n"),
    ("sys/power/disk", "[disabled]\n"),
    ("sys/kernel/security/lockdown", "none [integrity] confidentiality\n"),
    ("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n"),
    ("sys/bus/usb/devices/usb1/idVendor", "1d6b\n"),
    ("sys/bus/usb/devices/usb1/idProduct", "0002\n"),
    ("sys/bus/usb/devices/usb1/bDeviceClass", "09\n"),
    ("sys/bus/usb/devices/1-1/idVendor", "076b\n"),
    ("sys/bus/usb/devices/1-1/idProduct", "3031\n"),
    ("sys/bus/usb/devices/1-1/bDeviceClass", "00\n"),
    ("sys/bus/usb/devices/1-1:1.0/bInterfaceClass", "0b\n"),
    ("run/pcscd/pcscd.comm", ""),
    ("dev/usb/lp0", ""),
    ("dev/tty", ""),
];

/// Wi-Fi card, on.
const WIRELESS: &[(&str, &str)] = &[
    ("sys/class/ieee80211/phy0/index", "0"),
    ("sys/class/rfkill/rfkill0/name", "phy0\n"),
    ("sys/class/rfkill/rfkill0/type", "wlan\n"),
    ("sys/class/rfkill/rfkill0/soft", "0\n"),
    ("sys/class/rfkill/rfkill0/hard", "0\n"),
];

const KEYBOARD: &[(&str, &str)] = &[
    ("sys/bus/usb/devices/1-2/idVendor", "046d\n"),
    ("sys/bus/usb/devices/1-2/idProduct", "c31c\n"),
    ("sys/bus/usb/devices/1-2/product", "Key\u{1b}[2Jboard\n"),
    ("sys/bus/usb/devices/1-2/bDeviceClass", "00\n"),
    ("sys/bus/usb/devices/1-2:1.0/bInterfaceClass", "03\n"),
];

/// Everything is granted.
const SANDBOXED: Sandbox = Sandbox { no_new_rights: true, no_network: true, landlock: Some(6) };

fn own() -> Own {
    let tool = |name| Tool { name, found: true, version: None };
    Own { hardening: HARDENED, sandbox: SANDBOXED, randomness: true, tools: vec![tool("gpg"), tool("gfcombine")] }
}

fn lay(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// The fit machine with other files laid over it.
fn changed(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    lay(root.path(), FIT);
    lay(root.path(), files);
    root
}

fn findings(files: &[(&str, &str)], usb: Option<&[&str]>) -> Vec<Diagnosis> {
    let usb: Option<BTreeSet<UsbId>> = usb.map(|ids| ids.iter().map(|id| id.parse().unwrap()).collect());
    Probe::new(changed(files).path(), own()).findings(usb.as_ref())
}

/// What a finding of the changed machine is, and that no other one changed.
fn seen(id: &str, files: &[(&str, &str)]) -> (Colour, String) {
    let found = findings(files, Some(&[]));
    let fits = |diagnosis: &&Diagnosis| diagnosis.finding.id == id || diagnosis.finding.colour == Colour::Fit;
    assert_eq!(found.iter().find(|diagnosis| !fits(diagnosis)), None, "{files:?}");
    let Finding { colour, words, .. } = found.into_iter().find(|d| d.finding.id == id).unwrap().finding;
    (colour, words)
}

fn note(words: &str) -> (Colour, String) {
    (Colour::Note, words.to_owned())
}

fn unfit(words: &str) -> (Colour, String) {
    (Colour::Unfit, words.to_owned())
}

#[test]
fn a_fit_machine_passes_in_every_mode() {
    let found = findings(&[], Some(&[]));
    let words: Vec<&Finding> = found.iter().map(|d| &d.finding).filter(|f| f.colour != Colour::Fit).collect();
    assert_eq!(words, Vec::<&Finding>::new());
    for mode in [Mode::Rehearsal, Mode::DressRehearsal, Mode::Production] {
        judge(mode, &found).unwrap();
        judge_ways(mode, &BTreeSet::new()).unwrap();
    }
}

#[test]
fn ids_are_their_own() {
    let ids: Vec<String> = findings(&[], None).into_iter().map(|d| d.finding.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn a_machine_that_tells_nothing_is_unfit() {
    let root = tempfile::tempdir().unwrap();
    let probe = Probe::new(root.path(), own());
    let unfit: Vec<String> = probe
        .findings(None)
        .into_iter()
        .filter(|diagnosis| diagnosis.finding.colour == Colour::Unfit)
        .map(|diagnosis| diagnosis.finding.id)
        .collect();
    assert_eq!(unfit, ["network.interfaces", "network.addresses", "network.routes", "memory.swap"]);
    assert_eq!(probe.ways_out().len(), 2);
}

#[test]
fn an_unfit_machine_refuses_in_production_only() {
    let found = findings(&[("proc/swaps", "Filename\n/dev/sda2 partition 1 0 -2\n")], None);
    judge(Mode::Rehearsal, &found).unwrap();
    judge(Mode::DressRehearsal, &found).unwrap();
    let refused = judge(Mode::Production, &found).unwrap_err();
    assert_eq!(refused.to_string(), "this machine is not fit for production: memory.swap");
}

#[test]
fn interfaces_that_are_on_are_unfit_and_others_are_told() {
    let eth0 = |flags, operstate| {
        let files = [("sys/class/net/eth0/flags", flags), ("sys/class/net/eth0/operstate", operstate)];
        seen("network.interfaces", &files)
    };
    assert_eq!(eth0("0x1003\n", "up\n"), unfit("eth0 is up"));
    assert_eq!(eth0("0x1003\n", "down\n"), unfit("eth0 is on, without a link"));
    assert_eq!(eth0("0x1002\n", "down\n"), note("off: eth0"));
    // A driver that does not say: its carrier does.
    let tun = [
        ("sys/class/net/tun0/flags", "0x1091"),
        ("sys/class/net/tun0/operstate", "unknown"),
        ("sys/class/net/tun0/carrier", "1"),
    ];
    assert_eq!(seen("network.interfaces", &tun), unfit("tun0 is up"));
    // In the network of this process, and not in /sys, which somebody mounted elsewhere.
    let hidden = [("proc/net/dev", "Inter-|\n face |\n lo: 0\n wg0: 0\n")];
    assert_eq!(seen("network.interfaces", &hidden), unfit("wg0 is in a state that cannot be seen"));
}

#[test]
fn addresses_and_routes_are_unfit() {
    let v4 = "Local:\n     |-- 192.0.2.2\n        /32 host LOCAL\n     |-- 192.0.2.255\n        /32 link BROADCAST\n";
    let found = seen("network.addresses", &[("proc/net/fib_trie", v4)]);
    assert_eq!(found, unfit("1 IPv4 and 0 IPv6 beside the loopback's"));
    let v6 = "fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n";
    let found = seen("network.addresses", &[("proc/net/if_inet6", v6)]);
    assert_eq!(found, unfit("0 IPv4 and 1 IPv6 beside the loopback's"));

    let v4 = "Iface\tDestination\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
              eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
    let found = seen("network.routes", &[("proc/net/route", v4)]);
    assert_eq!(found, unfit("IPv4 default route through eth0; IPv4 route through eth0"));
    let zero = "00000000000000000000000000000000";
    let v6 = |flags, name| format!("{zero} 00 {zero} 00 {zero} 00000400 00000003 00000000 {flags}     {name}\n");
    let found = seen("network.routes", &[("proc/net/ipv6_route", &v6("00000003", "eth0"))]);
    assert_eq!(found, unfit("IPv6 default route through eth0"));
    let found = seen("network.routes", &[("proc/net/ipv6_route", &v6("00200200", "eth0"))]);
    assert_eq!(found.0, Colour::Fit);
    let found = seen("network.routes", &[("proc/net/route", "Iface\nnonsense\n")]);
    assert_eq!(found, unfit("IPv4 route that is not understood"));
}

#[test]
fn what_appears_is_a_way_out() {
    let root = changed(&[("sys/class/net/eth0/flags", "0x1002\n")]);
    let probe = Probe::new(root.path(), own());
    assert_eq!(probe.ways_out(), BTreeSet::new());
    lay(root.path(), &[("sys/class/net/eth0/flags", "0x1003\n"), ("sys/class/net/eth0/carrier", "1\n")]);
    let ways = probe.ways_out();
    assert_eq!(ways, BTreeSet::from(["eth0 is up".to_owned()]));
    judge_ways(Mode::Rehearsal, &ways).unwrap();
    let refused = judge_ways(Mode::Production, &ways).unwrap_err();
    assert_eq!(refused.to_string(), "this machine got a network since it was checked: eth0 is up");
}

#[test]
fn radios_are_unfit_unless_they_are_blocked() {
    assert_eq!(seen("radio.wireless", WIRELESS), unfit("wireless network is there and not blocked: phy0"));
    let blocked = [WIRELESS, &[("sys/class/rfkill/rfkill0/soft", "1\n")]].concat();
    assert_eq!(seen("radio.wireless", &blocked), note("wireless network is there and blocked: phy0"));
    // Nothing can block it.
    assert_eq!(seen("radio.wireless", &WIRELESS[..1]), unfit("wireless network is there and not blocked: phy0"));
    let bluetooth = [("sys/class/bluetooth/hci0/type", ""), ("sys/class/bluetooth/hci0:12/type", "")];
    assert_eq!(seen("radio.bluetooth", &bluetooth), unfit("Bluetooth is there and not blocked: hci0"));
    let modem = [
        ("sys/class/rfkill/rfkill2/name", "modem\n"),
        ("sys/class/rfkill/rfkill2/type", "wwan\n"),
        ("sys/class/rfkill/rfkill2/hard", "0\n"),
    ];
    assert_eq!(seen("radio.other", &modem), unfit("wwan modem is on"));
    let blocked = [&modem[..], &[("sys/class/rfkill/rfkill2/hard", "1\n")]].concat();
    assert_eq!(seen("radio.other", &blocked), note("wwan modem is blocked"));
}

#[test]
fn swap_is_unfit_unless_it_stays_in_memory() {
    let swaps = |line: &str| format!("Filename Type\n{line} partition 8388604 0 -2\n");
    let disk = swaps("/dev/dm-1");
    assert_eq!(seen("memory.swap", &[("proc/swaps", &disk)]), unfit("swap to /dev/dm-1"));
    let zram = swaps("/dev/zram0");
    let found = seen("memory.swap", &[("proc/swaps", &zram)]);
    assert_eq!(found, note("swap to zram0 (compressed memory)"));
    let backed = [("proc/swaps", zram.as_str()), ("sys/block/zram0/backing_dev", "/dev/sda3\n")];
    assert_eq!(seen("memory.swap", &backed), unfit("swap to zram0 (compressed memory, and a disk behind it)"));
}

#[test]
fn hibernation_is_unfit_when_it_has_a_place() {
    let can = ("sys/power/disk", "[platform] shutdown reboot\n");
    assert_eq!(seen("memory.hibernation", &[can]), note("this kernel can hibernate; no place for it is set"));
    let set = "this machine is set up to hibernate: memory would go to the disk";
    let resume = ("proc/cmdline", "quiet resume=UUID=1234\n");
    assert_eq!(seen("memory.hibernation", &[can, resume]), unfit(set));
    assert_eq!(seen("memory.hibernation", &[can, ("sys/power/resume", "8:3\n")]), unfit(set));
    let not = ("proc/cmdline", "quiet resume=UUID=1234 noresume\n");
    assert_eq!(seen("memory.hibernation", &[can, not]).0, Colour::Note);
}

#[test]
fn what_the_process_was_not_granted_is_unfit() {
    let root = changed(&[("proc/sys/kernel/core_pattern", "|/usr/share/apport/apport %p\n")]);
    let colours = |hardening, randomness| {
        let probe = Probe::new(root.path(), Own { hardening, randomness, ..own() });
        let seen = probe.findings(None).into_iter().filter(|d| d.finding.colour == Colour::Unfit);
        seen.map(|d| d.finding.words).collect::<Vec<_>>()
    };
    assert_eq!(colours(HARDENED, true), Vec::<String>::new());
    let nothing = Hardening { undumpable: false, no_core: true, all_locked: false };
    let expected = [
        "the kernel's randomness is not initialised yet",
        "the system does not let keyrite forbid core files",
        "only keys and PINs are locked in memory, not all of it: the limit is 8192 KiB",
    ];
    assert_eq!(colours(nothing, false), expected);
    let piped = seen("memory.core-dumps", &[("proc/sys/kernel/core_pattern", "|/usr/share/apport/apport %p\n")]);
    assert_eq!(piped.0, Colour::Note);
}

#[test]
fn usb_devices_are_held_against_the_list() {
    let of = |usb| {
        let found = findings(KEYBOARD, usb).into_iter().find(|d| d.finding.id == "usb.devices").unwrap();
        (found.finding.colour, found.finding.words)
    };
    // What a device says of itself moves no cursor.
    let words = "046d:c31c Key\\u{1b}[2Jboard (keyboard or mouse)";
    assert_eq!(of(None), note(&format!("USB devices, and no list to compare with: {words}")));
    assert_eq!(of(Some(&["1050:0407"])), unfit(&format!("USB devices that are not on the list: {words}")));
    let fit = (Colour::Fit, "1 hub(s), 1 card reader(s), 1 allowed device(s)".to_owned());
    assert_eq!(of(Some(&["1050:0407", "046d:c31c"])), fit);
    // A reader that is a disk too is no reader.
    let disk = [("sys/bus/usb/devices/1-1:1.1/bInterfaceClass", "08\n")];
    assert_eq!(
        seen("usb.devices", &disk),
        unfit("USB devices that are not on the list: 076b:3031 (storage, card reader)")
    );
}

#[test]
fn the_rest_is_told() {
    let installed = ("proc/self/mountinfo", "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n");
    assert_eq!(
        seen("system.boot", &[installed]).1,
        "installed system: its root is ext4 on /dev/vda, started with boot=live"
    );
    let machine = ("proc/cpuinfo", "flags\t\t: fpu hypervisor lahf_lm\n");
    assert_eq!(seen("system.virtual", &[machine]).0, Colour::Note);
    assert_eq!(seen("system.virtual", &[("sys/hypervisor/type", "xen\n")]).0, Colour::Note);
    assert_eq!(seen("system.kernel", &[("proc/sys/kernel/tainted", "4097\n")]).0, Colour::Note);
    assert_eq!(seen("memory.ptrace", &[("proc/sys/kernel/yama/ptrace_scope", "0\n")]).0, Colour::Note);
    let source = "sys/devices/system/clocksource/clocksource0/current_clocksource";
    assert_eq!(seen("clock.source", &[(source, "kvm-clock\n")]), note("the clock is the host's (kvm-clock)"));
    assert_eq!(seen("devices.printer", &[("run/cups/cups.sock", "")]).0, Colour::Note);
    assert_eq!(
        seen("devices.terminal", &[("proc/self/stat", "41 (keyrite) S 1 41 41 0 -1 4194304\n")]).0,
        Colour::Note
    );
    let missing = Tool { name: "gfcombine", found: false, version: None };
    let gpg = Tool { name: "gpg", found: true, version: Some("2.2.40".to_owned()) };
    let root = changed(&[]);
    let found = Probe::new(root.path(), Own { tools: vec![gpg, missing], ..own() }).findings(None).pop().unwrap();
    assert_eq!(found.finding.words, "not installed: gfcombine; installed: gpg 2.2.40");
}
