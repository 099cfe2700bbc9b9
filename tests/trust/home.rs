//! Keys and requests for a scratch home of gpg.

use std::time::{Duration, SystemTime};

use keyrite::format::place::Source;
use keyrite::format::request::{RequestFile, VERSION};
use keyrite::format::roster;
use keyrite::model::algorithm::Algorithm;
use keyrite::model::fingerprint::Fingerprint;
use keyrite::model::timestamp::Timestamp;
use keyrite::trust::delegation::{self, Artefact, Batch, Change, Policy, Request, Review, UntrustedRequest};
use keyrite::trust::openpgp::Profile;
use keyrite::trust::openpgp::root::{self, DrawnRoot};
use keyrite::trust::openpgp::secret::SecretRoot;
use keyrite_locked::Locked;
use sequoia_openpgp::crypto::KeyPair;

pub(crate) use crate::gpg::Home;

pub(crate) const YEAR: Duration = Duration::from_secs(365 * 86_400);

pub(crate) fn now() -> Timestamp {
    SystemTime::now().try_into().expect("before 2106")
}

pub(crate) fn drawn(seed: u8, profile: &Profile) -> DrawnRoot {
    let seed = Locked::copy_of(&[seed; 32]).expect("locked memory");
    root::draw(Algorithm::Ed25519, &seed, profile, now()).expect("drawn")
}

pub(crate) fn pair(root: &DrawnRoot) -> KeyPair {
    SecretRoot::parse(&root.secret).expect("own secret").key().clone().into_keypair().expect("not locked")
}

/// The root that these tests certify with.
pub(crate) fn the_root() -> DrawnRoot {
    // Its key depends on the moment too: one for the whole run.
    static NOW: std::sync::OnceLock<Timestamp> = std::sync::OnceLock::new();
    let seed = Locked::copy_of(&[1; 32]).expect("locked memory");
    let profile = Profile::root("Acme Builds Packages Root", YEAR * 3);
    root::draw(Algorithm::Ed25519, &seed, &profile, *NOW.get_or_init(now)).expect("drawn")
}

const ROSTER: &str = r#"
keyrite-roster = 1
organization = "Acme Builds"
serial = 1
[policy]
longest-days = 400
stale-days = 30
algorithms = ["ed25519", "ed448", "nist-p256", "nist-p384", "nist-p521", "rsa"]
kept = ["card", "file"]
[signer.ann]
since = "2026-01-01"
user-ids = ["Ann Signer <ann@acme.example>"]
may = { packages = ["all packages"] }
vouches = { packages = "acme.example" }
"#;

pub(crate) fn policy() -> Policy {
    Policy {
        organization: "Acme Builds".to_owned(),
        root: "packages".parse().expect("name"),
        root_key: the_root().fingerprint(),
        roster: roster::read(&Source::new("roster.toml", ROSTER.as_bytes()).expect("text")).expect("a roster"),
        policy_uri: Some("https://acme.example/keys".to_owned()),
    }
}

pub(crate) const ANN: &str = "Ann Signer <ann@acme.example>";

pub(crate) fn request_text(certificate: String) -> String {
    let request = RequestFile {
        version: VERSION,
        id: "2026-11-ann".parse().expect("name"),
        organization: "Acme Builds".to_owned(),
        root: "packages".parse().expect("name"),
        signer: "ann".to_owned(),
        user_id: ANN.to_owned(),
        scope: "all packages".to_owned(),
        vouches: None,
        lifetime_days: 365,
        kept: None,
        date: now(),
        certificate,
    };
    request.render().expect("TOML")
}

/// A request clearsigned by stock gpg.
pub(crate) fn clearsigned(home: &Home, key: Fingerprint, text: &str) -> Vec<u8> {
    home.gpg(&["--local-user", &key.to_string(), "--clearsign"], text.as_bytes())
}

pub(crate) fn verified(message: &[u8]) -> Result<Request, delegation::Error> {
    UntrustedRequest::parse("request.toml.asc", message)?.verify(&policy(), now())
}

pub(crate) fn certified(root: &DrawnRoot, message: &[u8]) -> Artefact {
    let review = Review::new(Change::new(verified(message).expect("a good request"), None, None, now()));
    let hash = review.hash();
    let approved = Batch::new(vec![review]).approve(hash).expect("the right hash").remove(0);
    approved.certify(&root.certificate, "2026-11-21-a", now(), &mut pair(root)).expect("certified")
}
