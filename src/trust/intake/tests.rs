use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::{CertBuilder, CertRevocationBuilder};
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};

use super::{Error, Judged, Known, Review, Spell, Term};
use crate::format::{past_releases, release};
use crate::model::fault::Fault as _;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::past_releases::{PastRelease, PastReleases};
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::detached::KnownSigner;
use crate::trust::openpgp::signed_text::sign_detached;
use crate::trust::openpgp::testing::NOW;

const DAY: u32 = 86_400;

fn days(days: i64) -> Timestamp {
    Timestamp(u32::try_from(i64::from(NOW.0) + days * i64::from(DAY)).expect("in range"))
}

/// A signer whose key was made a year before now.
fn signer() -> Cert {
    let (cert, _) = CertBuilder::new()
        .add_userid("Ann Signer <ann@acme.example>")
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .set_creation_time(SystemTime::from(days(-365)))
        .generate()
        .expect("a certificate");
    cert
}

fn pair(cert: &Cert) -> KeyPair {
    let key = cert.primary_key().component().clone().parts_into_secret().expect("secret");
    key.into_keypair().expect("not encrypted")
}

fn fingerprint(cert: &Cert) -> Fingerprint {
    KnownSigner::parse(&cert.to_vec().expect("bytes")).expect("a certificate").fingerprint()
}

/// Delegated for "packages" from 100 days before now to 10 days before it.
fn known(cert: &Cert) -> Known {
    let copy = KnownSigner::parse(&cert.to_vec().expect("bytes")).expect("a certificate");
    let spell = Spell {
        signer: "ann".to_owned(),
        fingerprint: copy.fingerprint(),
        scope: "packages".to_owned(),
        term: Term { from: days(-100), until: days(-10), withdrawn: None },
    };
    let list = PastReleases { organization: "Acme Builds".to_owned(), number: 1, as_of: NOW, releases: Vec::new() };
    Known {
        organization: "Acme Builds".to_owned(),
        ceremony: "0003-delegation".parse().expect("a name"),
        opened: NOW,
        signers: BTreeMap::from([(copy.fingerprint(), copy)]),
        spells: vec![spell],
        list,
    }
}

fn plain() -> String {
    format!("{}  a-1.tar.gz\n", Hash::of(b"a"))
}

fn headed(organization: &str, scope: &str) -> String {
    format!(
        "# keyrite-release 1\n# release: a-1\n# organization: {organization}\n# scope: {scope}\n# date: {}\n{}",
        days(-50),
        plain()
    )
}

fn judge(known: &Known, manifest: &str, signature: &[u8]) -> Result<Judged, Error> {
    let release = release::read("a-1.SHA256SUMS", manifest.as_bytes()).expect("a manifest");
    known.judge(&release, manifest.as_bytes(), signature)
}

fn signed(cert: &Cert, manifest: &str, at: Timestamp) -> Vec<u8> {
    sign_detached(manifest.as_bytes(), at, &mut pair(cert)).expect("signed")
}

/// What is said when `manifest`, signed at `at`, is judged, and by which control.
#[track_caller]
fn refused(known: &Known, cert: &Cert, manifest: &str, at: Timestamp, control: &str, words: &str) {
    let error = judge(known, manifest, &signed(cert, manifest, at)).expect_err("refused");
    assert_eq!(error.control().map(crate::model::control::Control::id), Some(control), "{error}");
    assert!(error.to_string().contains(words), "{words}? {error}");
    assert!(error.hint().is_some());
}

fn taken(judged: Result<Judged, Error>) -> PastRelease {
    match judged.expect("taken in") {
        Judged::New { release, signer } => {
            assert_eq!(signer, "ann");
            release
        }
        Judged::Listed => panic!("it is not in the list"),
    }
}

#[test]
fn a_release_signed_within_its_delegation_is_taken_in_after_that_ended() {
    let cert = signer();
    for manifest in [plain(), headed("Acme Builds", "packages")] {
        for at in [days(-100), days(-50), Timestamp(days(-10).0 - 1)] {
            let release = taken(judge(&known(&cert), &manifest, &signed(&cert, &manifest, at)));
            assert_eq!((release.signed_on, release.scope.as_str()), (at, "packages"));
            assert_eq!(release.signed_by, fingerprint(&cert));
            assert_eq!(release.taken_in.as_str(), "0003-delegation");
            assert_eq!(release.files[&"a-1.tar.gz".parse().unwrap()], Hash::of(b"a"));
        }
    }
}

