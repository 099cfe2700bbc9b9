//! Three files for `pacman-key --populate NAME`: the certificates, who is trusted to certify, and what is to be disabled.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Error;
use super::known::Certificate;
use crate::model::fingerprint::Fingerprint;

/// The ownertrust that gpg calls full. pacman's own distribution has several main keys that count a third each (4); a signer here
/// is certified by one root, and would stay marginal.
const FULL: u8 = 5;

/// `NAME.gpg`, `NAME-trusted` and `NAME-revoked`, by their names.
///
/// # Errors
/// [`Error::Library`].
pub fn files(
    name: &str,
    roots: &[Certificate],
    all: &[Certificate],
    withdrawn: &BTreeSet<Fingerprint>,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut ring = Vec::new();
    for certificate in all {
        ring.extend_from_slice(&certificate.bytes()?);
    }
    let trusted = roots.iter().filter(|root| !withdrawn.contains(&root.fingerprint()));
    let trusted: String = trusted.map(|root| format!("{}:{FULL}:\n", root.fingerprint())).collect();
    let revoked: String = withdrawn.iter().map(|fingerprint| format!("{fingerprint}\n")).collect();
    Ok(BTreeMap::from([
        (format!("{name}.gpg"), ring),
        (format!("{name}-trusted"), trusted.into_bytes()),
        (format!("{name}-revoked"), revoked.into_bytes()),
    ]))
}
