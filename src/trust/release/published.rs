//! What an organization publishes, as far as one file is judged by it: the root, the certificates that could have signed, and what
//! the records key vouches for.

use sequoia_openpgp::Cert;
use sequoia_openpgp::policy::Policy;

use super::signature::UntrustedSignature;
use super::verdict::No;
use crate::format::{manifest, past_releases, signers};
use crate::model::control::Control;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::past_releases::PastReleases;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::root::RECORDS_NOTATION;
use crate::trust::openpgp::{Certificate, bounded, fingerprint_of, must_be_in_force, notation, signed_text, strict};

/// The largest file of published keys or lists that is read.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// More signers than any organization has; what each costs to read is bounded too.
const MOST_CERTIFICATES: usize = 4096;

const BEGIN: &[u8] = b"-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &[u8] = b"-----END PGP PUBLIC KEY BLOCK-----";

/// Bytes, and a detached signature that nobody has verified yet.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// What is signed.
    pub bytes: &'a [u8],
    /// The signature.
    pub signature: &'a [u8],
}

/// The files of an outgoing bundle, or of a published folder, that count.
#[derive(Debug, Clone, Copy)]
pub struct Folder<'a> {
    /// `keys.txt`.
    pub keys: &'a [u8],
    /// `records.asc`.
    pub records: &'a [u8],
    /// `SHA256SUMS`, and its signature.
    pub sums: Signed<'a>,
    /// `signers.json`; older bundles have none.
    pub signers: Option<&'a [u8]>,
    /// `past-releases.txt`, and its signature; there is none before the first release was taken in.
    pub past: Option<Signed<'a>>,
}

/// What `signers.json` says of one delegation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// The signer's name.
    pub(super) signer: String,
    /// Their certificate.
    pub(super) fingerprint: Fingerprint,
    /// What they may sign.
    pub(super) scope: String,
    /// Until when.
    pub(super) until: Timestamp,
    /// Whether it was in force.
    pub(super) in_force: bool,
}

/// What the records key vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vouched {
    /// When it signed the manifest.
    pub(super) on: Timestamp,
    /// The delegations, and as of when they are said.
    pub(super) standings: Option<(Timestamp, Vec<Standing>)>,
    /// The list of past releases.
    pub(super) past: Option<PastReleases>,
}

/// The published state, judged once for one signature.
pub struct Published {
    pub(super) root: Result<Cert, No>,
    pub(super) vouched: Result<Vouched, No>,
    /// Certificates that have a key which the signature names.
    pub(super) candidates: Vec<Cert>,
}

impl Published {
    /// Reads what is published, for a signature, and judges the root and what the records key signed. What is not in order is
    /// told by [`super::judge`].
    #[must_use]
    pub fn read(folder: &Folder<'_>, root: Fingerprint, signature: &UntrustedSignature, now: Timestamp) -> Self {
        let (found, candidates) = match certificates(folder.keys, root, signature) {
            Ok(found) => found,
            Err(no) => return Self { root: Err(no.clone()), vouched: Err(no), candidates: Vec::new() },
        };
        let root = found
            .ok_or_else(|| unvouched(&format!("the keys have no root {}", root.groups())))
            .and_then(|cert| in_force(cert, now));
        let vouched = match &root {
            Ok(root) => vouched(folder, root, now),
            Err(_) => Err(unvouched("without the root nobody vouches for the records key")),
        };
        Self { root, vouched, candidates }
    }
}

fn unvouched(words: &str) -> No {
    No::new(Control::ReleaseVouched, words)
}

/// The root, and the certificates that have a key which `signature` names, out of armored blocks.
fn certificates(
    text: &[u8],
    root: Fingerprint,
    signature: &UntrustedSignature,
) -> Result<(Option<Cert>, Vec<Cert>), No> {
    let (mut found, mut candidates) = (None, Vec::new());
    for (at, block) in Blocks(text).enumerate() {
        if at >= MOST_CERTIFICATES {
            return Err(unvouched(&format!("keys.txt has more than {MOST_CERTIFICATES} certificates")));
        }
        let cert =
            bounded(block).map_err(|error| unvouched(&format!("certificate {} of keys.txt: {error}", at + 1)))?;
        if fingerprint_of(&cert.fingerprint()).is_ok_and(|fingerprint| fingerprint == root) {
            found = Some(cert);
        } else if signature.key(&cert).is_some() {
            candidates.push(cert);
        }
    }
    Ok((found, candidates))
}

