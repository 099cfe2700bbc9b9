//! The workstation's fitness in whole ceremonies, and on real networks of a namespace (MACHINE-1, MACHINE-2).
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "support/guests.rs"]
mod guests;
#[path = "support/stage.rs"]
mod stage;
#[path = "support/system.rs"]
mod system;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use guests::Guests;
use keyrite::ceremony::CeremonyError;
use keyrite::ceremony::run::{self, Setting};
use keyrite::ceremony::scene::{Bundles, Programs};
use keyrite::format::place::Source;
use keyrite::format::{organization, script};
use keyrite::model::control::Control;
use keyrite::model::fault::{Class, Fault};
use keyrite::model::finding::Colour;
use keyrite::model::hash::Hash;
use keyrite::model::mode::Mode;
use keyrite::workstation::card::VirtualRack;
use keyrite::workstation::fitness::{Own, Probe};
use keyrite::workstation::register::Register;
use keyrite_locked::Hardening;
use stage::{ROOT_GENERATION, Ran, keyrite};
use system::{GRANTED, SYSTEM, lay};

const ETH0: &[(&str, &str)] = &[("sys/class/net/eth0/flags", "0x1003\n"), ("sys/class/net/eth0/operstate", "up\n")];
const SWAP: &[(&str, &str)] = &[("proc/swaps", "Filename\n/dev/sda2\n")];

/// A room with a register, on a recorded system.
struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    fn new(files: &[(&str, &str)]) -> Self {
        let room = Self { folder: tempfile::tempdir().unwrap() };
        lay(&room.system(), SYSTEM);
        lay(&room.system(), files);
        room
    }

    fn system(&self) -> PathBuf {
        self.folder.path().join("system")
    }

    fn register(&self) -> Register {
        Register::open_or_create(&self.folder.path().join("register")).unwrap()
    }

    /// Begins a root generation, or goes on; gives what stopped it, and what was told. There is no card in any reader.
    fn play(&self, mode: Mode, network_at: &'static str) -> (CeremonyError, Vec<String>) {
        let read = |path: &str| Source::new(path, &std::fs::read(path).unwrap()).unwrap();
        let (script_source, organization_source) = (read(ROOT_GENERATION), read("ceremony/organization.toml"));
        let hardening = Hardening { undumpable: true, no_core: true, all_locked: true };
        let system = self.system();
        // At a step, the machine gets a network.
        let at_step = |step: &str| {
            if step == network_at {
                lay(&system, ETH0);
            }
        };
        let mut people = Guests { at_step: Box::new(at_step), ..Guests::default() };
        let setting = Setting {
            organization: &organization::read(&organization_source).unwrap(),
            organization_sha256: Hash::of(organization_source.text().as_bytes()),
            mode,
            register: &self.register(),
            rack: &mut VirtualRack::new(mode, BTreeMap::new()),
            dialogue: &mut people,
            programs: &Programs { keyrite: keyrite(), gpg: None },
            bundles: &Bundles { incoming: None, outgoing: Some(self.folder.path().join("out")) },
            probe: Probe::new(&system, Own { hardening, sandbox: GRANTED, randomness: true, tools: Vec::new() }),
            observer: None,
            clears: false,
        };
        let stopped = run::run(&script::read(&script_source).unwrap(), setting).unwrap_err();
        (stopped, people.told)
    }

    /// The transcript, as text.
    fn transcript(&self) -> String {
        let register = self.register();
        let name = register.past().unwrap().names.pop().unwrap();
        std::fs::read_to_string(register.path(&format!("transcripts/{name}.jsonl"))).unwrap()
    }
}

fn mentions(told: &[String], words: &str) -> usize {
    told.iter().filter(|line| line.contains(words)).count()
}

fn refused_by(stopped: &CeremonyError, control: Control) {
    assert_eq!((stopped.class(), stopped.control()), (Class::Refused, Some(control)), "{stopped}");
    assert!(stopped.hint().is_some());
}

/// It came as far as the cards.
fn reached_the_cards(stopped: &CeremonyError) {
    assert!(!matches!(stopped.control(), Some(Control::MachineFit | Control::NoNetwork)), "{stopped}");
    assert!(matches!(stopped, CeremonyError::Card(_) | CeremonyError::Declined { .. }), "{stopped:?}");
}

#[test]
fn production_goes_on_to_the_cards_on_a_fit_machine() {
    let room = Room::new(&[]);
    let (stopped, told) = room.play(Mode::Production, "");
    reached_the_cards(&stopped);
    assert_eq!(mentions(&told, "0 unfit: fit for production."), 1, "{told:?}");
}

#[test]
fn production_refuses_an_unfit_machine_and_says_what_mends_it() {
    let room = Room::new(SWAP);
    let (stopped, told) = room.play(Mode::Production, "");
    refused_by(&stopped, Control::MachineFit);
    assert_eq!(stopped.to_string(), "this machine is not fit for production: memory.swap");
    assert_eq!(mentions(&told, "memory.swap: swap to /dev/sda2"), 1, "{told:?}");
    assert_eq!(mentions(&told, "-> swapoff -a"), 1, "{told:?}");
    // What was seen is recorded before it is judged, and the same command goes on when it is mended.
    assert!(room.transcript().contains("\"id\":\"memory.swap\",\"colour\":\"unfit\""));
    lay(&room.system(), SYSTEM);
    reached_the_cards(&room.play(Mode::Production, "").0);
}

