//! The delegation as OpenPGP has it: the root certifies the signer's user IDs.
//!
//! The form is the one that stock verifiers were measured to accept: a plain, exportable certification (type 0x13, RFC
//! 9580 5.2.1.6) without trust-signature subpacket, SHA-512, explicit dates, issuer fingerprint, policy URI, and
//! NONCRITICAL human-readable notations: a critical unknown notation voids the whole signature in gpg and sq alike.
//! Only that of an intermediate is a trust signature, of depth 1 and bounded to one domain.

use std::time::{Duration, SystemTime};

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::amalgamation::ValidateAmalgamation as _;
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::{NotationData, NotationDataFlags, SubpacketTag, SubpacketValue};
use sequoia_openpgp::packet::{Packet, Signature, UserID};
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};
use sequoia_openpgp::{KeyHandle, Result as LibraryResult};

use super::certificate::SignerCertificate;
use super::error::Error;
use super::known::{Certificate, bounded};
use super::minimal::minimal;
use super::profile::Profile;
use super::root::{generate, must_be};
use super::secret::SecretRoot;
use super::{fingerprint_of, notation, policy};
use crate::model::domain::Domain;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::timestamp::Timestamp;

/// How much a trust signature says (RFC 9580 5.2.3.21): 120 is complete trust, and less of it is none to sq and half to gpg.
pub(super) const COMPLETE: u8 = 120;

/// What a certification says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The signer's certificate.
    pub signer: Fingerprint,
    /// The user IDs that are certified.
    pub user_ids: Vec<String>,
    /// What the signer may sign, in the organization's words.
    pub scope: String,
    /// Where the signer vouches for others: an intermediate, whose certification is a trust signature of depth 1.
    pub vouches: Option<Domain>,
    /// The ceremony's id.
    pub ceremony: String,
    /// The SHA-256 of the request.
    pub request: Hash,
    /// When it is signed.
    pub created: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// Where the organization's policy can be read.
    pub policy_uri: Option<String>,
}

impl Terms {
    /// From creation to end.
    fn lifetime(&self) -> Duration {
        Duration::from_secs(u64::from(self.until.0.saturating_sub(self.created.0)))
    }

    /// Name and value of each notation. The library adds a salt of its own.
    fn notations(&self) -> [(String, String); 4] {
        [
            (notation("role"), "release-signer".to_owned()),
            (notation("scope"), self.scope.clone()),
            (notation("ceremony"), self.ceremony.clone()),
            (notation("request-sha256"), self.request.to_string()),
        ]
    }
}

/// Signs `terms` over `signer`'s certificate, cut down to what was reviewed: first by a throwaway key (TRUST-1), then by
/// `root`'s. One signature per user ID. Gives the certificate with the certification, already judged (TRUST-2 judges the
/// bytes on the disk once more).
///
/// Open to the trust rooms only: from outside, the way leads over an approved review.
pub(in crate::trust) fn certify(
    root: &Certificate,
    signer: &SignerCertificate,
    terms: &Terms,
    card: &mut dyn Signer,
) -> Result<Vec<u8>, Error> {
    must_be(card, root.fingerprint())?;
    let user_ids: Vec<&str> = terms.user_ids.iter().map(String::as_str).collect();
    user_ids.iter().try_for_each(|user_id| signer.must_have(user_id))?;
    let cut = minimal(signer, &user_ids, terms.created)?;
    rehearse(root, &cut, terms).map_err(|error| Error::Throwaway(Box::new(error)))?;
    let bytes = sign(&cut, terms, card)?;
    judge(root, &bytes, terms)?;
    Ok(bytes)
}

fn rehearse(root: &Certificate, cut: &Cert, terms: &Terms) -> Result<(), Error> {
    let profile = Profile::root("throwaway", Duration::from_secs(86_400));
    let algorithm = root.algorithm().ok_or(Error::Certification { what: "root's algorithm" })?;
    let throwaway = generate(algorithm, &profile, terms.created)?;
    let secret = SecretRoot::parse(&throwaway.secret)?;
    let mut signer = secret.key().clone().into_keypair().map_err(Error::library)?;
    judge(&throwaway.certificate, &sign(cut, terms, &mut signer)?, terms)
}

