//! What all transcripts of a register together say: a fold over their evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::care::{Care, Tending};
use super::code::Code;
use super::domain::Domain;
use super::event::{Event, Intent, Opening, Outcome};
use super::evidence::{Artefact, Evidence, Sealed};
use super::fingerprint::Fingerprint;
use super::hash::Hash;
use super::mode::Mode;
use super::name::{CardName, RequestId, RootName, StepId};
use super::past_releases::ReleasesRecord;
use super::role::Seat;
use super::room::{self, Fact, Room};
use super::script::Kind;
use super::settings::Settings;
use super::timestamp::Timestamp;

/// A card as the transcripts know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRecord {
    /// Its serial.
    pub serial: String,
    /// Its place in its life.
    pub state: room::Card,
    /// The key it holds.
    pub holds: Option<Fingerprint>,
    /// Signatures that the transcripts explain since the key came in: what its counter must show.
    pub signatures: u32,
    /// Codes of which nobody knows whether the card took the new one or still has the one before.
    pub doubtful: BTreeSet<Code>,
    /// What it was set up to since it was last blank.
    pub settings: Settings,
}

/// A root as the transcripts know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootRecord {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Its certificate.
    pub certificate: Artefact,
    /// Its sealed key and revocation certificate.
    pub sealed: BTreeMap<Sealed, SealedRecord>,
    /// Whether a fresh process has restored it, and a card proved it.
    pub proved: bool,
    /// Whether any card has been loaded with it.
    pub on_cards: bool,
    /// The card that generated it, and alone has it; none for a root that was drawn.
    pub generated_on: Option<CardName>,
    /// What drills and resharings say of its backup.
    pub care: Care,
}

impl RootRecord {
    /// A root that is nowhere yet.
    fn new(fingerprint: Fingerprint, certificate: &Artefact) -> Self {
        Self {
            fingerprint,
            certificate: certificate.clone(),
            sealed: BTreeMap::new(),
            proved: false,
            on_cards: false,
            generated_on: None,
            care: Care::default(),
        }
    }
}

/// A sealed message and its share set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// The share set.
    pub set: String,
    /// The sealed message.
    pub message: Artefact,
    /// The public statement of the set.
    pub statement: Artefact,
}

/// A delegation as the transcripts know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationRecord {
    /// The root.
    pub root: RootName,
    /// The request it answers.
    pub request: RequestId,
    /// SHA-256 of the request.
    pub request_sha256: Hash,
    /// The signer's name on the roster.
    pub signer: String,
    /// The signer's fingerprint.
    pub fingerprint: Fingerprint,
    /// The user ID that was certified.
    pub user_id: String,
    /// What the signer may sign.
    pub scope: String,
    /// Where the signer vouches for others.
    pub vouches: Option<Domain>,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// The delegated certificate.
    pub certificate: Artefact,
    /// The ceremony that made it.
    pub ceremony: String,
    /// The hash of the words that people confirmed for it.
    pub review: Option<Hash>,
}

/// The ceremony that the last transcript records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Current {
    /// What it was opened with; none in an empty register.
    pub opening: Option<Opening>,
    /// When it was opened.
    pub opened: Option<Timestamp>,
    /// Steps whose act is done, in order.
    pub done: Vec<StepId>,
    /// Intents that nobody closed, by line number.
    pub open: BTreeMap<u64, Intent>,
    /// Cards that are out of their bags: new ones, and those whose bags were compared and opened.
    pub unbagged: BTreeSet<CardName>,
    /// Codes of cards in service whose holders chose new halves.
    pub chosen: BTreeSet<(CardName, Code)>,
    /// Seats on which somebody sits; empty before they were called.
    pub seated: BTreeSet<Seat>,
    /// What is done to the backups of roots.
    pub tending: BTreeMap<RootName, Tending>,
    /// Ways out of the machine that the room was told of.
    pub ways: BTreeSet<String>,
    /// The review that people confirmed.
    pub review: Option<Hash>,
    /// Whether what came in of releases is in the list.
    pub releases: bool,
    /// The outgoing bundle.
    pub bundle: Option<(String, Hash)>,
    /// The signed minutes.
    pub minutes: Option<Artefact>,
    /// Whether every request was answered.
    pub certified: bool,
    /// Whether it is over.
    pub finished: bool,
    /// Whether it is over because it was given up.
    pub abandoned: bool,
}

