//! Rehearsals inside this process, and what must hold after them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use keyrite::model::mode::Mode;
use keyrite::model::room::Card;
use keyrite::rehearsal::{Cards, Rehearsal};
use keyrite::trust::openpgp::{Certificate, signed_text};
use keyrite::workstation::card::{Expected, ExpectedKey, RackExt, SharedTap, VirtualRack};
use keyrite::workstation::journal::Observer;
use keyrite::workstation::register::{Past, Register};
use keyrite::workstation::{WorkstationError, clock};

pub(crate) use crate::support::{keyrite, virtual_card};

use crate::points::Point;

/// A folder for one test, removed at its end.
pub struct Stage {
    folder: tempfile::TempDir,
}

/// What the transcripts of a scratch folder say.
pub fn past(scratch: &Path) -> Past {
    open(scratch).past().unwrap()
}

/// Opens a register. A thread beside this one may be starting a process, which holds every lock of this process for the
/// moment between fork and exec.
fn open(scratch: &Path) -> Register {
    for _ in 0..500 {
        match Register::open(&scratch.join("register")) {
            Err(WorkstationError::InUse { .. }) => std::thread::sleep(Duration::from_millis(10)),
            other => return other.unwrap(),
        }
    }
    panic!("the register of {} is never free", scratch.display());
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Stage {
    /// A new one.
    pub fn new(name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("kr-{name}-")).tempdir().unwrap();
        std::fs::create_dir(folder.path().join("scratch")).unwrap();
        Self { folder }
    }

    /// The folder above it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the ceremony is played.
    pub fn scratch(&self) -> PathBuf {
        self.folder.path().join("scratch")
    }

    /// Where the copies go.
    pub fn points(&self) -> PathBuf {
        self.folder.path().join("points")
    }

    /// A signer's request to a root, in a bundle, made by stock gpg.
    pub fn request(&self, name: &str, root: &str) -> PathBuf {
        let (home, bundle) = (self.folder.path().join(name), self.folder.path().join(format!("incoming-{name}")));
        let engineer = |arguments: &[&str]| {
            let status =
                Command::new("ceremony/lib/engineer").args(arguments).stderr(std::process::Stdio::null()).status();
            assert!(status.unwrap().success(), "engineer {arguments:?}");
        };
        let (home, folder) = (home.to_str().unwrap(), bundle.to_str().unwrap());
        engineer(&["key", home, &format!("{name} Example (rehearsal) <{name}@example.org>")]);
        engineer(&["request", home, folder, "Example Organization", name, root]);
        Command::new("gpgconf").args(["--homedir", home, "--kill", "all"]).status().unwrap();
        bundle
    }

    /// A release that the signer called so signed, with stock gpg, in a bundle of its own.
    pub fn release(&self, name: &str) -> PathBuf {
        let (home, bundle) = (self.folder.path().join(name), self.folder.path().join(format!("releases-{name}")));
        let engineer = ["release", home.to_str().unwrap(), bundle.to_str().unwrap(), "keyrite-1.2", "Cargo.toml"];
        let status = Command::new("ceremony/lib/engineer").args(engineer).status();
        assert!(status.unwrap().success(), "engineer {engineer:?}");
        Command::new("gpgconf").args(["--homedir", home.to_str().unwrap(), "--kill", "all"]).status().unwrap();
        bundle
    }

    /// Plays a script in the scratch folder, by the real program.
    pub fn run(&self, script: &Path, bundle: Option<&Path>) -> Result<(), String> {
        self.run_at(&self.scratch(), script, bundle)
    }

    /// Plays a script in a copy, by the real program.
    pub fn run_at(&self, scratch: &Path, script: &Path, bundle: Option<&Path>) -> Result<(), String> {
        virtual_card();
        let mut command = Command::new(keyrite());
        command.args(["ceremony", "rehearse"]).arg(script).arg("--scratch").arg(scratch);
        command.args(bundle.iter().flat_map(|bundle| [Path::new("--bundle"), bundle]));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(format!("{}: {said}", output.status)) }
    }

    /// Plays a script in the scratch folder, watched.
    pub fn run_watched(
        &self,
        script: &Path,
        bundle: Option<&Path>,
        tap: SharedTap,
        observer: Observer,
    ) -> Result<(), String> {
        play(&self.scratch(), script, bundle, tap, observer)
    }

    /// Whether `register check` is content with the register of a copy.
    pub fn register_check(&self, scratch: &Path) -> Result<(), String> {
        let mut check = Command::new(keyrite());
        let output = check.args(["register", "check", "--register"]).arg(scratch.join("register")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said) }
    }

    /// Signatures that the cards of a copy have made and its transcripts do not account for.
    pub fn unrecorded_signatures(&self, point: &Point) -> Result<u32, String> {
        let past = point.past();
        let mut unrecorded = 0;
        with_cards(&point.scratch, &past, |rack, name, record, serial| {
            let any = Expected { serial: Some(serial), ..Expected::any(name.clone()) };
            let counter = rack.session(&any, |card| Ok(card.survey().signatures)).map_err(|e| e.to_string())?;
            unrecorded += counter - record.signatures;
            Ok(())
        })?;
        Ok(unrecorded)
    }

    /// Whether the ceremony is over, every card shows exactly the signatures that the transcripts explain, every file is
    /// as recorded, and the minutes verify.
    pub fn well_ended(&self, scratch: &Path) -> Result<(), String> {
        let past = past(scratch);
        if !past.history.current.finished {
            return Err("not finished".to_owned());
        }
        if !past.history.current.open.is_empty() {
            return Err("an intent is open".to_owned());
        }
        with_cards(scratch, &past, |rack, name, record, serial| {
            let expected = Expected {
                serial: Some(serial),
                key: record.holds.map_or(ExpectedKey::Empty, ExpectedKey::Fingerprint),
                counter: Some(record.signatures..=record.signatures),
                ..Expected::any(name.clone())
            };
            // One that was retired is blank, or lost.
            if !matches!(record.state, Card::InService | Card::Retired) {
                return Err(format!("card {name} is {}", record.state));
            }
            rack.session(&expected, |_| Ok(())).map_err(|e| e.to_string())
        })?;
        files_as_recorded(scratch, &past)
    }
}

