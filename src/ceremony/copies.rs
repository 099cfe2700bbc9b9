//! Copies of shares for holders who want one: the signed sheet once more, encrypted to the certificate that the organization names
//! for them. Paper comes first: a copy is made of a share that took part in opening the message, and counts for nothing itself
//! (docs/decisions/0039-encrypted-copies.md).

use std::collections::BTreeMap;

use keyrite_locked::Locked;

use super::CeremonyError;
use super::act::Outside;
use super::scene::{Bundles, Scene};
use super::sealing::{holders, sharing};
use crate::backup::sheet;
use crate::backup::statement::SetStatement;
use crate::format::manifest;
use crate::model::evidence::{EncryptedShare, Evidence, Sealed};
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::name::RootName;
use crate::model::organization::{Organization, Person};
use crate::model::role::Seat;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::UntrustedCertificate;
use crate::trust::openpgp::recipient::Recipient;
use crate::workstation::bundle::Bundle;
use crate::workstation::{clock, files};

/// How the file of a certificate is called in a bundle.
pub const ENDING: &str = ".certificate.asc";

/// The holders who want a copy, each with their certificate.
fn wanted<'o>(
    organization: &'o Organization,
    root: &RootName,
    sealed: Sealed,
) -> impl Iterator<Item = (Seat, &'o Person, Fingerprint)> {
    let shares = sharing(root, sealed, organization).map_or(0, |sharing| sharing.shares);
    holders(sealed, shares).filter_map(|seat| {
        let person = organization.person(seat)?;
        Some((seat, person, person.share_certificate?))
    })
}

/// What people read of it before a root is sealed.
pub(super) fn page(organization: &Organization, root: &RootName, sealed: Sealed) -> Vec<String> {
    let line = |(seat, _, certificate): (Seat, &Person, Fingerprint)| {
        format!("A copy of the share of {seat} leaves the room encrypted to {}.", certificate.groups())
    };
    wanted(organization, root, sealed).map(line).collect()
}

/// Whether everybody who wants a copy can have one: asked before the ceremony begins.
///
/// # Errors
/// Without a bundle of certificates, without a folder for what leaves the room, and for a certificate that is missing or unfit.
pub(super) fn ready(outside: &Outside<'_>, root: &RootName, sealed: Sealed) -> Result<(), CeremonyError> {
    let now = match outside.history.current.opened.filter(|_| outside.is_open) {
        Some(opened) => opened,
        None => clock::now()?,
    };
    recipients(outside.organization, outside.bundles, root, sealed, now).map(drop)
}

/// Who gets a copy, judged.
fn recipients(
    organization: &Organization,
    bundles: &Bundles,
    root: &RootName,
    sealed: Sealed,
    now: Timestamp,
) -> Result<Vec<(Seat, Recipient)>, CeremonyError> {
    let wanted: Vec<(Seat, &Person, Fingerprint)> = wanted(organization, root, sealed).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    bundles.outgoing.as_ref().ok_or(CeremonyError::NoOutgoing)?;
    let bundle = Bundle::read(bundles.incoming.as_ref().ok_or(CeremonyError::NoBundle)?)?;
    let mut certificates = BTreeMap::new();
    for (name, bytes) in bundle.ending(ENDING) {
        let unfit = |error| CeremonyError::Recipient { file: Shown::new(name), error };
        let certificate = UntrustedCertificate::parse(bytes).map_err(unfit)?;
        certificates.insert(certificate.fingerprint().map_err(unfit)?, (name, certificate));
    }
    let judge = |(seat, person, certificate): (Seat, &Person, Fingerprint)| {
        let missing = || CeremonyError::NoCertificate { name: Shown::new(&person.name), certificate };
        let (name, found) = certificates.get(&certificate).ok_or_else(missing)?;
        let unfit = |error| CeremonyError::Recipient { file: Shown::new(name), error };
        Ok((seat, found.judge_to_encrypt(now).map_err(unfit)?))
    };
    wanted.into_iter().map(judge).collect()
}

/// Encrypts and writes the copies of a set whose shares were all exercised. `sheets` are the signed ones, in the order of the shares.
/// A medium that is full or was pulled out is asked for again: the root may be in memory alone, and every sheet is written already.
pub(super) fn write(
    scene: &mut Scene<'_>,
    root: &RootName,
    statement: &SetStatement,
    sheets: &[Locked],
) -> Result<(), CeremonyError> {
    loop {
        let Err(error) = attempt(scene, root, statement, sheets) else { return Ok(()) };
        let question = "Is the medium there now, to write the copies once more? A no gives up what is sealed here.";
        if !scene.ask(|room| room.again(&error.to_string(), question))? {
            return Err(error);
        }
    }
}

fn attempt(
    scene: &mut Scene<'_>,
    root: &RootName,
    statement: &SetStatement,
    sheets: &[Locked],
) -> Result<(), CeremonyError> {
    let (set, sealed, now) = (statement.set().id.to_string(), statement.set().content, scene.opened()?);
    let recipients = recipients(scene.organization, scene.bundles, root, sealed, now)?;
    if recipients.is_empty() {
        return Ok(());
    }
    let (mut contents, mut shares) = (BTreeMap::new(), Vec::new());
    for (seat, recipient) in recipients {
        let missing = || CeremonyError::Bug(format!("no sheet of share {}", seat.number));
        let sheet = usize::from(seat.number).checked_sub(1).and_then(|at| sheets.get(at)).ok_or_else(missing)?;
        let mut comments = vec![format!("Share {} of set {set}, for {seat}", seat.number)];
        comments.extend(statement.set().mode.mark().map(str::to_owned));
        let message = recipient.encrypt(sheet, &comments)?;
        let (certificate, sha256) = (recipient.fingerprint(), Hash::of(&message));
        scene.dialogue.tell(&format!("Share {} for {seat}, encrypted to {}.", seat.number, certificate.groups()));
        for user_id in recipient.user_ids() {
            scene.dialogue.tell(&format!("    {}", Shown::new(user_id)));
        }
        shares.push(EncryptedShare { share: seat.number, certificate, sha256 });
        contents.insert(format!("{}.asc", sheet::file(seat.number)), message);
    }
    let sums = manifest::write(contents.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])));
    contents.insert(manifest::NAME.to_owned(), sums.into_bytes());
    let folder = format!("shares-{set}");
    let path = scene.bundles.outgoing.as_ref().map(|out| out.join(&folder)).ok_or(CeremonyError::NoOutgoing)?;
    files::write_new_folder(&path, &[], &contents)?;
    scene.dialogue.tell(&format!("They are in {folder}, and each goes to its holder alone."));
    scene.note(Evidence::SharesEncrypted { root: root.clone(), set, folder, shares })
}
