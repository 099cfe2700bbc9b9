//! Why a delegation is refused.

use crate::format::request;
use crate::model::control::Control;
use crate::model::day::Day;
use crate::model::domain::Domain;
use crate::model::fault::{Class, Fault};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::roster::{Kept, KeyKind, Unmet};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp;

/// The one error type of this room.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request's certificate is not acceptable.
    #[error("certificate in the request: {0}")]
    Certificate(#[source] openpgp::Error),
    /// People confirmed another text than the one at hand.
    #[error("{confirmed} was confirmed, but the review at hand is {review}")]
    ConfirmedAnother {
        /// The hash that was confirmed.
        confirmed: Hash,
        /// The review's own.
        review: Hash,
    },
    /// Signing, or what was signed, failed.
    #[error(transparent)]
    Certify(openpgp::Error),
    /// Dated after the present.
    #[error("date is {date}, which is in the future")]
    FromFuture {
        /// The request's date.
        date: Timestamp,
    },
    /// A signing key of a kind that the roster's policy does not accept.
    #[error("key {fingerprint} is {kind}, which the roster's policy does not list", kind = kind.name())]
    KeyKind {
        /// The key.
        fingerprint: Fingerprint,
        /// Its kind.
        kind: KeyKind,
    },
    /// A key that is kept where the roster's policy does not want it.
    #[error("the key is kept on: {kept}, which the roster's policy does not list", kept = kept.name())]
    KeptElsewhere {
        /// Where, as the request says.
        kept: Kept,
    },
    /// A lifetime of no days, or of more than the policy allows.
    #[error("lifetime-days is {days}, where 1 to {most} are allowed")]
    Lifetime {
        /// What is asked for.
        days: u32,
        /// What the policy allows.
        most: u32,
    },
    /// The signature is not the embedded certificate's.
    #[error("signature of the request: {0}")]
    NotSigned(#[source] openpgp::Error),
    /// The maker is not on the roster.
    #[error("signer is \"{0}\", who is not on the roster")]
    NotOnRoster(Shown),
    /// Somebody who is not a signer yet.
    #[error("signer \"{signer}\" is on the roster from {since} on")]
    NotYetSigner {
        /// Who.
        signer: Shown,
        /// From when on.
        since: Day,
    },
    /// For somebody else.
    #[error("organization is \"{found}\", not \"{expected}\"")]
    Organization {
        /// What the request says.
        found: Shown,
        /// Who we are.
        expected: Shown,
    },
    /// The review and the moment of signing do not go together.
    #[error("reviewed at {reviewed} for a delegation until {until}, but it is {now}")]
    OutOfTime {
        /// When the review was made.
        reviewed: Timestamp,
        /// When the delegation would end.
        until: Timestamp,
        /// The present.
        now: Timestamp,
    },
    /// For another root.
    #[error("root is \"{found}\", not \"{expected}\"")]
    Root {
        /// What the request says.
        found: Shown,
        /// Which root this is.
        expected: Shown,
    },
    /// A roster that is not the next one.
    #[error("serial is {found}, where {expected} is the next")]
    Serial {
        /// What the file says.
        found: u32,
        /// One more than that of the roster in force.
        expected: u32,
    },
    /// A scope that the roster does not grant.
    #[error("scope is \"{scope}\", which the roster does not grant to \"{signer}\" under this root")]
    ScopeNotGranted {
        /// Who.
        signer: Shown,
        /// What they ask for.
        scope: Shown,
    },
    /// A scope that is empty, long or not plain.
    #[error("scope is \"{0}\": 1 to 200 plain characters are allowed")]
    Scope(Shown),
    /// A condition that is not met, or was not looked at again.
    #[error("signer \"{signer}\": {unmet}")]
    Unmet {
        /// Who.
        signer: Shown,
        /// What is missing.
        unmet: Unmet,
    },
    /// A user ID that is not the signer's.
    #[error("user-id is \"{user_id}\", which the roster does not list for \"{signer}\"")]
    UserIdNotListed {
        /// Who.
        signer: Shown,
        /// What they ask for.
        user_id: Shown,
    },
    /// Vouching for others where the roster does not let the signer.
    #[error("vouches is \"{domain}\", which the roster does not grant to \"{signer}\" under this root")]
    VouchingNotGranted {
        /// Who.
        signer: Shown,
        /// Where.
        domain: Domain,
    },
    /// Too long ago.
    #[error("date is {date}, more than {days} days ago")]
    Stale {
        /// The request's date.
        date: Timestamp,
        /// What the policy allows.
        days: u32,
    },
    /// The text inside the signature is not a request.
    #[error(transparent)]
    Text(request::Error),
}

impl Fault for Error {
    fn class(&self) -> Class {
        match self {
            Self::Certificate(inner) | Self::Certify(inner) | Self::NotSigned(inner) => inner.class(),
            Self::Text(inner) => inner.class(),
            _ => Class::Refused,
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::Certificate(_) => Some(Control::RequestCertificate),
            Self::Certify(inner) => inner.control(),
            Self::ConfirmedAnother { .. } | Self::OutOfTime { .. } => Some(Control::ReviewBound),
            Self::NotSigned(_) => Some(Control::RequestSigned),
            Self::Text(inner) => inner.control(),
            _ => Some(Control::RequestPolicy),
        }
    }

    fn hint(&self) -> Option<String> {
        let again = "then sign the request again: gpg --clearsign REQUEST.toml";
        Some(match self {
            Self::Certificate(inner) | Self::Certify(inner) | Self::NotSigned(inner) => return inner.hint(),
            Self::Text(inner) => return inner.hint(),
            Self::ConfirmedAnother { .. } => {
                "show the review again, read its hash aloud, and confirm that one".to_owned()
            }
            Self::FromFuture { .. } => {
                "compare the clock of the signer's machine with the time of the ceremony".to_owned()
            }
            Self::Lifetime { most, .. } => format!("ask for at the most {most} days, {again}"),
            Self::KeyKind { .. } => format!("make a key of a kind that the roster lists, {again}"),
            Self::KeptElsewhere { .. } => {
                format!("keep the key where the policy wants it, and say so: kept = \"card\", {again}")
            }
            Self::NotYetSigner { .. } => "hold the ceremony on that day or later".to_owned(),
            Self::ScopeNotGranted { .. } | Self::UserIdNotListed { .. } | Self::VouchingNotGranted { .. } => {
                format!(
                    "write it exactly as the roster does (keyrite signer show), {again}; or have the roster changed"
                )
            }
            Self::Unmet { .. } => "look whether it is met, and bring a roster that says so".to_owned(),
            Self::NotOnRoster(_) => "put the signer on the roster first, or correct the name".to_owned(),
            Self::Organization { .. } | Self::Root { .. } => {
                format!("write the name as the organization does, {again}")
            }
            Self::OutOfTime { .. } => "make the review again at the present time".to_owned(),
            Self::Scope(_) => format!("describe the scope in one short line, {again}"),
            Self::Serial { expected, .. } => format!(
                "begin with the roster that is in force (keyrite signer list), change it, and write serial = {expected}"
            ),
            Self::Stale { .. } => format!("set today's date, {again}"),
        })
    }
}
