//! A request as a test makes one.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::cert::CertBuilder;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::KeyFlags;

use super::{Change, InForce, Policy, UntrustedRequest};
use crate::format::request::{RequestFile, VERSION};
use crate::model::fingerprint::Fingerprint;
use crate::model::roster::{Kept, KeyKind, Roster, Signer, SignerPolicy};
use crate::trust::openpgp::signed_text::sign_text;

pub(super) use crate::trust::openpgp::testing::NOW;

/// A roster with Ann on it.
fn roster() -> Roster {
    let signer = Signer {
        since: "2026-01-01".parse().expect("a day"),
        user_ids: ["Ann Signer <ann@acme.example>".to_owned()].into(),
        may: [("packages".parse().expect("name"), ["all packages".to_owned()].into())].into(),
        vouches: BTreeMap::new(),
        met: BTreeMap::new(),
    };
    Roster {
        organization: "Acme Builds".to_owned(),
        serial: 1,
        policy: SignerPolicy {
            longest: 400,
            stale: 30,
            algorithms: KeyKind::ALL.into(),
            kept: [Kept::Card, Kept::File].into(),
        },
        conditions: BTreeMap::new(),
        signers: [("ann".parse().expect("name"), signer)].into(),
    }
}

/// A policy that the request below keeps.
pub(super) fn policy() -> Policy {
    Policy {
        organization: "Acme Builds".to_owned(),
        root: "packages".parse().expect("name"),
        root_key: Fingerprint([0xab; 20]),
        roster: roster(),
        policy_uri: Some("https://acme.example/keys".to_owned()),
    }
}

/// Ann's request with `edit` applied, clearsigned by the key of its certificate.
pub(super) fn message(edit: impl FnOnce(&mut RequestFile)) -> Vec<u8> {
    let made = SystemTime::from(NOW);
    let (cert, _) = CertBuilder::new()
        .add_userid("Ann Signer <ann@acme.example>")
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .set_validity_period(Duration::from_secs(730 * 86_400))
        .set_creation_time(made)
        .generate()
        .expect("a certificate");
    let armored = cert.armored().to_vec().expect("armor");
    let mut request = RequestFile {
        version: VERSION,
        id: "2026-11-ann".parse().expect("name"),
        organization: "Acme Builds".to_owned(),
        root: "packages".parse().expect("name"),
        signer: "ann".to_owned(),
        user_id: "Ann Signer <ann@acme.example>".to_owned(),
        scope: "all packages".to_owned(),
        vouches: None,
        lifetime_days: 365,
        kept: None,
        date: NOW,
        certificate: String::from_utf8(armored).expect("ASCII"),
    };
    edit(&mut request);
    let key = cert.primary_key().component().clone().parts_into_secret().expect("secret");
    sign_text(request.render().expect("TOML").as_bytes(), NOW, &mut key.into_keypair().expect("pair")).expect("signed")
}

/// What one and the same request would change.
pub(super) fn change(before: Option<InForce>) -> Change {
    static MESSAGE: OnceLock<Vec<u8>> = OnceLock::new();
    let message = MESSAGE.get_or_init(|| message(|_| {}));
    let request = UntrustedRequest::parse("r.asc", message).and_then(|r| r.verify(&policy(), NOW)).expect("a request");
    Change::new(request, before, None, NOW)
}
