//! Attestations: by a chain that openssl makes, given by a virtual card that plays a YubiKey, with every kind of defect.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PrimaryRole, PublicParts};
use sequoia_openpgp::types::{Curve, HashAlgorithm};

use super::super::*;
use super::support::*;
use crate::model::control::Control;
use crate::model::fault::Fault as _;
use crate::model::hash::Hash;
use crate::model::timestamp::Timestamp;

/// As it is printed on the card, and as the application identifier has it.
const SERIAL: &str = "00012345";
const PRINTED: &str = "12345";

/// Makes certificates in a folder; names are of files.
struct Maker(tempfile::TempDir);

impl Maker {
    /// With a root, something between, and the key of a card; one more root that nobody knows.
    fn new() -> Self {
        let this = Self(tempfile::tempdir().expect("a folder"));
        for root in ["root", "stranger"] {
            let made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Test Root"];
            let files = ["-keyout", &format!("{root}.key"), "-out", &format!("{root}.pem")].map(str::to_owned);
            this.openssl(&[&made.map(str::to_owned)[..], &files].concat());
        }
        this.issue("between", "root", "Test Between", "basicConstraints=critical,CA:TRUE");
        this.issue("card", "between", "Test Card", "basicConstraints=critical,CA:TRUE,pathlen:0");
        this
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn openssl(&self, args: &[String]) {
        let ran = Command::new("openssl").args(args).current_dir(self.path()).output().expect("openssl is installed");
        assert!(ran.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// A certificate with a key of its own.
    fn issue(&self, name: &str, by: &str, subject: &str, extensions: &str) {
        self.request(name, subject);
        self.sign(name, by, extensions, &["-days", "30"]);
    }

    fn request(&self, name: &str, subject: &str) {
        let args = format!("req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj");
        self.openssl(&[args.split(' ').map(str::to_owned).collect(), vec![format!("/CN={subject}")]].concat());
    }

    fn sign(&self, name: &str, by: &str, extensions: &str, more: &[&str]) {
        std::fs::write(self.path().join("extensions"), format!("{extensions}\n")).expect("a file");
        let args = format!(
            "x509 -req -in {name}.csr -CA {by}.pem -CAkey {by}.key -CAcreateserial -extfile extensions -out {name}.pem"
        );
        let args: Vec<String> = args.split(' ').chain(more.iter().copied()).map(str::to_owned).collect();
        self.openssl(&args);
    }

    /// What a card says of a key.
    fn attest(&self, by: &str, key: &Key<PublicParts, PrimaryRole>, extensions: &str, more: &[&str]) -> Vec<u8> {
        let mpi::PublicKey::EdDSA { q, .. } = key.mpis() else { panic!("not Ed25519") };
        let der = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], &q.value()[1..]].concat();
        std::fs::write(self.path().join("key.der"), der).expect("a file");
        let args = "pkey -pubin -inform DER -in key.der -pubout -out key.pem";
        self.openssl(&args.split(' ').map(str::to_owned).collect::<Vec<_>>());
        self.request("statement", "Test Card SIG");
        self.sign("statement", by, extensions, &[&["-force_pubkey", "key.pem"], more].concat());
        self.der("statement")
    }

    fn der(&self, name: &str) -> Vec<u8> {
        let args = format!("x509 -in {name}.pem -outform DER -out {name}.der");
        self.openssl(&args.split(' ').map(str::to_owned).collect::<Vec<_>>());
        std::fs::read(self.path().join(format!("{name}.der"))).expect("a file")
    }
}

/// Yubico's extensions: the last number of the OID, and the value as openssl takes it.
type Extensions = Vec<(u8, String)>;

/// The extensions of a good statement.
fn good(key: &Key<PublicParts, PrimaryRole>) -> Extensions {
    let fingerprint: String =
        PublicKey::from(key.clone()).fingerprint().0.iter().map(|b| format!(":{b:02X}")).collect();
    vec![
        (2, "ASN1:INTEGER:1".to_owned()),
        (3, "DER:04:03:05:07:04".to_owned()),
        (4, format!("DER:04:14{fingerprint}")),
        (7, format!("ASN1:INTEGER:{PRINTED}")),
        (8, "DER:04:01:00".to_owned()),
    ]
}

fn lines(extensions: &Extensions) -> String {
    let line = |(number, value): &(u8, String)| format!("1.3.6.1.4.1.41482.5.{number}={value}");
    extensions.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn now() -> Timestamp {
    std::time::SystemTime::now().try_into().expect("in range")
}

fn serial() -> Serial {
    Serial { manufacturer: 6, number: 0x0001_2345 }
}

#[test]
fn the_roots_are_those_that_the_documents_name() {
    let document = include_str!("../../../../docs/cards.md");
    for certificate in YUBICO.roots.iter().chain(YUBICO.between) {
        let hash = Hash::of(certificate).to_string();
        assert!(document.contains(&hash), "docs/cards.md does not name {hash}");
    }
}

#[test]
fn an_attestation_is_believed_or_it_is_said_why_not() {
    let maker = Maker::new();
    let [key, other] = [Curve::Ed25519, Curve::Ed25519].map(|curve| drawn(curve).parts_into_public());
    let (root, stranger, between, card) =
        (maker.der("root"), maker.der("stranger"), maker.der("between"), maker.der("card"));
    let judge = |roots: &[&[u8]], between: &[&[u8]], card: &[u8], statement: &[u8], at: Timestamp| {
        let statement = Statement { key: statement.to_vec(), card: card.to_vec() };
        verify(&Trust { roots, between }, &statement, &PublicKey::from(key.clone()), serial(), at)
    };
    let whole = |statement: &[u8]| judge(&[&root], &[&between], &card, statement, now());
    let good_one = maker.attest("card", &key, &lines(&good(&key)), &["-days", "30"]);
    assert_eq!(whole(&good_one), Ok(Attested { firmware: "5.7.4".to_owned() }));

    // The chain: a root of the same name, something missing, a card that is no issuer, other times.
    let unknown = |result: Result<Attested, Defect>| matches!(result, Err(Defect::Unknown(_)));
    assert!(unknown(judge(&[&stranger], &[&between], &card, &good_one, now())));
    assert!(unknown(judge(&[&root], &[], &card, &good_one, now())));
    assert!(unknown(judge(YUBICO.roots, YUBICO.between, &card, &good_one, now())));
    assert_eq!(judge(&[&root], &[&between], &between, &good_one, now()), Err(Defect::NotByTheCard));
    let late = Timestamp(now().0 + 40 * 24 * 60 * 60);
    assert!(matches!(judge(&[&root], &[&between], &card, &good_one, late), Err(Defect::Time(_))));
    let early = Timestamp(now().0 - 24 * 60 * 60);
    assert!(matches!(judge(&[&root], &[&between], &card, &good_one, early), Err(Defect::Time(_))));
    // Whoever has had a key attested does not attest with it.
    maker.issue("attested", "card", "Test Card", &lines(&good(&key)));
    let by_attested = maker.attest("attested", &key, &lines(&good(&key)), &["-days", "30"]);
    assert_eq!(judge(&[&root], &[&between], &maker.der("attested"), &by_attested, now()), Err(Defect::NotByTheCard));

    // What it says: another key, an imported one, another card, half of it.
    let about = |change: &dyn Fn(&mut Extensions)| {
        let mut extensions = good(&key);
        change(&mut extensions);
        whole(&maker.attest("card", &key, &lines(&extensions), &["-days", "30"]))
    };
    assert_eq!(whole(&maker.attest("card", &other, &lines(&good(&key)), &["-days", "30"])), Err(Defect::OtherKey));
    assert_eq!(about(&|e| e[2] = good(&other)[2].clone()), Err(Defect::OtherKey));
    assert_eq!(about(&|e| e[0].1 = "ASN1:INTEGER:0".to_owned()), Err(Defect::NotGenerated));
    assert_eq!(about(&|e| e[3].1 = "ASN1:INTEGER:12346".to_owned()), Err(Defect::OtherCard(12346)));
    for missing in [0, 1, 2, 3] {
        assert!(matches!(about(&|e| drop(e.remove(missing))), Err(Defect::Unreadable(_))), "{missing}");
    }
    assert!(matches!(about(&|e| e[1].1 = "DER:04:02:05:07".to_owned()), Err(Defect::Unreadable(_))));

    // Broken, cut, empty, huge: never more than not believed.
    for at in 0..good_one.len() {
        let mut broken = good_one.clone();
        broken[at] ^= 1;
        assert!(whole(&broken).is_err(), "byte {at}");
        assert!(whole(&good_one[..at]).is_err(), "{at} bytes");
    }
    for odd in [vec![0x30; 70_000], vec![0x30, 0x83, 0xff, 0xff, 0xff], [&good_one[..], b"x"].concat()] {
        assert!(whole(&odd).is_err());
        assert!(judge(&[&root], &[&between], &odd, &good_one, now()).is_err());
    }
}

/// A virtual card that plays a YubiKey.
struct Attests {
    card: Vec<u8>,
    statement: Arc<Mutex<Vec<u8>>>,
    asked: u32,
}

impl Tap for Attests {
    fn before(&mut self, apdu: &Apdu) -> Action {
        let done = |data: &[u8]| Action::Replace([data, &[0x90, 0x00]].concat());
        match (apdu.instruction, apdu.p1, apdu.p2) {
            (0xca, 0x00, 0xfc) => done(&self.card),
            (0xfb, 0x01, 0x00) => {
                self.asked += 1;
                done(&[])
            }
            (0xa5, 2, 4) => done(&[]),
            (0xca, 0x7f, 0x21) => done(&self.statement.lock().expect("a statement")),
            _ => Action::Pass,
        }
    }

    fn after(&mut self, _: &Apdu, _: &Answer) -> Action {
        Action::Pass
    }
}

#[test]
fn a_card_attests_the_key_that_it_generated() {
    let (maker, reader) = (Maker::new(), Reader::with_serial(SERIAL));
    let statement = Arc::new(Mutex::new(Vec::new()));
    let attests = Arc::new(Mutex::new(Attests { card: maker.der("card"), statement: statement.clone(), asked: 0 }));
    let mut rack = reader.rack().tapped(attests.clone());
    rack.session(&any(), |card| card.require_attesting()).expect("it does");
    let key = generate(&mut rack).expect("a key");
    *statement.lock().expect("a statement") = maker.attest("card", &key, &lines(&good(&key)), &["-days", "30"]);
    let pins = Pocket::factory();
    let mut attest = |permit| {
        rack.session(&any(), |card| {
            let signing = to_sign(1);
            let mut signer = card.signer(&signing, &pins.user)?;
            signer.verify()?;
            let given = signer.attest(&permit)?;
            sign_with(&mut signer, HashAlgorithm::SHA512, b"and it signs afterwards")?;
            Ok(given)
        })
    };
    let given = attest(to_generate()).expect("attested").expect("it does");
    let (root, between) = (maker.der("root"), maker.der("between"));
    let trust = Trust { roots: &[&root], between: &[&between] };
    let believed = verify(&trust, &given, &PublicKey::from(key), serial(), now());
    assert_eq!(believed, Ok(Attested { firmware: "5.7.4".to_owned() }));
    assert!(matches!(attest(to_reset()), Err(CardError::Permit { .. })));
    assert_eq!(attests.lock().expect("tap").asked, 1);
}

#[test]
fn a_card_that_does_not_attest_says_nothing_and_is_refused_where_it_must() {
    let reader = Reader::start();
    generate(&mut reader.rack()).expect("a key");
    let error = reader.rack().session(&any(), |card| card.require_attesting()).expect_err("refused");
    assert_eq!(error.control(), Some(Control::CardSound));
    let tap = Fault::none();
    let pins = Pocket::factory();
    let given = reader.rack().tapped(tap.clone()).session(&any(), |card| {
        let signing = to_sign(1);
        let mut signer = card.signer(&signing, &pins.user)?;
        signer.verify()?;
        signer.attest(&to_generate())
    });
    assert_eq!(given.expect("an answer"), None);
    assert_eq!(tap.lock().expect("tap").tally.of(0xfb), 0, "it is not asked for what it does not have");
}