#[test]
fn one_signed_outside_of_it_is_refused() {
    let (cert, manifest) = (signer(), plain());
    let mut known = known(&cert);
    let before = Timestamp(days(-100).0 - 1);
    for at in [before, days(-10), days(-1), NOW] {
        refused(&known, &cert, &manifest, at, "RELEASE-4", "had no delegation in force then");
    }
    refused(&known, &cert, &manifest, Timestamp(NOW.0 + 1), "RELEASE-4", "after this ceremony was opened");
    known.spells[0].term.withdrawn = Some(days(-60));
    refused(&known, &cert, &manifest, days(-60), "RELEASE-4", "withdrawn on");
    taken(judge(&known, &manifest, &signed(&cert, &manifest, days(-61))));
}

#[test]
fn one_by_somebody_else_or_of_something_else_is_refused() {
    let (cert, other, manifest) = (signer(), signer(), plain());
    let known = known(&cert);
    refused(&known, &other, &manifest, days(-50), "RELEASE-3", "this root never delegated anything to that");
    let signature = signed(&cert, &manifest, days(-50));
    let changed = manifest.replace("a-1.tar", "a-2.tar");
    let error = judge(&known, &changed, &signature).expect_err("changed");
    assert_eq!(error.control().map(crate::model::control::Control::id), Some("RELEASE-3"), "{error}");
    for broken in [&b""[..], b"x", &signature[..40]] {
        assert!(matches!(judge(&known, &manifest, broken), Err(Error::Signature(_))));
    }
    // A hash that collides, and a signature over text.
    for (typ, hash) in [(SignatureType::Binary, HashAlgorithm::SHA1), (SignatureType::Text, HashAlgorithm::SHA512)] {
        let signature = SignatureBuilder::new(typ)
            .set_hash_algo(hash)
            .set_signature_creation_time(SystemTime::from(days(-50)))
            .and_then(|builder| builder.sign_message(&mut pair(&cert), manifest.as_bytes()))
            .expect("signed");
        let bytes = sequoia_openpgp::Packet::from(signature).to_vec().expect("bytes");
        assert!(matches!(judge(&known, &manifest, &bytes), Err(Error::Signature(_))), "{typ:?} {hash:?}");
    }
}

#[test]
fn the_scope_is_one_that_was_delegated() {
    let cert = signer();
    let mut known = known(&cert);
    let at = days(-50);
    refused(&known, &cert, &headed("Acme Builds", "docs"), at, "RELEASE-5", "its scope is \"docs\"");
    refused(&known, &cert, &headed("Acme", "packages"), at, "RELEASE-5", "not \"Acme Builds\"");
    let more = Spell { scope: "docs".to_owned(), ..known.spells[0].clone() };
    known.spells.push(more);
    refused(&known, &cert, &plain(), at, "RELEASE-5", "several when they signed it: docs, packages");
    let docs = headed("Acme Builds", "docs");
    assert_eq!(taken(judge(&known, &docs, &signed(&cert, &docs, at))).scope, "docs");
    // One that was over by then does not count.
    known.spells[1].term.until = days(-60);
    assert_eq!(taken(judge(&known, &plain(), &signed(&cert, &plain(), at))).scope, "packages");
}

#[test]
fn a_name_has_one_content() {
    let (cert, manifest) = (signer(), plain());
    let mut known = known(&cert);
    let release = taken(judge(&known, &manifest, &signed(&cert, &manifest, days(-50))));
    known.list.releases.push(release);
    // The same once more, whoever signed it: it was verified when it came in.
    assert!(matches!(judge(&known, &manifest, &signed(&cert, &manifest, days(-40))), Ok(Judged::Listed)));
    let other = format!("{}  a-1.tar.gz\n", Hash::of(b"b"));
    refused(
        &known,
        &cert,
        &other,
        days(-50),
        "RELEASE-6",
        "file a-1.tar.gz is listed with another hash, in release a-1",
    );
    let more = format!("{manifest}{}  a-1.zip\n", Hash::of(b"z"));
    refused(&known, &cert, &more, days(-50), "RELEASE-6", "release a-1 is listed already, with other files");
}

fn revoked(cert: &Cert, reason: ReasonForRevocation, at: Timestamp) -> Cert {
    let revocation = CertRevocationBuilder::new()
        .set_reason_for_revocation(reason, b"test")
        .and_then(|builder| builder.set_signature_creation_time(SystemTime::from(at)))
        .and_then(|builder| builder.build(&mut pair(cert), cert, HashAlgorithm::SHA512))
        .expect("a revocation");
    cert.clone().insert_packets(revocation).expect("merged").0
}

