//! What an attestation says, and whether to believe it.

use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::types::Curve;

use super::certificate::Certificate;
use super::der::{Element, OCTETS, OID};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::workstation::card::public_key::PublicKey;
use crate::workstation::card::serial::Serial;

/// 1.3.6.1.4.1.41482.5, below which Yubico says what an OpenPGP attestation is about.
const YUBICO: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xc4, 0x0a, 0x05];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// Longest chain: the card's certificate, two between, and the root.
const DEPTH: usize = 4;

/// Certificates that are believed, each in DER.
pub struct Trust<'t> {
    /// Roots.
    pub roots: &'t [&'t [u8]],
    /// What roots have issued and cards do not bring along.
    pub between: &'t [&'t [u8]],
}

/// What a card gave, each in DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// About the key.
    pub key: Vec<u8>,
    /// Of the card's attestation key, by its maker.
    pub card: Vec<u8>,
}

/// What is known by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// The firmware of the card that generated the key: `5.7.4`.
    pub firmware: String,
}

/// Why it is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// Not a certificate, or not of this kind.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// A signature or a name that does not fit.
    #[error("it is not signed by the card's attestation key")]
    NotByTheCard,
    /// A chain that leads nowhere.
    #[error("it leads to \"{0}\", whom keyrite does not know")]
    Unknown(Shown),
    /// A certificate outside of its time.
    #[error("{0} is not valid at this time")]
    Time(&'static str),
    /// Another key.
    #[error("it is about another key")]
    OtherKey,
    /// A key that came from outside.
    #[error("its key was not generated on the card")]
    NotGenerated,
    /// Another card.
    #[error("it is about the card with serial {0}")]
    OtherCard(u64),
}

/// Believes a statement about `key` in the card with `serial`, or says why not.
pub fn verify(
    trust: &Trust<'_>,
    statement: &Statement,
    key: &PublicKey,
    serial: Serial,
    now: Timestamp,
) -> Result<Attested, Defect> {
    let about = Certificate::parse(&statement.key).ok_or(Defect::Unreadable("what it says of the key"))?;
    let card = Certificate::parse(&statement.card).ok_or(Defect::Unreadable("the card's own certificate"))?;
    // An attestation is no issuer: else whoever has a key attested could attest any other one with it.
    if !card.is_issuer() || !card.has_issued(&about) {
        return Err(Defect::NotByTheCard);
    }
    if !about.is_valid(now) {
        return Err(Defect::Time("what it says of the key"));
    }
    leads_to_a_root(trust, card, now)?;
    read(&about, key, serial)
}

/// Follows names and signatures up to a root.
fn leads_to_a_root(trust: &Trust<'_>, card: Certificate<'_>, now: Timestamp) -> Result<(), Defect> {
    let roots: Vec<_> = trust.roots.iter().filter_map(|bytes| Certificate::parse(bytes)).collect();
    let between: Vec<_> = trust.between.iter().filter_map(|bytes| Certificate::parse(bytes)).collect();
    let mut at = &card;
    for _ in 0..DEPTH {
        if !at.is_valid(now) {
            return Err(Defect::Time("a certificate of its maker"));
        }
        if roots.iter().any(|root| root.is_issuer() && root.is_valid(now) && root.has_issued(at)) {
            return Ok(());
        }
        match between.iter().find(|one| one.is_issuer() && one.has_issued(at)) {
            Some(issuer) => at = issuer,
            None => break,
        }
    }
    Err(Defect::Unknown(at.issuer_in_words()))
}

/// Reads what it says, and compares.
fn read(about: &Certificate<'_>, key: &PublicKey, serial: Serial) -> Result<Attested, Defect> {
    let extension = |number: u8| about.extension(&[YUBICO, &[number]].concat()).and_then(Element::only);
    let number = |number: u8| extension(number)?.number();
    let bytes = |number: u8| extension(number)?.of(OCTETS);
    let unreadable = || Defect::Unreadable("what it says of the key");
    if !is_about(about, key) {
        return Err(Defect::OtherKey);
    }
    // .2: 0 imported, 1 generated on the card; .7: the serial that is printed on it, in decimal, which the application
    // identifier has digit by digit; .4: the fingerprint (DO C7); .3: the firmware, three bytes.
    if number(2).ok_or_else(unreadable)? != 1 {
        return Err(Defect::NotGenerated);
    }
    let printed = number(7).ok_or_else(unreadable)?;
    if format!("{printed:08}") != format!("{:08X}", serial.number) {
        return Err(Defect::OtherCard(printed));
    }
    if bytes(4).ok_or_else(unreadable)? != key.fingerprint().0 {
        return Err(Defect::OtherKey);
    }
    let [a, b, c] = bytes(3).ok_or_else(unreadable)? else { return Err(unreadable()) };
    Ok(Attested { firmware: format!("{a}.{b}.{c}") })
}

/// Whether the key in a certificate is this one.
fn is_about(about: &Certificate<'_>, key: &PublicKey) -> bool {
    let (algorithm, bits) = about.key();
    let oids: Vec<&[u8]> = algorithm.iter().filter_map(|element| element.of(OID)).collect();
    match key.key().mpis() {
        // RFC 8410 has the key itself; OpenPGP has 40 before it.
        mpi::PublicKey::EdDSA { curve: Curve::Ed25519, q } => {
            oids == [ED25519] && q.value().strip_prefix(&[0x40]) == Some(bits)
        }
        // RFC 5480: the curve, and the point as OpenPGP has it.
        mpi::PublicKey::ECDSA { curve, q } => {
            oids.first() == Some(&EC) && oids.get(1).copied() == named(curve) && q.value() == bits
        }
        mpi::PublicKey::RSA { e, n } => about.rsa() == Some((n.value(), e.value())),
        _ => false,
    }
}

fn named(curve: &Curve) -> Option<&'static [u8]> {
    match curve {
        Curve::NistP256 => Some(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
        Curve::NistP384 => Some(&[0x2b, 0x81, 0x04, 0x00, 0x22]),
        Curve::NistP521 => Some(&[0x2b, 0x81, 0x04, 0x00, 0x23]),
        _ => None,
    }
}
