//! A request as a test makes one.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::cert::CertBuilder;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::KeyFlags;

use super::{Change, InForce, Policy, UntrustedRequest};
use crate::format::request::{RequestFile, VERSION};
use crate::model::fingerprint::Fingerprint;
use crate::trust::openpgp::signed_text::sign_text;

pub(super) use crate::trust::openpgp::testing::NOW;

/// A policy that the request below keeps.
pub(super) fn policy() -> Policy {
    Policy {
        organization: "Acme Builds".to_owned(),
        root: "packages".parse().expect("name"),
        root_key: Fingerprint([0xab; 20]),
        roster: BTreeSet::from(["ann".to_owned()]),
        max_lifetime_days: 400,
        max_age_days: 30,
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
        lifetime_days: 365,
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