fn files_as_recorded(scratch: &Path, past: &Past) -> Result<(), String> {
    let register = open(scratch);
    let history = &past.history;
    let (fingerprint, records) = history.records.clone().ok_or("no records key")?;
    let read = |artefact| register.read(artefact).map_err(|e| e.to_string());
    let records = Certificate::parse(&read(&records)?, fingerprint).map_err(|e| e.to_string())?;
    let minutes = history.current.minutes.as_ref().ok_or("no minutes")?;
    signed_text::verify_text(&read(minutes)?, &records, clock::now().unwrap()).map_err(|e| e.to_string())?;
    for root in history.roots.values() {
        read(&root.certificate)?;
        for sealed in root.sealed.values() {
            read(&sealed.message)?;
            read(&sealed.statement)?;
        }
    }
    for delegation in &history.delegations {
        read(&delegation.certificate)?;
    }
    let unfinished = unfinished(scratch);
    if unfinished.is_empty() { Ok(()) } else { Err(format!("left behind: {unfinished:?}")) }
}

/// Half-written files and folders.
fn unfinished(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with(".unfinished-") {
            found.push(path);
        } else if path.is_dir() {
            found.extend(unfinished(&path));
        }
    }
    found
}

fn with_cards(
    scratch: &Path,
    past: &Past,
    mut work: impl FnMut(
        &mut VirtualRack,
        &keyrite::model::name::CardName,
        &keyrite::model::history::CardRecord,
        keyrite::workstation::card::Serial,
    ) -> Result<(), String>,
) -> Result<(), String> {
    let mut cards = Cards::start(&virtual_card(), scratch, past.history.cards.keys()).map_err(|e| e.to_string())?;
    let mut rack = VirtualRack::new(Mode::Rehearsal, cards.sockets());
    let mut result = Ok(());
    for (name, record) in &past.history.cards {
        result = result.and_then(|()| work(&mut rack, name, record, record.serial.parse().unwrap()));
    }
    cards.stop().map_err(|e| e.to_string())?;
    result
}

fn play(
    scratch: &Path,
    script: &Path,
    bundle: Option<&Path>,
    tap: SharedTap,
    observer: Observer,
) -> Result<(), String> {
    let rehearsal = Rehearsal {
        scratch: scratch.to_owned(),
        keyrite: keyrite(),
        virtual_card: virtual_card(),
        hardening: keyrite_locked::Hardening { undumpable: false, no_core: false, all_locked: false },
        sandbox: keyrite::workstation::sandbox::Sandbox::default(),
        tap: Some(tap),
        observer: Some(observer),
    };
    let mut said = Vec::new();
    let result = rehearsal.run(script, None, bundle.map(Path::to_owned), &mut said);
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{error}")),
    }
}
