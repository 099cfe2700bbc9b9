//! Releases that an incoming bundle brings, and the list of past releases.

use std::collections::BTreeMap;

use super::CeremonyError;
use super::act::Outside;
use super::copies;
use super::rosters::Withdrawals;
use super::scene::Scene;
use crate::format::{past_releases, release};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::history::{DelegationRecord, History};
use crate::model::name::{CeremonyName, RootName};
use crate::model::organization::Organization;
use crate::model::past_releases::{PastRelease, PastReleases, ReleasesRecord};
use crate::model::room::{Fact, Room, Root};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::intake::{self, Judged, Known, Review, Spell, Term};
use crate::trust::openpgp::detached::KnownSigner;
use crate::trust::openpgp::{self, Certificate, signed_text};
use crate::workstation::bundle::Bundle;
use crate::workstation::clock;
use crate::workstation::register::Register;

/// How the signature on a manifest is called, behind the manifest's own name.
pub const SIGNATURE: &str = ".asc";

/// A list that the register holds.
pub struct InRegister {
    /// What it says.
    pub list: PastReleases,
    /// Its file.
    pub bytes: Vec<u8>,
    /// The signature of the records key on it.
    pub signature: Vec<u8>,
}

/// The list that the transcripts say is the last, from the register, under the records key's signature (RELEASE-8).
///
/// # Errors
/// When a file is not the recorded one, or is not signed.
pub fn in_register(register: &Register, history: &History) -> Result<Option<InRegister>, CeremonyError> {
    let (Some(ReleasesRecord { number, list, signature }), Some((fingerprint, records))) =
        (&history.releases, &history.records)
    else {
        return Ok(None);
    };
    let (bytes, signature) = (register.read(list)?, register.read(signature)?);
    let records = Certificate::parse(&register.read(records)?, *fingerprint)?;
    let read = list_of(&list.path, &bytes, &signature, &records)?;
    if read.number == *number {
        return Ok(Some(InRegister { list: read, bytes, signature }));
    }
    let (file, what) = (Shown::new(&list.path), format!("it has the number {}, not {number}", read.number));
    Err(CeremonyError::PastReleases { file, what })
}

/// A list that the records key signed (RELEASE-8).
///
/// # Errors
/// When it is no list, or another key signed it, or something else than it.
pub fn list_of(
    file: &str,
    bytes: &[u8],
    signature: &[u8],
    records: &Certificate,
) -> Result<PastReleases, CeremonyError> {
    signed_text::verify_detached(bytes, signature, records, clock::now()?)
        .map_err(|error| CeremonyError::PastReleases { file: Shown::new(file), what: error.to_string() })?;
    Ok(past_releases::read(file, bytes)?)
}

/// A release that is taken in.
pub struct Taken {
    /// As it stands in the list.
    pub release: PastRelease,
    /// Its signer's name on the roster.
    pub signer: String,
    /// Its manifest as it came in.
    pub manifest: Vec<u8>,
    /// The signer's signature on that.
    pub signature: Vec<u8>,
}

/// What came in of releases.
pub struct Arrived {
    /// The list before, with its hash.
    pub before: Option<(PastReleases, Hash)>,
    /// The list with what is taken in.
    pub after: PastReleases,
    /// What is taken in.
    pub taken: Vec<Taken>,
    /// Releases that the list has already, just so.
    pub listed: Vec<String>,
}

impl Arrived {
    /// The change in words.
    #[must_use]
    pub fn review(&self, root: &RootName, fingerprint: Fingerprint) -> Review {
        let before = self.before.as_ref().map(|(list, hash)| (list, *hash));
        let taken: Vec<_> =
            self.taken.iter().map(|one| (&one.release, one.signer.as_str(), Hash::of(&one.manifest))).collect();
        Review::new((root, fingerprint), before, &self.after, &taken)
    }
}

/// What releases are held against.
pub struct Present<'a> {
    /// The organization's name.
    pub organization: &'a str,
    /// The register.
    pub register: &'a Register,
    /// What it says.
    pub history: &'a History,
    /// The roots whose signers may have signed.
    pub roots: Vec<&'a RootName>,
    /// The ceremony that takes them in; before it is opened, any name.
    pub ceremony: CeremonyName,
    /// When it was opened, or now.
    pub now: Timestamp,
}

impl<'a> Present<'a> {
    /// Before a ceremony begins, or goes on.
    ///
    /// # Errors
    /// When the machine has no time.
    pub fn before(outside: &'a Outside<'_>, root: &'a RootName) -> Result<Self, CeremonyError> {
        let Outside { organization, register, history, is_open, .. } = outside;
        let opened = history.current.opened.filter(|_| *is_open);
        Ok(Self {
            organization: &organization.name,
            register,
            history,
            roots: with_equals(organization, &history.room(), root),
            ceremony: named(history.ceremony())?,
            now: opened.map_or_else(clock::now, Ok)?,
        })
    }

    /// In the room.
    ///
    /// # Errors
    /// Never in a run.
    pub fn of(scene: &'a Scene<'_>, root: &'a RootName) -> Result<Self, CeremonyError> {
        Ok(Self {
            organization: &scene.organization.name,
            register: scene.register,
            history: scene.history(),
            roots: with_equals(scene.organization, scene.room, root),
            ceremony: named(scene.history().ceremony())?,
            now: scene.opened()?,
        })
    }