#[test]
fn rehearsals_record_an_unfit_machine_and_go_on() {
    for mode in [Mode::Rehearsal, Mode::DressRehearsal] {
        let room = Room::new(SWAP);
        let (stopped, told) = room.play(mode, "");
        reached_the_cards(&stopped);
        assert_eq!(mentions(&told, "1 unfit: a rehearsal goes on, production would not."), 1, "{told:?}");
        assert!(room.transcript().contains("\"id\":\"memory.swap\",\"colour\":\"unfit\""));
    }
}

#[test]
fn a_network_that_appears_stops_production_until_it_goes() {
    let room = Room::new(&[]);
    let (stopped, told) = room.play(Mode::Production, "1.3");
    refused_by(&stopped, Control::NoNetwork);
    assert_eq!(stopped.to_string(), "this machine got a network since it was checked: eth0 is up");
    assert_eq!(mentions(&told, "eth0 is up"), 1, "{told:?}");
    // Told and recorded once, and no less refused the second time.
    let (stopped, _) = room.play(Mode::Production, "");
    assert_eq!(stopped.class(), Class::Refused, "{stopped}");
    assert_eq!(room.transcript().matches("network-appeared").count(), 1);
    std::fs::remove_dir_all(room.system().join("sys/class/net/eth0")).unwrap();
    reached_the_cards(&room.play(Mode::Production, "").0);
}

#[test]
fn a_network_that_appears_in_a_rehearsal_is_told_once() {
    let room = Room::new(&[]);
    let (stopped, told) = room.play(Mode::Rehearsal, "1.2");
    reached_the_cards(&stopped);
    assert_eq!(mentions(&told, "This machine got a network since it was checked:"), 1, "{told:?}");
    assert_eq!(mentions(&told, "eth0 is up"), 1, "{told:?}");
    assert_eq!(room.transcript().matches("network-appeared").count(), 1);
}

/// Runs `script` in a network of its own, with a /sys that shows it. The network is empty at first; `connect` gives it a
/// cable, an address and a way out.
fn in_a_network_of_its_own(script: &str, arguments: &[&Path]) -> Ran {
    const SCENE: &str = "
mount --make-rprivate / 2>/dev/null || :
mount -t sysfs sysfs /sys
connect() {
    ip link add veth0 type veth peer name veth1
    ip link set veth0 up
    ip link set veth1 up
    ip address add 192.0.2.1/24 dev veth0
    ip route add default via 192.0.2.2
}
";
    let mut unshare = Command::new("unshare");
    unshare.args(["--net", "--mount", "--propagation", "unchanged", "bash", "-euc"]);
    unshare.arg(format!("{SCENE}{script}")).arg(keyrite()).args(arguments);
    Ran::of(&unshare.output().expect("unshare"))
}

/// Colour and words of a finding in a report.
fn finding(json: &str, id: &str) -> (Colour, String) {
    let report: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(report["version"], 1);
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == id).unwrap();
    let colour = serde_json::from_value(finding["colour"].clone()).unwrap();
    (colour, finding["words"].as_str().unwrap().to_owned())
}

#[test]
fn doctor_sees_that_there_is_no_network() {
    let ran = in_a_network_of_its_own("\"$0\" doctor --json", &[]);
    ran.done();
    for id in ["network.interfaces", "network.addresses", "network.routes"] {
        let (colour, words) = finding(&ran.out, id);
        assert_ne!(colour, Colour::Unfit, "{id}: {words}");
    }
}

#[test]
fn doctor_refuses_a_network_in_production_and_only_tells_it_for_a_rehearsal() {
    let ran = in_a_network_of_its_own("connect; \"$0\" doctor --json --mode production", &[]);
    let said = ran.refused(1, Some("MACHINE-1"));
    for id in ["network.interfaces", "network.addresses", "network.routes"] {
        assert!(said.contains(id), "{said}");
        assert_eq!(finding(&ran.out, id).0, Colour::Unfit);
    }
    assert_eq!(finding(&ran.out, "network.interfaces").1, "veth0 is up; veth1 is up");
    assert!(finding(&ran.out, "network.routes").1.contains("IPv4 default route through veth0"));

    let ran = in_a_network_of_its_own("connect; \"$0\" doctor --mode production", &[]);
    ran.refused(1, Some("MACHINE-1"));
    assert!(ran.out.contains("\nunfit  network.interfaces: veth0 is up; veth1 is up\n"), "{}", ran.out);
    assert!(ran.out.contains("\n         -> pull the cable, and switch off: veth0, veth1"), "{}", ran.out);
    assert!(ran.out.ends_with(" unfit: not fit for production.\n"), "{}", ran.out);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    in_a_network_of_its_own("connect; \"$0\" doctor", &[]).done();
}

#[test]
fn a_rehearsal_tells_of_a_network_that_appears() {
    let stage = stage::Stage::empty();
    let rehearse = stage.rehearse(ROOT_GENERATION, None);
    let words: Vec<&Path> = rehearse.get_args().map(Path::new).collect();
    // A rehearsal is long enough: the network comes with the first step after the check.
    let script = format!(
        "TMPDIR={} \"$0\" \"$@\" | while IFS= read -r line; do
             case $line in 1.2*) connect ;; esac
             printf '%s\\n' \"$line\"
         done",
        stage.folder().display()
    );
    let ran = in_a_network_of_its_own(&script, &words);
    ran.done();
    // It comes piece by piece, and each piece is told once.
    assert!(ran.out.contains("This machine got a network since it was checked:"), "{}", ran.out);
    assert!(ran.out.matches("veth0 is up").count() <= 1 && ran.out.contains("veth0 is "), "{}", ran.out);
    stage.assert_well_ended();
}