#[test]
fn what_a_compromised_key_signed_is_not_taken_in() {
    let (cert, manifest) = (signer(), plain());
    let signature = signed(&cert, &manifest, days(-50));
    let with = |reason, at| {
        let mut known = known(&cert);
        let later = revoked(&cert, reason, at);
        let copy = KnownSigner::parse(&later.to_vec().expect("bytes")).expect("a certificate");
        known.signers.values_mut().next().expect("one").merge(copy).expect("merged");
        known
    };
    let mut compromised = with(ReasonForRevocation::KeyCompromised, days(-5));
    refused(&compromised, &cert, &manifest, days(-50), "RELEASE-7", "is revoked as compromised");
    refused(&with(ReasonForRevocation::Unspecified, days(-5)), &cert, &manifest, days(-50), "RELEASE-7", "compromised");
    // Listed is listed.
    compromised.list.releases.push(taken(judge(&known(&cert), &manifest, &signature)));
    assert!(matches!(judge(&compromised, &manifest, &signature), Ok(Judged::Listed)));
    // Whoever left signed in good faith before.
    taken(judge(&with(ReasonForRevocation::KeyRetired, days(-5)), &manifest, &signature));
    let early = with(ReasonForRevocation::KeyRetired, days(-60));
    refused(&early, &cert, &manifest, days(-50), "RELEASE-3", "signature of the manifest: ");
    assert!(
        known(&cert)
            .signers
            .values_mut()
            .next()
            .unwrap()
            .merge(KnownSigner::parse(&signer().to_vec().unwrap()).unwrap())
            .is_err()
    );
}

#[test]
fn an_expired_key_still_signed_what_it_signed() {
    let (cert, _) = CertBuilder::new()
        .add_userid("Ann")
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .set_creation_time(SystemTime::from(days(-365)))
        .set_validity_period(Duration::from_secs(u64::from(DAY) * 330))
        .generate()
        .expect("a certificate");
    let (known, manifest) = (known(&cert), plain());
    taken(judge(&known, &manifest, &signed(&cert, &manifest, days(-50))));
    refused(&known, &cert, &manifest, days(-20), "RELEASE-3", "signature of the manifest: ");
}

#[test]
fn the_words_are_these() {
    let cert = signer();
    let manifest = plain();
    let mut release = taken(judge(&known(&cert), &manifest, &signed(&cert, &manifest, days(-50))));
    release.signed_by = Fingerprint([0xab; 20]);
    let mut after = known(&cert).list;
    after.releases.push(release.clone());
    let taken = [(&release, "ann", Hash([0x12; 32]))];
    let root = ("packages".parse().unwrap(), Fingerprint([0xcd; 20]));
    let review = Review::new((&root.0, root.1), None, &after, &taken);
    let list = Hash::of(past_releases::write(&after).as_bytes()).groups();
    let (head, tail) = list.split_at(49);
    let file = Hash::of(b"a").groups();
    let (first, second) = file.split_at(69);
    let expected = format!(
        "PAST RELEASES TAKEN IN\n\norganization  Acme Builds\nroot          packages\n{:14}CDCD CDCD CDCD CDCD CDCD CDCD CDCD CDCD \
         CDCD CDCD\nbefore        there is no list\nafter         list 1: 1 release(s), 1 file(s)\n{:14}SHA-256 {}\n{:14}{}\n\n\
         NEW RELEASE a-1\nsigner        ann\n{:14}ABAB ABAB ABAB ABAB ABAB ABAB ABAB ABAB ABAB ABAB\n\
         signed on     {}\nscope         packages\nmanifest      SHA-256 1212 1212 1212 1212 1212 1212 1212 1212 1212 1212\n\
         {:14}1212 1212 1212 1212 1212 1212\nfiles         1\n  a-1.tar.gz\n    {}\n    {}\n",
        "",
        "",
        head.trim(),
        "",
        tail.trim(),
        "",
        days(-50),
        "",
        first.trim(),
        second.trim()
    );
    assert_eq!(review.text(), expected);
    // The earlier list is part of what people agree to.
    let before = known(&cert).list;
    let other = Review::new((&root.0, root.1), Some((&before, Hash([7; 32]))), &after, &taken);
    assert!(other.text().contains("before        list 1: 0 release(s), 0 file(s)\n"));
    assert_ne!(review.hash(), other.hash());
}
