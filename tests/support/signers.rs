//! Many signers, made by the library: certificates, requests, and a root in memory that certifies them.
#![allow(dead_code, reason = "each program needs some of this")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use keyrite::format::manifest;
use keyrite::format::request::{RequestFile, VERSION};
use keyrite::model::algorithm::Algorithm;
use keyrite::model::roster::{Kept, KeyKind, Roster, Signer as OnRoster, SignerPolicy};
use keyrite::model::timestamp::Timestamp;
use keyrite::trust::delegation::{Batch, Change, Policy, Review, UntrustedRequest};
use keyrite::trust::openpgp::root::{DrawnRoot, draw};
use keyrite::trust::openpgp::secret::SecretRoot;
use keyrite::trust::openpgp::{Profile, signed_text};
use keyrite_locked::Locked;
use sequoia_openpgp::Cert;
use sequoia_openpgp::armor::{Kind, Writer};
use sequoia_openpgp::cert::CertBuilder;
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::KeyFlags;

const YEAR: Duration = Duration::from_secs(365 * 86_400);
/// The organization of the example.
pub(crate) const ORGANIZATION: &str = "Example Organization";

pub(crate) fn now() -> Timestamp {
    SystemTime::now().try_into().expect("before 2106")
}

/// Someone with a key in memory.
pub(crate) struct Signer {
    pub(crate) name: String,
    pub(crate) user_id: String,
    pub(crate) cert: Cert,
}

impl Signer {
    /// An Ed25519 key that signs, made a minute ago.
    pub(crate) fn new(name: &str) -> Self {
        Self::made(name, |builder| builder)
    }

    /// The same, with more to its certificate.
    pub(crate) fn made(name: &str, more: impl FnOnce(CertBuilder<'_>) -> CertBuilder<'_>) -> Self {
        let user_id = format!("{name} (rehearsal) <{name}@example.org>");
        let builder = CertBuilder::new()
            .add_userid(user_id.as_str())
            .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
            .set_validity_period(YEAR * 2)
            .set_creation_time(SystemTime::from(Timestamp(now().0 - 60)));
        let (cert, _) = more(builder).generate().expect("a certificate");
        Self { name: name.to_owned(), user_id, cert }
    }

    /// The certificate in armor.
    pub(crate) fn armored(&self) -> String {
        armored(&self.cert.to_vec().expect("bytes"))
    }

    /// A good request.
    pub(crate) fn text(&self) -> RequestFile {
        RequestFile {
            version: VERSION,
            id: format!("2026-11-{}", self.name).parse().expect("a name"),
            organization: ORGANIZATION.to_owned(),
            root: "packages".parse().expect("a name"),
            signer: self.name.clone(),
            user_id: self.user_id.clone(),
            scope: "packages".to_owned(),
            vouches: None,
            lifetime_days: 365,
            kept: None,
            date: Timestamp(now().0 - 30),
            certificate: self.armored(),
        }
    }

    /// Signs a request with the primary key.
    pub(crate) fn sign(&self, request: &RequestFile) -> Vec<u8> {
        self.clearsigned(request.render().expect("TOML").as_bytes(), now())
    }

    /// Signs a text with the primary key.
    pub(crate) fn clearsigned(&self, text: &[u8], at: Timestamp) -> Vec<u8> {
        let key = self.cert.primary_key().component().clone().parts_into_secret().expect("a secret");
        signed_text::sign_text(text, at, &mut key.into_keypair().expect("not locked")).expect("signed")
    }

    /// A good request, signed.
    pub(crate) fn request(&self) -> Vec<u8> {
        self.sign(&self.text())
    }

    fn on_roster(&self) -> OnRoster {
        OnRoster {
            since: "2026-01-01".parse().expect("a day"),
            user_ids: [self.user_id.clone()].into(),
            may: [("packages".parse().expect("name"), ["packages".to_owned()].into())].into(),
            vouches: [].into(),
            met: [].into(),
        }
    }
}

/// Packets as a public key block.
pub(crate) fn armored(packets: &[u8]) -> String {
    let mut writer = Writer::new(Vec::new(), Kind::PublicKey).expect("armor");
    std::io::Write::write_all(&mut writer, packets).expect("armor");
    String::from_utf8(writer.finalize().expect("armor")).expect("ASCII")
}

/// A roster with these signers, as a file.
pub(crate) fn roster(signers: &[&Signer]) -> String {
    roster_of(signers, 1)
}

fn roster_of(signers: &[&Signer], serial: u32) -> String {
    let head = "[policy]\nlongest-days = 400\nstale-days = 30\nalgorithms = [\"ed25519\"]\nkept = [\"file\"]\n";
    let mut text = format!("keyrite-roster = 1\norganization = \"{ORGANIZATION}\"\nserial = {serial}\n{head}");
    for Signer { name, user_id, .. } in signers {
        let may = "may = { packages = [\"packages\"] }";
        text.push_str(&format!("[signer.{name}]\nsince = \"2026-01-01\"\nuser-ids = [\"{user_id}\"]\n{may}\n"));
    }
    text
}

/// A new bundle with everybody's request, and the roster that they are on.
pub(crate) fn bundle(folder: &Path, signers: &[Signer]) -> PathBuf {
    bundle_with(folder, signers, 1)
}

/// The same with a later roster.
pub(crate) fn bundle_with(folder: &Path, signers: &[Signer], serial: u32) -> PathBuf {
    let mut files: BTreeMap<String, Vec<u8>> =
        signers.iter().map(|signer| (format!("{}.request.asc", signer.name), signer.request())).collect();
    files.insert("roster.toml".to_owned(), roster_of(&signers.iter().collect::<Vec<_>>(), serial).into_bytes());
    let sums = manifest::write(files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])));
    files.insert(manifest::NAME.to_owned(), sums.into_bytes());
    std::fs::create_dir(folder).expect("a new folder");
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).expect("a file");
    }
    folder.to_owned()
}

