//! Sealing a secret, sharing its passphrase among holders, and exercising every share before anybody leaves.

use std::ops::Range;

use keyrite_locked::Locked;

use super::CeremonyError;
use super::act::throw_dice;
use super::cards::Purpose;
use super::copies;
use super::dialogue::{Brought, SheetName};
use super::randomness::Randomness;
use super::scene::Scene;
use crate::backup::reading::UntrustedSheet;
use crate::backup::share::{Quorum, Share};
use crate::backup::statement::{Set, SetId, SetStatement};
use crate::backup::{message, passphrase, share, sheet};
use crate::entropy::Label;
use crate::model::evidence::{Evidence, Sealed};
use crate::model::hash::Hash;
use crate::model::history::SealedRecord;
use crate::model::name::RootName;
use crate::model::organization::{Organization, Root, Sharing};
use crate::model::role::{Role, Seat};
use crate::model::room::{Card, Fact, Hand, People};
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::paper::Blank;
use crate::trust::openpgp::signed_text;

/// Who holds the shares.
fn role(sealed: Sealed) -> Role {
    match sealed {
        Sealed::Key => Role::Custodian,
        Sealed::Revocation => Role::RevocationHolder,
    }
}

/// The first `count` holders.
pub(super) fn holders(sealed: Sealed, count: u8) -> impl Iterator<Item = Seat> {
    Seat::all(role(sealed), count)
}

/// How many shares there are, and how many open what is sealed; none where nothing is.
pub(super) fn sharing(root: &RootName, sealed: Sealed, organization: &Organization) -> Option<Sharing> {
    let root = organization.roots.get(root)?;
    match sealed {
        Sealed::Key => root.backup(),
        Sealed::Revocation => Some(root.revocations),
    }
}

/// What both acts of sealing need, besides the root.
pub(super) fn needs(organization: &Organization) -> Vec<Fact> {
    let records = &organization.records.card;
    let mut needs = vec![
        Fact::People(People::Present),
        // Signs the share sheets.
        Fact::Hand(records.clone(), Hand::Here),
        Fact::Card(records.clone(), Card::InService),
    ];
    needs.extend(throw_dice::needed(organization));
    needs
}

/// The people both acts of sealing need.
pub(super) fn seats(root: &RootName, sealed: Sealed, organization: &Organization) -> Vec<(Role, u8)> {
    let mut seats = vec![(Role::PinHolder, 2)];
    seats.extend(sharing(root, sealed, organization).map(|sharing| (role(sealed), sharing.shares)));
    seats
}

/// What is about to happen.
pub(super) fn page(root: &RootName, sealed: Sealed, organization: &Organization) -> Vec<String> {
    let Some(Sharing { threshold, shares }) = sharing(root, sealed, organization) else { return Vec::new() };
    let mut page = vec![
        format!("{shares} shares; any {threshold} of them open the sealed {sealed}."),
        "Each holder takes one sheet, looks at nobody else's, and reads it back.".to_owned(),
        "Every share takes part in opening the message once.".to_owned(),
    ];
    page.extend(copies::page(organization, root, sealed));
    page
}

/// What the room writes down of it.
pub(super) fn blanks(sealed: Sealed) -> Vec<Vec<Blank>> {
    let message = format!("sha256 of the sealed {sealed}");
    vec![
        vec![Blank::new("share set"), Blank::wide("sheets that were spoiled and torn up, and who saw it", 2)],
        vec![Blank::new(&format!("{message}: first word")), Blank::new("last word")],
    ]
}

/// The name of a sheet of a set.
pub(super) fn sheet_name(root: &RootName, statement: &SetStatement, number: u8) -> SheetName {
    let set = statement.set();
    let lines = statement.share_len().div_ceil(sheet::LINE_BYTES);
    SheetName {
        root: root.clone(),
        sealed: set.content,
        set: set.id.to_string(),
        number,
        lines: u8::try_from(lines).unwrap_or(u8::MAX),
    }
}