fn sign(cut: &Cert, terms: &Terms, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
    let mut signatures = Vec::with_capacity(terms.user_ids.len());
    for user_id in &terms.user_ids {
        let user_id = UserID::from(user_id.as_str());
        let builder = said(terms).map_err(Error::library)?;
        let signature =
            builder.sign_userid_binding(signer, cut.primary_key().component(), &user_id).map_err(Error::signing)?;
        signatures.extend([Packet::from(user_id), signature.into()]);
    }
    let (certified, _) = cut.clone().insert_packets(signatures).map_err(Error::library)?;
    certified.to_vec().map_err(Error::library)
}

fn said(terms: &Terms) -> LibraryResult<SignatureBuilder> {
    let mut builder = SignatureBuilder::new(SignatureType::PositiveCertification)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(SystemTime::from(terms.created))?
        .set_signature_validity_period(terms.lifetime())?;
    if let Some(uri) = &terms.policy_uri {
        builder = builder.set_policy_uri(uri)?;
    }
    if let Some(domain) = &terms.vouches {
        builder = builder.set_trust_signature(1, COMPLETE)?.set_regular_expression(domain.expression())?;
    }
    for (name, value) in terms.notations() {
        builder = builder.add_notation(name, value, NotationDataFlags::empty().set_human_readable(), false)?;
    }
    Ok(builder)
}

/// Whether `bytes` are the certificate of `terms.signer` in which `root` made exactly one valid certification per expected
/// user ID, on exactly these terms, and nothing else; and whether the root could certify when it did.
///
/// # Errors
/// [`Error::Certification`] with the term that differs, [`Error::CertificationCount`].
pub fn judge(root: &Certificate, bytes: &[u8], terms: &Terms) -> Result<(), Error> {
    let differs = |what| Error::Certification { what };
    let cert = bounded(bytes)?;
    if fingerprint_of(&cert.fingerprint())? != terms.signer {
        return Err(differs("signer"));
    }
    root_certifies(root, terms.created)?;
    let handle = KeyHandle::from(root.cert().fingerprint());
    let by_root = |signature: &Signature| signature.get_issuers().iter().any(|issuer| issuer.aliases(&handle));
    let all = cert.clone().into_packets().filter(|p| matches!(p, Packet::Signature(s) if by_root(s))).count();
    if all != terms.user_ids.len() {
        return Err(Error::CertificationCount { expected: terms.user_ids.len(), found: all });
    }
    for expected in &terms.user_ids {
        let user_id = cert.userids().find(|u| u.userid().value() == expected.as_bytes()).ok_or(differs("user ID"))?;
        let mut certifications = user_id.certifications().filter(|s| by_root(s));
        let (Some(signature), None) = (certifications.next(), certifications.next()) else {
            return Err(Error::CertificationCount { expected: 1, found: user_id.certifications().count() });
        };
        signature
            .verify_userid_binding(root.key(), cert.primary_key().component(), user_id.userid())
            .map_err(|_| differs("signature"))?;
        judge_terms(signature, root, terms)?;
    }
    Ok(())
}

/// The certification is by the root's primary key, which must be valid and have the C flag (RFC 9580 5.2.3.29).
fn root_certifies(root: &Certificate, at: Timestamp) -> Result<(), Error> {
    let strict = policy::strict(at);
    let key = root.cert().primary_key().with_policy(&strict, SystemTime::from(at));
    match key {
        Ok(key) if key.for_certification() && key.alive().is_ok() => Ok(()),
        _ => Err(Error::Certification { what: "root's right to certify" }),
    }
}