/// Armored blocks, with what stands between them left out.
struct Blocks<'a>(&'a [u8]);

impl<'a> Iterator for Blocks<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let from = find(self.0, BEGIN)?;
        let rest = self.0.get(from..)?;
        // A block without an end goes to the end of the text, and is refused as such.
        let length = find(rest, END).map_or(rest.len(), |at| at + END.len());
        self.0 = rest.get(length..)?;
        rest.get(..length)
    }
}

/// Where `what` begins. In time linear in the text: lines are looked at once, and a mark stands at the beginning of one.
fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(what) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// The root is strong, bound, alive, and nobody revoked it.
fn in_force(cert: Cert, now: Timestamp) -> Result<Cert, No> {
    match must_be_in_force(&cert, now) {
        Ok(()) => Ok(cert),
        Err(error) => Err(unvouched(&format!("the root does not vouch for anybody now: {error}"))),
    }
}

/// The records key that the root names in its direct-key signature.
fn records_of(root: &Cert, now: Timestamp) -> Option<Fingerprint> {
    let policy = strict(now);
    let policy: &dyn Policy = &policy;
    let valid = root.with_policy(policy, std::time::SystemTime::from(now)).ok()?;
    let direct = valid.direct_key_signature().ok()?;
    let mut named = direct.notation(notation(RECORDS_NOTATION));
    std::str::from_utf8(named.next()?).ok()?.parse().ok()
}

fn vouched(folder: &Folder<'_>, root: &Cert, now: Timestamp) -> Result<Vouched, No> {
    let named = records_of(root, now).ok_or_else(|| unvouched("the root names no records key"))?;
    let records = Certificate::parse(folder.records, named).map_err(|error| {
        unvouched(&format!("records.asc is not the records key that the root names: {}", because(&error)))
    })?;
    let verify = |name: &str, signed: &Signed<'_>| {
        signed_text::verify_detached(signed.bytes, signed.signature, &records, now)
            .map_err(|error| unvouched(&format!("{name} is not what the records key signed: {}", because(&error))))?;
        let made = UntrustedSignature::parse(signed.signature).ok().and_then(|signature| signature.made());
        made.ok_or_else(|| unvouched(&format!("the signature of {name} has no date")))
    };
    let on = verify(manifest::NAME, &folder.sums)?;
    let listed = manifest::read(manifest::NAME, folder.sums.bytes).map_err(|error| unvouched(&error.to_string()))?;
    let must_be = |name: &str, bytes: &[u8]| match listed.get(name) {
        Some(hash) if *hash == Hash::of(bytes) => Ok(()),
        Some(_) => Err(unvouched(&format!("{name} is not the file that SHA256SUMS names"))),
        None => Err(unvouched(&format!("{name} is not in SHA256SUMS"))),
    };
    must_be("keys.txt", folder.keys)?;
    let standings =
        folder.signers.map(|bytes| must_be(signers::NAME, bytes).and_then(|()| standings(bytes))).transpose()?;
    if standings.is_none() && listed.contains_key(signers::NAME) {
        return Err(unvouched("SHA256SUMS names signers.json, and it is not there"));
    }
    let past = match &folder.past {
        Some(signed) => {
            verify(past_releases::NAME, signed)?;
            // Not an older one, which the records key signed as well.
            must_be(past_releases::NAME, signed.bytes)?;
            let read = past_releases::read(past_releases::NAME, signed.bytes);
            Some(read.map_err(|error| unvouched(&error.to_string()))?)
        }
        None if listed.contains_key(past_releases::NAME) => {
            return Err(unvouched("SHA256SUMS names past-releases.txt, and it or its signature is not there"));
        }
        None => None,
    };
    Ok(Vouched { on, standings, past })
}

/// The reason within.
fn because(error: &crate::trust::openpgp::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn standings(bytes: &[u8]) -> Result<(Timestamp, Vec<Standing>), No> {
    let signers = signers::read(signers::NAME, bytes).map_err(|error| unvouched(&error.to_string()))?;
    let standing = |one: signers::Delegated| Standing {
        signer: one.signer.to_string(),
        fingerprint: one.fingerprint,
        scope: one.scope,
        until: one.until,
        in_force: one.in_force,
    };
    Ok((signers.as_of, signers.signers.into_iter().map(standing).collect()))
}
