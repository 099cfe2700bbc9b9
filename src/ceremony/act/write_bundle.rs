//! `write-bundle`: what leaves the room: keyrings for stock verifiers, a manifest, and the records key's signature on it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::noted::{self, Row};
use super::parameters::{OfRoot, unknown_root};
use super::{Act, Kind, Outside};
use crate::ceremony::cards::Purpose;
use crate::ceremony::rosters::Withdrawals;
use crate::ceremony::scene::Scene;
use crate::ceremony::{CeremonyError, answers, releases};
use crate::format::signers::{self, RootKey, Signers};
use crate::format::{manifest, past_releases};
use crate::model::evidence::Evidence;
use crate::model::hash::Hash;
use crate::model::history::DelegationRecord;
use crate::model::name::RootName;
use crate::model::organization::Organization;
use crate::model::role::Role;
use crate::model::room::{Bundle, Card, Contract, Fact, Hand, Releases, Requests, Undo};
use crate::model::shown::Shown;
use crate::paper::Blank;
use crate::publication::guide;
use crate::trust::openpgp::keyring::{self, Delegated};
use crate::trust::openpgp::{Certificate, signed_text};
use crate::workstation::{WorkstationError, clock, files};

pub(super) static KIND: Kind = Kind {
    name: "write-bundle",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(WriteBundle { root }) as _),
    examples: |organization| {
        organization.roots.keys().map(|root| Box::new(WriteBundle { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct WriteBundle {
    root: RootName,
}

impl Act for WriteBundle {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, organization: &Organization) -> Contract {
        let records = &organization.records.card;
        Contract {
            needs: vec![
                Fact::Hand(records.clone(), Hand::Here),
                Fact::Card(records.clone(), Card::InService),
                Fact::Requests(Requests::Certified),
                // What leaves the room names every past release.
                Fact::Releases(Releases::Taken),
                Fact::Bundle(Bundle::Unwritten),
            ],
            leaves: vec![Fact::Bundle(Bundle::Written)],
            undo: Undo::Harmless,
            minutes: 4,
        }
    }

    fn seats(&self, _organization: &Organization) -> Vec<(Role, u8)> {
        vec![(Role::PinHolder, 2)]
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        unknown_root(&self.root, organization)
    }

    fn ready(&self, outside: &Outside<'_>) -> Result<(), CeremonyError> {
        outside.bundles.outgoing.as_ref().map(drop).ok_or(CeremonyError::NoOutgoing)
    }

    fn page(&self, _organization: &Organization) -> Vec<String> {
        vec![
            "keys.txt, KEYS, current.gpg, archive.gpg, records.gpg, signers.json, how to verify, past releases,"
                .to_owned(),
            "an answer to each request, and SHA256SUMS with its signature.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![
            noted::words("the manifest"),
            vec![Blank::wide("name of the bundle", 2), Blank::wide("medium, and who carries it", 2)],
        ]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let name = format!("outgoing-{}", scene.history().ceremony());
        let folder = outgoing(scene, &name)?;
        let mut contents = self.contents(scene)?;
        let sums = manifest::write(contents.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])));
        let manifest_hash = Hash::of(sums.as_bytes());
        if folder.symlink_metadata().is_ok() {
            return adopt(scene, name, &contents, &sums).map_err(CeremonyError::taken(&folder));
        }
        let (card, now) = (scene.organization.records.card.clone(), clock::now()?);
        let purpose = Purpose { name: "manifest", items: 1, request: None, subject: manifest_hash, artefact: None };
        let signed = scene.sign(&card, &purpose, |signer| signed_text::sign_detached(sums.as_bytes(), now, signer))?;
        signed_text::verify_detached(sums.as_bytes(), &signed.value, &scene.records_certificate()?, now)?;
        contents.insert(manifest::NAME.to_owned(), sums.into_bytes());
        contents.insert(manifest::SIGNATURE.to_owned(), signed.value.clone());
        files::write_new_folder(&folder, &[], &contents)?;
        told(scene, &name, manifest_hash);
        scene.note(Evidence::BundleWritten { folder: name, manifest: manifest_hash })?;
        scene.keep(signed).map(drop)
    }
}

/// The folder of the bundle.
fn outgoing(scene: &Scene<'_>, name: &str) -> Result<PathBuf, CeremonyError> {
    scene.bundles.outgoing.as_ref().map(|folder| folder.join(name)).ok_or(CeremonyError::NoOutgoing)
}