/// A root in memory.
pub(crate) struct Root {
    drawn: DrawnRoot,
    made: Timestamp,
}

impl Root {
    pub(crate) fn new() -> Self {
        let (seed, made) = (Locked::copy_of(&[1; 32]).expect("locked memory"), Timestamp(now().0 - 3600));
        let drawn = draw(Algorithm::Ed25519, &seed, &Profile::root("Root", YEAR * 3), made).expect("a root");
        Self { drawn, made }
    }

    pub(crate) fn certificate(&self) -> Vec<u8> {
        self.drawn.certificate.armored(&[]).expect("armor")
    }

    pub(crate) fn key_id(&self) -> String {
        self.drawn.fingerprint().to_string().split_off(24)
    }

    fn pair(&self) -> KeyPair {
        SecretRoot::parse(&self.drawn.secret).expect("own secret").signer().expect("not locked")
    }

    /// A signer's certificate with the delegation, by the way that every delegation goes; binary.
    pub(crate) fn delegated(&self, signer: &Signer) -> Vec<u8> {
        let rules =
            SignerPolicy { longest: 400, stale: 30, algorithms: KeyKind::ALL.into(), kept: [Kept::File].into() };
        let roster = Roster {
            organization: ORGANIZATION.to_owned(),
            serial: 1,
            policy: rules,
            conditions: [].into(),
            signers: [(signer.name.parse().expect("a name"), signer.on_roster())].into(),
        };
        let policy = Policy {
            organization: ORGANIZATION.to_owned(),
            root: "packages".parse().expect("name"),
            root_key: self.drawn.fingerprint(),
            roster,
            policy_uri: None,
        };
        let request =
            UntrustedRequest::parse("r", &signer.request()).and_then(|request| request.verify(&policy, now()));
        let review = Review::new(Change::new(request.expect("a good request"), None, None, now()));
        let hash = review.hash();
        let approved = Batch::new(vec![review]).approve(hash).expect("the right hash").remove(0);
        let certified = approved.certify(&self.drawn.certificate, "0002-delegation", now(), &mut self.pair());
        certified.expect("certified").certificate
    }

    /// `count` delegated certificates, each in an armored block.
    pub(crate) fn keys(&self, count: usize) -> Vec<u8> {
        assert!(self.made < now());
        let half = |from: usize, to: usize| {
            (from..to).map(|number| armored(&self.delegated(&Signer::new(&format!("s{number}"))))).collect::<String>()
        };
        std::thread::scope(|scope| {
            let second = scope.spawn(|| half(count / 2, count));
            half(0, count / 2).into_bytes().into_iter().chain(second.join().expect("made").into_bytes()).collect()
        })
    }
}
