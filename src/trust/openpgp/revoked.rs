//! The revocations that certificates carry, each in a form of its own that gpg imports.

use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::cert::amalgamation::UserIDAmalgamation;
use sequoia_openpgp::packet::{Packet, Signature};
use sequoia_openpgp::serialize::MarshalInto as _;

use super::error::Error;
use super::known::Certificate;
use super::{armor, fingerprint_of};
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// What a revocation takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The whole certificate, by its owner.
    Certificate,
    /// A subkey, by the owner.
    Subkey(Fingerprint),
    /// A user ID, by the owner.
    UserId(Shown),
    /// The certification of a user ID, by the root that made it.
    Certification(Shown, Fingerprint),
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Certificate => write!(f, "the whole key, by its owner"),
            Self::Subkey(subkey) => write!(f, "subkey {}, by the key's owner", subkey.groups()),
            Self::UserId(user_id) => write!(f, "user ID {user_id}, by the key's owner"),
            Self::Certification(user_id, root) => {
                write!(f, "the certification of {user_id}, by root {}", root.groups())
            }
        }
    }
}

/// One revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The certificate that carries it.
    pub certificate: Fingerprint,
    /// What it takes back.
    pub taken: Taken,
    /// When it was made.
    pub made: Option<Timestamp>,
    /// Why, in words.
    pub reason: Shown,
    /// For `gpg --import`: the revocation alone where that is enough, and otherwise what it is on, with it.
    pub armored: Vec<u8>,
}

/// The revocations that `certificate` carries, made by its own key, or by one of `roots` over a user ID. Others are of strangers.
///
/// # Errors
/// [`Error::Library`].
pub fn of(certificate: &Certificate, roots: &[Certificate]) -> Result<Vec<Revocation>, Error> {
    let cert = certificate.cert();
    let key = Packet::from(cert.primary_key().component().clone());
    let mut found = Vec::new();
    for signature in cert.primary_key().self_revocations() {
        found.push(revocation(certificate, Taken::Certificate, signature, Vec::new())?);
    }
    for user_id in cert.userids() {
        for (taken, signature) in of_user_id(certificate, &user_id, roots) {
            found.push(revocation(certificate, taken, signature, [vec![key.clone()], bound(&user_id)].concat())?);
        }
    }
    for at in cert.keys().subkeys() {
        for signature in at.self_revocations() {
            // gpg takes a key with a user ID only: the first one comes along.
            let mut packets = vec![key.clone()];
            packets.extend(cert.userids().next().iter().flat_map(bound));
            packets.push(Packet::from(at.key().clone()));
            packets.extend(at.self_signatures().cloned().map(Packet::from));
            let taken = Taken::Subkey(fingerprint_of(&at.key().fingerprint())?);
            found.push(revocation(certificate, taken, signature, packets)?);
        }
    }
    Ok(found)
}

/// What takes back a user ID, or a root's word on it.
fn of_user_id<'a>(
    certificate: &Certificate,
    at: &UserIDAmalgamation<'a>,
    roots: &[Certificate],
) -> Vec<(Taken, &'a Signature)> {
    let shown = Shown::from_bytes(at.userid().value());
    let mut found: Vec<_> = at.self_revocations().map(|signature| (Taken::UserId(shown.clone()), signature)).collect();
    for signature in at.other_revocations() {
        let verifies = |root: &&Certificate| {
            signature.verify_userid_revocation(root.key(), certificate.key(), at.userid()).is_ok()
        };
        if let Some(root) = roots.iter().find(verifies) {
            found.push((Taken::Certification(shown.clone(), root.fingerprint()), signature));
        }
    }
    found
}

/// A user ID with its own signatures.
fn bound(user_id: &UserIDAmalgamation<'_>) -> Vec<Packet> {
    let own = user_id.self_signatures().cloned().map(Packet::from);
    std::iter::once(Packet::from(user_id.userid().clone())).chain(own).collect()
}

fn revocation(
    certificate: &Certificate,
    taken: Taken,
    signature: &Signature,
    packets: Vec<Packet>,
) -> Result<Revocation, Error> {
    let mut bytes = Vec::new();
    for packet in packets.into_iter().chain([Packet::from(signature.clone())]) {
        bytes.extend_from_slice(&packet.to_vec().map_err(Error::library)?);
    }
    let reason = signature.reason_for_revocation().map_or_else(
        || "no reason given".to_owned(),
        |(code, words)| match String::from_utf8_lossy(words).trim() {
            "" => code.to_string(),
            words => format!("{code}: {words}"),
        },
    );
    let comments = ["A revocation, for gpg --import".to_owned(), certificate.fingerprint().groups()];
    Ok(Revocation {
        certificate: certificate.fingerprint(),
        taken,
        made: signature.signature_creation_time().and_then(|at| Timestamp::try_from(at).ok()),
        reason: Shown::new(&reason),
        armored: armor::enarmor(Kind::PublicKey, &comments, &bytes)?,
    })
}

#[cfg(test)]
mod tests {
    use sequoia_openpgp::cert::UserIDRevocationBuilder;
    use sequoia_openpgp::packet::signature::SignatureBuilder;
    use sequoia_openpgp::types::{ReasonForRevocation, SignatureType};

    use super::super::testing::{self, NOW};
    use super::*;

    #[test]
    fn each_revocation_is_found_and_a_strangers_is_not() {
        let (root, signer, stranger) = (testing::root(1), testing::root(2), testing::root(3));
        assert_eq!(of(&signer.certificate, &[]).expect("none"), []);
        let cert = signer.certificate.cert();
        let user_id = cert.userids().next().expect("a user ID");
        let by = |revoker: &super::super::root::DrawnRoot| {
            SignatureBuilder::new(SignatureType::CertificationRevocation)
                .set_reason_for_revocation(ReasonForRevocation::UIDRetired, b"left <us>\n")
                .and_then(|builder| builder.set_signature_creation_time(NOW))
                .and_then(|builder| {
                    builder.sign_userid_binding(
                        &mut testing::signer(revoker),
                        cert.primary_key().component(),
                        user_id.userid(),
                    )
                })
                .map(|signature| vec![Packet::from(user_id.userid().clone()), signature.into()])
                .expect("a revocation")
        };
        let own = UserIDRevocationBuilder::new()
            .set_signature_creation_time(NOW.into())
            .and_then(|builder| builder.build(&mut testing::signer(&signer), cert, user_id.userid(), None))
            .expect("a revocation");
        let whole = super::super::revocation::revoke(&signer.certificate, NOW, &mut testing::signer(&signer));
        let whole = super::super::signature::only(
            &armor::binary(Kind::PublicKey, &whole.expect("a revocation")).expect("armor"),
        );
        let packets = [by(&root), by(&stranger), vec![Packet::from(user_id.userid().clone()), own.into()]].concat();
        let (revoked, _) = cert.clone().insert_packets(packets).expect("merged");
        let (revoked, _) = revoked.insert_packets(Packet::from(whole.expect("one"))).expect("merged");
        let revoked = Certificate::of(revoked).expect("v4");

        let found = of(&revoked, std::slice::from_ref(&root.certificate)).expect("revocations");
        let shown = Shown::from_bytes(user_id.userid().value());
        let taken: Vec<_> = found.iter().map(|revocation| revocation.taken.clone()).collect();
        let by_root = Taken::Certification(shown.clone(), root.fingerprint());
        assert_eq!(taken, [Taken::Certificate, Taken::UserId(shown), by_root]);
        assert!(found.iter().all(|revocation| revocation.made == Some(NOW)));
        assert!(found[2].reason.as_str().ends_with(": left <us>"), "{}", found[2].reason);
    }
}
