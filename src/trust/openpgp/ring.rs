//! Keyrings read back: the certificates of `keys.txt` and of the binary keyrings.

use sequoia_openpgp::armor::Kind;

use super::error::Error;
use super::known::{Certificate, bounded};
use super::{armor, packets};
use crate::model::shown::Shown;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";

/// What is wrong with a certificate of a keyring.
#[derive(Debug, thiserror::Error)]
#[error("certificate {at}{}: {error}", name.as_ref().map_or(String::new(), |name| format!(" ({name})")))]
pub struct Fault {
    /// Which one, counted from 1.
    pub at: usize,
    /// Its first user ID.
    pub name: Option<Shown>,
    /// What is wrong with it.
    pub error: Error,
}

/// The certificates of armored blocks; what stands between the blocks is for people.
///
/// # Errors
/// The first block that is not one v4 certificate.
pub fn armored(text: &[u8]) -> Result<Vec<Certificate>, Fault> {
    let text = String::from_utf8_lossy(text);
    let mut found = Vec::new();
    for (at, rest) in text.split(BEGIN).skip(1).enumerate() {
        let fault = |error| Fault { at: at + 1, name: None, error };
        let body = rest.split(END).next().unwrap_or_default();
        let block = format!("{BEGIN}{body}{END}\n");
        let bytes = armor::dearmor(Kind::PublicKey, block.as_bytes()).map_err(fault)?;
        found.push(one(at, &bytes)?);
    }
    Ok(found)
}

/// The certificates of a binary keyring.
///
/// # Errors
/// The first one that is not a v4 certificate.
pub fn binary(bytes: &[u8]) -> Result<Vec<Certificate>, Fault> {
    let parts = packets::split(bytes).map_err(|error| Fault { at: 1, name: None, error })?;
    parts.into_iter().enumerate().map(|(at, part)| one(at, part)).collect()
}

/// Its user ID names it, whatever else is wrong with it.
fn one(at: usize, bytes: &[u8]) -> Result<Certificate, Fault> {
    let read = || Certificate::of(bounded(bytes)?);
    read().map_err(|error| {
        let packets = packets::walk(bytes, packets::CERTIFICATE).unwrap_or_default();
        let user_id = packets.iter().find(|packet| packet.tag == packets::USER_ID);
        Fault { at: at + 1, name: user_id.map(|packet| Shown::from_bytes(packet.body)), error }
    })
}

#[cfg(test)]
mod tests {
    use super::super::keyring::{self, Delegated};
    use super::super::testing::{self, NOW, YEAR};
    use super::*;

    #[test]
    fn what_a_keyring_holds_is_read_back() {
        let (root, other) = (testing::root(1), testing::root(2));
        let delegated = Delegated {
            certificate: other.certificate.bytes().expect("bytes"),
            from: NOW,
            until: NOW.plus(YEAR),
            withdrawn: None,
        };
        let roots = [root.certificate.clone()];
        let rings = keyring::build(&Shown::new("Example"), &roots, &[delegated], NOW).expect("rings");
        let fingerprints = |read: Vec<Certificate>| read.iter().map(Certificate::fingerprint).collect::<Vec<_>>();
        let (root, other) = (root.certificate.fingerprint(), other.certificate.fingerprint());
        assert_eq!(fingerprints(armored(&rings.keys_txt).expect("read")), [root, other]);
        assert_eq!(fingerprints(armored(&rings.keys).expect("read")), [root, other]);
        assert_eq!(fingerprints(binary(&rings.current.repeat(2)).expect("read")), [other, other]);
        assert!(binary(b"").expect("empty").is_empty());
    }

    #[test]
    fn a_v6_certificate_is_named() {
        let (made, _) = sequoia_openpgp::cert::CertBuilder::new()
            .set_profile(sequoia_openpgp::Profile::RFC9580)
            .and_then(|builder| builder.add_userid("Vera Six <vera@example.org>").generate())
            .expect("a v6 certificate");
        let six = sequoia_openpgp::serialize::MarshalInto::to_vec(&made).expect("bytes");
        let ring = [testing::root(1).certificate.bytes().expect("bytes"), six].concat();
        let fault = binary(&ring).err().expect("refused");
        assert_eq!((fault.at, matches!(fault.error, Error::Version { version: 6 })), (2, true));
        assert_eq!(fault.to_string(), "certificate 2 (Vera Six <vera@example.org>): the key is of version 6, not 4");
        assert!(binary(b"\x99").is_err() && binary(b"text").is_err() && armored(BEGIN.as_bytes()).is_err());
    }

    proptest::proptest! {
        /// Whatever a keyring is, reading it ends, with certificates or with words.
        #[test]
        fn no_keyring_harms(at in 0_usize..2000, byte: u8, more in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let mut bytes = testing::root(1).certificate.bytes().expect("bytes");
            let _ = (binary(&more), armored(&more));
            if let Some(changed) = bytes.get_mut(at) {
                *changed = byte;
            }
            bytes.extend_from_slice(&more);
            let _ = binary(&bytes).map_err(|fault| fault.to_string());
        }
    }
}
