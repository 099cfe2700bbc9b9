//! One rehearsal, played once: a root generation that a witness cosigned and that was closed, then a delegation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engineer::{bundle, good_request};
use crate::gpg::Home;
use crate::stage::{DELEGATION, ROOT_GENERATION, Ran, Stage, copy, keyrite};

pub(crate) const FIRST: &str = "0001-root-generation";
pub(crate) const SECOND: &str = "0002-delegation";

/// What the tests share.
pub(crate) struct Played {
    /// Where it was played; its register is not changed.
    stage: Stage,
    /// What the second ceremony told.
    pub(crate) told: String,
    /// The witness, with gpg on a device of her own.
    pub(crate) witness: Home,
}

/// Plays it, once in a test program.
pub(crate) fn played() -> &'static Played {
    static PLAYED: OnceLock<Played> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let (stage, witness) = (Stage::empty(), Home::new());
        // She has had her key since before the ceremony.
        let since = ["--faked-system-time", "20261101T000000!"];
        let certificate = witness.new_key("Chloe Duarte (rehearsal) <chloe@example.org>", "sign", &since);
        let organization = std::fs::read_to_string("ceremony/organization.toml").unwrap();
        let name = "name  = \"Chloe Duarte\"\n";
        assert!(organization.contains(name));
        let organization = organization.replace(name, &format!("{name}certificate = \"{certificate}\"\n"));
        std::fs::write(stage.folder().join("organization.toml"), organization).unwrap();
        let mut played = Played { stage, told: String::new(), witness };
        played.run(ROOT_GENERATION, None);
        let register = played.stage.path("register");
        played.cosign(&register, FIRST).done();
        played.close(&register, FIRST).done();
        let requests = bundle(&played.stage, "in", &[("anna.request.asc", good_request())]);
        played.told = played.run(DELEGATION, Some(&requests));
        played
    })
}

impl Played {
    fn run(&self, script: &str, requests: Option<&Path>) -> String {
        let mut command = self.stage.rehearse(script, requests);
        let ran = Ran::of(&command.arg("--organization").arg(self.organization()).output().unwrap());
        ran.done().out.clone()
    }

    /// The organization, which names the witness's certificate.
    pub(crate) fn organization(&self) -> PathBuf {
        self.stage.folder().join("organization.toml")
    }

    /// The register, for whoever only reads.
    pub(crate) fn register(&self) -> PathBuf {
        self.stage.path("register")
    }

    /// The witness's certificate, as she exports it.
    pub(crate) fn certificate(&self) -> String {
        let fingerprint = self.witness.fingerprint("chloe@example.org");
        self.witness.write(&unique("chloe.asc"), self.witness.export(fingerprint).as_bytes())
    }

    /// The witness signs the minutes, and they are taken in.
    pub(crate) fn cosign(&self, register: &Path, ceremony: &str) -> Ran {
        let signature = sign(&self.witness, register, ceremony, &[]);
        self.take_in(register, ceremony, &self.certificate(), &signature)
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
        let record = self.witness.write(&unique("record.toml"), filled(register, ceremony).as_bytes());
        minutes(register, &["close", ceremony, "--record", &record])
    }
}

/// Signs minutes as the guide says, with more options of gpg. Gives the signature's file.
pub(crate) fn sign(home: &Home, register: &Path, ceremony: &str, more: &[&str]) -> String {
    let minutes = register.join(format!("minutes/{ceremony}.asc"));
    let signature = home.path().join(unique("minutes.sig"));
    let signature = signature.to_str().unwrap().to_owned();
    let detach = ["--output", &signature, "--armor", "--detach-sign", minutes.to_str().unwrap()];
    home.gpg(&[more, &detach].concat(), b"");
    signature
}

/// A name that no other test of this program uses.
fn unique(name: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("{}-{name}", COUNT.fetch_add(1, Ordering::Relaxed))
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
        copy(&played().register(), &folder.path().join("register"));
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
