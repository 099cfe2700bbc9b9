//! One rehearsal, played once: a root generation that a witness cosigned and that was closed, then a delegation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::engineer::{bundle, good_request};
use crate::gpg::Home;
use crate::stage::{DELEGATION, ROOT_GENERATION, Ran, Stage, keyrite};

pub(crate) const FIRST: &str = "0001-root-generation";
pub(crate) const SECOND: &str = "0002-delegation";

/// What came of it, kept as bytes: nothing of it lies on the disk but in the tests that put it there.
struct Played {
    register: BTreeMap<PathBuf, Vec<u8>>,
    /// The organization, which names the witness's certificate.
    organization: String,
    /// The witness's key.
    secret: Vec<u8>,
    /// Its revocation, as gpg keeps it ready.
    revocation: String,
    /// What the second ceremony told.
    told: String,
}

/// Plays it, once in a test program.
fn played() -> &'static Played {
    static PLAYED: OnceLock<Played> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let (stage, home) = (Stage::empty(), Home::new());
        // She has had her key since before the ceremony.
        let since = ["--faked-system-time", "20261101T000000!"];
        let certificate = home.new_key("Chloe Duarte (rehearsal) <chloe@example.org>", "sign", &since);
        let secret = home.gpg(&["--armor", "--export-secret-keys"], b"");
        let revocation = home.path().join(format!("openpgp-revocs.d/{certificate}.rev"));
        let revocation = std::fs::read_to_string(revocation).unwrap().replace(":-----BEGIN", "-----BEGIN");
        let organization = std::fs::read_to_string("ceremony/organization.toml").unwrap();
        let name = "name  = \"Chloe Duarte\"\n";
        assert!(organization.contains(name));
        let organization = organization.replace(name, &format!("{name}certificate = \"{certificate}\"\n"));
        home.write(ORGANIZATION, organization.as_bytes());
        let witness = Witness { home };
        let run = |script, requests: Option<&Path>| {
            let mut command = stage.rehearse(script, requests);
            let ran = Ran::of(&command.arg("--organization").arg(witness.organization()).output().unwrap());
            ran.done().out.clone()
        };
        run(ROOT_GENERATION, None);
        let register = stage.path("register");
        let signature = witness.sign(&register, FIRST, &[]);
        witness.take_in(&register, FIRST, &witness.certificate(), &signature).done();
        witness.close(&register, FIRST).done();
        let requests = bundle(&stage, "in", &[("anna.request.asc", good_request())]);
        let told = run(DELEGATION, Some(&requests));
        Played { register: files(&register), organization, secret, revocation, told }
    })
}

/// What the second ceremony told.
pub(crate) fn told() -> &'static str {
    &played().told
}

/// The organization's file on the witness's device.
const ORGANIZATION: &str = "organization.toml";

/// The witness, with stock gpg on a device of her own.
pub(crate) struct Witness {
    pub(crate) home: Home,
}

impl Witness {
    pub(crate) fn new() -> Self {
        let home = Home::new();
        home.gpg(&["--import"], &played().secret);
        home.write(ORGANIZATION, played().organization.as_bytes());
        Self { home }
    }

    /// The organization, which names the witness's certificate.
    pub(crate) fn organization(&self) -> PathBuf {
        self.home.path().join(ORGANIZATION)
    }

    /// The witness's certificate, as she exports it.
    pub(crate) fn certificate(&self) -> String {
        let fingerprint = self.home.fingerprint("chloe@example.org");
        self.home.write("chloe.asc", self.home.export(fingerprint).as_bytes())
    }

    /// She revokes her key.
    pub(crate) fn revoke(&self) {
        self.home.gpg(&["--import"], played().revocation.as_bytes());
    }

    /// Signs minutes, with more options of gpg. Gives the signature's file.
    pub(crate) fn sign(&self, register: &Path, ceremony: &str, more: &[&str]) -> String {
        sign(&self.home, register, ceremony, more)
    }

    /// `minutes cosign` with these files.
    pub(crate) fn take_in(&self, register: &Path, ceremony: &str, certificate: &str, signature: &str) -> Ran {
        let organization = self.organization();
        let organization = organization.to_str().unwrap();
        let files = ["--organization", organization, "--certificate", certificate, "--signature", signature];
        minutes(register, &[&["cosign", ceremony][..], &files].concat())
    }

    /// The ceremony gets a closing record.
    pub(crate) fn close(&self, register: &Path, ceremony: &str) -> Ran {
        let record = self.home.write("record.toml", filled(register, ceremony).as_bytes());
        minutes(register, &["close", ceremony, "--record", &record])
    }
}

/// Signs minutes as the guide says, with more options of gpg. Gives the signature's file.
pub(crate) fn sign(home: &Home, register: &Path, ceremony: &str, more: &[&str]) -> String {
    let minutes = register.join(format!("minutes/{ceremony}.asc"));
    let signature = home.path().join(format!("{ceremony}.sig"));
    let _ = std::fs::remove_file(&signature);
    let signature = signature.to_str().unwrap().to_owned();
    let detach = ["--output", &signature, "--armor", "--detach-sign", minutes.to_str().unwrap()];
    home.gpg(&[more, &detach].concat(), b"");
    signature
}

/// A closing record, filled in.
pub(crate) fn filled(register: &Path, ceremony: &str) -> String {
    let template = minutes(register, &["close", ceremony, "--template"]);
    let text = &template.done().out;
    let filled = text.replacen("power-off = \"\"", "power-off = \"2106-01-01T00:00:00Z\"", 1);
    assert_ne!(*text, filled);
    filled.replace("= \"\"", "= \"A 004711\"")
}

/// A register of one's own, to change.
pub(crate) struct Copied(tempfile::TempDir);

impl Copied {
    /// The played register.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in &played().register {
            let path = folder.path().join("register").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        Self(folder)
    }

    pub(crate) fn register(&self) -> PathBuf {
        self.path("register")
    }

    /// A path beside the register.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A transcript's file.
    pub(crate) fn transcript(&self, ceremony: &str) -> PathBuf {
        self.register().join(format!("transcripts/{ceremony}.jsonl"))
    }

    /// A transcript's lines, changed and written back.
    pub(crate) fn edit(&self, ceremony: &str, change: impl FnOnce(&mut Vec<String>)) {
        let text = std::fs::read_to_string(self.transcript(ceremony)).unwrap();
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        change(&mut lines);
        std::fs::write(self.transcript(ceremony), lines.concat()).unwrap();
    }

    /// Changes the first occurrence of some text in a file of the register.
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.register().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// `minutes check`.
    pub(crate) fn check(&self) -> Ran {
        minutes(&self.register(), &["check"])
    }

    /// `register check`.
    pub(crate) fn check_register(&self, more: &[&str]) -> Ran {
        register(&[&["check", "--register", self.register().to_str().unwrap()][..], more].concat())
    }
}

/// `keyrite minutes` on a register.
pub(crate) fn minutes(register: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(keyrite());
    Ran::of(&command.arg("minutes").args(arguments).arg("--register").arg(register).output().unwrap())
}

/// `keyrite register`.
pub(crate) fn register(arguments: &[&str]) -> Ran {
    Ran::of(&Command::new(keyrite()).arg("register").args(arguments).output().unwrap())
}

/// Every file below a folder, by its path in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != "lock" {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
