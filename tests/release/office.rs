//! An organization as it publishes itself: its keys drawn by the library at any moment, its signers stock gpg.

use std::path::Path;
use std::time::{Duration, SystemTime};

use keyrite::format::place::Source;
use keyrite::format::request::{RequestFile, VERSION};
use keyrite::format::{manifest, past_releases, roster};
use keyrite::model::algorithm::Algorithm;
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::hash::Hash;
use keyrite::model::past_releases::{PastRelease, PastReleases};
use keyrite::model::shown::Shown;
use keyrite::model::timestamp::Timestamp;
use keyrite::trust::delegation::{Batch, Change, Policy, Review, UntrustedRequest};
use keyrite::trust::openpgp::Profile;
use keyrite::trust::openpgp::keyring::{self, Delegated};
use keyrite::trust::openpgp::root::{self, DrawnRoot};
use keyrite::trust::openpgp::secret::SecretRoot;
use keyrite::trust::openpgp::signed_text::sign_detached;
use keyrite_locked::Locked;
use sequoia_openpgp::crypto::KeyPair;

use crate::gpg::Home;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);
pub(crate) const ANN: &str = "Ann Signer <ann@acme.example>";
const NAME: &str = "Acme Builds";

pub(crate) fn now() -> Timestamp {
    SystemTime::now().try_into().expect("before 2106")
}

/// So many days ago.
pub(crate) fn ago(days: u32) -> Timestamp {
    Timestamp(now().0 - days * 86_400)
}

fn pair(root: &DrawnRoot) -> KeyPair {
    SecretRoot::parse(&root.secret).expect("own secret").key().clone().into_keypair().expect("not locked")
}

/// gpg at another moment.
pub(crate) fn at(moment: Timestamp) -> [String; 2] {
    ["--faked-system-time".to_owned(), format!("{}!", moment.0)]
}

/// A signer with stock gpg, and a key that was made so many days ago.
pub(crate) struct Signer {
    pub(crate) home: Home,
    pub(crate) key: Fingerprint,
}

impl Signer {
    pub(crate) fn since(days: u32) -> Self {
        let home = Home::new();
        let [option, moment] = at(ago(days));
        home.gpg(&[&option, &moment, "--quick-gen-key", ANN, "ed25519", "sign", "never"], b"");
        let key = home.fingerprint(&format!("={ANN}"));
        Self { home, key }
    }

    /// The detached signature over a file, of that moment, with more options.
    pub(crate) fn sign(&self, file: &Path, moment: Timestamp, more: &[&str]) {
        let ([option, moment], key) = (at(moment), self.key.to_string());
        let signature = format!("{}.asc", file.display());
        let usual = [
            &option,
            &moment,
            "--local-user",
            key.as_str(),
            "--armor",
            "--yes",
            "--output",
            &signature,
            "--detach-sign",
        ];
        let usual: Vec<&str> = usual.into_iter().map(AsRef::as_ref).collect();
        self.home.gpg(&[more, &usual, &[file.to_str().expect("plain")]].concat(), b"");
    }
}

/// The organization.
pub(crate) struct Office {
    pub(crate) root: DrawnRoot,
    records: DrawnRoot,
    delegated: Vec<(Delegated, Fingerprint, String)>,
    /// Whom signers.json no longer has in force.
    pub(crate) left: bool,
    past: Option<PastReleases>,
}

impl Office {
    /// Founded so many days ago.
    pub(crate) fn since(days: u32) -> Self {
        let drawn = |seed: u8, profile: &Profile| {
            let seed = Locked::copy_of(&[seed; 32]).expect("locked memory");
            root::draw(Algorithm::Ed25519, &seed, profile, ago(days)).expect("drawn")
        };
        let records = drawn(2, &Profile::records("Acme Records", DAY * 2000));
        let mut profile = Profile::root("Acme Root", DAY * 2000);
        profile.records = Some(records.fingerprint());
        Self { root: drawn(1, &profile), records, delegated: Vec::new(), left: false, past: None }
    }

