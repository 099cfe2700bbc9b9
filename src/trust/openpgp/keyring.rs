//! The files that verifiers import: `keys.txt`, `KEYS`, `current.gpg`, `archive.gpg`.
//!
//! | file | who | read by |
//! | --- | --- | --- |
//! | `keys.txt` | root, its equals, and every delegated signer | `gpg --import`, with the root locally signed |
//! | `KEYS` | the same, with a readable listing before each block | people, Apache-style checks |
//! | `current.gpg` | signers in force | `gpgv --keyring ./current.gpg` for new releases |
//! | `archive.gpg` | every signer ever | gpgv for old releases, only together with the past-releases list |
//!
//! The root is in neither binary keyring: to gpgv membership is permission, and a root permits nothing by itself; it has
//! the C flag only, so leaving it out costs no verifier anything, and a subkey smuggled onto it could not help either.
//! Signers whose delegation ended stay in the texts: their certification carries its end, which gpg heeds.

use std::collections::BTreeMap;

use sequoia_openpgp::Cert;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::serialize::MarshalInto as _;

use super::error::Error;
use super::known::{Certificate, bounded};
use super::{armor, fingerprint_of, strength};
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// A signer's certificate as a ceremony certified it, and from when to when.
#[derive(Debug, Clone)]
pub struct Delegated {
    /// What certification gave.
    pub certificate: Vec<u8>,
    /// From when it is in force.
    pub from: Timestamp,
    /// Until when, unless withdrawn.
    pub until: Timestamp,
    /// When it was withdrawn: a departure or a compromise.
    pub withdrawn: Option<Timestamp>,
}

impl Delegated {
    fn in_force(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until && self.withdrawn.is_none_or(|at| now < at)
    }
}

/// The four files. Equal input gives equal bytes.
pub struct Keyrings {
    /// Armored blocks, a plain header in the comments of each.
    pub keys_txt: Vec<u8>,
    /// The same with a readable listing before each block.
    pub keys: Vec<u8>,
    /// Binary: who may sign now.
    pub current: Vec<u8>,
    /// Binary: everybody ever.
    pub archive: Vec<u8>,
}

/// Makes the four files, for a root and those equal to it. Several delegations of one certificate are merged into it.
///
/// # Errors
/// What is wrong with a delegated certificate; [`Error::Library`].
pub fn build(
    organization: &Shown,
    roots: &[Certificate],
    delegated: &[Delegated],
    now: Timestamp,
) -> Result<Keyrings, Error> {
    let mut everybody: BTreeMap<Fingerprint, Entry> = BTreeMap::new();
    for one in delegated {
        let cert = bounded(&one.certificate)?;
        let key = fingerprint_of(&cert.fingerprint())?;
        let entry = match everybody.remove(&key) {
            Some(entry) => entry.joined(cert, one, now)?,
            None => Entry { cert, until: one.until, in_force: one.in_force(now) },
        };
        everybody.insert(key, entry);
    }
    let root_role = format!("Root of {organization}: certifies release signers, signs no release");
    let mut out = Keyrings { keys_txt: Vec::new(), keys: Vec::new(), current: Vec::new(), archive: Vec::new() };
    for root in roots {
        let entry = Entry { cert: root.cert().clone(), until: now, in_force: false };
        add_text(&mut out, &entry, &root_role)?;
    }
    for entry in everybody.values() {
        add_text(&mut out, entry, &entry.role(organization))?;
        let bytes = entry.cert.to_vec().map_err(Error::library)?;
        if entry.in_force {
            out.current.extend_from_slice(&bytes);
        }
        out.archive.extend_from_slice(&bytes);
    }
    Ok(out)
}

struct Entry {
    cert: Cert,
    until: Timestamp,
    in_force: bool,
}

impl Entry {
    fn joined(self, cert: Cert, one: &Delegated, now: Timestamp) -> Result<Self, Error> {
        Ok(Self {
            cert: self.cert.merge_public(cert).map_err(Error::library)?,
            until: self.until.max(one.until),
            in_force: self.in_force || one.in_force(now),
        })
    }

    fn role(&self, organization: &Shown) -> String {
        let state =
            if self.in_force { format!("until {}", self.until.date()) } else { "no longer in force".to_owned() };
        format!("Release signer of {organization}, {state}")
    }
}

fn add_text(out: &mut Keyrings, entry: &Entry, role: &str) -> Result<(), Error> {
    let fingerprint = fingerprint_of(&entry.cert.fingerprint())?;
    // Armor is ASCII to many readers: user IDs beyond it stand in the listing only.
    let role_ascii: String = role.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    let comments = [role_ascii, fingerprint.groups()];
    let block = armor::enarmor(Kind::PublicKey, &comments, &entry.cert.to_vec().map_err(Error::library)?)?;
    out.keys_txt.extend_from_slice(&block);
    out.keys.extend_from_slice(listing(&entry.cert, fingerprint, role).as_bytes());
    out.keys.extend_from_slice(&block);
    out.keys.push(b'\n');
    Ok(())
}

/// Every line is indented or begins with a word of ours, so no user ID can imitate the start of a block.
fn listing(cert: &Cert, fingerprint: Fingerprint, role: &str) -> String {
    let primary = cert.primary_key().component();
    let made = Timestamp::try_from(primary.creation_time()).map_or_else(|_| "-".to_owned(), Timestamp::date);
    let mut text = format!("pub   {} {made}\n      {}\n", strength::name(primary), fingerprint.groups());
    for user_id in cert.userids() {
        text.push_str(&format!("uid   {}\n", Shown::from_bytes(user_id.userid().value())));
    }
    text.push_str(&format!("      {role}\n\n"));
    text
}
