//! A release engineer with stock gpg, and the bundle that a courier carries.
#![allow(dead_code, reason = "each test program needs some of this")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use keyrite::format::manifest;
use keyrite::format::request::{RequestFile, VERSION};
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::timestamp::Timestamp;

use crate::gpg::Home;
use crate::stage::Stage;

/// The user ID in requests that are good.
pub(crate) const ANNA: &str = "Anna Example (rehearsal) <anna@example.org>";

/// An engineer's home with one key.
pub(crate) struct Engineer {
    pub(crate) home: Home,
    pub(crate) key: Fingerprint,
}

impl Engineer {
    /// One who signs.
    pub(crate) fn anna() -> Self {
        Self::with("sign", &[])
    }

    /// One whose key has this usage, made with more options of gpg.
    pub(crate) fn with(usage: &str, more: &[&str]) -> Self {
        let home = Home::new();
        let key = home.new_key(ANNA, usage, more);
        Self { home, key }
    }

    /// A good request, edited.
    pub(crate) fn text(&self, edit: impl FnOnce(&mut RequestFile)) -> String {
        let mut request = RequestFile {
            version: VERSION,
            id: "2026-11-anna".parse().unwrap(),
            organization: "Example Organization".to_owned(),
            root: "packages".parse().unwrap(),
            signer: "anna".to_owned(),
            user_id: ANNA.to_owned(),
            scope: "packages".to_owned(),
            vouches: None,
            lifetime_days: 365,
            kept: None,
            date: SystemTime::now().try_into().unwrap(),
            certificate: self.home.export(self.key),
        };
        edit(&mut request);
        request.render().unwrap()
    }

    /// Signs a text, with more options of gpg.
    pub(crate) fn sign_with(&self, text: &str, more: &[&str]) -> Vec<u8> {
        let key = self.key.to_string();
        self.home.gpg(&[more, &["--local-user", &key, "--clearsign"]].concat(), text.as_bytes())
    }

    /// Signs a text.
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        self.sign_with(text, &[])
    }

    /// A signed request, edited before it is signed.
    pub(crate) fn request(&self, edit: impl FnOnce(&mut RequestFile)) -> Vec<u8> {
        self.sign(&self.text(edit))
    }
}

/// A request that is good in every case: made once.
pub(crate) fn good_request() -> &'static [u8] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(|| Engineer::anna().request(|_| {}))
}

/// A good request to this root.
pub(crate) fn request_to(root: &str) -> Vec<u8> {
    Engineer::anna().request(|request| {
        request.id = format!("2026-11-anna-{root}").parse().unwrap();
        request.root = root.parse().unwrap();
    })
}

/// A bundle with these files and their manifest, beside the scratch folder.
pub(crate) fn bundle(stage: &Stage, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = stage.folder().join(name);
    std::fs::create_dir(&folder).unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    if !folder.join(ROSTER).exists() {
        std::fs::write(folder.join(ROSTER), roster()).unwrap();
    }
    list(&folder);
    folder
}

/// How a roster is called in a bundle.
pub(crate) const ROSTER: &str = "roster.toml";

/// The example roster, with its conditions seen to be met today, and for the roots of both examples.
pub(crate) fn roster() -> String {
    let today = Timestamp::try_from(SystemTime::now()).unwrap().date();
    let text = std::fs::read_to_string("ceremony/incoming/roster.toml").unwrap();
    let scopes = "[\"packages\"]";
    text.replace("on       = \"2026-11-20\"", &format!("on       = \"{today}\""))
        .replace("since    = \"2026-11-01\"", &format!("since    = \"{today}\""))
        .replace(
            &format!("{{ packages = {scopes} }}"),
            &format!("{{ packages = {scopes}, packages-1 = {scopes}, packages-2 = {scopes} }}"),
        )
}

/// Writes the manifest of what lies in a folder.
pub(crate) fn list(folder: &Path) {
    let files: BTreeMap<String, Vec<u8>> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name() != manifest::NAME)
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    let sums = manifest::write(files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])));
    std::fs::write(folder.join(manifest::NAME), sums).unwrap();
}

/// A bundle with the good request.
pub(crate) fn good_bundle(stage: &Stage) -> PathBuf {
    let folder = stage.folder().join("good");
    if folder.exists() { folder } else { bundle(stage, "good", &[("anna.request.asc", good_request())]) }
}