/// The state of the organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The cards by name.
    pub cards: BTreeMap<CardName, CardRecord>,
    /// The records key's fingerprint and certificate.
    pub records: Option<(Fingerprint, Artefact)>,
    /// The roots by name.
    pub roots: BTreeMap<RootName, RootRecord>,
    /// Roots whose structure was tried in this ceremony.
    pub tried: BTreeSet<RootName>,
    /// The roster in force: its serial and its file.
    pub roster: Option<(u32, Artefact)>,
    /// Every roster that was in force, oldest first: from when on, and its file.
    pub rosters: Vec<(Timestamp, Artefact)>,
    /// The list of past releases.
    pub releases: Option<ReleasesRecord>,
    /// The last outgoing bundle: its folder's name, and the SHA-256 of its manifest.
    pub outgoing: Option<(String, Hash)>,
    /// Every delegation, oldest first.
    pub delegations: Vec<DelegationRecord>,
    /// How much the ceremonies of this register count: all the same.
    pub mode: Option<Mode>,
    /// Every file that a transcript names, with what it is, in the order in which they were first named.
    pub artefacts: Vec<(String, Artefact)>,
    /// The last ceremony.
    pub current: Current,
}

impl History {
    /// Takes in one line.
    pub fn take(&mut self, number: u64, time: Timestamp, event: &Event) {
        match event {
            Event::Opened { opening } => {
                self.tried.clear();
                self.mode.get_or_insert(opening.mode);
                self.current =
                    Current { opening: Some(Opening::clone(opening)), opened: Some(time), ..Current::default() };
            }
            Event::Intended { intent } => {
                self.current.open.insert(number, intent.clone());
            }
            Event::Closed { intent, outcome } => self.close(*intent, outcome),
            Event::Noted { evidence } => self.note(evidence),
            Event::Done { step, mend, .. } => {
                if !mend {
                    self.current.done.push(step.clone());
                }
            }
            Event::Finished => self.current.finished = true,
            Event::Abandoned { .. } => {
                (self.current.finished, self.current.abandoned) = (true, true);
                self.drop_unused_drill_cards();
            }
            Event::Resumed { .. }
            | Event::Begun { .. }
            | Event::Confirmed { .. }
            | Event::Exception { .. }
            | Event::Paused { .. }
            | Event::Continued { .. } => {}
        }
    }

    /// A drill that was given up before its card got PINs leaves it as it came: the next one is held with it, or with another.
    fn drop_unused_drill_cards(&mut self) {
        let current = &self.current;
        if current.opening.as_ref().is_some_and(|opening| opening.kind == Kind::RestoreDrill) {
            let is_unused =
                |name: &CardName, card: &CardRecord| card.state == room::Card::Blank && current.unbagged.contains(name);
            self.cards.retain(|name, card| !is_unused(name, card));
        }
    }

    fn close(&mut self, number: u64, outcome: &Outcome) {
        let Some(intent) = self.current.open.remove(&number) else { return };
        let Some(card) = self.cards.get_mut(intent.card()) else { return };
        if let Outcome::Spoiled { .. } = outcome {
            card.state = room::Card::Spoiled;
            return;
        }
        let done = matches!(outcome, Outcome::Done { .. });
        match intent {
            Intent::Sign { .. } => {
                card.signatures += outcome.signatures();
                // Whoever had it sign knows its user PIN.
                if done {
                    card.doubtful.remove(&Code::User);
                }
            }
            Intent::ChangeCode { code, .. } if matches!(outcome, Outcome::Unknown { .. }) => {
                card.doubtful.insert(code);
            }
            _ if !done => {}
            Intent::SetPins { .. } => card.state = room::Card::Pinned,
            Intent::ChangeCode { card: name, code, by, .. } => {
                card.doubtful.retain(|doubtful| *doubtful != code && *doubtful != by);
                self.current.chosen.insert((name, code));
            }
            // The card's own counter starts anew with each key (OpenPGP card 3.4.1, 4.3.3.7).
            Intent::ResetCard { .. } => {
                card.doubtful.clear();
                card.settings = Settings::default();
                (card.state, card.holds, card.signatures) = (room::Card::Blank, None, 0);
            }
            // A root serves when its revocation is sealed and its card was tested.
            Intent::GenerateKey { root: Some(_), .. } => card.state = room::Card::Loaded,
            Intent::GenerateKey { root: None, .. } => card.state = room::Card::InService,
            Intent::ImportKey { root, fingerprint, .. } => {
                (card.state, card.holds, card.signatures) = (room::Card::Loaded, Some(fingerprint), 0);
                if let Some(root) = self.roots.get_mut(&root) {
                    root.on_cards = true;
                }
            }
        }
    }

