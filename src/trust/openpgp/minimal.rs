//! A signer's certificate, cut down to what was reviewed.

use std::time::SystemTime;

use sequoia_openpgp::Cert;
use sequoia_openpgp::packet::{Packet, Signature, UserID};
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy};

use super::certificate::{SignerCertificate, UntrustedCertificate, expiry};
use super::error::Error;
use super::{policy, strength};
use crate::model::timestamp::Timestamp;

/// The certificate with the user IDs `keep` only and with its own valid signatures only: no certifications by others
/// (which could advertise trust that nobody reviewed), nothing the library could not verify, nothing bound by SHA-1, no
/// subkey that could sign although it is weak. All earlier self-signatures stay, since a verifier that looks at an old
/// release wants those of its day; so do the revocations of subkeys.
///
/// # Errors
/// [`Error::Stripped`] when what remains would say something else than what was reviewed.
pub(super) fn minimal(signer: &SignerCertificate, keep: &[&str], now: Timestamp) -> Result<Cert, Error> {
    let strict = policy::strict(now);
    let cert = &signer.cert;
    let primary = cert.primary_key();
    let mut packets = vec![Packet::from(primary.component().clone())];
    packets.extend(valid(&strict, primary.self_signatures()));
    for user_id in cert.userids().filter(|u| keep.iter().any(|k| k.as_bytes() == u.userid().value())) {
        packets.push(UserID::from(user_id.userid().value()).into());
        packets.extend(valid(&strict, user_id.self_signatures()));
    }
    packets.extend(subkeys(cert, &strict, now)?);
    let cut = Cert::from_packets(packets.into_iter()).map_err(Error::library)?;
    says_the_same(signer, &cut, now)?;
    Ok(cut)
}

fn subkeys(cert: &Cert, strict: &dyn Policy, now: Timestamp) -> Result<Vec<Packet>, Error> {
    let mut packets = Vec::new();
    let bound = cert.with_policy(strict, SystemTime::from(now)).map_err(|_| Error::Unbound)?;
    for subkey in bound.keys().subkeys() {
        if subkey.for_signing() && strength::weakness(subkey.key()).is_some() {
            continue;
        }
        packets.push(Packet::from(subkey.key().clone()));
        packets.extend(valid(strict, subkey.self_signatures()));
        packets.extend(subkey.self_revocations().cloned().map(Packet::from));
    }
    Ok(packets)
}

fn valid<'a>(
    strict: &'a dyn Policy,
    signatures: impl Iterator<Item = &'a Signature> + 'a,
) -> impl Iterator<Item = Packet> + 'a {
    signatures
        .filter(|signature| strict.signature(signature, HashAlgoSecurity::SecondPreImageResistance).is_ok())
        .cloned()
        .map(Packet::from)
}

/// Flags and expiry may have hung on a user ID that is gone: the rest must be able to do the same, as long.
fn says_the_same(before: &SignerCertificate, cut: &Cert, now: Timestamp) -> Result<(), Error> {
    let changed = |what| Err(Error::Stripped { what });
    if expiry(cut, now) != before.expires() {
        return changed("expiry");
    }
    match UntrustedCertificate::of(cut.clone()).judge(now) {
        Ok(after) if after.signing() == before.signing() => Ok(()),
        _ => changed("use"),
    }
}
