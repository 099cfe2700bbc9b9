//! Every verdict, on keys that are drawn here. Revocations above all, which stock gpg does not make at other moments.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::armor::Kind as Armor;
use sequoia_openpgp::cert::{CertBuilder, CertRevocationBuilder, UserIDRevocationBuilder};
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::NotationDataFlags;
use sequoia_openpgp::packet::{Packet, Signature, UserID};
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation, SignatureType};
use sequoia_openpgp::{Cert, Packet as AnyPacket};

use super::*;
use crate::format::{manifest, past_releases};
use crate::model::control::Control;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::past_releases::{PastRelease, PastReleases};
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::root::DrawnRoot;
use crate::trust::openpgp::testing::{self, NOW, YEAR};
use crate::trust::openpgp::{Profile, enarmor, fingerprint_of, notation, signed_text};

const DAY: u32 = 86_400;
const USER_ID: &str = "Ann <ann@acme.example>";
const FILE: &str = "acme-1.tar";
const CONTENT: &[u8] = b"a release";

/// So many days after everything was drawn.
fn day(days: u32) -> Timestamp {
    Timestamp(NOW.0 + days * DAY)
}

/// An organization, and a signer whom it delegated from day 10 to day 100.
struct World {
    root: DrawnRoot,
    records: DrawnRoot,
    cert: Cert,
    signer: KeyPair,
    past: Option<Fingerprint>,
}

impl World {
    fn new() -> Self {
        let records = testing::drawn(3, &Profile::records("Records", YEAR));
        let mut profile = Profile::root("Root", YEAR);
        profile.records = Some(records.fingerprint());
        let root = testing::drawn(1, &profile);
        let (cert, _) =
            CertBuilder::new().add_userid(USER_ID).set_creation_time(at(NOW)).add_signing_subkey().generate().unwrap();
        let key = cert.keys().subkeys().next().expect("a subkey").key().clone();
        let signer = key.parts_into_secret().unwrap().into_keypair().unwrap();
        let mut this = Self { root, records, cert, signer, past: None };
        this.certify("packages", day(10), Duration::from_secs(u64::from(90 * DAY)));
        this
    }

    fn certify(&mut self, scope: &str, from: Timestamp, lasts: Duration) {
        let text = |name: &str, value: &str, builder: SignatureBuilder| {
            let flags = NotationDataFlags::empty().set_human_readable();
            builder.add_notation(notation(name), value, flags, false).unwrap()
        };
        let builder = SignatureBuilder::new(SignatureType::PositiveCertification)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(at(from))
            .and_then(|builder| builder.set_signature_validity_period(lasts))
            .unwrap();
        let builder = text("scope", scope, text("role", "release-signer", builder));
        let (user_id, mut card) = (UserID::from(USER_ID), testing::signer(&self.root));
        let made = builder.sign_userid_binding(&mut card, self.cert.primary_key().component(), &user_id).unwrap();
        self.add(made, user_id);
    }

    fn add(&mut self, signature: Signature, user_id: UserID) {
        let packets = [Packet::from(user_id), signature.into()];
        self.cert = self.cert.clone().insert_packets(packets).unwrap().0;
    }

    /// The root takes the delegation back.
    fn withdraw(&mut self, reason: ReasonForRevocation, moment: Timestamp) {
        let mut card = testing::signer(&self.root);
        let user_id = UserID::from(USER_ID);
        let made = UserIDRevocationBuilder::new()
            .set_reason_for_revocation(reason, b"")
            .and_then(|builder| builder.set_signature_creation_time(at(moment)))
            .and_then(|builder| builder.build(&mut card, &self.cert, &user_id, HashAlgorithm::SHA512))
            .unwrap();
        self.add(made, user_id);
    }

    /// The owner takes the key back.
    fn revoke(&mut self, reason: ReasonForRevocation, moment: Timestamp) {
        let primary = self.cert.primary_key().component().clone();
        let mut owner = primary.parts_into_secret().unwrap().into_keypair().unwrap();
        let made = CertRevocationBuilder::new()
            .set_reason_for_revocation(reason, b"")
            .and_then(|builder| builder.set_signature_creation_time(at(moment)))
            .and_then(|builder| builder.build(&mut owner, &self.cert, HashAlgorithm::SHA512))
            .unwrap();
        self.cert = self.cert.clone().insert_packets(AnyPacket::from(made)).unwrap().0;
    }

    fn sign(&mut self, moment: Timestamp) -> Vec<u8> {
        let mut context = HashAlgorithm::SHA256.context().unwrap().for_signature(4);
        context.update(CONTENT);
        sign(&context, moment, &mut self.signer).unwrap()
    }

    fn fingerprint(&self) -> Fingerprint {
        fingerprint_of(&self.cert.fingerprint()).unwrap()
    }

    /// What is said of a signature of this moment, on that day.
    fn judge(&mut self, signed: Timestamp, now: Timestamp) -> Answer {
        let signature = self.sign(signed);
        self.judge_signature(&signature, now)
    }

    fn judge_signature(&self, signature: &[u8], now: Timestamp) -> Answer {
        self.judge_changed(signature, now, |keys| keys).expect("a signature")
    }

