//! A virtual card for a test: its process, its pocket of PINs, and the fault that befalls it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use keyrite_locked::Locked;
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::crypto::hash::Context;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, PublicParts, SecretParts};
use sequoia_openpgp::types::{Curve, HashAlgorithm};

use super::super::*;
use crate::model::algorithm::Algorithm;
use crate::model::code::Code;
use crate::model::event::Intent;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::model::name::CardName;
use crate::model::settings::{Settings, Touch};
use crate::model::timestamp::Timestamp;
use crate::workstation::journal::Permit;

pub(super) const CREATED: Timestamp = Timestamp(1_795_258_797);
pub(super) const EJECT: u8 = 0x10;
pub(super) const INSERT: u8 = 0x11;
const STOP: u8 = 0x12;

/// The program, built once for this run: with the whole workspace, so that no feature differs and nothing is built twice.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // .../debug/deps/keyrite-0123 of the test itself: cargo puts programs two levels up, wherever its target is.
        let own = std::env::current_exe().expect("own path");
        let folder = own.parent().and_then(Path::parent).expect("a target folder");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--offline", "--workspace", "--all-targets"]);
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo runs").success(), "the virtual card does not build");
        folder.join("keyrite-virtual-card")
    })
}

/// A running card; it ends with the test.
pub(super) struct Reader {
    folder: tempfile::TempDir,
    process: Child,
}

impl Reader {
    pub(super) fn start() -> Self {
        Self::with_serial("0A0B0C0D")
    }

