//! What the organization allows in a request (REQUEST-4).

use std::time::Duration;

use super::error::Error;
use crate::format::request::RequestFile;
use crate::model::day::Day;
use crate::model::fingerprint::Fingerprint;
use crate::model::name::RootName;
use crate::model::roster::{Kept, KeyKind, Roster};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::SignerCertificate;

/// A notation must fit into a signature that every tool reads, and into one line of a review or two.
const MAX_SCOPE: usize = 200;

/// The organization's rules for requests.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The organization's name.
    pub organization: String,
    /// The root that is to certify.
    pub root: RootName,
    /// The root's key. The review names it, and no other can certify what was approved.
    pub root_key: Fingerprint,
    /// Who is a signer, and on which conditions.
    pub roster: Roster,
    /// Where the policy can be read; stands in every certification.
    pub policy_uri: Option<String>,
}

/// So many days.
pub(super) fn days(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 86_400)
}

impl Policy {
    pub(super) fn check(&self, request: &RequestFile, now: Timestamp) -> Result<(), Error> {
        if request.organization != self.organization {
            let (found, expected) = (Shown::spelled(&request.organization), Shown::spelled(&self.organization));
            return Err(Error::Organization { found, expected });
        }
        if request.root != self.root {
            let (found, expected) = (Shown::new(request.root.as_str()), Shown::new(self.root.as_str()));
            return Err(Error::Root { found, expected });
        }
        let rules = &self.roster.policy;
        if !(1..=rules.longest).contains(&request.lifetime_days) {
            return Err(Error::Lifetime { days: request.lifetime_days, most: rules.longest });
        }
        let scope = Shown::new(&request.scope);
        if scope.as_str() != request.scope || request.scope.trim().is_empty() || request.scope.len() > MAX_SCOPE {
            return Err(Error::Scope(scope));
        }
        if request.date > now {
            return Err(Error::FromFuture { date: request.date });
        }
        if request.date.plus(days(rules.stale)) < now {
            return Err(Error::Stale { date: request.date, days: rules.stale });
        }
        // Who says nothing of it keeps it in a file.
        let kept = request.kept.unwrap_or(Kept::File);
        if !rules.kept.contains(&kept) {
            return Err(Error::KeptElsewhere { kept });
        }
        self.check_signer(request, now)
    }

    /// What the roster says of the one who asks.
    fn check_signer(&self, request: &RequestFile, now: Timestamp) -> Result<(), Error> {
        let name = || Shown::spelled(&request.signer);
        let signer = self.roster.signers.iter().find(|(known, _)| known.as_str() == request.signer);
        let (_, signer) = signer.ok_or_else(|| Error::NotOnRoster(name()))?;
        if Day::of(now) < signer.since {
            return Err(Error::NotYetSigner { signer: name(), since: signer.since });
        }
        if !signer.user_ids.contains(&request.user_id) {
            return Err(Error::UserIdNotListed { signer: name(), user_id: Shown::spelled(&request.user_id) });
        }
        if !signer.may.get(&self.root).is_some_and(|scopes| scopes.contains(&request.scope)) {
            return Err(Error::ScopeNotGranted { signer: name(), scope: Shown::spelled(&request.scope) });
        }
        if let Some(domain) = request.vouches.as_ref().filter(|domain| signer.vouches.get(&self.root) != Some(domain)) {
            return Err(Error::VouchingNotGranted { signer: name(), domain: domain.clone() });
        }
        match self.roster.unmet(signer, Day::of(now)).into_iter().next() {
            Some(unmet) => Err(Error::Unmet { signer: name(), unmet }),
            None => Ok(()),
        }
    }

    /// Of which kinds the keys that will sign are.
    pub(super) fn check_keys(&self, certificate: &SignerCertificate) -> Result<(), Error> {
        let is_foreign = |(_, kind): &(Fingerprint, KeyKind)| !self.roster.policy.algorithms.contains(kind);
        match certificate.kinds().into_iter().find(is_foreign) {
            Some((fingerprint, kind)) => Err(Error::KeyKind { fingerprint, kind }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Error, UntrustedRequest, testing};
    use crate::format::request::RequestFile;
    use crate::model::fault::Fault as _;
    use crate::model::timestamp::Timestamp;

    fn refusal(edit: impl FnOnce(&mut RequestFile)) -> Error {
        let message = testing::message(edit);
        let request = UntrustedRequest::parse("r.asc", &message).expect("well formed");
        request.verify(&testing::policy(), testing::NOW).map(|_| ()).expect_err("outside the policy")
    }

    #[test]
    fn each_rule_refuses_in_its_own_words() {
        let refusals = [
            (refusal(|r| r.organization = "Acme".to_owned()), "organization is \"Acme\", not \"Acme Builds\""),
            (refusal(|r| r.root = "images".parse().expect("name")), "root is \"images\", not \"packages\""),
            (refusal(|r| r.signer = "bo\u{202e}".to_owned()), "signer is \"bo\\u{202e}\", who is not on the roster"),
            (refusal(|r| r.lifetime_days = 401), "lifetime-days is 401, where 1 to 400 are allowed"),
            (refusal(|r| r.lifetime_days = 0), "lifetime-days is 0, where 1 to 400 are allowed"),
            (
                refusal(|r| r.scope = "a\u{1b}[2J".to_owned()),
                "scope is \"a\\u{1b}[2J\": 1 to 200 plain characters are allowed",
            ),
            (
                refusal(|r| r.vouches = Some("acme.example".parse().expect("a domain"))),
                "vouches is \"acme.example\", which the roster does not grant to \"ann\" under this root",
            ),
            (refusal(|r| r.scope = " ".to_owned()), "scope is \" \": 1 to 200 plain characters are allowed"),
            (refusal(|r| r.date = Timestamp(r.date.0 + 1)), "date is 2026-11-21T10:59:58Z, which is in the future"),
            (
                refusal(|r| r.date = Timestamp(r.date.0 - 31 * 86_400)),
                "date is 2026-10-21T10:59:57Z, more than 30 days ago",
            ),
        ];
        for (error, words) in refusals {
            assert_eq!(error.to_string(), words);
            assert_eq!(error.control().map(crate::model::control::Control::id), Some("REQUEST-4"), "{words}");
            assert!(error.hint().is_some(), "{words}");
        }
    }

    #[test]
    fn the_user_id_must_be_in_the_certificate_and_plain() {
        let other = refusal(|r| r.user_id = "Ann <root@acme.example>".to_owned());
        assert_eq!(other.control().map(crate::model::control::Control::id), Some("REQUEST-2"));
        assert!(other.to_string().contains("no valid user ID"), "{other}");
        let bidi = refusal(|r| r.user_id = "Ann\u{202e}\u{1b}".to_owned());
        assert!(bidi.to_string().contains("Ann\\u{202e}\\u{1b}"), "{bidi}");
    }
}
