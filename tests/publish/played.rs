//! One rehearsal, played once: a root, a delegation to Anna, and another delegation of hers. She revoked a subkey before she asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::hash::Hash;

use crate::engineer::{ANNA, Engineer, bundle};
use crate::gpg::Home;
use crate::stage::{DELEGATION, Ran, Stage, keyrite};

/// The bundles, as the rehearsal called them.
pub(crate) const OLDER: &str = "bundles/outgoing-0002-delegation";
pub(crate) const NEWEST: &str = "bundles/outgoing-0003-delegation";

/// What Anna releases.
const RELEASE: &[u8] = b"a release\n";

/// What came of it, and the engineers.
pub(crate) struct Played {
    files: BTreeMap<PathBuf, Vec<u8>>,
    anna: Vec<u8>,
    bert: Vec<u8>,
    /// Anna's key before she revoked its subkey.
    pub(crate) before: String,
}

/// Plays it, once in a test program.
pub(crate) fn played() -> &'static Played {
    static PLAYED: OnceLock<Played> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let (stage, anna, bert) = (Stage::with_root(), Engineer::anna(), Home::new());
        bert.new_key("Bert Example (rehearsal) <bert@example.org>", "sign", &[]);
        anna.home.gpg(&["--quick-add-key", &anna.key.to_string(), "cv25519", "encr", "1y"], b"");
        let before = anna.home.export(anna.key);
        // gpg asks for the subkey, a reason, words, and whether that is meant.
        let edit = ["--command-fd", "0", "--no-batch", "--edit-key", &anna.key.to_string()];
        anna.home.gpg(&edit, b"key 1\nrevkey\ny\n2\nnot used\n\ny\nsave\n");
        assert!(anna.home.colons(&anna.key.to_string()).contains("\nsub:r:"), "the subkey is revoked");
        let released = format!("{}  FILE.tar.gz\n", Hash::of(RELEASE));
        for (at, id) in ["2026-11-anna", "2026-12-anna"].into_iter().enumerate() {
            let request = anna.request(|request| {
                request.id = id.parse().unwrap();
                request.lifetime_days = 200 + 100 * u32::try_from(at).unwrap();
            });
            let mut carried = vec![("anna.request.asc", &request[..])];
            // What she released under the first delegation comes in with the second one.
            let signed = anna.home.gpg(&["--armor", "--detach-sign"], released.as_bytes());
            if at == 1 {
                carried.extend([("file-1.SHA256SUMS", released.as_bytes()), ("file-1.SHA256SUMS.asc", &signed[..])]);
            }
            stage.run(DELEGATION, Some(&bundle(&stage, id, &carried))).done();
        }
        let inside = |path: &Path| path.strip_prefix(stage.scratch()).unwrap().to_owned();
        let secrets = |home: &Home| home.gpg(&["--armor", "--export-secret-keys"], b"");
        Played {
            files: stage.files().into_iter().map(|(path, bytes)| (inside(&path), bytes)).collect(),
            anna: secrets(&anna.home),
            bert: secrets(&bert),
            before,
        }
    })
}

/// A copy of what was played, to publish from, and to change.
pub(crate) struct Copied(tempfile::TempDir);

impl Copied {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in &played().files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `keyrite publish` of a bundle into a folder.
    pub(crate) fn publish(&self, bundle: &str, out: &str, more: &[&str]) -> Ran {
        let mut command = Command::new(keyrite());
        command.arg("publish").arg("--bundle").arg(self.path(bundle)).arg("--register").arg(self.path("register"));
        Ran::of(&command.arg("--out").arg(self.path(out)).args(more).output().unwrap())
    }

    /// The newest bundle, published.
    pub(crate) fn published() -> (Self, PathBuf) {
        let copied = Self::new();
        copied.publish(NEWEST, "www", &[]).done();
        let www = copied.path("www");
        (copied, www)
    }

    /// The root's fingerprint.
    pub(crate) fn root(&self) -> Fingerprint {
        let register = keyrite::workstation::register::Register::open(&self.path("register")).unwrap();
        register.past().unwrap().history.roots.values().next().unwrap().fingerprint
    }
}

/// A release by Anna, or by Bert, whom nobody delegated, in this folder: `FILE.tar.gz` and its signature.
pub(crate) fn release(folder: &Path, by_anna: bool) -> Fingerprint {
    let home = Home::new();
    home.gpg(&["--import"], if by_anna { &played().anna } else { &played().bert });
    let signer = home.fingerprint(if by_anna { ANNA } else { "bert@example.org" });
    std::fs::write(folder.join("FILE.tar.gz"), RELEASE).unwrap();
    let _ = std::fs::remove_file(folder.join("FILE.tar.gz.asc"));
    let file = folder.join("FILE.tar.gz");
    home.gpg(&["--armor", "--detach-sign", file.to_str().unwrap()], b"");
    signer
}

/// Anna's key and its fingerprint.
pub(crate) fn anna() -> Fingerprint {
    let home = Home::new();
    home.gpg(&["--import"], played().before.as_bytes());
    home.fingerprint(ANNA)
}

/// Bert's certificate.
pub(crate) fn bert() -> String {
    let home = Home::new();
    home.gpg(&["--import"], &played().bert);
    home.export(home.fingerprint("bert@example.org"))
}

/// Every file below a folder, by its path in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
