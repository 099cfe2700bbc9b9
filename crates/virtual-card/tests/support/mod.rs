//! What the tests share: a card process, a card client's backend over its socket, and openssl as a second opinion.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod openssl;

use std::{
    fs,
    io::{self, BufRead, BufReader, Error, ErrorKind},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
};

use card_backend::{CardBackend, CardCaps, CardTransaction, PinType, SmartcardError};
use keyrite_virtual_card::wire;
use openpgp_card::{
    Card,
    ocard::{
        KeyType,
        crypto::PublicKeyMaterial,
        data::{Fingerprint, KeyGenerationTime},
    },
    state::{Open, Transaction},
};
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_keyrite-virtual-card");
pub(crate) const USER_PIN: &str = "123456";
pub(crate) const ADMIN_PIN: &str = "12345678";

/// Command APDUs.
pub(crate) const SELECT: &[u8] = &[0x00, 0xA4, 0x04, 0x00, 6, 0xD2, 0x76, 0x00, 0x01, 0x24, 0x01, 0x00];
pub(crate) const VERIFY_USER: &[u8] = b"\x00\x20\x00\x82\x06123456";
pub(crate) const VERIFY_ADMIN: &[u8] = b"\x00\x20\x00\x83\x0812345678";
pub(crate) const IS_USER_VERIFIED: &[u8] = &[0x00, 0x20, 0x00, 0x82];
/// Response APDUs.
pub(crate) const OK: &[u8] = &[0x90, 0x00];
pub(crate) const NOT_VERIFIED: &[u8] = &[0x63, 0xC3];

/// A running card, killed when dropped.
pub(crate) struct Served {
    pub(crate) folder: Arc<TempDir>,
    pub(crate) card: PathBuf,
    pub(crate) socket: PathBuf,
    pub(crate) process: Child,
}

impl Served {
    /// A new card.
    pub(crate) fn new() -> Self {
        Self::with(&["--serial", "0000002A"])
    }

    pub(crate) fn with(more: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let card = folder.path().join("card");
        Self::start(folder, card, more)
    }

    /// A card in `folder`; `ready` has been read.
    pub(crate) fn start(folder: Arc<TempDir>, card: PathBuf, more: &[&str]) -> Self {
        let socket = card.with_extension("socket");
        let mut process = Command::new(PROGRAM)
            .arg("serve")
            .arg("--card")
            .arg(&card)
            .arg("--socket")
            .arg(&socket)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self { folder, card, socket, process }
    }

    /// The same card in a new process, this one having been told to stop.
    pub(crate) fn stop_and_start(mut self) -> Self {
        self.stop();
        Self::start(Arc::clone(&self.folder), self.card.clone(), &[])
    }

    /// Stops the process; it holds the card until it has ended.
    pub(crate) fn stop(&mut self) {
        assert!(self.tell("stop").status.success());
        assert!(self.process.wait().unwrap().success());
        assert!(!self.socket.exists());
    }

    /// The same card in a new process, this one having been killed.
    pub(crate) fn kill_and_start(mut self) -> Self {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        assert!(self.socket.exists());
        Self::start(Arc::clone(&self.folder), self.card.clone(), &[])
    }

    /// What this one, now killed, said on stderr.
    pub(crate) fn stderr(mut self) -> String {
        self.process.kill().unwrap();
        io::read_to_string(self.process.stderr.take().unwrap()).unwrap()
    }

    /// A copy of the card, made while this one runs.
    pub(crate) fn copy(&self, name: &str) -> Self {
        let card = self.folder.path().join(name);
        fs::copy(&self.card, &card).unwrap();
        Self::start(Arc::clone(&self.folder), card, &[])
    }

    pub(crate) fn tell(&self, verb: &str) -> Output {
        Command::new(PROGRAM).arg(verb).arg("--socket").arg(&self.socket).output().unwrap()
    }

    pub(crate) fn connect(&self) -> Line {
        Line(UnixStream::connect(&self.socket).unwrap())
    }

    pub(crate) fn open(&self) -> Card<Open> {
        Card::new(Backend::new(&self.socket)).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A bare connection.
pub(crate) struct Line(pub(crate) UnixStream);

impl Line {
    pub(crate) fn ask(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        wire::write(&mut self.0, message)?;
        wire::read(&mut self.0)?.ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }
}

/// The card client's way to the card.
pub(crate) struct Backend(Arc<Mutex<Line>>);

impl Backend {
    pub(crate) fn new(socket: &Path) -> Self {
        Self(Arc::new(Mutex::new(Line(UnixStream::connect(socket).unwrap()))))
    }
}

impl From<Backend> for Box<dyn CardBackend + Send + Sync> {
    fn from(backend: Backend) -> Self {
        Box::new(backend)
    }
}

impl CardBackend for Backend {
    fn limit_card_caps(&self, caps: CardCaps) -> CardCaps {
        caps
    }

    fn transaction(&mut self, _: Option<&[u8]>) -> Result<Box<dyn CardTransaction + Send + Sync + '_>, SmartcardError> {
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

impl CardTransaction for Backend {
    fn transmit(&mut self, command: &[u8], _: usize) -> Result<Vec<u8>, SmartcardError> {
        self.0.lock().unwrap().ask(command).map_err(|_| SmartcardError::NotTransacted)
    }

    fn feature_pinpad_verify(&self) -> bool {
        false
    }

    fn feature_pinpad_modify(&self) -> bool {
        false
    }

    fn pinpad_verify(&mut self, _: PinType, _: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        Err(SmartcardError::Error("no PIN pad".to_owned()))
    }

    fn pinpad_modify(&mut self, _: PinType, _: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        Err(SmartcardError::Error("no PIN pad".to_owned()))
    }

    fn was_reset(&self) -> bool {
        false
    }
}

pub(crate) fn admin(transaction: &mut Card<Transaction<'_>>) {
    transaction.verify_admin_pin(ADMIN_PIN.to_owned().into()).unwrap();
}

/// Stands in for a fingerprint where a test has no OpenPGP.
pub(crate) fn no_fingerprint(
    _: &PublicKeyMaterial,
    _: KeyGenerationTime,
    _: KeyType,
) -> Result<Fingerprint, openpgp_card::Error> {
    Ok([7; 20].into())
}

/// The public point or curve key in a slot.
pub(crate) fn public_point(transaction: &mut Card<Transaction<'_>>, slot: KeyType) -> Vec<u8> {
    match transaction.public_key_material(slot).unwrap() {
        PublicKeyMaterial::E(key) => key.data().to_vec(),
        PublicKeyMaterial::R(_) => panic!("an RSA key"),
    }
}

/// A signature of the SIG slot over `digest`.
pub(crate) fn sign(transaction: &mut Card<Transaction<'_>>, digest: &[u8]) -> Vec<u8> {
    transaction.verify_user_signing_pin(USER_PIN.to_owned().into()).unwrap();
    transaction.card().pso_compute_digital_signature(digest.to_vec()).unwrap()
}