    /// Judges every release of a bundle, in the order of their names.
    ///
    /// # Errors
    /// The first that is not acceptable.
    pub fn arrived(&self, bundle: &Bundle) -> Result<Arrived, CeremonyError> {
        let before = in_register(self.register, self.history)?;
        let mut known = self.known(bundle, before.as_ref().map(|before| &before.list))?;
        let (mut taken, mut listed) = (Vec::new(), Vec::new());
        for (name, manifest, signature) in pairs(bundle)? {
            let release = release::read(name, manifest)?;
            let judged = known.judge(&release, manifest, signature);
            match judged.map_err(|error| CeremonyError::Release { file: Shown::new(name), error })? {
                Judged::Listed => listed.push(release.name.to_string()),
                Judged::New { release, signer } => {
                    known.list.releases.push(release.clone());
                    taken.push(Taken { release, signer, manifest: manifest.to_vec(), signature: signature.to_vec() });
                }
            }
        }
        let before = before.map(|before| (before.list, Hash::of(&before.bytes)));
        Ok(Arrived { before, after: known.list, taken, listed })
    }

    fn known(&self, bundle: &Bundle, before: Option<&PastReleases>) -> Result<Known, CeremonyError> {
        let withdrawals = Withdrawals::read(self.register, self.history)?;
        let (mut signers, mut spells) = (BTreeMap::<Fingerprint, KnownSigner>::new(), Vec::new());
        for record in self.history.delegations.iter().filter(|record| self.roots.contains(&&record.root)) {
            let copy = KnownSigner::parse(&self.register.read(&record.certificate)?)?;
            merge(&mut signers, copy)?;
            spells.push(Spell {
                signer: record.signer.clone(),
                fingerprint: record.fingerprint,
                scope: record.scope.clone(),
                term: Term {
                    from: record.from,
                    until: record.expires,
                    withdrawn: withdrawals.of(&record.signer, &record.user_id),
                },
            });
        }
        // A signer's present certificate may come along: with a later end, or with a revocation.
        for (name, bytes) in bundle.ending(copies::ENDING) {
            let copy = KnownSigner::parse(bytes).map_err(in_certificate(name))?;
            if signers.contains_key(&copy.fingerprint()) {
                merge(&mut signers, copy)?;
            }
        }
        let list = PastReleases {
            organization: self.organization.to_owned(),
            number: before.map_or(1, |list| list.number.saturating_add(1)),
            as_of: self.now,
            releases: before.map_or_else(Vec::new, |list| list.releases.clone()),
        };
        Ok(Known {
            organization: self.organization.to_owned(),
            ceremony: self.ceremony.clone(),
            opened: self.now,
            signers,
            spells,
            list,
        })
    }
}

fn merge(signers: &mut BTreeMap<Fingerprint, KnownSigner>, copy: KnownSigner) -> Result<(), CeremonyError> {
    match signers.get_mut(&copy.fingerprint()) {
        Some(known) => known.merge(copy)?,
        None => drop(signers.insert(copy.fingerprint(), copy)),
    }
    Ok(())
}

/// The root, and those equal to it that serve.
pub fn with_equals<'a>(organization: &'a Organization, room: &Room, root: &'a RootName) -> Vec<&'a RootName> {
    let serves = |root: &&RootName| room.holds(&Fact::Root((*root).clone(), Root::Kept));
    std::iter::once(root).chain(organization.equals(root).filter(serves)).collect()
}

/// Whether a bundle brings any release.
#[must_use]
pub fn brings(bundle: &Bundle) -> bool {
    let endings = [release::ENDING.to_owned(), format!("{}{SIGNATURE}", release::ENDING)];
    endings.iter().any(|ending| bundle.ending(ending).next().is_some())
}

/// What is wrong with a certificate of a bundle, in its file.
pub fn in_certificate(file: &str) -> impl Fn(openpgp::Error) -> CeremonyError {
    move |error| CeremonyError::Recipient { file: Shown::new(file), error }
}

/// The name of a manifest, its bytes, and its signature.
type Pair<'a> = (&'a str, &'a [u8], &'a [u8]);

/// Each manifest of a bundle with its signature.
fn pairs(bundle: &Bundle) -> Result<Vec<Pair<'_>>, CeremonyError> {
    let single = |file: &str, missing: &str| CeremonyError::Release {
        file: Shown::new(file),
        error: intake::Error::Single { missing: Shown::new(missing) },
    };
    let signed = format!("{}{SIGNATURE}", release::ENDING);
    for (name, _) in bundle.ending(&signed) {
        let manifest = name.strip_suffix(SIGNATURE).unwrap_or(name);
        bundle.file(manifest).ok_or_else(|| single(name, manifest))?;
    }
    let pair = |(name, manifest)| {
        let beside = format!("{name}{SIGNATURE}");
        bundle.file(&beside).map(|signature| (name, manifest, signature)).ok_or_else(|| single(name, &beside))
    };
    bundle.ending(release::ENDING).map(pair).collect()
}

/// The name of a ceremony; of none yet, that of the first there could be.
pub(super) fn named(ceremony: &str) -> Result<CeremonyName, CeremonyError> {
    let name = if ceremony.is_empty() { "0001-delegation" } else { ceremony };
    name.parse().map_err(|_| CeremonyError::Bug(format!("a ceremony called {name}")))
}

/// Whether a delegation is in force: not over, and not withdrawn by a roster.
#[must_use]
pub fn is_in_force(record: &DelegationRecord, withdrawals: &Withdrawals, now: Timestamp) -> bool {
    let withdrawn = withdrawals.of(&record.signer, &record.user_id);
    Term { from: record.from, until: record.expires, withdrawn }.holds(now)
}
