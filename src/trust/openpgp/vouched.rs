//! Whom a root vouches for in a published file: every certification of it verified, certificate by certificate.
//!
//! Pure, and of any length: a few hundred certificates are in memory at a time, and two threads share them.

use std::io::Read;
use std::thread::{Builder, scope};
use std::time::SystemTime;

use sequoia_openpgp::cert::amalgamation::{ComponentAmalgamation, ValidateAmalgamation as _};
use sequoia_openpgp::packet::signature::subpacket::SubpacketTag;
use sequoia_openpgp::packet::{Signature, UserID};
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _, StandardPolicy};
use sequoia_openpgp::types::SignatureType;
use sequoia_openpgp::{Cert, KeyHandle};

use super::certificate::must_be_in_force;
use super::certification::COMPLETE;
use super::error::Error;
use super::keys::Keys;
use super::known::{Certificate, bounded};
use super::{fingerprint_of, notation, policy};
use crate::model::domain::Domain;
use crate::model::fingerprint::Fingerprint;
use crate::model::timestamp::Timestamp;

/// So many certificates are read before their signatures are verified: enough that starting a thread costs nothing beside it.
const AT_ONCE: usize = 256;

/// What is wrong with what somebody else made, or moved.
const UNVERIFIED: &str = "its signature does not verify";

/// A certificate of a published file.
pub struct Vouched {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Why it cannot be used now, whatever a root says of it: revoked by its owner, expired, weak.
    pub unfit: Option<Error>,
    /// What the roots say of it, in the order of its user IDs. Empty: no root speaks of it.
    pub words: Vec<Word>,
}

/// What a root says of one user ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The root.
    pub root: Fingerprint,
    /// The user ID, raw: escape it before anybody sees it. Empty where it fits none.
    pub user_id: String,
    /// What may be signed, raw; none where the certification does not say, which then is not keyrite's.
    pub scope: Option<String>,
    /// The domain at which the signer vouches for others: an intermediate.
    pub vouches: Option<Domain>,
    /// The ceremony that made it, raw.
    pub ceremony: Option<String>,
    /// SHA-256 of the request it answers, raw.
    pub request_sha256: Option<String>,
    /// When it was made.
    pub from: Timestamp,
    /// When it ends; none: never.
    pub until: Option<Timestamp>,
    /// Whether it counts.
    pub standing: Standing,
}

/// Whether a certification counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    InForce,
    /// Its time did not come yet.
    NotYet,
    /// Its time is over.
    Over,
    /// The root took it back.
    Withdrawn,
    /// It never did: it is forged or damaged, or says something that no delegation says.
    Bad(&'static str),
}

/// Roots that are in force, and the moment.
pub struct Roots<'a> {
    roots: &'a [Certificate],
    policy: StandardPolicy<'static>,
    now: Timestamp,
}

impl<'a> Roots<'a> {
    /// Takes `roots` that are in force at `now`: a revoked one vouches for nobody.
    ///
    /// # Errors
    /// [`Error::Known`] around the reason.
    pub fn new(roots: &'a [Certificate], now: Timestamp) -> Result<Self, Error> {
        for root in roots {
            must_be_in_force(root.cert(), now).map_err(|error| Error::Known(Box::new(error)))?;
        }
        Ok(Self { roots, policy: policy::strict(now), now })
    }