    fn note(&mut self, evidence: &Evidence) {
        for (name, artefact) in evidence.artefacts() {
            // A step that was done again names the same file.
            if self.artefacts.iter().all(|(_, other)| other != artefact) {
                self.artefacts.push((name, artefact.clone()));
            }
        }
        match evidence {
            Evidence::CardPresented { card, serial, .. } => {
                let blank = CardRecord {
                    serial: serial.clone(),
                    state: room::Card::Blank,
                    holds: None,
                    signatures: 0,
                    doubtful: BTreeSet::new(),
                    settings: Settings::default(),
                };
                self.cards.insert(card.clone(), blank);
                self.current.unbagged.insert(card.clone());
            }
            Evidence::BagsOpened { bags } => self.current.unbagged.extend(bags.iter().map(|bag| bag.card.clone())),
            Evidence::CardSettings { card, settings } => {
                if let Some(record) = self.cards.get_mut(card) {
                    record.settings = settings.clone();
                }
            }
            Evidence::CardTested { card } => {
                if let Some(record) = self.cards.get_mut(card) {
                    record.state = room::Card::InService;
                }
            }
            Evidence::PinsGone { card } => {
                if let Some(record) = self.cards.get_mut(card) {
                    record.state = room::Card::Spoiled;
                }
            }
            Evidence::CardRetired { card, .. } => {
                if let Some(record) = self.cards.get_mut(card) {
                    record.state = room::Card::Retired;
                }
            }
            Evidence::RecordsKey { card, fingerprint, certificate } => {
                self.records = Some((*fingerprint, certificate.clone()));
                if let Some(record) = self.cards.get_mut(card) {
                    record.holds = Some(*fingerprint);
                }
            }
            Evidence::Machine { ways, .. } => self.current.ways = ways.iter().cloned().collect(),
            Evidence::NetworkAppeared { ways } => self.current.ways.extend(ways.iter().cloned()),
            Evidence::AllAnswered => self.current.certified = true,
            Evidence::RootDrawn { .. }
            | Evidence::RootGenerated { .. }
            | Evidence::RootAbandoned { .. }
            | Evidence::Sealed { .. }
            | Evidence::BackupProved { .. } => self.note_root(evidence),
            Evidence::ProfileTried { root } => {
                self.tried.insert(root.clone());
            }
            Evidence::RosterTaken { .. }
            | Evidence::ReleasesTaken { .. }
            | Evidence::NoReleases
            | Evidence::BundleWritten { .. } => self.note_lists(evidence),
            Evidence::Reviewed { review, .. } => self.current.review = Some(*review),
            Evidence::Certified { .. } => self.note_delegation(evidence),
            Evidence::MinutesSigned { minutes, .. } => self.current.minutes = Some(minutes.clone()),
            Evidence::People { seats, .. } => {
                self.current.seated = seats.iter().map(|(seat, _)| *seat).collect();
            }
            Evidence::LotsDrawn { .. }
            | Evidence::DrillFailed { .. }
            | Evidence::DrillProved { .. }
            | Evidence::DrillCardErased { .. }
            | Evidence::SheetBagged { .. }
            | Evidence::DrillHeld { .. }
            | Evidence::RootRestored { .. } => self.note_drill(evidence),
            Evidence::SetBegun { .. }
            | Evidence::SharesEncrypted { .. }
            | Evidence::Resealed { .. }
            | Evidence::SetReplaced { .. }
            | Evidence::ShareDestroyed { .. }
            | Evidence::SharesAccounted { .. } => self.note_reshare(evidence),
            Evidence::CardSeen { .. }
            | Evidence::CardAttested { .. }
            | Evidence::Clock { .. }
            | Evidence::DiceThrown { .. }
            | Evidence::RootForgotten { .. }
            | Evidence::RequestsRead { .. } => {}
        }
    }

    fn note_root(&mut self, evidence: &Evidence) {
        match evidence {
            Evidence::RootDrawn { root, fingerprint, certificate } => {
                self.roots.insert(root.clone(), RootRecord::new(*fingerprint, certificate));
            }
            Evidence::RootGenerated { root, card, fingerprint, certificate } => {
                let record = RootRecord {
                    on_cards: true,
                    generated_on: Some(card.clone()),
                    ..RootRecord::new(*fingerprint, certificate)
                };
                self.roots.insert(root.clone(), record);
                if let Some(record) = self.cards.get_mut(card) {
                    record.holds = Some(*fingerprint);
                }
            }
            Evidence::RootAbandoned { root, .. } => {
                self.roots.remove(root);
            }
            Evidence::Sealed { root, sealed, set, message, statement } => {
                let record = SealedRecord { set: set.clone(), message: message.clone(), statement: statement.clone() };
                if let Some(root) = self.roots.get_mut(root) {
                    root.sealed.insert(*sealed, record);
                }
            }
            Evidence::BackupProved { root, card } => {
                if let Some(record) = self.cards.get_mut(card) {
                    record.state = room::Card::InService;
                }
                if let Some(root) = self.roots.get_mut(root) {
                    root.proved = true;
                }
            }
            _ => {}
        }
    }