    /// Delegates a scope, so many days ago and for so many.
    pub(crate) fn delegate(&mut self, signer: &Signer, scope: &str, days_ago: u32, days: u32) {
        let moment = ago(days_ago);
        let policy = Policy {
            organization: NAME.to_owned(),
            root: "packages".parse().unwrap(),
            root_key: self.root.fingerprint(),
            roster: roster::read(&Source::new("roster.toml", ROSTER.as_bytes()).unwrap()).expect("a roster"),
            policy_uri: None,
        };
        let request = RequestFile {
            version: VERSION,
            id: format!("ann-{}", self.delegated.len()).parse().unwrap(),
            organization: NAME.to_owned(),
            root: "packages".parse().unwrap(),
            signer: "ann".to_owned(),
            user_id: ANN.to_owned(),
            scope: scope.to_owned(),
            lifetime_days: days,
            kept: None,
            date: moment,
            certificate: signer.home.export(signer.key),
        };
        let [option, faked] = at(moment);
        let (text, key) = (request.render().unwrap(), signer.key.to_string());
        let message = signer.home.gpg(&[&option, &faked, "--local-user", &key, "--clearsign"], text.as_bytes());
        let request = UntrustedRequest::parse("ann", &message).and_then(|read| read.verify(&policy, moment));
        let review = Review::new(Change::new(request.expect("a good request"), None, None, moment));
        let hash = review.hash();
        let approved = Batch::new(vec![review]).approve(hash).expect("the right hash").remove(0);
        let made = approved.certify(&self.root.certificate, "0002-delegation", moment, &mut pair(&self.root));
        let made = made.expect("certified");
        let (from, until) = (made.terms.created, made.terms.until);
        let one = Delegated { certificate: made.certificate, from, until, withdrawn: None };
        self.delegated.push((one, signer.key, scope.to_owned()));
    }

    /// Puts a file into the list of past releases.
    pub(crate) fn list(&mut self, file: &str, hash: Hash, signer: Fingerprint) {
        let list = self.past.get_or_insert(PastReleases {
            organization: NAME.to_owned(),
            number: 1,
            as_of: ago(1),
            releases: Vec::new(),
        });
        list.releases.push(PastRelease {
            release: format!("r-{}", list.releases.len()).parse().unwrap(),
            signed_by: signer,
            signed_on: ago(2),
            scope: "packages".to_owned(),
            taken_in: "0003-delegation".parse().unwrap(),
            files: [(file.parse().unwrap(), hash)].into(),
        });
    }

    /// Writes what is published.
    pub(crate) fn publish(&self, folder: &Path) {
        let delegated: Vec<Delegated> = self.delegated.iter().map(|(one, ..)| one.clone()).collect();
        let roots = std::slice::from_ref(&self.root.certificate);
        let rings = keyring::build(&Shown::new(NAME), roots, &delegated, now()).expect("keyrings");
        let mut files = vec![
            ("keys.txt", rings.keys_txt),
            ("current.gpg", rings.current),
            ("archive.gpg", rings.archive),
            ("records.asc", self.records.certificate.armored(&[]).unwrap()),
            ("signers.json", self.signers().into_bytes()),
        ];
        if let Some(list) = &self.past {
            files.push((past_releases::NAME, past_releases::write(list).into_bytes()));
        }
        std::fs::create_dir_all(folder).unwrap();
        let sums = manifest::write(files.iter().map(|(name, bytes)| (*name, &bytes[..])));
        for (name, bytes) in &files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        std::fs::write(folder.join(manifest::NAME), sums).unwrap();
        for name in [manifest::NAME, past_releases::NAME] {
            if let Ok(bytes) = std::fs::read(folder.join(name)) {
                let signature = sign_detached(&bytes, now(), &mut pair(&self.records)).unwrap();
                std::fs::write(folder.join(format!("{name}.asc")), signature).unwrap();
            }
        }
    }

    fn signers(&self) -> String {
        let one = |(delegated, key, scope): &(Delegated, Fingerprint, String)| {
            let Delegated { from, until, .. } = delegated;
            let in_force = now() < *until && !self.left;
            format!(
                r#"{{"signer": "ann", "user-id": "{ANN}", "fingerprint": "{key}", "root": "packages", "scope": "{scope}",
                "from": "{from}", "until": "{until}", "in-force": {in_force}, "request-sha256": "{}"}}"#,
                Hash([4; 32])
            )
        };
        let all: Vec<String> = self.delegated.iter().map(one).collect();
        let (as_of, root, records) = (now(), self.root.fingerprint(), self.records.fingerprint());
        format!(
            r#"{{"version": 1, "organization": "{NAME}", "ceremony": "0004-delegation", "as-of": "{as_of}",
            "roots": [{{"root": "packages", "fingerprint": "{root}"}}], "records": "{records}", "signers": [{}]}}"#,
            all.join(", ")
        )
    }
}

const ROSTER: &str = r#"
keyrite-roster = 1
organization = "Acme Builds"
serial = 1
[policy]
longest-days = 400
stale-days = 30
algorithms = ["ed25519"]
kept = ["card", "file"]
[signer.ann]
since = "2020-01-01"
user-ids = ["Ann Signer <ann@acme.example>"]
may = { packages = ["packages", "docs"] }
"#;