    pub(super) fn with_serial(serial: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("k").tempdir().expect("a folder");
        let mut process = Command::new(program())
            .args(["serve", "--serial", serial, "--idle-exit", "120", "--card"])
            .arg(folder.path().join("card"))
            .arg("--socket")
            .arg(folder.path().join("s"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the virtual card starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        Self { folder, process }
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    /// What a person does: [`EJECT`], [`INSERT`].
    pub(super) fn person(&self, code: u8) {
        assert_eq!(self.tell(code).expect("the card's socket"), [0, 1, 0]);
    }

    fn tell(&self, code: u8) -> std::io::Result<[u8; 3]> {
        let mut stream = UnixStream::connect(self.socket())?;
        stream.write_all(&[0, 1, code])?;
        let mut answer = [0; 3];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    }

    pub(super) fn rack(&self) -> VirtualRack {
        self.rack_for(Mode::Rehearsal)
    }

    pub(super) fn rack_for(&self, mode: Mode) -> VirtualRack {
        VirtualRack::new(mode, BTreeMap::from([(name(), self.socket())]))
    }

    /// Its application related data (DO 6E), whole, without the status.
    pub(super) fn application_data(&self) -> Vec<u8> {
        use card_backend::CardBackend as _;
        let mut backend = VirtualBackend::connect(&self.socket()).expect("connected");
        let mut tx = backend.transaction(None).expect("a transaction");
        tx.select(&[0xd2, 0x76, 0x00, 0x01, 0x24, 0x01]).expect("selected");
        let mut answer = tx.transmit(&[0x00, 0xca, 0x00, 0x6e, 0x00, 0x00, 0x00], 65536).expect("answered");
        assert!(answer.ends_with(&[0x90, 0x00]));
        answer.truncate(answer.len() - 2);
        answer
    }

    pub(super) fn survey(&self) -> Survey {
        self.rack().session(&any(), |card| Ok(card.survey().clone())).expect("a survey")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if self.tell(STOP).is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

pub(super) fn name() -> CardName {
    "packages-a".parse().expect("a name")
}

pub(super) fn any() -> Expected {
    Expected::any(name())
}

pub(super) fn locked(text: &str) -> Locked {
    Locked::copy_of(text.as_bytes()).expect("locked memory")
}

/// The PINs of a new card, and those that the tests set.
pub(super) struct Pocket {
    pub(super) user: Locked,
    pub(super) admin: Locked,
    pub(super) reset_code: Locked,
}

impl Pocket {
    pub(super) fn factory() -> Self {
        Self { user: locked("123456"), admin: locked("12345678"), reset_code: locked("") }
    }

    pub(super) fn chosen() -> Self {
        Self { user: locked("TEST user"), admin: locked("TEST admin"), reset_code: locked("TEST reset") }
    }

    /// The same, and a reset code.
    pub(super) fn with_reset_code(&self) -> Self {
        let copy = |code: &Locked| Locked::copy_of(code).expect("locked memory");
        Self { user: copy(&self.user), admin: copy(&self.admin), reset_code: locked("TEST reset") }
    }

    pub(super) fn as_new(&self) -> NewPins<'_> {
        NewPins { user: &self.user, admin: &self.admin, reset_code: &self.reset_code }
    }

    pub(super) fn as_old(&self) -> OldPins<'_> {
        OldPins { user: &self.user, admin: &self.admin }
    }
}

/// Every setting otherwise than a new card has it.
pub(super) fn every_setting() -> Settings {
    Settings {
        pin_each_signature: Some(false),
        touch: Some(Touch::On),
        kdf: Some(true),
        holder: Some("Example Organization".to_owned()),
        url: Some("https://example.org/root.asc".to_owned()),
    }
}

pub(super) fn to_generate() -> Permit {
    Permit::new(1, Intent::GenerateKey { card: name(), root: None })
}

pub(super) fn to_set_pins() -> Permit {
    Permit::new(1, Intent::SetPins { card: name() })
}

pub(super) fn to_change(code: Code, by: Code) -> Permit {
    Permit::new(1, Intent::ChangeCode { card: name(), code, by, tries: 3 })
}

pub(super) fn to_reset() -> Permit {
    Permit::new(1, Intent::ResetCard { card: name() })
}

pub(super) fn to_sign(items: u32) -> Permit {
    let subject = Hash([0; 32]);
    Permit::new(
        1,
        Intent::Sign { card: name(), purpose: "challenge".to_owned(), items, request: None, subject, artefact: None },
    )
}

pub(super) fn to_import(key: &Key<SecretParts, PrimaryRole>) -> Permit {
    let fingerprint = Fingerprint(key.fingerprint().as_bytes().try_into().expect("v4"));
    Permit::new(1, Intent::ImportKey { card: name(), root: "packages".parse().expect("a name"), fingerprint })
}

pub(super) fn drawn(curve: Curve) -> Key<SecretParts, PrimaryRole> {
    let mut key = Key4::<_, PrimaryRole>::generate_ecc(true, curve).expect("a key");
    key.set_creation_time(CREATED).expect("a time");
    key.into()
}

pub(super) fn drawn_rsa(bits: usize) -> Key<SecretParts, PrimaryRole> {
    let mut key = Key4::<_, PrimaryRole>::generate_rsa(bits).expect("a key");
    key.set_creation_time(CREATED).expect("a time");
    key.into()
}

/// Generates an Ed25519 key with the factory's PINs.
pub(super) fn generate(rack: &mut VirtualRack) -> Result<Key<PublicParts, PrimaryRole>, CardError> {
    let pins = Pocket::factory();
    rack.session(&any(), |card| card.generate(&to_generate(), Algorithm::Ed25519, CREATED, &pins.admin))
}

/// Signs `times` with the factory's PIN; gives the counter.
pub(super) fn sign(rack: &mut VirtualRack, times: u32, hash: HashAlgorithm) -> Result<u32, CardError> {
    sign_as(rack, &any(), times, hash)
}

pub(super) fn sign_as(
    rack: &mut VirtualRack,
    expected: &Expected,
    times: u32,
    hash: HashAlgorithm,
) -> Result<u32, CardError> {
    let pins = Pocket::factory();
    rack.session(expected, |card| {
        let permit = to_sign(times);
        let mut signer = card.signer(&permit, &pins.user)?;
        for number in 0..times {
            sign_with(&mut signer, hash, &number.to_be_bytes())?;
        }
        assert_eq!((signer.made(), signer.asked()), (times, times));
        Ok(signer.counter())
    })
}

/// Signs a message, and verifies what came out.
pub(super) fn sign_with(signer: &mut CardSigner<'_, '_>, hash: HashAlgorithm, text: &[u8]) -> Result<(), CardError> {
    let mut context: Context = hash.context().expect("a hash").for_digest();
    context.update(text);
    let digest = context.into_digest().expect("a digest");
    let signature =
        signer.sign(hash, &digest).map_err(|error| error.downcast::<CardError>().expect("a card's error"))?;
    signer.public().verify(&signature, hash, &digest).expect("a good signature");
    Ok(())
}

/// When a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Before,
    After,
}

/// Counts, and makes one fault at one command.
pub(super) struct Fault {
    pub(super) tally: Tally,
    /// Of which commands the fault is counted: those that change the card, or all.
    mutating_only: bool,
    at: u32,
    when: When,
    action: Action,
    seen: u32,
}

impl Fault {
    /// Counts only.
    pub(super) fn none() -> Arc<Mutex<Self>> {
        Self::at(0, true, When::Before, Action::Pass)
    }

    /// `action` at the `at`th command, counted from one.
    pub(super) fn at(at: u32, mutating_only: bool, when: When, action: Action) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { tally: Tally::default(), mutating_only, at, when, action, seen: 0 }))
    }

    fn answer(&self, apdu: &Apdu, when: When) -> Action {
        let counts = apdu.mutates() || !self.mutating_only;
        if counts && self.seen == self.at && self.when == when { self.action.clone() } else { Action::Pass }
    }
}

impl Tap for Fault {
    fn before(&mut self, apdu: &Apdu) -> Action {
        let _ = self.tally.before(apdu);
        self.seen += u32::from(apdu.mutates() || !self.mutating_only);
        self.answer(apdu, When::Before)
    }

    fn after(&mut self, apdu: &Apdu, _answer: &Answer) -> Action {
        self.answer(apdu, When::After)
    }
}