fn judge_terms(signature: &Signature, root: &Certificate, terms: &Terms) -> Result<(), Error> {
    let must = |holds: bool, what| if holds { Ok(()) } else { Err(Error::Certification { what }) };
    must(signature.typ() == SignatureType::PositiveCertification, "type")?;
    must(signature.hash_algo() == HashAlgorithm::SHA512, "hash")?;
    must(signature.signature_creation_time() == Some(SystemTime::from(terms.created)), "date")?;
    must(signature.signature_expiration_time() == Some(SystemTime::from(terms.until)), "end")?;
    must(signature.issuer_fingerprints().all(|f| *f == root.cert().fingerprint()), "issuer")?;
    must(signature.policy_uri() == terms.policy_uri.as_deref().map(str::as_bytes), "policy URI")?;
    let trust = terms.vouches.as_ref().map(|_| (1, COMPLETE));
    must(signature.trust_signature() == trust, "vouching")?;
    let expressions: Vec<&[u8]> = signature.regular_expressions().collect();
    let expected = terms.vouches.as_ref().map(Domain::expression);
    must(expressions == expected.iter().map(String::as_bytes).collect::<Vec<_>>(), "vouching")?;
    let mut notations = terms.notations().to_vec();
    for subpacket in signature.hashed_area().iter() {
        match subpacket.value() {
            SubpacketValue::NotationData(data) if data.name().starts_with("salt@") => {
                must(!subpacket.critical(), "notations")?;
            }
            SubpacketValue::NotationData(data) => {
                let at = notations.iter().position(|(name, value)| is(data, name, value));
                must(at.is_some() && !subpacket.critical(), "notations")?;
                notations.swap_remove(at.unwrap_or(0));
            }
            _ => must(is_expected(subpacket.tag()), "contents")?,
        }
    }
    must(notations.is_empty(), "notations")
}

fn is(data: &NotationData, name: &str, value: &str) -> bool {
    data.name() == name && data.value() == value.as_bytes() && data.flags().human_readable()
}

