//! The model of the room: what is true of machine, people, cards, roots and papers at each step.
//!
//! Lint folds the contracts of a script's acts over a [`Room`]; the run does the same and compares with what it sees;
//! resume replays the transcript, drops what a power cut destroys, and asks from where the rest still lints.

use std::collections::BTreeMap;
use std::fmt;

use super::code::Code;
use super::name::{CardName, RootName};

/// A state of one thing in the room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// The workstation.
    Machine(Machine),
    /// The workstation's clock.
    Clock(Clock),
    /// The people whom the script names.
    People(People),
    /// Throws of dice, for what is drawn.
    Dice(Dice),
    /// A card.
    Card(CardName, Card),
    /// The structure of a root, tried with a throwaway key.
    Profile(RootName, Profile),
    /// A root as the organization knows it.
    Root(RootName, Root),
    /// A root's secret in this machine's memory.
    Memory(RootName, Memory),
    /// Where the secret in memory came from.
    Source(RootName, Source),
    /// A card in the hands of the room, recognized.
    Hand(CardName, Hand),
    /// A code of a card.
    Code(CardName, Code, Chosen),
    /// A card and the bag in which it lies between two ceremonies.
    Bag(CardName, Bag),
    /// A root's sealed backup.
    Backup(RootName, Backup),
    /// A root's sealed revocation certificate.
    Revocation(RootName, Backup),
    /// The drill of a root's backup.
    Drill(RootName, Drill),
    /// The resharing of a root's backup.
    Reshare(RootName, Reshare),
    /// The requests that came in.
    Requests(Requests),
    /// Who may be delegated.
    Roster(Roster),
    /// The releases that came in.
    Releases(Releases),
    /// The outgoing bundle.
    Bundle(Bundle),
    /// The minutes of this ceremony.
    Minutes(Minutes),
}

macro_rules! states {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $words:literal,)+ })+) => { $(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $vdoc])+ $variant,)+ }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $words,)+ })
            }
        }
    )+ };
}