    /// Reads a published file and tells of each certificate in it, in its order; what is no certificate, as an error.
    ///
    /// # Errors
    /// What ends the file, and what `tell` gives.
    pub fn each<E: From<Error>>(
        &self,
        file: impl Read,
        mut tell: impl FnMut(Result<Vouched, Error>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut keys = Keys::new(file)?;
        loop {
            let some = keys.by_ref().take(AT_ONCE).collect::<Result<Vec<_>, _>>()?;
            if some.is_empty() {
                return Ok(());
            }
            self.all(&some).into_iter().try_for_each(&mut tell)?;
        }
    }

    /// Two threads halve the time; where the machine gives no second one, one does it all.
    fn all(&self, certificates: &[Vec<u8>]) -> Vec<Result<Vouched, Error>> {
        let each = |some: &[Vec<u8>]| some.iter().map(|bytes| self.of(bytes)).collect::<Vec<_>>();
        let (first, second) = certificates.split_at(certificates.len() / 2);
        scope(|scope| {
            let other = Builder::new().spawn_scoped(scope, || each(second));
            let mut all = each(first);
            let rest = other.ok().and_then(|other| other.join().ok());
            all.extend(rest.unwrap_or_else(|| each(second)));
            all
        })
    }

    /// What the roots say of the certificate in `bytes`.
    ///
    /// # Errors
    /// What the bytes are instead of a certificate.
    pub fn of(&self, bytes: &[u8]) -> Result<Vouched, Error> {
        let cert = bounded(bytes)?;
        let mut words = Vec::new();
        for user_id in cert.userids() {
            for root in self.roots {
                words.extend(self.words(root, &cert, &user_id));
            }
        }
        // What fits nothing in the certificate, the library has put aside.
        for root in self.roots {
            let stray = cert.bad_signatures().filter(|signature| names(signature, root));
            words.extend(stray.map(|signature| word(signature, root, "", Standing::Bad(UNVERIFIED))));
        }
        let unfit = must_be_in_force(&cert, self.now).err();
        Ok(Vouched { fingerprint: fingerprint_of(&cert.fingerprint())?, unfit, words })
    }

    fn words(&self, root: &Certificate, cert: &Cert, user_id: &ComponentAmalgamation<'_, UserID>) -> Vec<Word> {
        let by_root = |signature: &&Signature| names(signature, root);
        let withdrawn = user_id.other_revocations().filter(by_root).filter(|revocation| {
            let key = (root.key(), cert.primary_key().component());
            self.policy.signature(revocation, HashAlgoSecurity::CollisionResistance).is_ok()
                && revocation.verify_userid_revocation(key.0, key.1, user_id.userid()).is_ok()
        });
        let withdrawn = withdrawn.map(date).max();
        let judged = |signature: &Signature| {
            let from = date(signature);
            let until = signature.signature_expiration_time().map(moment);
            let standing = match self.fault(root, cert, user_id.userid(), signature) {
                Some(fault) => Standing::Bad(fault),
                None if withdrawn.is_some_and(|at| from <= at) => Standing::Withdrawn,
                None if self.now < from => Standing::NotYet,
                None if until.is_some_and(|until| until <= self.now) => Standing::Over,
                None => Standing::InForce,
            };
            word(signature, root, &String::from_utf8_lossy(user_id.userid().value()), standing)
        };
        user_id.certifications().filter(by_root).map(judged).collect()
    }

    /// Why a signature that names the root is no delegation by it.
    fn fault(&self, root: &Certificate, cert: &Cert, user_id: &UserID, signature: &Signature) -> Option<&'static str> {
        let could_certify = || {
            let key = root.cert().primary_key().with_policy(&self.policy, SystemTime::from(date(signature)));
            key.is_ok_and(|key| key.for_certification() && key.alive().is_ok())
        };
        if signature.typ() != SignatureType::PositiveCertification {
            return Some("it is of another type than a delegation");
        }
        if self.policy.signature(signature, HashAlgoSecurity::CollisionResistance).is_err() {
            return Some("its hash is broken, or it has a critical part that nobody knows");
        }
        if is_trusting(signature) && vouches(signature).is_none() {
            return Some("it delegates trust, as no delegation does");
        }
        if !signature.exportable_certification().unwrap_or(true) {
            return Some("it is not for export");
        }
        if signature.verify_userid_binding(root.key(), cert.primary_key().component(), user_id).is_err() {
            return Some(UNVERIFIED);
        }
        (!could_certify()).then_some("the root could not certify then")
    }
}

/// Whether a signature hands trust on, in whatever form.
fn is_trusting(signature: &Signature) -> bool {
    let has = |tag| signature.hashed_area().subpackets(tag).next().is_some();
    has(SubpacketTag::TrustSignature) || has(SubpacketTag::RegularExpression)
}

/// Where an intermediate vouches: of depth 1, in full, at one domain, as [`super::certification`] writes it.
fn vouches(signature: &Signature) -> Option<Domain> {
    let mut expressions = signature.regular_expressions();
    match (signature.trust_signature(), expressions.next(), expressions.next()) {
        (Some((1, COMPLETE)), Some(expression), None) => Domain::of_expression(expression),
        _ => None,
    }
}

/// Whether a signature says that a root made it.
fn names(signature: &Signature, root: &Certificate) -> bool {
    let handle = KeyHandle::from(root.cert().fingerprint());
    signature.get_issuers().iter().any(|issuer| issuer.aliases(&handle))
}

fn word(signature: &Signature, root: &Certificate, user_id: &str, standing: Standing) -> Word {
    Word {
        root: root.fingerprint(),
        user_id: user_id.to_owned(),
        scope: said(signature, "scope"),
        vouches: vouches(signature),
        ceremony: said(signature, "ceremony"),
        request_sha256: said(signature, "request-sha256"),
        from: date(signature),
        until: signature.signature_expiration_time().map(moment),
        standing,
    }
}