    /// What is one list for the whole organization: signers, releases, and what was last carried out.
    fn note_lists(&mut self, evidence: &Evidence) {
        match evidence {
            Evidence::RosterTaken { serial, roster, .. } => {
                self.rosters.extend(self.current.opened.map(|opened| (opened, roster.clone())));
                self.roster = Some((*serial, roster.clone()));
            }
            Evidence::ReleasesTaken { number, list, signature, .. } => {
                let (number, list, signature) = (*number, list.clone(), signature.clone());
                self.releases = Some(ReleasesRecord { number, list, signature });
                self.current.releases = true;
            }
            Evidence::NoReleases => self.current.releases = true,
            Evidence::BundleWritten { folder, manifest } => {
                self.current.bundle = Some((folder.clone(), *manifest));
                self.outgoing = self.current.bundle.clone();
            }
            _ => {}
        }
    }

    fn note_delegation(&mut self, evidence: &Evidence) {
        if let Evidence::Certified {
            root,
            request,
            request_sha256,
            signer,
            fingerprint,
            user_id,
            scope,
            vouches,
            expires,
            certificate,
        } = evidence
        {
            self.delegations.push(DelegationRecord {
                root: root.clone(),
                request: request.clone(),
                request_sha256: *request_sha256,
                signer: signer.clone(),
                fingerprint: *fingerprint,
                user_id: user_id.clone(),
                scope: scope.clone(),
                vouches: vouches.clone(),
                from: self.current.opened.unwrap_or(*expires),
                expires: *expires,
                certificate: certificate.clone(),
                ceremony: self.ceremony().to_owned(),
                review: self.current.review,
            });
        }
    }

    /// The name of the last ceremony; empty in an empty register.
    #[must_use]
    pub fn ceremony(&self) -> &str {
        self.current.opening.as_ref().map_or("", |opening| &opening.ceremony)
    }

    /// What lasts of the room: everything that the evidence says, and nothing that a power cut destroys.
    #[must_use]
    pub fn room(&self) -> Room {
        let mut room = Room::default();
        for (name, card) in &self.cards {
            room.set(Fact::Card(name.clone(), card.state));
        }
        for card in &self.current.unbagged {
            room.set(Fact::Bag(card.clone(), room::Bag::Opened));
        }
        for (card, code) in &self.current.chosen {
            room.set(Fact::Code(card.clone(), *code, room::Chosen::Anew));
        }
        for root in &self.tried {
            room.set(Fact::Profile(root.clone(), room::Profile::Tried));
        }
        for (name, root) in &self.roots {
            let keeps = |card: &CardRecord| card.state == room::Card::InService && card.holds == Some(root.fingerprint);
            let state = if self.cards.values().any(keeps) { room::Root::Kept } else { room::Root::Drawn };
            room.set(Fact::Root(name.clone(), state));
            let key = match (root.proved, root.sealed.contains_key(&Sealed::Key)) {
                (true, _) => room::Backup::Proved,
                (false, true) => room::Backup::Sealed,
                (false, false) => room::Backup::Absent,
            };
            room.set(Fact::Backup(name.clone(), key));
            if root.sealed.contains_key(&Sealed::Revocation) {
                room.set(Fact::Revocation(name.clone(), room::Backup::Sealed));
            }
        }
        for (root, tending) in &self.current.tending {
            if tending.drill != room::Drill::NotBegun {
                room.set(Fact::Drill(root.clone(), tending.drill));
            }
            if tending.reshare != room::Reshare::NotBegun {
                room.set(Fact::Reshare(root.clone(), tending.reshare));
            }
        }
        if self.roster.is_some() {
            room.set(Fact::Roster(room::Roster::InForce));
        }
        if self.current.certified {
            room.set(Fact::Requests(room::Requests::Certified));
        }
        if self.current.releases {
            room.set(Fact::Releases(room::Releases::Taken));
        }
        if self.current.bundle.is_some() {
            room.set(Fact::Bundle(room::Bundle::Written));
        }
        if self.current.minutes.is_some() {
            room.set(Fact::Minutes(room::Minutes::Signed));
        }
        room
    }
}