impl WriteBundle {
    fn contents(&self, scene: &Scene<'_>) -> Result<BTreeMap<String, Vec<u8>>, CeremonyError> {
        // Whoever takes this bundle for the last one loses nobody whom an equal root delegated.
        let roots = releases::with_equals(scene.organization, scene.room, &self.root);
        let certificates = roots.iter().map(|root| scene.root_certificate(root)).collect::<Result<Vec<_>, _>>()?;
        let withdrawals = Withdrawals::read(scene.register, scene.history())?;
        let records: Vec<_> = scene.history().delegations.iter().filter(|d| roots.contains(&&d.root)).collect();
        let mut delegated = Vec::new();
        for record in &records {
            delegated.push(Delegated {
                certificate: scene.register.read(&record.certificate)?,
                from: record.from,
                until: record.expires,
                withdrawn: withdrawals.of(&record.signer, &record.user_id),
            });
        }
        let organization = Shown::new(&scene.organization.name);
        let rings = keyring::build(&organization, &certificates, &delegated, scene.opened()?)?;
        let fingerprints: Vec<_> = certificates.iter().map(Certificate::fingerprint).collect();
        let guide = guide::text(&scene.organization.name, scene.mode, &fingerprints);
        let signers = signers::write(&listed(scene, &roots, &records, &withdrawals)?)
            .map_err(|error| CeremonyError::Bug(format!("signers that JSON cannot hold ({error})")))?;
        let mut contents = BTreeMap::from([
            ("KEYS".to_owned(), rings.keys),
            ("archive.gpg".to_owned(), rings.archive),
            ("current.gpg".to_owned(), rings.current),
            ("how-to-verify.txt".to_owned(), guide.into_bytes()),
            ("keys.txt".to_owned(), rings.keys_txt),
            ("records.asc".to_owned(), scene.records_certificate()?.armored(&[])?),
            ("records.gpg".to_owned(), scene.records_certificate()?.bytes()?),
            (signers::NAME.to_owned(), signers.into_bytes()),
        ]);
        if let Some(list) = releases::in_register(scene.register, scene.history())? {
            contents.insert(past_releases::NAME.to_owned(), list.bytes);
            contents.insert(past_releases::SIGNATURE.to_owned(), list.signature);
        }
        for record in records.iter().filter(|record| record.ceremony == scene.history().ceremony()) {
            let (root, certificate) =
                (scene.root_record(&record.root)?.fingerprint, scene.register.read(&record.certificate)?);
            contents.extend(answers::files(&scene.organization.name, scene.mode, record, root, &certificate)?);
        }
        Ok(contents)
    }
}

/// Every delegation of these roots, for programs.
fn listed(
    scene: &Scene<'_>,
    roots: &[&RootName],
    records: &[&DelegationRecord],
    withdrawals: &Withdrawals,
) -> Result<Signers, CeremonyError> {
    let (now, ceremony) = (scene.opened()?, scene.history().ceremony());
    let root = |root: &&RootName| -> Result<RootKey, CeremonyError> {
        Ok(RootKey { root: (*root).clone(), fingerprint: scene.root_record(root)?.fingerprint })
    };
    let one = |record: &&DelegationRecord| signers::Delegated {
        signer: record.signer.clone(),
        user_id: record.user_id.clone(),
        fingerprint: record.fingerprint,
        root: record.root.clone(),
        scope: record.scope.clone(),
        from: record.from,
        until: record.expires,
        in_force: releases::is_in_force(record, withdrawals, now),
        request_sha256: record.request_sha256,
    };
    Ok(Signers {
        version: signers::VERSION,
        organization: scene.organization.name.clone(),
        ceremony: ceremony.parse().map_err(|_| CeremonyError::Bug(format!("a ceremony called {ceremony}")))?,
        as_of: now,
        roots: roots.iter().map(root).collect::<Result<_, _>>()?,
        records: scene.records_certificate()?.fingerprint(),
        signers: records.iter().map(one).collect(),
    })
}

/// A bundle that a process before the cut finished: verified from the disk, and taken as it is.
fn adopt(
    scene: &mut Scene<'_>,
    name: String,
    contents: &BTreeMap<String, Vec<u8>>,
    sums: &str,
) -> Result<(), CeremonyError> {
    let folder = outgoing(scene, &name)?;
    let signature = files::read(&folder.join(manifest::SIGNATURE), 64 * 1024)?;
    signed_text::verify_detached(sums.as_bytes(), &signature, &scene.records_certificate()?, clock::now()?)?;
    let expected = contents.iter().map(|(name, bytes)| (name.as_str(), &bytes[..]));
    for (file, bytes) in expected.chain([(manifest::NAME, sums.as_bytes())]) {
        let path = folder.join(file);
        if files::read(&path, bytes.len() as u64)? != bytes {
            return Err(WorkstationError::Changed { path }.into());
        }
    }
    // What nobody signed does not leave the room either.
    for entry in folder.read_dir().map_err(WorkstationError::io("list", &folder))? {
        let entry = entry.map_err(WorkstationError::io("list", &folder))?;
        let ours = entry
            .file_name()
            .to_str()
            .is_some_and(|file| contents.contains_key(file) || file == manifest::NAME || file == manifest::SIGNATURE);
        if !ours {
            return Err(WorkstationError::Changed { path: entry.path() }.into());
        }
    }
    let manifest = Hash::of(sums.as_bytes());
    told(scene, &name, manifest);
    scene.note(Evidence::BundleWritten { folder: name, manifest })
}

fn told(scene: &mut Scene<'_>, name: &str, manifest: Hash) {
    scene.tell_hash(&format!("Bundle {name} is written and was read again. Its manifest:"), manifest);
}
