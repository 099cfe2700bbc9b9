//! X.509 certificates (RFC 5280), as far as makers of cards attest with them: signed by RSA, without revocation.

use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{Key4, PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::HashAlgorithm;

use super::der::{self, BITS, BOOLEAN, Element, GENERALIZED_TIME, OCTETS, OID, UTC_TIME};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// `extensions [3]`, and `version [0]`, of a TBSCertificate.
const EXTENSIONS: u8 = 0xa3;
const VERSION: u8 = 0xa0;

/// A certificate, taken apart. Nothing of it is checked yet.
pub(super) struct Certificate<'d> {
    /// What is signed.
    signed: &'d [u8],
    hash: HashAlgorithm,
    signature: &'d [u8],
    issuer: Element<'d>,
    subject: Element<'d>,
    /// `20261122105957`.
    from: String,
    until: String,
    /// The algorithm's OID and parameters, and the key's bits.
    algorithm: Vec<Element<'d>>,
    bits: &'d [u8],
    extensions: Vec<(&'d [u8], &'d [u8])>,
}

impl<'d> Certificate<'d> {
    /// Takes it apart; none for what is no certificate, or of a kind that no maker of cards uses.
    pub(super) fn parse(bytes: &'d [u8]) -> Option<Self> {
        let whole = Element::only(bytes)?.sequence()?;
        let [to_be_signed, algorithm, signature] = whole.as_slice() else { return None };
        let hash = match algorithm.sequence()?.first()?.of(OID)? {
            oid if oid == RSA_SHA256 => HashAlgorithm::SHA256,
            oid if oid == RSA_SHA384 => HashAlgorithm::SHA384,
            oid if oid == RSA_SHA512 => HashAlgorithm::SHA512,
            _ => return None,
        };
        let members = to_be_signed.sequence()?;
        let members = match members.as_slice() {
            [version, rest @ ..] if version.tag == VERSION => rest,
            all => all,
        };
        let [_, inner, issuer, validity, subject, key, more @ ..] = members else { return None };
        let validity = validity.sequence()?;
        let [from, until] = validity.as_slice() else { return None };
        let key = key.sequence()?;
        let [key_algorithm, bits] = key.as_slice() else { return None };
        let extensions = match more.iter().find(|member| member.tag == EXTENSIONS) {
            Some(extensions) => extensions_in(extensions.value)?,
            None => Vec::new(),
        };
        // What is signed says by what it is signed (4.1.1.2).
        (inner.whole == algorithm.whole).then_some(())?;
        Some(Self {
            signed: to_be_signed.whole,
            hash,
            signature: whole_bits(*signature)?,
            issuer: *issuer,
            subject: *subject,
            from: time(*from)?,
            until: time(*until)?,
            algorithm: key_algorithm.sequence()?,
            bits: whole_bits(*bits)?,
            extensions,
        })
    }

    /// Whether this is the name of the one that issued `other`, and its key signed it.
    pub(super) fn has_issued(&self, other: &Certificate<'_>) -> bool {
        let signs = || {
            let (n, e) = self.rsa()?;
            let key = Key4::<PublicParts, UnspecifiedRole>::import_public_rsa(e, n, None).ok()?;
            let mut context = other.hash.context().ok()?.for_digest();
            context.update(other.signed);
            let digest = context.into_digest().ok()?;
            let signature = mpi::Signature::RSA { s: mpi::MPI::new(other.signature) };
            Key::from(key).verify(&signature, other.hash, &digest).ok()
        };
        self.subject == other.issuer && signs().is_some()
    }

    /// Whether it may issue certificates: so basic constraints say (4.2.1.9).
    pub(super) fn is_issuer(&self) -> bool {
        let constraints = self.extension(BASIC_CONSTRAINTS).and_then(|value| Element::only(value)?.sequence());
        constraints.and_then(|members| members.first()?.of(BOOLEAN)) == Some(&[0xff])
    }

    /// Whether it is valid at a time.
    pub(super) fn is_valid(&self, at: Timestamp) -> bool {
        let digits: String = at.to_string().chars().filter(char::is_ascii_digit).collect();
        self.from <= digits && digits <= self.until
    }

    /// The value of an extension.
    pub(super) fn extension(&self, oid: &[u8]) -> Option<&'d [u8]> {
        self.extensions.iter().find(|(found, _)| *found == oid).map(|(_, value)| *value)
    }

    /// The algorithm of its key, with its parameters, and the key's bits.
    pub(super) fn key(&self) -> (&[Element<'d>], &'d [u8]) {
        (&self.algorithm, self.bits)
    }

    /// Modulus and exponent of an RSA key, without leading zeros.
    pub(super) fn rsa(&self) -> Option<(&'d [u8], &'d [u8])> {
        (self.algorithm.first()?.of(OID)? == RSA).then_some(())?;
        let numbers = Element::only(self.bits)?.sequence()?;
        let [n, e] = numbers.as_slice() else { return None };
        let plain = |number: &Element<'d>| number.of(der::INTEGER).map(|v| v.strip_prefix(&[0]).unwrap_or(v));
        Some((plain(n)?, plain(e)?))
    }

    /// Who issued it, for people.
    pub(super) fn issuer_in_words(&self) -> Shown {
        let name = || {
            let sets = der::all(self.issuer.value)?;
            let pairs = sets.into_iter().filter_map(|set| Element::only(set.value)?.sequence());
            let mut names = pairs.filter(|pair| pair.first().is_some_and(|oid| oid.of(OID) == Some(COMMON_NAME)));
            names.next()?.get(1).map(|name| Shown::from_bytes(name.value))
        };
        name().unwrap_or_else(|| Shown::new("nobody with a name"))
    }
}

/// A BIT STRING of whole bytes.
fn whole_bits(element: Element<'_>) -> Option<&[u8]> {
    element.of(BITS)?.strip_prefix(&[0])
}

fn time(element: Element<'_>) -> Option<String> {
    let text = std::str::from_utf8(element.value).ok()?.strip_suffix('Z')?;
    let century = match element.tag {
        // 50 to 99 are of the last century (4.1.2.5.1).
        UTC_TIME if text.len() == 12 => {
            if text < "50" {
                "20"
            } else {
                "19"
            }
        }
        GENERALIZED_TIME if text.len() == 14 => "",
        _ => return None,
    };
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("{century}{text}"))
}

/// Each with its OID and the value of its OCTET STRING. None where one stands twice.
fn extensions_in(value: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut found: Vec<(&[u8], &[u8])> = Vec::new();
    for extension in Element::only(value)?.sequence()? {
        let members = extension.sequence()?;
        let (oid, value) = match members.as_slice() {
            [oid, value] => (oid.of(OID)?, value.of(OCTETS)?),
            [oid, critical, value] if critical.tag == BOOLEAN => (oid.of(OID)?, value.of(OCTETS)?),
            _ => return None,
        };
        if found.iter().any(|(other, _)| *other == oid) {
            return None;
        }
        found.push((oid, value));
    }
    Some(found)
}