states! {
    /// The workstation.
    Machine {
        /// Nobody looked yet.
        Unchecked = "unchecked",
        /// Its evidence was read aloud and recorded.
        Checked = "checked",
    }
    /// The clock.
    Clock {
        /// Nobody compared it yet.
        Unconfirmed = "unconfirmed",
        /// Two witnesses' clocks agree with it.
        Confirmed = "confirmed by two witnesses",
    }
    /// The people.
    People {
        /// Not counted yet.
        Unknown = "not counted",
        /// Every role of the script is filled.
        Present = "present in every role",
    }
    /// Throws of dice.
    Dice {
        /// None in this process.
        Absent = "not thrown",
        /// In memory, and mixed into what is drawn.
        Thrown = "thrown",
    }
    /// A card's place in its life.
    Card {
        /// Not presented in any ceremony.
        Unknown = "not presented",
        /// Presented, empty, factory PINs.
        Blank = "blank",
        /// Empty, PINs set by their holders.
        Pinned = "blank with PINs set",
        /// Half written by an act that was cut off: only a reset helps.
        Spoiled = "half written",
        /// Holds the root; not test-signed yet.
        Loaded = "loaded, not test-signed",
        /// In service: holds its key and has signed with it.
        InService = "in service",
        /// Left the organization for good.
        Retired = "retired",
    }
    /// The structure of a root.
    Profile {
        /// Not tried.
        Untried = "not tried",
        /// A throwaway key of the same structure was judged good.
        Tried = "tried with a throwaway key",
    }
    /// A root.
    Root {
        /// Does not exist.
        Absent = "absent",
        /// Drawn.
        Drawn = "drawn",
        /// On a card that has signed with it.
        Kept = "on a card that has signed with it",
    }
    /// A root's secret in memory.
    Memory {
        /// Not here.
        Empty = "not in memory",
        /// Here, in locked pages.
        Held = "in memory",
    }
    /// Where a secret in memory came from.
    Source {
        /// There is none.
        Nowhere = "from nowhere",
        /// Drawn in this process.
        Drawn = "just drawn",
        /// Restored by a fresh process from shares and the sealed message.
        Restored = "restored from its backup",
    }
    /// A card in the room.
    Hand {
        /// Not seen by this process.
        Away = "not in hand",
        /// Seen and recognized by serial, key and counter.
        Here = "in hand and recognized",
    }
    /// A code of a card in service.
    Chosen {
        /// As it was when the ceremony began, whatever that is.
        Before = "as it was before this ceremony",
        /// Its holders chose new halves.
        Anew = "newly chosen in this ceremony",
    }
    /// A card and its bag.
    Bag {
        /// Nobody looked at the bag yet.
        Sealed = "in its bag",
        /// New from its maker, or its bag was compared with the records and opened.
        Opened = "out of its bag",
    }
    /// A sealed backup.
    Backup {
        /// There is none.
        Absent = "absent",
        /// Sealed, its shares with their holders, and every share has taken part in opening it.
        Sealed = "sealed, and every share was tried",
        /// A fresh process has restored the root from it, and a card proved that it is the same root.
        Proved = "proved by restoring",
    }
    /// A drill.
    Drill {
        /// Not in this ceremony.
        NotBegun = "not begun",
        /// Whose shares are asked for was drawn by lot.
        Drawn = "begun: lots are drawn",
        /// The drill card signed with the restored root.
        Proved = "proved by its card",
        /// The drill card is empty again.
        Erased = "proved, and its card is empty again",
        /// The sheets are in new bags, and the next drill has a date.
        Over = "over: its sheets are in new bags",
    }
    /// A resharing.
    Reshare {
        /// Not in this ceremony.
        NotBegun = "not begun",
        /// The root is sealed anew. The set before it is still in force.
        Sealed = "sealed anew, with the old set in force",
        /// The new set is in force.
        Replaced = "proved, with the new set in force",
        /// Every old share is destroyed, or named as missing.
        Over = "over: every old share is accounted for",
    }
    /// The roster.
    Roster {
        /// There is none.
        Absent = "not there",
        /// It is in the register, and requests are held against it.
        InForce = "in force",
    }
    /// Requests.
    Requests {
        /// None read.
        Unread = "not read",
        /// Read and verified.
        Read = "read",
        /// Shown as a change and confirmed.
        Reviewed = "reviewed",
        /// Answered.
        Certified = "certified",
    }
    /// Releases.
    Releases {
        /// Not looked at.
        Unread = "not looked at",
        /// Those that came in are in the list of past releases.
        Taken = "in the list of past releases",
    }
    /// The outgoing bundle.
    Bundle {
        /// Not written.
        Unwritten = "not written",
        /// Written, read again and verified.
        Written = "written and verified",
    }
    /// The minutes.
    Minutes {
        /// Not signed.
        Open = "open",
        /// Signed by the records key.
        Signed = "signed",
    }
}

/// What a fact is about; each subject has one state at a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The workstation.
    Machine,
    /// The clock.
    Clock,
    /// The people.
    People,
    /// Throws of dice.
    Dice,
    /// A card.
    Card(CardName),
    /// A root's structure.
    Profile(RootName),
    /// A root.
    Root(RootName),
    /// A root's secret.
    Memory(RootName),
    /// Where it came from.
    Source(RootName),
    /// A card's presence.
    Hand(CardName),
    /// A card's code.
    Code(CardName, Code),
    /// A card's bag.
    Bag(CardName),
    /// A root's backup.
    Backup(RootName),
    /// A root's revocation certificate.
    Revocation(RootName),
    /// The drill of a root's backup.
    Drill(RootName),
    /// The resharing of a root's backup.
    Reshare(RootName),
    /// The roster.
    Roster,
    /// The requests.
    Requests,
    /// The releases.
    Releases,
    /// The outgoing bundle.
    Bundle,
    /// The minutes.
    Minutes,
}