/// A notation of keyrite's (RFC 9580 5.2.3.24), from what is signed.
fn said(signature: &Signature, name: &str) -> Option<String> {
    let name = notation(name);
    let data = signature.notation_data().find(|data| data.name() == name)?;
    String::from_utf8(data.value().to_vec()).ok()
}

fn date(signature: &Signature) -> Timestamp {
    signature.signature_creation_time().map_or(Timestamp(u32::MAX), moment)
}

fn moment(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(Timestamp(u32::MAX))
}

/// The certificate with this fingerprint out of a published file. Parsed within bounds; not judged.
///
/// # Errors
/// What ends the file before it is found.
pub fn find(file: impl Read, fingerprint: Fingerprint) -> Result<Option<Certificate>, Error> {
    for bytes in Keys::new(file)? {
        // What is no certificate is not the one.
        let Ok(cert) = bounded(&bytes?) else { continue };
        if fingerprint_of(&cert.fingerprint())? == fingerprint {
            return Certificate::of(cert).map(Some);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use sequoia_openpgp::cert::CertBuilder;
    use sequoia_openpgp::packet::Packet;
    use sequoia_openpgp::packet::signature::SignatureBuilder;
    use sequoia_openpgp::serialize::MarshalInto as _;
    use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation};

    use super::super::root::DrawnRoot;
    use super::super::testing::{self, NOW, YEAR};
    use super::*;

    const ANN: &str = "Ann <ann@acme.example>";

    fn ann() -> Cert {
        let made = SystemTime::from(Timestamp(NOW.0 - 1000));
        CertBuilder::new().add_userid(ANN).add_signing_subkey().set_creation_time(made).generate().expect("made").0
    }

    /// Ann's certificate with what a root says in `builder`.
    fn said(root: &DrawnRoot, cert: &Cert, builder: SignatureBuilder) -> Cert {
        let user_id = UserID::from(ANN);
        let key = cert.primary_key().component();
        let signature = builder.sign_userid_binding(&mut testing::signer(root), key, &user_id).expect("signed");
        cert.clone().insert_packets([Packet::from(user_id), signature.into()]).expect("inserted").0
    }

    fn builder(typ: SignatureType, from: Timestamp) -> SignatureBuilder {
        let builder = SignatureBuilder::new(typ).set_hash_algo(HashAlgorithm::SHA512);
        let builder = builder.set_signature_creation_time(SystemTime::from(from));
        builder.and_then(|builder| builder.set_signature_validity_period(YEAR)).expect("a builder")
    }

    fn delegation() -> SignatureBuilder {
        builder(SignatureType::PositiveCertification, NOW)
    }

    fn of(root: &DrawnRoot, cert: &Cert, now: Timestamp) -> Vouched {
        let roots = [root.certificate.clone()];
        // Packet by packet: as a whole, the library would leave out what is not for export.
        let packets = cert.clone().strip_secret_key_material().into_packets();
        let bytes: Vec<u8> = packets.flat_map(|packet| packet.to_vec().expect("bytes")).collect();
        Roots::new(&roots, now).and_then(|roots| roots.of(&bytes)).expect("a certificate")
    }

    fn standing(root: &DrawnRoot, cert: &Cert, now: Timestamp) -> Standing {
        let [word] = &of(root, cert, now).words[..] else { panic!("one word") };
        word.standing
    }

    #[test]
    fn a_delegation_counts_until_its_end() {
        let root = testing::root(1);
        let certified = said(&root, &ann(), delegation());
        let vouched = of(&root, &certified, NOW);
        assert!(vouched.unfit.is_none());
        assert_eq!((vouched.words[0].from, vouched.words[0].until), (NOW, Some(NOW.plus(YEAR))));
        assert_eq!((vouched.words[0].user_id.as_str(), vouched.words[0].standing), (ANN, Standing::InForce));
        let long = testing::drawn(2, &super::super::profile::Profile::root("Long", YEAR * 3));
        let certified = said(&long, &ann(), delegation());
        assert_eq!(standing(&long, &certified, Timestamp(NOW.plus(YEAR).0 - 1)), Standing::InForce);
        assert_eq!(standing(&long, &certified, NOW.plus(YEAR)), Standing::Over);
        let tomorrow = Timestamp(NOW.0 + 86_400);
        let early = said(&root, &ann(), builder(SignatureType::PositiveCertification, tomorrow));
        assert_eq!(standing(&root, &early, NOW), Standing::NotYet);
        assert!(of(&testing::root(3), &certified, NOW).words.is_empty(), "another root says nothing");
    }

    #[test]
    fn an_intermediate_is_told_with_its_domain() {
        let (root, domain) = (testing::root(1), "acme.example".parse::<Domain>().expect("a domain"));
        let builder = delegation().set_trust_signature(1, COMPLETE).expect("a builder");
        let builder = builder.set_regular_expression(domain.expression()).expect("a builder");
        let [word] = &of(&root, &said(&root, &ann(), builder), NOW).words[..] else { panic!("one word") };
        assert_eq!((word.standing, &word.vouches), (Standing::InForce, &Some(domain)));
    }

    #[test]
    fn one_that_the_root_took_back_is_withdrawn() {
        let root = testing::root(1);
        let certified = said(&root, &ann(), delegation());
        let withdrawal = SignatureBuilder::new(SignatureType::CertificationRevocation)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(SystemTime::from(Timestamp(NOW.0 + 1)))
            .and_then(|builder| builder.set_reason_for_revocation(ReasonForRevocation::UIDRetired, b"left"))
            .expect("a builder");
        let withdrawn = said(&root, &certified, withdrawal);
        assert_eq!(standing(&root, &withdrawn, Timestamp(NOW.0 + 2)), Standing::Withdrawn);
    }

    /// KEYS-1.
    #[test]
    fn what_names_the_root_and_is_no_delegation_is_bad() {
        let root = testing::root(1);
        let bad = |cert: &Cert| match standing(&root, cert, NOW) {
            Standing::Bad(why) => why,
            standing => panic!("{standing:?}"),
        };
        // Signed for somebody else, and moved to Ann.
        let other = said(&root, &ann(), delegation());
        let user_id = other.userids().next().expect("one");
        let moved = user_id.certifications().next().expect("one").clone();
        let moved = ann().insert_packets([Packet::from(UserID::from(ANN)), moved.into()]).expect("inserted").0;
        assert_eq!(bad(&moved), "its signature does not verify");
        let trusting = delegation().set_trust_signature(1, 120).expect("a builder");
        assert_eq!(bad(&said(&root, &ann(), trusting)), "it delegates trust, as no delegation does");
        let expression = |text: &str| {
            delegation().set_trust_signature(1, 120).and_then(|b| b.set_regular_expression(text)).expect("a builder")
        };
        let wide = said(&root, &ann(), expression("<[^>]+[@.](acme|evil)\\.example>$"));
        assert_eq!(bad(&wide), "it delegates trust, as no delegation does");
        let local = delegation().set_exportable_certification(false).expect("a builder");
        assert_eq!(bad(&said(&root, &ann(), local)), "it is not for export");
        let sha1 = delegation().set_hash_algo(HashAlgorithm::SHA1);
        assert!(bad(&said(&root, &ann(), sha1)).starts_with("its hash is broken"));
        let persona = builder(SignatureType::PersonaCertification, NOW);
        assert_eq!(bad(&said(&root, &ann(), persona)), "it is of another type than a delegation");
    }

    #[test]
    fn a_root_that_is_over_vouches_for_nobody() {
        let roots = [testing::root(1).certificate];
        let refused = Roots::new(&roots, NOW.plus(YEAR)).err();
        assert!(matches!(refused, Some(Error::Known(why)) if matches!(*why, Error::Expired { .. })));
    }

    #[test]
    fn every_certificate_of_a_long_file_is_told_in_its_order() {
        let root = testing::root(1);
        let one = said(&root, &ann(), delegation());
        let (one, root_bytes) = (one.to_vec().expect("bytes"), root.certificate.bytes().expect("bytes"));
        let file = [root_bytes, one.repeat(AT_ONCE + 1)].concat();
        let (roots, mut told) = ([root.certificate.clone()], Vec::new());
        let tell = |vouched: Result<Vouched, Error>| {
            told.push(vouched.expect("a certificate").words.len());
            Ok::<(), Error>(())
        };
        Roots::new(&roots, NOW).and_then(|roots| roots.each(&file[..], tell)).expect("read");
        assert_eq!(told, [&[0][..], &[1; AT_ONCE + 1]].concat());
        assert!(find(&file[..], root.fingerprint()).expect("read").is_some());
        assert!(find(&one[..], root.fingerprint()).expect("read").is_none());
    }
}
