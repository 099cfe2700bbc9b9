//! One release, held against the signers and the list.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Error;
use crate::model::fingerprint::Fingerprint;
use crate::model::name::CeremonyName;
use crate::model::past_releases::{Clash, PastRelease, PastReleases};
use crate::model::release::Release;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp;
use crate::trust::openpgp::detached::{Detached, KnownSigner};

/// From when to when something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// From when on.
    pub from: Timestamp,
    /// Until when, unless withdrawn.
    pub until: Timestamp,
    /// From when on no roster had the signer, or their user ID, any more.
    pub withdrawn: Option<Timestamp>,
}

impl Term {
    /// Whether it holds at a moment.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until && self.withdrawn.is_none_or(|end| at < end)
    }
}

/// A delegation, as far as a release is held against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spell {
    /// The signer's name on the roster.
    pub signer: String,
    /// Their certificate.
    pub fingerprint: Fingerprint,
    /// What they might sign.
    pub scope: String,
    /// When.
    pub term: Term,
}

/// What releases are held against.
pub struct Known {
    /// Whose they are to be.
    pub organization: String,
    /// The ceremony that takes them in.
    pub ceremony: CeremonyName,
    /// When that was opened.
    pub opened: Timestamp,
    /// The certificates of all whom the root ever delegated, with all that is known of them.
    pub signers: BTreeMap<Fingerprint, KnownSigner>,
    /// Every delegation of the root.
    pub spells: Vec<Spell>,
    /// The list: that of the register, and what this ceremony has judged good so far.
    pub list: PastReleases,
}

/// What a release is to the list.
#[derive(Debug)]
pub enum Judged {
    /// It stands there already, just so.
    Listed,
    /// It may be taken in.
    New {
        /// As it will stand there.
        release: PastRelease,
        /// Its signer's name on the roster.
        signer: String,
    },
}

impl Known {
    /// Holds a release with its signature, whose manifest has these bytes, against what is known.
    ///
    /// # Errors
    /// The first reason for which it cannot be taken in.
    pub fn judge(&self, release: &Release, manifest: &[u8], signature: &[u8]) -> Result<Judged, Error> {
        let files: BTreeMap<_, _> = release.files.iter().map(|file| (file.name.clone(), file.hash)).collect();
        // What is in the list was verified when it came in, whatever became of its signer since.
        if self.list.release(&release.name).is_some_and(|listed| listed.files == files) {
            return Ok(Judged::Listed);
        }
        let detached = Detached::parse(signature, self.opened).map_err(|error| match error {
            openpgp::Error::NotYet { at, .. } => Error::AfterOpening { made: at, opened: self.opened },
            error => Error::Signature(error),
        })?;
        let by = self.signers.values().find(|signer| detached.names(signer));
        let by = by.ok_or_else(|| Error::NotDelegated { issuer: detached.issuer() })?;
        if detached.is_void(by) {
            return Err(Error::Compromised { fingerprint: by.fingerprint() });
        }
        let (signer, scope) = self.permitted(release, by.fingerprint(), detached.made())?;
        detached.verify(by, manifest).map_err(Error::Signature)?;
        match self.list.clash(&release.name, &files) {
            Some(Clash::File(file, listed)) => {
                return Err(Error::FileListed { file: file.clone(), listed: listed.release.clone() });
            }
            Some(Clash::Release(listed)) => return Err(Error::ReleaseListed { release: listed.release.clone() }),
            None => {}
        }
        let release = PastRelease {
            release: release.name.clone(),
            signed_by: by.fingerprint(),
            signed_on: detached.made(),
            scope,
            taken_in: self.ceremony.clone(),
            files,
        };
        Ok(Judged::New { release, signer })
    }

    /// Under whose name, and for what scope, this certificate might sign the release at that moment.
    fn permitted(&self, release: &Release, by: Fingerprint, made: Timestamp) -> Result<(String, String), Error> {
        let own = || self.spells.iter().filter(|spell| spell.fingerprint == by);
        let holding: Vec<&Spell> = own().filter(|spell| spell.term.holds(made)).collect();
        let Some(first) = holding.first() else {
            let signer = Shown::new(own().next_back().map_or("somebody", |spell| spell.signer.as_str()));
            let had: Vec<String> = own().map(|spell| words(&spell.term)).collect();
            return Err(Error::NotInForce { signer, made, had: had.join(", ") });
        };
        let signer = || Shown::new(&first.signer);
        let scopes: BTreeSet<&str> = holding.iter().map(|spell| spell.scope.as_str()).collect();
        let stated = release.head.as_ref();
        if let Some(head) = stated.filter(|head| head.organization != self.organization) {
            let (found, expected) = (Shown::new(&head.organization), Shown::new(&self.organization));
            return Err(Error::Organization { found, expected });
        }
        let scope = match stated {
            Some(head) if scopes.contains(head.scope.as_str()) => head.scope.clone(),
            Some(head) => return Err(Error::Scope { scope: Shown::new(&head.scope), signer: signer() }),
            None if scopes.len() == 1 => first.scope.clone(),
            None => {
                let had = Shown::new(&scopes.into_iter().collect::<Vec<_>>().join(", "));
                return Err(Error::ScopeNotStated { signer: signer(), had });
            }
        };
        Ok((first.signer.clone(), scope))
    }
}

fn words(term: &Term) -> String {
    let withdrawn = term.withdrawn.map_or(String::new(), |at| format!(", withdrawn on {at}"));
    format!("{} until {}{withdrawn}", term.from, term.until)
}
