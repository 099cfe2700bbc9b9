//! What a root said of a signer's certificate: delegations, and their ends.

use std::time::SystemTime;

use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _};
use sequoia_openpgp::types::{ReasonForRevocation, RevocationStatus, RevocationType, SignatureType};
use sequoia_openpgp::{Cert, KeyHandle};

use super::verdict::No;
use crate::model::control::Control;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::{notation, strict, with_sha1};

/// What took a delegation or a key back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    /// Whether nothing under it can be believed, whatever its date.
    pub(super) is_hard: bool,
    /// When.
    pub(super) at: Timestamp,
    /// Who says so.
    pub(super) by: &'static str,
}

/// One certification by the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delegation {
    pub(super) user_id: Shown,
    pub(super) scope: String,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) taken: Option<Taken>,
}

impl Delegation {
    pub(super) fn covers(&self, moment: Timestamp) -> bool {
        self.from <= moment && moment < self.until
    }
}

/// Every delegation that `root` gave this certificate: certifications with a role, a scope and an end, over user IDs, by the root's
/// primary key, with a hash that holds.
pub(super) fn of(cert: &Cert, root: &Cert, now: Timestamp) -> Vec<Delegation> {
    let policy = strict(now);
    let by_root = |signature: &&Signature| {
        let handle = KeyHandle::from(root.fingerprint());
        signature.get_issuers().iter().any(|issuer| issuer.aliases(&handle))
    };
    let sound = |signature: &&Signature| policy.signature(signature, HashAlgoSecurity::CollisionResistance).is_ok();
    let (root_key, primary) = (root.primary_key().component(), cert.primary_key().component());
    let mut found = Vec::new();
    for user_id in cert.userids() {
        // A revocation counts by whatever hash: gpg heeds it.
        let ends: Vec<Taken> = user_id
            .other_revocations()
            .filter(by_root)
            .filter(|signature| signature.verify_userid_revocation(root_key, primary, user_id.userid()).is_ok())
            .map(|signature| taken(signature, "the root"))
            .collect();
        for signature in user_id.certifications().filter(by_root).filter(sound) {
            let verified = signature.verify_userid_binding(root_key, primary, user_id.userid()).is_ok();
            let shown = Shown::from_bytes(user_id.userid().value());
            if let Some(delegation) = verified.then(|| read(signature, shown, root, now)).flatten() {
                let taken = ends.iter().filter(|end| end.at >= delegation.from).max_by_key(|end| end.is_hard);
                found.push(Delegation { taken: taken.cloned(), ..delegation });
            }
        }
    }
    found.sort_by_key(|delegation| (delegation.from, delegation.until));
    found
}

/// The terms of a certification, when it is a delegation, and the root could give one at that moment.
fn read(signature: &Signature, user_id: Shown, root: &Cert, now: Timestamp) -> Option<Delegation> {
    let moment = |time: Option<SystemTime>| time.and_then(|time| Timestamp::try_from(time).ok());
    let value = |name: &str| {
        let mut values = signature.notation(notation(name));
        match (values.next(), values.next()) {
            (Some(value), None) => std::str::from_utf8(value).ok().map(str::to_owned),
            _ => None,
        }
    };
    let (from, until) = (moment(signature.signature_creation_time())?, moment(signature.signature_expiration_time())?);
    let policy = strict(now);
    let certifies = root.primary_key().with_policy(&policy, SystemTime::from(from)).ok()?;
    let is_delegation = certifies.for_certification()
        && certifies.alive().is_ok()
        && signature.typ() == SignatureType::PositiveCertification
        && value("role").as_deref() == Some("release-signer");
    is_delegation.then_some(Delegation { user_id, scope: value("scope")?, from, until, taken: None })
}

fn taken(signature: &Signature, by: &'static str) -> Taken {
    let reason = signature.reason_for_revocation().map_or(ReasonForRevocation::Unspecified, |(reason, _)| reason);
    let at = signature.signature_creation_time().and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(Timestamp(0));
    Taken { is_hard: reason.revocation_type() == RevocationType::Hard, at, by }
}

/// What the owner took back of the certificate, or of the key in it that signed. A designated revoker, whose signature nobody can
/// check here, is believed.
pub(super) fn by_owner(
    cert: &Cert,
    key: &sequoia_openpgp::packet::Key<PublicParts, UnspecifiedRole>,
    now: Timestamp,
) -> Option<Taken> {
    let (policy, moment) = (with_sha1(now), SystemTime::from(now));
    let of = |status: RevocationStatus<'_>| match status {
        RevocationStatus::NotAsFarAsWeKnow => None,
        RevocationStatus::CouldBe(signatures) => {
            let first = signatures.first().map(|signature| taken(signature, "somebody whom its owner named"));
            first.map(|taken| Taken { is_hard: true, ..taken })
        }
        RevocationStatus::Revoked(signatures) => {
            let all = signatures.into_iter().map(|signature| taken(signature, "its owner"));
            // The worst that is said; of what is no worse, the first.
            all.min_by_key(|taken| (!taken.is_hard, taken.at))
        }
    };
    let primary = of(cert.revocation_status(&policy, moment));
    let own = cert.keys().with_policy(&policy, moment).find(|one| one.key().fingerprint() == key.fingerprint());
    let own = own.and_then(|key| of(key.revocation_status()));
    [primary, own].into_iter().flatten().min_by_key(|taken| (!taken.is_hard, taken.at))
}

/// The key could sign at `made`: bound by current hashes, flagged for it, alive. Gives when it ends. Whether it was revoked is
/// another question.
pub(super) fn able_to_sign(
    cert: &Cert,
    key: &sequoia_openpgp::packet::Key<PublicParts, UnspecifiedRole>,
    made: Timestamp,
    now: Timestamp,
) -> Result<Option<Timestamp>, No> {
    let policy = strict(now);
    let mut able = cert.keys().with_policy(&policy, SystemTime::from(made)).alive().for_signing();
    if !able.any(|one| one.key().fingerprint() == key.fingerprint()) {
        let created = Timestamp::try_from(key.creation_time()).unwrap_or(Timestamp(u32::MAX));
        let why = if created > made { "did not exist then" } else { "could not sign then" };
        let words = format!("the signature is dated {made}, and key {} {why}", key.fingerprint());
        return Err(No::new(Control::ReleaseSigned, &words));
    }
    // As the newest binding has it.
    let today = cert
        .keys()
        .with_policy(&policy, SystemTime::from(now))
        .find(|one| one.key().fingerprint() == key.fingerprint());
    let of_key = today.and_then(|key| key.key_expiration_time());
    let of_cert = cert
        .with_policy(&policy, SystemTime::from(now))
        .ok()
        .and_then(|valid| valid.primary_key().key_expiration_time());
    let end = [of_key, of_cert].into_iter().flatten().min();
    Ok(end.map(|end| Timestamp::try_from(end).unwrap_or(Timestamp(u32::MAX))))
}
