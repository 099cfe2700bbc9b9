//! Everything that an organization publishes, derived from the newest bundle and the register: no key is needed, and equal input
//! gives equal bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::CeremonyError;
use super::records::book::Book;
use super::records::outgoing::{self, Outgoing};
use super::records::{RecordsError, minutes};
use crate::format::{manifest, past_releases};
use crate::model::fingerprint::Fingerprint;
use crate::model::history::DelegationRecord;
use crate::model::shown::Shown;
use crate::publication::{self, BaseUrl, Delegation, Revoked, Root, State, page, revocations};
use crate::trust::openpgp::revoked::{self, Revocation, Taken};
use crate::trust::openpgp::{Certificate, pacman, ring, wkd};

/// The page's file.
const PAGE: &str = "index.html";

/// What was derived.
pub struct Published {
    /// Every file, by its path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What the page says.
    pub state: State,
    /// The domain whose addresses the direct method serves; none when several domains could be meant.
    pub direct: Option<String>,
}

/// Derives everything from the bundle in `folder`, which must be the newest of the register.
///
/// # Errors
/// As [`outgoing::newest`]; [`RecordsError::Outgoing`] for a certificate that has no place in its files; minutes that are not what
/// they should be.
pub fn derive(book: &Book<'_>, folder: &Path, base: Option<BaseUrl>) -> Result<Published, CeremonyError> {
    let outgoing = outgoing::newest(book, folder)?;
    let keys = Keys::read(&outgoing, folder)?;
    let mut state = state(&outgoing, &keys, base);
    let list = outgoing.bundle.file(past_releases::NAME);
    state.releases = list.map(|text| past_releases::read(past_releases::NAME, text)).transpose()?;
    let mut derived = BTreeMap::new();
    for (ceremony, bytes) in minutes_of(book)? {
        derived.insert(format!("minutes/{ceremony}.asc"), bytes);
        state.minutes.push(ceremony);
    }
    let revoked = keys.revocations()?;
    state.revocations = index(&revoked, &mut derived);
    derived.insert(revocations::INDEX.to_owned(), revocations::index(&state).into_bytes());
    derived.extend(pacman::files(&state.pacman, &keys.roots, &keys.all, &keys.withdrawn(&revoked))?);
    let direct = keys.directory(&mut state, &mut derived)?;
    let mut files = of_bundle(&outgoing)?;
    if let Some(taken) = derived.keys().map(String::as_str).chain([PAGE]).find(|path| files.contains_key(*path)) {
        return Err(CeremonyError::Bug(format!("two files of the published folder are called {taken}")));
    }
    files.append(&mut derived);
    let page = page::page(&state, &files);
    files.insert(PAGE.to_owned(), page.into_bytes());
    Ok(Published { files, state, direct })
}

/// What the bundle holds, byte for byte.
fn of_bundle(outgoing: &Outgoing) -> Result<BTreeMap<String, Vec<u8>>, CeremonyError> {
    let listed = outgoing.bundle.ending("").map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    let mut files: BTreeMap<String, Vec<u8>> = listed.collect();
    files.insert(manifest::NAME.to_owned(), outgoing.manifest.clone());
    files.insert(manifest::SIGNATURE.to_owned(), outgoing.signature.clone());
    // Bundles of earlier versions do not have it.
    files.entry("records.gpg".to_owned()).or_insert(outgoing.records.bytes()?);
    Ok(files)
}