/// Takes a share from its holder. Of a sheet, the records key's signature is verified; a copy in somebody's own hand has none,
/// and is held against the set's statement like every share (BACKUP-1).
///
/// # Errors
/// When the holder does not have it, or it is not a share of this set.
pub(super) fn take_sheet(
    scene: &mut Scene<'_>,
    seat: Seat,
    name: &SheetName,
    statement: &SetStatement,
) -> Result<(Locked, Share), CeremonyError> {
    loop {
        let brought = scene.ask(|room| room.fetch(seat, name))?;
        let error = match judged(scene, seat, name, statement, brought) {
            Ok(taken) => return Ok(taken),
            Err(error) => error,
        };
        // A root that is only in memory would be lost with this process.
        if !scene.ask(|room| room.again(&error.to_string(), "Bring the sheet once more?"))? {
            return Err(error);
        }
    }
}

fn judged(
    scene: &Scene<'_>,
    seat: Seat,
    name: &SheetName,
    statement: &SetStatement,
    brought: Brought,
) -> Result<(Locked, Share), CeremonyError> {
    let text = match brought {
        Brought::Copy(text) => text,
        Brought::Sheet(sheet) => {
            let now = crate::workstation::clock::now()?;
            let text = signed_text::verify_text(&sheet, &scene.records_certificate()?, now);
            Locked::absorb(text.map_err(|reason| CeremonyError::Sheet { seat, set: name.set.clone(), reason })?)?
        }
    };
    let sheet = UntrustedSheet::parse(&text)?;
    in_force(scene, seat, statement.set(), &sheet.set().to_string())?;
    let share = sheet.verify(statement)?.into_share();
    Ok((text, share))
}

/// A sheet of a set that was replaced, or that never was in force, is named as such (BACKUP-4).
fn in_force(scene: &Scene<'_>, seat: Seat, expected: &Set, set: &str) -> Result<(), CeremonyError> {
    let care = &scene.root_record(&expected.root)?.care;
    let is_void = care.void.contains(set);
    if expected.id.to_string() == set || !(is_void || care.replaced.iter().any(|old| old.set == set)) {
        return Ok(());
    }
    let (set, expected) = (set.to_owned(), expected.id.to_string());
    Err(CeremonyError::OutOfForce { seat, set, expected, is_void })
}

/// Seals `secret`: message and statement go to the register, a signed sheet to each holder, and back for the proof.
pub(super) fn seal(
    scene: &mut Scene<'_>,
    root: &RootName,
    sealed: Sealed,
    secret: &Locked,
) -> Result<(), CeremonyError> {
    let SealedRecord { set, message, statement } = share_out(scene, root, sealed, secret, |_, _| Ok(()))?;
    scene.note(Evidence::Sealed { root: root.clone(), sealed, set, message, statement })
}

/// Seals a root's key once more, as another set; the one before it stays in force. Before the first sheet is handed out it is
/// recorded which set that is of.
pub(super) fn seal_anew(scene: &mut Scene<'_>, root: &RootName, secret: &Locked) -> Result<(), CeremonyError> {
    let SealedRecord { set, message, statement } = share_out(scene, root, Sealed::Key, secret, |scene, set| {
        scene.note(Evidence::SetBegun { root: root.clone(), set: set.to_owned() })
    })?;
    scene.note(Evidence::Resealed { root: root.clone(), set, message, statement })
}