    /// The same when somebody changed the keys on their way. None for what is no signature.
    fn judge_changed(&self, signature: &[u8], now: Timestamp, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Option<Answer> {
        let armored = |cert: &Cert| enarmor(Armor::PublicKey, &[], &cert.to_vec().unwrap()).unwrap();
        let keys = [armored(self.root.certificate.cert()), armored(&self.cert)].concat();
        let records = self.records.certificate.armored(&[]).unwrap();
        let by_records =
            |bytes: &[u8]| signed_text::sign_detached(bytes, now, &mut testing::signer(&self.records)).unwrap();
        let past = self.past.map(|signed_by| past_releases::write(&list(signed_by)).into_bytes());
        let list = past.as_deref().map(|past| (past_releases::NAME, past));
        let sums = manifest::write([("keys.txt", &keys[..])].into_iter().chain(list));
        let (sums_asc, past_asc) = (by_records(sums.as_bytes()), past.as_deref().map(by_records));
        let keys = change(keys);
        let folder = Folder {
            keys: &keys,
            records: &records,
            sums: Signed { bytes: sums.as_bytes(), signature: &sums_asc },
            signers: None,
            past: past.as_deref().zip(past_asc.as_deref()).map(|(bytes, signature)| Signed { bytes, signature }),
        };
        let signature = UntrustedSignature::parse(signature).ok()?;
        let published = Published::read(&folder, self.root.fingerprint(), &signature, now);
        let mut context = HashAlgorithm::SHA256.context().unwrap().for_signature(4);
        context.update(CONTENT);
        let (sha256, context) = (Hash::of(CONTENT), Some(&context));
        Some(judge(&Question { file: FILE, sha256, signature: &signature, context, scope: None, now }, &published))
    }
}

fn at(moment: Timestamp) -> SystemTime {
    moment.into()
}

fn list(signed_by: Fingerprint) -> PastReleases {
    let release = PastRelease {
        release: "acme-1".parse().unwrap(),
        signed_by,
        signed_on: day(20),
        scope: "packages".to_owned(),
        taken_in: "0003-delegation".parse().unwrap(),
        files: BTreeMap::from([(FILE.parse().unwrap(), Hash::of(CONTENT))]),
    };
    PastReleases { organization: "Acme".to_owned(), number: 1, as_of: day(30), releases: vec![release] }
}

fn refused(answer: &Answer, control: Control, words: &str) {
    let no = answer.verdict.as_ref().expect_err(answer.sentence.as_str());
    assert_eq!(no.control, control, "{}", answer.sentence);
    assert!(no.words.as_str().contains(words), "{}", answer.sentence);
    assert_eq!(answer.links.iter().filter(|link| link.state == State::No).count(), 1, "{:?}", answer.links);
    assert_eq!(answer.links.len(), 7);
}

#[test]
fn signed_in_time_and_in_force_is_good() {
    let mut world = World::new();
    let answer = world.judge(day(20), day(30));
    assert_eq!(answer.verdict, Ok(Kind::Current), "{}", answer.sentence);
    let who = answer.who.expect("somebody");
    assert_eq!((who.fingerprint, who.signed_on, who.until), (world.fingerprint(), day(20), day(100)));
    // A renewal: what was signed under the first delegation stays good.
    world.certify("packages", day(95), YEAR);
    assert_eq!(
        world.judge(day(20), day(120)).verdict.expect_err("the first is over").control,
        Control::ReleaseListedThen
    );
    assert_eq!(world.judge(day(97), day(120)).verdict, Ok(Kind::Current));
}

#[test]
fn before_after_and_in_the_future_are_not_good() {
    let mut world = World::new();
    refused(&world.judge(day(5), day(30)), Control::ReleaseDelegated, "outside of every delegation");
    refused(&world.judge(day(101), day(110)), Control::ReleaseDelegated, "outside of every delegation");
    refused(&world.judge(day(31), day(30)), Control::ReleaseSigned, "in the future");
    refused(&world.judge(Timestamp(NOW.0 - 5), day(30)), Control::ReleaseSigned, "did not exist then");
    // Listing does not heal what nobody was allowed to sign.
    world.past = Some(world.fingerprint());
    refused(&world.judge(day(101), day(110)), Control::ReleaseDelegated, "outside of every delegation");
}

#[test]
fn what_is_over_is_good_when_it_is_listed() {
    let mut world = World::new();
    refused(&world.judge(day(20), day(110)), Control::ReleaseListedThen, "there is no list");
    world.past = Some(world.fingerprint());
    assert_eq!(world.judge(day(20), day(110)).verdict, Ok(Kind::Past));
    world.past = Some(Fingerprint([7; 20]));
    refused(&world.judge(day(20), day(110)), Control::ReleaseListedThen, "has that file by");
}

#[test]
fn a_compromised_key_and_a_departed_signer_are_told_apart() {
    type Change = fn(&mut World, ReasonForRevocation, Timestamp);
    for change in [World::revoke as Change, World::withdraw as Change] {
        // Gone: what was signed before counts when it is listed, what was signed after does not.
        let mut world = World::new();
        let gone = ReasonForRevocation::KeyRetired;
        change(&mut world, gone, day(40));
        refused(&world.judge(day(20), day(50)), Control::ReleaseListedThen, "was withdrawn on");
        refused(&world.judge(day(45), day(50)), Control::ReleaseDelegated, "took that right back on");
        world.past = Some(world.fingerprint());
        assert_eq!(world.judge(day(20), day(50)).verdict, Ok(Kind::Past));
        refused(&world.judge(day(45), day(50)), Control::ReleaseDelegated, "took that right back on");

        // Stolen: no date of a signature says anything, and the list alone does.
        let mut world = World::new();
        change(&mut world, ReasonForRevocation::KeyCompromised, day(40));
        refused(&world.judge(day(20), day(50)), Control::ReleaseListedThen, "was called compromised on");
        world.past = Some(world.fingerprint());
        assert_eq!(world.judge(day(20), day(50)).verdict, Ok(Kind::Past));
        assert_eq!(world.judge(day(45), day(50)).verdict, Ok(Kind::Past));
    }
}

#[test]
fn who_comes_back_is_in_force_again() {
    let mut world = World::new();
    world.withdraw(ReasonForRevocation::UIDRetired, day(40));
    world.certify("packages", day(60), YEAR);
    assert_eq!(world.judge(day(61), day(70)).verdict, Ok(Kind::Current));
    refused(&world.judge(day(45), day(70)), Control::ReleaseDelegated, "took that right back on");
}

#[test]
fn a_root_that_is_over_or_another_vouches_for_nobody() {
    let mut world = World::new();
    world.certify("packages", day(200), YEAR * 2);
    refused(&world.judge(day(210), day(400)), Control::ReleaseVouched, "expired");
    let mut world = World::new();
    let signature = world.sign(day(20));
    // The same name, and another key.
    let mut profile = Profile::root("Root", YEAR);
    profile.records = Some(world.records.fingerprint());
    world.root = testing::drawn(9, &profile);
    refused(&world.judge_signature(&signature, day(30)), Control::ReleaseDelegated, "the root never delegated");
}

#[test]
fn a_signature_is_verified_before_it_is_given_out() {
    let mut world = World::new();
    let signature = world.sign(day(20));
    let bytes = world.cert.clone().strip_secret_key_material().to_vec().unwrap();
    let certificate =
        crate::trust::openpgp::UntrustedCertificate::parse(&bytes).and_then(|c| c.judge(day(20))).unwrap();
    let key = signing_key(&certificate, world.fingerprint()).expect("one signing key");
    assert_eq!(key.hash, HashAlgorithm::SHA256);
    assert!(signing_key(&certificate, Fingerprint([7; 20])).is_err());
    let context = |bytes: &[u8]| {
        let mut context = HashAlgorithm::SHA256.context().unwrap().for_signature(4);
        context.update(bytes);
        context
    };
    verify(&signature, &context(CONTENT), &certificate, key, day(20)).expect("verifies");
    assert!(verify(&signature, &context(b"other"), &certificate, key, day(20)).is_err());
    assert!(verify(&signature, &context(CONTENT), &certificate, key, day(19)).is_err(), "in the future");
    let another = Key { fingerprint: Fingerprint([7; 20]), ..key };
    assert!(verify(&signature, &context(CONTENT), &certificate, another, day(20)).is_err());
}

#[test]
fn a_changed_byte_of_keys_or_signature_makes_nothing_good() {
    let mut world = World::new();
    let signature = world.sign(day(20));
    let length = std::cell::Cell::new(0);
    let answer = world.judge_changed(&signature, day(30), |keys| {
        length.set(keys.len());
        keys
    });
    assert_eq!(answer.expect("a signature").verdict, Ok(Kind::Current));
    // Every place would take minutes; these are spread over all of it.
    for at in (0..length.get()).step_by(37) {
        let changed = world.judge_changed(&signature, day(30), |mut keys| {
            keys[at] ^= 0x15;
            keys
        });
        assert!(changed.expect("a signature").verdict.is_err(), "byte {at}");
    }
    let packet = sequoia_openpgp::armor::Reader::from_bytes(&signature, None);
    let binary = std::io::Read::bytes(packet).collect::<Result<Vec<u8>, _>>().expect("armor");
    for at in 0..binary.len() {
        let mut bytes = binary.clone();
        bytes[at] ^= 0x15;
        let answer = world.judge_changed(&bytes, day(30), |keys| keys);
        // The unhashed area and the first two bytes of the hash are nobody's word; a key ID in there is only a pointer.
        let is_free = answer.as_ref().is_some_and(|answer| answer.verdict.is_ok());
        assert!(!is_free || (at > 40 && at < binary.len() - 66), "byte {at} of {}", binary.len());
    }
}

#[test]
fn more_certificates_than_there_can_be_are_not_read() {
    let mut world = World::new();
    let signature = world.sign(day(20));
    let answer = world.judge_changed(&signature, day(30), |keys| keys.repeat(2100)).expect("a signature");
    assert!(answer.verdict.is_err(), "{}", answer.sentence);
}