/// The minutes of every ceremony that has some, verified.
fn minutes_of(book: &Book<'_>) -> Result<Vec<(String, Vec<u8>)>, RecordsError> {
    let mut found = Vec::new();
    for (at, entry) in book.entries.iter().enumerate() {
        match minutes::verify(book, at) {
            Ok(minutes) => found.push((entry.name.clone(), minutes.bytes)),
            // One that was given up has none, and one that is under way has none yet.
            Err(RecordsError::Unfinished { .. }) if !entry.is_finished() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The bundle's certificates.
struct Keys {
    /// Its roots.
    roots: Vec<Certificate>,
    /// Roots and signers, in the order of `keys.txt`.
    all: Vec<Certificate>,
    /// Who is in `current.gpg`.
    current: BTreeSet<Fingerprint>,
}

impl Keys {
    /// Each keyring is read, so that nothing in any of them is of another kind than verifiers take.
    fn read(outgoing: &Outgoing, folder: &Path) -> Result<Self, RecordsError> {
        let refuse = |what: String| RecordsError::Outgoing { folder: Shown::new(&folder.to_string_lossy()), what };
        let file = |name: &str| outgoing.bundle.file(name).ok_or_else(|| refuse(format!("it has no {name}")));
        let fault = |name: &str, fault: ring::Fault| refuse(format!("{name}, {fault}"));
        let read = |name: &str| ring::binary(file(name)?).map_err(|error| fault(name, error));
        let all = ring::armored(file("keys.txt")?).map_err(|error| fault("keys.txt", error))?;
        let (current, archive) = (read("current.gpg")?, read("archive.gpg")?);
        let known: BTreeSet<Fingerprint> = all.iter().map(Certificate::fingerprint).collect();
        for (name, ring) in [("current.gpg", &current), ("archive.gpg", &archive)] {
            if let Some(stranger) = ring.iter().find(|certificate| !known.contains(&certificate.fingerprint())) {
                return Err(refuse(format!("{name} has key {}, and keys.txt has not", stranger.fingerprint())));
            }
        }
        let of_root = |certificate: &&Certificate| {
            outgoing.history.roots.values().any(|root| root.fingerprint == certificate.fingerprint())
        };
        let roots = all.iter().filter(of_root).cloned().collect();
        Ok(Self { roots, current: current.iter().map(Certificate::fingerprint).collect(), all })
    }

    fn has_root(&self, fingerprint: Fingerprint) -> bool {
        self.roots.iter().any(|root| root.fingerprint() == fingerprint)
    }

    fn revocations(&self) -> Result<Vec<Revocation>, CeremonyError> {
        let mut found = Vec::new();
        for certificate in &self.all {
            found.extend(revoked::of(certificate, &self.roots)?);
        }
        Ok(found)
    }

    /// Certificates that their owners revoked, or whose certification a root took back, and that may sign no more.
    fn withdrawn(&self, revoked: &[Revocation]) -> BTreeSet<Fingerprint> {
        let is_whole = |revocation: &&Revocation| match revocation.taken {
            Taken::Certificate => true,
            Taken::Certification(..) => !self.current.contains(&revocation.certificate),
            Taken::Subkey(_) | Taken::UserId(_) => false,
        };
        revoked.iter().filter(is_whole).map(|revocation| revocation.certificate).collect()
    }

    /// The Web Key Directory: signers in force, and each root by its own user ID. Gives the domain of the direct method.
    fn directory(
        &self,
        state: &mut State,
        files: &mut BTreeMap<String, Vec<u8>>,
    ) -> Result<Option<String>, CeremonyError> {
        let find = |fingerprint| self.all.iter().find(|certificate| certificate.fingerprint() == fingerprint);
        let signers = state.now.iter().map(|delegation| (delegation.fingerprint, &delegation.user_id));
        let roots = state.roots.iter().map(|root| (root.fingerprint, &root.user_id));
        let entries: Vec<(&Certificate, &str)> = signers
            .chain(roots)
            .filter_map(|(fingerprint, user_id)| find(fingerprint).map(|certificate| (certificate, user_id.as_str())))
            .collect();
        let domains = wkd::domains(entries.iter().map(|(_, user_id)| *user_id));
        // One tree cannot serve two domains: equal local parts would have one name.
        let direct = match &state.base {
            Some(base) => {
                domains.iter().filter(|domain| is_below(base.host(), domain)).max_by_key(|domain| domain.len())
            }
            None => domains.first().filter(|_| domains.len() == 1),
        };
        files.extend(wkd::tree(&entries, direct.map(String::as_str))?);
        let direct = direct.cloned();
        state.directories = domains.into_iter().collect();
        Ok(direct)
    }
}

/// Whether a host is the domain's own, or one below it.
fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// What is true as of the bundle.
fn state(outgoing: &Outgoing, keys: &Keys, base: Option<BaseUrl>) -> State {
    let history = &outgoing.history;
    let organization =
        history.current.opening.as_ref().map_or(String::new(), |opening| opening.organization_name.clone());
    let is_of_bundle = |record: &&DelegationRecord| {
        history.roots.get(&record.root).is_some_and(|root| keys.has_root(root.fingerprint))
    };
    let (now, earlier) = history.delegations.iter().filter(is_of_bundle).partition::<Vec<_>, _>(|record| {
        record.from <= outgoing.as_of && outgoing.as_of < record.expires && keys.current.contains(&record.fingerprint)
    });
    let key = |name: &str, certificate: &Certificate| Root {
        name: name.to_owned(),
        fingerprint: certificate.fingerprint(),
        user_id: certificate.user_ids().join(", "),
    };
    let find = |fingerprint| keys.roots.iter().find(|root| root.fingerprint() == fingerprint);
    let roots = history.roots.iter().filter_map(|(name, root)| Some((name.as_str(), find(root.fingerprint)?)));
    State {
        mode: history.mode.unwrap_or(crate::model::mode::Mode::Production),
        as_of: outgoing.as_of,
        ceremony: outgoing.ceremony.clone(),
        base,
        roots: roots.map(|(name, root)| key(&format!("Root {name}"), root)).collect(),
        records: key("Records key", &outgoing.records),
        now: now.into_iter().map(delegation).collect(),
        earlier: earlier.into_iter().map(delegation).collect(),
        revocations: Vec::new(),
        releases: None,
        minutes: Vec::new(),
        pacman: publication::file_name(&organization),
        directories: Vec::new(),
        organization,
    }
}

fn delegation(record: &DelegationRecord) -> Delegation {
    Delegation {
        signer: record.signer.clone(),
        user_id: record.user_id.clone(),
        fingerprint: record.fingerprint,
        root: record.root.to_string(),
        scope: record.scope.clone(),
        vouches: record.vouches.as_ref().map(ToString::to_string),
        from: record.from,
        until: record.expires,
    }
}

/// Each revocation gets a file.
fn index(revoked: &[Revocation], files: &mut BTreeMap<String, Vec<u8>>) -> Vec<Revoked> {
    let mut counts: BTreeMap<Fingerprint, usize> = BTreeMap::new();
    let mut indexed = Vec::new();
    for revocation in revoked {
        let count = counts.entry(revocation.certificate).or_default();
        *count += 1;
        let path = revocations::path(revocation.certificate, *count);
        files.insert(path.clone(), revocation.armored.clone());
        indexed.push(Revoked {
            path,
            certificate: revocation.certificate,
            what: revocation.taken.to_string(),
            made: revocation.made,
            reason: revocation.reason.to_string(),
        });
    }
    indexed
}