fn share_out(
    scene: &mut Scene<'_>,
    root: &RootName,
    sealed: Sealed,
    secret: &Locked,
    begun: impl Fn(&mut Scene<'_>, &str) -> Result<(), CeremonyError>,
) -> Result<SealedRecord, CeremonyError> {
    let sharing = sharing(root, sealed, scene.organization)
        .ok_or_else(|| CeremonyError::Bug(format!("no root {root} in a linted script")))?;
    let quorum = Quorum::new(sharing.threshold, sharing.shares)?;
    let made = make(scene, root, sealed, secret, quorum)?;
    begun(scene, &made.id())?;
    let folder = format!("{}/{sealed}-{}", Scene::root_folder(root, made.statement.set().fingerprint), made.id());
    let message = scene.write(&format!("{folder}/sealed.asc"), &made.message)?;
    let statement = scene.write(&format!("{folder}/shares.toml"), made.statement.to_toml()?.as_bytes())?;
    let record = SealedRecord { set: made.id(), message, statement };
    let sheets = signed_sheets(scene, &made)?;
    let shares = hand_out(scene, root, &made.statement, &sheets)?;
    let Made { statement, .. } = made;
    exercise(scene, root, &record, &statement, shares, secret)?;
    copies::write(scene, root, &statement, &sheets)?;
    scene.dialogue.tell("The sealed message, and its sha256:");
    scene.tell_hash(&format!("    {}", record.message.path), record.message.sha256);
    Ok(record)
}

/// A sealed message, its shares and their public statement. The passphrase is gone.
struct Made {
    message: Vec<u8>,
    shares: Vec<Share>,
    statement: SetStatement,
}

impl Made {
    fn id(&self) -> String {
        self.statement.set().id.to_string()
    }
}

fn make(
    scene: &mut Scene<'_>,
    root: &RootName,
    sealed: Sealed,
    secret: &Locked,
    quorum: Quorum,
) -> Result<Made, CeremonyError> {
    let random = Randomness::gather(scene)?;
    let (for_passphrase, for_shares, for_id) = match sealed {
        Sealed::Key => (Label::KeyPassphrase(root), Label::KeyShares(root), Label::KeySetId(root)),
        Sealed::Revocation => {
            (Label::RevocationsPassphrase(root), Label::RevocationsShares(root), Label::RevocationsSetId(root))
        }
    };
    let passphrase = passphrase::draw(&random.draw(&for_passphrase, passphrase::SYMBOLS)?)?;
    let coefficients = random.draw(&for_shares, quorum.randomness_len(passphrase.len()))?;
    let mut id = [0; 8];
    id.copy_from_slice(&random.draw(&for_id, 8)?);
    let fingerprint = scene.root_record(root)?.fingerprint;
    let id = SetId::draw(id);
    let comments = [
        // An armor comment has room for a name of the longest kind, and not for the organization's.
        format!("Sealed {sealed}, root {root}"),
        format!("Root {}", fingerprint.groups()),
        format!("Share set {id}: any {} of {} shares", quorum.threshold(), quorum.shares()),
    ];
    let mut comments: Vec<&str> = comments.iter().map(String::as_str).collect();
    comments.extend(scene.mode.mark());
    let message = message::seal(secret, &passphrase, &comments)?;
    let shares = share::split(&passphrase, quorum, &coefficients)?;
    let (root, made) = (root.clone(), scene.opened()?);
    let drill_by = first_drill(scene.root(&root)?, sealed, made);
    let set = Set { id, mode: scene.mode, root, fingerprint, content: sealed, made, drill_by };
    let seats: Vec<Seat> = holders(sealed, quorum.shares()).collect();
    let statement = SetStatement::new(set, quorum, &message, &shares, &seats)?;
    Ok(Made { message, shares, statement })
}

/// When what is sealed now must be tried for the first time.
fn first_drill(root: &Root, sealed: Sealed, made: Timestamp) -> Option<Timestamp> {
    let every = root.drill_every().filter(|_| sealed == Sealed::Key)?;
    Some(made.plus(every))
}

/// The sheet of each share, signed by the records key.
fn signed_sheets(scene: &mut Scene<'_>, made: &Made) -> Result<Vec<Locked>, CeremonyError> {
    let organization = Shown::new(&scene.organization.name);
    let mut sheets = Vec::new();
    for share in &made.shares {
        sheets.push(sheet::write(&made.statement, &organization, share)?);
    }
    let (card, now) = (scene.organization.records.card.clone(), scene.opened()?);
    let purpose = Purpose {
        name: "share-sheet",
        items: u32::from(made.statement.quorum().shares()),
        request: None,
        subject: Hash::of(made.statement.to_toml()?.as_bytes()),
        artefact: None,
    };
    let signed = scene.sign(&card, &purpose, |signer| -> Result<Vec<Locked>, CeremonyError> {
        sheets.iter().map(|text| Ok(Locked::absorb(signed_text::sign_text(text, now, signer)?)?)).collect()
    })?;
    scene.keep(signed)
}

/// One sheet after the other, handed to its holder and taken back once. Gives the shares as their holders brought them.
fn hand_out(
    scene: &mut Scene<'_>,
    root: &RootName,
    statement: &SetStatement,
    sheets: &[Locked],
) -> Result<Vec<Share>, CeremonyError> {
    let mut shares = Vec::new();
    for (seat, sheet) in holders(statement.set().content, statement.quorum().shares()).zip(sheets) {
        let name = sheet_name(root, statement, seat.number);
        shares.push(hand(scene, seat, &name, statement, sheet)?);
    }
    Ok(shares)
}

/// Hands a sheet over until what comes back is the share: a slip of the pen is found while the sheet is still there.
fn hand(
    scene: &mut Scene<'_>,
    seat: Seat,
    name: &SheetName,
    statement: &SetStatement,
    sheet: &Locked,
) -> Result<Share, CeremonyError> {
    loop {
        scene.ask(|room| room.hand(seat, name, sheet))?;
        let error = match take_sheet(scene, seat, name, statement) {
            Ok((_, share)) => return Ok(share),
            Err(error) => error,
        };
        if !scene.ask(|room| {
            room.again(&error.to_string(), "Show it once more, to be copied anew? A no gives up what is sealed here.")
        })? {
            return Err(error);
        }
    }
}

/// Opens the message, read from the disk, with quorums that cover every share (BACKUP-2).
fn exercise(
    scene: &mut Scene<'_>,
    root: &RootName,
    record: &SealedRecord,
    statement: &SetStatement,
    shares: Vec<Share>,
    secret: &Locked,
) -> Result<(), CeremonyError> {
    let message = scene.register.read(&record.message)?;
    let (quorum, sealed) = (statement.quorum(), statement.set().content);
    let rounds = covering(quorum);
    let count = rounds.len();
    for (round, places) in (1..).zip(rounds) {
        let taken = shares.get(places).unwrap_or_default();
        let named: Vec<String> = taken.iter().map(|share| share.number().to_string()).collect();
        scene.dialogue.tell(&format!("Opening {round} of {count}: shares {}.", named.join(", ")));
        let opened = share::restore(&message, taken, quorum)?;
        if *opened != **secret {
            return Err(CeremonyError::NotTheRoot { root: root.to_string() });
        }
    }
    scene.dialogue.tell(&format!("Each of the {} shares took part in opening the sealed {sealed}.", quorum.shares()));
    Ok(())
}

/// The places, in the row of all shares, of quorums of exactly the threshold that together hold every share.
fn covering(quorum: Quorum) -> Vec<Range<usize>> {
    let (threshold, shares) = (usize::from(quorum.threshold()), usize::from(quorum.shares()));
    let last = shares.saturating_sub(threshold);
    let mut starts: Vec<usize> = (0..=last).step_by(threshold).collect();
    if starts.last() != Some(&last) {
        starts.push(last);
    }
    starts.into_iter().map(|start| start..start + threshold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_is_in_some_quorum_of_exactly_the_threshold() {
        for shares in 2..=16 {
            for threshold in 2..=shares {
                let quorums = covering(Quorum::new(threshold, shares).unwrap());
                let mut seen: Vec<usize> = quorums.iter().cloned().flatten().collect();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen, (0..usize::from(shares)).collect::<Vec<usize>>(), "{threshold} of {shares}");
                assert!(quorums.iter().all(|quorum| quorum.len() == usize::from(threshold)));
            }
        }
    }
}