impl Fact {
    /// What the fact is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self {
            Self::Machine(_) => Subject::Machine,
            Self::Clock(_) => Subject::Clock,
            Self::People(_) => Subject::People,
            Self::Dice(_) => Subject::Dice,
            Self::Card(card, _) => Subject::Card(card.clone()),
            Self::Profile(root, _) => Subject::Profile(root.clone()),
            Self::Root(root, _) => Subject::Root(root.clone()),
            Self::Memory(root, _) => Subject::Memory(root.clone()),
            Self::Source(root, _) => Subject::Source(root.clone()),
            Self::Hand(card, _) => Subject::Hand(card.clone()),
            Self::Code(card, code, _) => Subject::Code(card.clone(), *code),
            Self::Bag(card, _) => Subject::Bag(card.clone()),
            Self::Backup(root, _) => Subject::Backup(root.clone()),
            Self::Revocation(root, _) => Subject::Revocation(root.clone()),
            Self::Drill(root, _) => Subject::Drill(root.clone()),
            Self::Reshare(root, _) => Subject::Reshare(root.clone()),
            Self::Roster(_) => Subject::Roster,
            Self::Requests(_) => Subject::Requests,
            Self::Releases(_) => Subject::Releases,
            Self::Bundle(_) => Subject::Bundle,
            Self::Minutes(_) => Subject::Minutes,
        }
    }
}

impl Subject {
    /// The state before anything happened.
    fn initial(&self) -> Fact {
        match self.clone() {
            Self::Machine => Fact::Machine(Machine::Unchecked),
            Self::Clock => Fact::Clock(Clock::Unconfirmed),
            Self::People => Fact::People(People::Unknown),
            Self::Dice => Fact::Dice(Dice::Absent),
            Self::Card(card) => Fact::Card(card, Card::Unknown),
            Self::Profile(root) => Fact::Profile(root, Profile::Untried),
            Self::Root(root) => Fact::Root(root, Root::Absent),
            Self::Memory(root) => Fact::Memory(root, Memory::Empty),
            Self::Source(root) => Fact::Source(root, Source::Nowhere),
            Self::Hand(card) => Fact::Hand(card, Hand::Away),
            Self::Code(card, code) => Fact::Code(card, code, Chosen::Before),
            Self::Bag(card) => Fact::Bag(card, Bag::Sealed),
            Self::Backup(root) => Fact::Backup(root, Backup::Absent),
            Self::Revocation(root) => Fact::Revocation(root, Backup::Absent),
            Self::Drill(root) => Fact::Drill(root, Drill::NotBegun),
            Self::Reshare(root) => Fact::Reshare(root, Reshare::NotBegun),
            Self::Roster => Fact::Roster(Roster::Absent),
            Self::Requests => Fact::Requests(Requests::Unread),
            Self::Releases => Fact::Releases(Releases::Unread),
            Self::Bundle => Fact::Bundle(Bundle::Unwritten),
            Self::Minutes => Fact::Minutes(Minutes::Open),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(state) => write!(f, "the machine is {state}"),
            Self::Clock(state) => write!(f, "the clock is {state}"),
            Self::People(state) => write!(f, "the people are {state}"),
            Self::Dice(state) => write!(f, "the dice are {state}"),
            Self::Card(card, state) => write!(f, "card {card} is {state}"),
            Self::Profile(root, state) => write!(f, "the structure of root {root} is {state}"),
            Self::Root(root, state) => write!(f, "root {root} is {state}"),
            Self::Memory(root, state) => write!(f, "the secret of root {root} is {state}"),
            Self::Source(root, state) => write!(f, "the secret of root {root} in memory is {state}"),
            Self::Hand(card, state) => write!(f, "card {card} is {state}"),
            Self::Code(card, code, state) => write!(f, "the {code} of card {card} is {state}"),
            Self::Bag(card, state) => write!(f, "card {card} is {state}"),
            Self::Backup(root, state) => write!(f, "the backup of root {root} is {state}"),
            Self::Revocation(root, state) => write!(f, "the revocation certificate of root {root} is {state}"),
            Self::Drill(root, state) => write!(f, "the drill of root {root} is {state}"),
            Self::Reshare(root, state) => write!(f, "the resharing of root {root} is {state}"),
            Self::Roster(state) => write!(f, "the roster is {state}"),
            Self::Requests(state) => write!(f, "the requests are {state}"),
            Self::Releases(state) => write!(f, "the releases that came in are {state}"),
            Self::Bundle(state) => write!(f, "the outgoing bundle is {state}"),
            Self::Minutes(state) => write!(f, "the minutes are {state}"),
        }
    }
}

