//! A certificate in words, for the people who review it.

use std::time::SystemTime;

use sequoia_openpgp::cert::amalgamation::key::ValidErasedKeyAmalgamation;
use sequoia_openpgp::packet::key::PublicParts;

use super::certificate::SignerCertificate;
use super::{policy, strength};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

impl SignerCertificate {
    /// Fingerprint, keys with algorithm, use and dates, and user IDs, one per line. Everything from outside is escaped.
    #[must_use]
    pub fn describe(&self) -> Vec<Shown> {
        let expires = self.expires().map_or_else(|| "never expires".to_owned(), |at| format!("expires {}", at.date()));
        let mut lines = vec![
            format!("fingerprint {}", self.fingerprint().groups()),
            format!("made {}, {expires}", self.made().date()),
        ];
        let strict = policy::strict(self.judged());
        if let Ok(valid) = self.cert.with_policy(&strict, SystemTime::from(self.judged())) {
            for key in valid.keys() {
                let role = if key.key().fingerprint() == self.cert.fingerprint() { "primary key" } else { "subkey" };
                let until = key.key_expiration_time().and_then(|at| Timestamp::try_from(at).ok());
                let until = until.map_or_else(|| "no end".to_owned(), |at| format!("until {}", at.date()));
                let state = if key.alive().is_err() { ", expired" } else { "" };
                lines.push(format!("{role} {}{}, {until}{state}", strength::name(key.key()), uses(&key)));
            }
        }
        let mut lines: Vec<Shown> = lines.iter().map(|line| Shown::new(line)).collect();
        lines.extend(self.user_ids().iter().map(|user_id| Shown::new(&format!("user ID {user_id}"))));
        lines
    }
}

fn uses(key: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> String {
    let uses = [
        (key.for_certification(), "certify"),
        (key.for_signing(), "sign"),
        (key.for_authentication(), "authenticate"),
        (key.for_transport_encryption() || key.for_storage_encryption(), "encrypt"),
    ];
    let names: Vec<&str> = uses.iter().filter(|(can, _)| *can).map(|(_, name)| *name).collect();
    if names.is_empty() { String::new() } else { format!(" [{}]", names.join(", ")) }
}
