//! A challenge that a card answers to prove that it holds a key, and that can be nothing but a challenge.
//!
//! Why its signature is no OpenPGP signature: what a v4 or v6 signature hashes ends in a trailer of six octets or more
//! that holds `04 FF` or `06 FF` (RFC 9580 5.2.4), and what a v3 one hashes over a document has the octet 00 or 01 five
//! from its end. Signatures over keys begin with 95, 99 or 9B. A challenge consists of printable ASCII and LF alone,
//! begins with `k` and ends in LF, so it is never the input of any of them; and the Notary and TUF formats sign JSON,
//! which begins with `{`.

use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::types::HashAlgorithm;

use super::error::Error;
use super::known::Certificate;
use super::root::must_be;
use crate::model::fingerprint::Fingerprint;
use crate::model::name::RootName;
use crate::model::timestamp::Timestamp;

/// What a card is asked to sign, in words that say what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// `load test`, `drill`, `inventory`.
    pub purpose: String,
    /// The organization's name.
    pub organization: String,
    /// Which root, or none for the records key.
    pub root: Option<RootName>,
    /// The key that shall answer.
    pub fingerprint: Fingerprint,
    /// The card's serial, as it identifies itself.
    pub card: String,
    /// The ceremony's id.
    pub ceremony: String,
    /// Drawn by the caller; never used twice.
    pub nonce: [u8; 16],
    /// The agreed time.
    pub time: Timestamp,
}

/// A card's answer.
pub struct Answer(mpi::Signature);

impl Challenge {
    /// The bytes that are hashed: one line per part, each escaped, so that no part can imitate another.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let nonce: String = self.nonce.iter().map(|byte| format!("{byte:02x}")).collect();
        let root = self.root.as_ref().map_or("-", RootName::as_str);
        format!(
            "keyrite challenge v1\npurpose: {}\norganization: {}\nroot: {root}\nkey: {}\ncard: {}\nceremony: {}\n\
             nonce: {nonce}\ntime: {}\n",
            ascii(&self.purpose),
            ascii(&self.organization),
            self.fingerprint,
            ascii(&self.card),
            ascii(&self.ceremony),
            self.time,
        )
        .into_bytes()
    }

    /// The SHA-512 of [`Challenge::bytes`]; nothing else is ever handed to the signer.
    fn digest(&self) -> Result<Vec<u8>, Error> {
        let mut context = HashAlgorithm::SHA512.context().map_err(Error::library)?.for_digest();
        context.update(&self.bytes());
        context.into_digest().map_err(Error::library)
    }

    /// Lets `signer` answer.
    ///
    /// # Errors
    /// [`Error::WrongSigner`] before the card is asked, [`Error::Signing`].
    pub fn answer(&self, signer: &mut dyn Signer) -> Result<Answer, Error> {
        must_be(signer, self.fingerprint)?;
        signer.sign(HashAlgorithm::SHA512, &self.digest()?).map(Answer).map_err(Error::signing)
    }

    /// Verifies an answer against the certificate of the key that was asked.
    ///
    /// # Errors
    /// [`Error::AnotherKey`], [`Error::BadSignature`].
    pub fn verify(&self, answer: &Answer, certificate: &Certificate) -> Result<(), Error> {
        if certificate.fingerprint() != self.fingerprint {
            return Err(Error::AnotherKey { expected: self.fingerprint });
        }
        let digest = self.digest()?;
        certificate.key().verify(&answer.0, HashAlgorithm::SHA512, &digest).map_err(|_| Error::BadSignature)
    }
}

/// Everything but printable ASCII as `\u{..}`, the backslash too: two different texts never look the same.
fn ascii(text: &str) -> String {
    let escape = |c: char| {
        if (' '..='~').contains(&c) && c != '\\' { c.to_string() } else { format!("\\u{{{:x}}}", u32::from(c)) }
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, NOW};
    use super::*;
    use crate::model::fault::Fault as _;

    fn challenge(fingerprint: Fingerprint) -> Challenge {
        Challenge {
            purpose: "drill".to_owned(),
            organization: "Ac\u{e9}me\nroot: images\u{1b}".to_owned(),
            root: Some("packages".parse().expect("name")),
            fingerprint,
            card: "FFFF:00000001".to_owned(),
            ceremony: "2026-11-21-a".to_owned(),
            nonce: [7; 16],
            time: NOW,
        }
    }

    #[test]
    fn its_bytes_are_these() {
        let text = "keyrite challenge v1\npurpose: drill\norganization: Ac\\u{e9}me\\u{a}root: images\\u{1b}\n\
            root: packages\nkey: ABABABABABABABABABABABABABABABABABABABAB\ncard: FFFF:00000001\n\
            ceremony: 2026-11-21-a\nnonce: 07070707070707070707070707070707\ntime: 2026-11-21T10:59:57Z\n";
        let bytes = challenge(Fingerprint([0xab; 20])).bytes();
        assert_eq!(String::from_utf8(bytes.clone()).expect("ASCII"), text);
        assert!(bytes.iter().all(|&b| b == b'\n' || (b' '..=b'~').contains(&b)), "only printable ASCII and LF");
    }

    #[test]
    fn only_the_asked_key_answers_and_only_this_challenge() {
        let (root, other) = (testing::root(1), testing::root(2));
        let asked = challenge(root.fingerprint());
        let answer = asked.answer(&mut testing::signer(&root)).expect("answer");
        asked.verify(&answer, &root.certificate).expect("verifies");
        let later = Challenge { nonce: [8; 16], ..asked.clone() };
        assert!(matches!(later.verify(&answer, &root.certificate), Err(Error::BadSignature)));
        assert!(matches!(asked.verify(&answer, &other.certificate), Err(Error::AnotherKey { .. })));
        let refused = asked.answer(&mut testing::signer(&other)).map(|_| ()).expect_err("another key");
        assert_eq!(refused.control().map(crate::model::control::Control::id), Some("CARD-1"));
    }
}