/// Whether and how an act can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It changes nothing that lasts: resume does it again.
    Repeatable,
    /// It leaves something that lasts, but harms nothing: a file, a counted signature.
    Harmless,
    /// It cannot be undone.
    Irreversible,
}

/// What an act needs, what it leaves, and how long it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// What must be true before.
    pub needs: Vec<Fact>,
    /// What is true after.
    pub leaves: Vec<Fact>,
    /// Whether it can be taken back.
    pub undo: Undo,
    /// Minutes that it takes in a room with people.
    pub minutes: u16,
}

/// A need that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// What should be true.
    pub need: Fact,
    /// What is.
    pub is: Fact,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this needs that {}, but {}", self.need, self.is)
    }
}

/// What is true now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    facts: BTreeMap<Subject, Fact>,
}

impl Room {
    /// What is true of a subject.
    #[must_use]
    pub fn state(&self, subject: &Subject) -> Fact {
        self.facts.get(subject).cloned().unwrap_or_else(|| subject.initial())
    }

    /// Everything that is known to be true, by subject.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// Whether a fact holds. A backup that was proved is sealed all the same.
    #[must_use]
    pub fn holds(&self, fact: &Fact) -> bool {
        match (self.state(&fact.subject()), fact) {
            (Fact::Backup(_, Backup::Proved), Fact::Backup(_, Backup::Sealed)) => true,
            (is, fact) => is == *fact,
        }
    }

    /// Makes a fact true, in place of what was true of its subject.
    pub fn set(&mut self, fact: Fact) {
        self.facts.insert(fact.subject(), fact);
    }

    /// Whether an act can be done here.
    ///
    /// # Errors
    /// Every need that is not met.
    pub fn admit(&self, contract: &Contract) -> Result<(), Vec<Lack>> {
        let lack = |need: &Fact| Lack { need: need.clone(), is: self.state(&need.subject()) };
        let lacks: Vec<Lack> = contract.needs.iter().filter(|need| !self.holds(need)).map(lack).collect();
        if lacks.is_empty() { Ok(()) } else { Err(lacks) }
    }

    /// Takes in what an act leaves.
    pub fn leave(&mut self, contract: &Contract) {
        for fact in &contract.leaves {
            self.set(fact.clone());
        }
    }

    /// Forgets what holds within one ceremony: which structures were tried, which cards were out of their bags, which codes
    /// were chosen anew, and how far a drill or a resharing came.
    pub fn forget_ceremony(&mut self) {
        self.facts.retain(|_, fact| {
            !matches!(fact, Fact::Profile(..) | Fact::Bag(..) | Fact::Code(..) | Fact::Drill(..) | Fact::Reshare(..))
        });
    }

    /// Forgets what does not outlive this process: what was seen, who was there, what was in memory.
    pub fn drop_volatile(&mut self) {
        self.facts.retain(|_, fact| {
            !matches!(
                fact,
                Fact::Machine(_)
                    | Fact::Clock(_)
                    | Fact::People(_)
                    | Fact::Dice(_)
                    | Fact::Memory(..)
                    | Fact::Source(..)
                    | Fact::Hand(..)
                    | Fact::Requests(Requests::Read | Requests::Reviewed)
            )
        });
    }
}