/// Trust signature and regular expression were judged; in particular no "not exportable", no "not revocable", no key flags.
fn is_expected(tag: SubpacketTag) -> bool {
    matches!(
        tag,
        SubpacketTag::SignatureCreationTime
            | SubpacketTag::SignatureExpirationTime
            | SubpacketTag::Issuer
            | SubpacketTag::IssuerFingerprint
            | SubpacketTag::PolicyURI
            | SubpacketTag::TrustSignature
            | SubpacketTag::RegularExpression
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, NOW, YEAR};
    use super::*;
    use crate::trust::openpgp::UntrustedCertificate;
    use sequoia_openpgp::cert::CertBuilder;

    fn signer() -> SignerCertificate {
        let (cert, _) = CertBuilder::new()
            .add_userid("Ann <ann@acme.example>")
            .add_userid("Ann at home <ann@home.example>")
            .add_signing_subkey()
            .set_creation_time(SystemTime::from(Timestamp(NOW.0 - 1000)))
            .generate()
            .expect("a certificate");
        let bytes = cert.to_vec().expect("bytes");
        UntrustedCertificate::parse(&bytes).and_then(|c| c.judge(NOW)).expect("a good one")
    }

    fn terms(signer: &SignerCertificate) -> Terms {
        Terms {
            signer: signer.fingerprint(),
            user_ids: vec!["Ann <ann@acme.example>".to_owned()],
            scope: "all packages".to_owned(),
            vouches: None,
            ceremony: "2026-11-21-a".to_owned(),
            request: Hash([7; 32]),
            created: NOW,
            until: NOW.plus(YEAR),
            policy_uri: Some("https://acme.example/keys".to_owned()),
        }
    }

    #[test]
    fn a_certification_says_what_was_asked_and_the_rest_is_gone() {
        let (root, signer) = (testing::root(1), signer());
        let terms = terms(&signer);
        let bytes = certify(&root.certificate, &signer, &terms, &mut testing::signer(&root)).expect("certified");
        judge(&root.certificate, &bytes, &terms).expect("as asked");
        let cert = bounded(&bytes).expect("a certificate");
        assert_eq!(cert.userids().count(), 1);
        let strict = policy::strict(NOW);
        let valid = cert.with_policy(&strict, SystemTime::from(NOW)).expect("valid");
        assert_eq!(valid.primary_userid().expect("one").userid().value(), b"Ann <ann@acme.example>");
    }

    #[test]
    fn each_other_term_is_found() {
        let (root, signer) = (testing::root(1), signer());
        let asked = terms(&signer);
        let bytes = certify(&root.certificate, &signer, &asked, &mut testing::signer(&root)).expect("certified");
        let verdict = |terms: Terms| match judge(&root.certificate, &bytes, &terms) {
            Err(Error::Certification { what }) => what,
            _ => panic!("not refused"),
        };
        assert_eq!(verdict(Terms { scope: "docs".to_owned(), ..asked.clone() }), "notations");
        assert_eq!(verdict(Terms { ceremony: "b".to_owned(), ..asked.clone() }), "notations");
        assert_eq!(verdict(Terms { request: Hash([8; 32]), ..asked.clone() }), "notations");
        assert_eq!(verdict(Terms { until: NOW.plus(YEAR * 2), ..asked.clone() }), "end");
        let domain = || Some("acme.example".parse().expect("a domain"));
        assert_eq!(verdict(Terms { vouches: domain(), ..asked.clone() }), "vouching");
        assert_eq!(verdict(Terms { policy_uri: None, ..asked.clone() }), "policy URI");
        assert_eq!(verdict(Terms { signer: Fingerprint([0; 20]), ..asked.clone() }), "signer");
        let more = Terms { user_ids: signer.user_ids().to_vec(), ..asked.clone() };
        assert!(matches!(judge(&root.certificate, &bytes, &more), Err(Error::CertificationCount { .. })));
        let other = testing::root(2);
        assert!(matches!(judge(&other.certificate, &bytes, &asked), Err(Error::CertificationCount { found: 0, .. })));
    }

    #[test]
    fn anything_else_by_the_root_is_found() {
        let (root, signer) = (testing::root(1), signer());
        let asked = terms(&signer);
        let mut card = testing::signer(&root);
        let bytes = certify(&root.certificate, &signer, &asked, &mut card).expect("certified");
        let twice = sign(&bounded(&bytes).expect("cert"), &asked, &mut card).expect("signed again");
        let verdict = judge(&root.certificate, &twice, &asked);
        assert!(matches!(verdict, Err(Error::CertificationCount { expected: 1, found: 2 })));

        let cut = minimal(&signer, &["Ann <ann@acme.example>"], NOW).expect("cut");
        let trusting = said(&asked).and_then(|b| b.set_trust_signature(1, 120)).expect("builder");
        let user_id = UserID::from("Ann <ann@acme.example>");
        let signature =
            trusting.sign_userid_binding(&mut card, cut.primary_key().component(), &user_id).expect("signature");
        let packets = [Packet::from(user_id), signature.into()];
        let bytes = cut.insert_packets(packets).expect("inserted").0.to_vec().expect("bytes");
        let verdict = judge(&root.certificate, &bytes, &asked);
        assert!(matches!(verdict, Err(Error::Certification { what: "vouching" })));
    }

    #[test]
    fn an_intermediate_vouches_at_its_domain_alone() {
        let (root, signer) = (testing::root(1), signer());
        let asked = Terms { vouches: Some("acme.example".parse().expect("a domain")), ..terms(&signer) };
        let bytes = certify(&root.certificate, &signer, &asked, &mut testing::signer(&root)).expect("certified");
        judge(&root.certificate, &bytes, &asked).expect("as asked");
        for domain in [None, Some("builds.acme.example".parse().expect("a domain"))] {
            let verdict = judge(&root.certificate, &bytes, &Terms { vouches: domain, ..asked.clone() });
            assert!(matches!(verdict, Err(Error::Certification { what: "vouching" })));
        }
    }

    #[test]
    fn a_records_key_cannot_certify() {
        let records = testing::drawn(3, &Profile::records("Records", YEAR));
        let signer = signer();
        let refused = certify(&records.certificate, &signer, &terms(&signer), &mut testing::signer(&records));
        assert!(matches!(refused, Err(Error::Certification { what: "root's right to certify" })));
    }
}
