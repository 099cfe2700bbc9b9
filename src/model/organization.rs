//! The organization: reviewed policy, no secret.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::algorithm::Algorithm;
use super::fingerprint::Fingerprint;
use super::name::{CardName, RootName};
use super::role::{Role, Seat};
use super::settings::Settings;
use super::usb::UsbId;

/// What `organization.toml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The name, as it stands in user IDs, on pages and in requests.
    pub name: String,
    /// Where its policy can be read; named in every delegation.
    pub policy_uri: Option<String>,
    /// The records key.
    pub records: Records,
    /// The roots by name.
    pub roots: BTreeMap<RootName, Root>,
    /// What every card is set up to. How often the user PIN is asked for is said with each key.
    pub cards: Settings,
    /// How many throws of dice are mixed into what is drawn; none when dice are not asked for.
    pub dice: Option<u16>,
    /// How many witnesses agree to each change of the roster and to each delegation, beside the leader.
    pub agreeing: u8,
    /// The USB devices that may be on the workstation beside hubs and card readers; none when the organization does not say.
    pub usb: Option<BTreeSet<UsbId>>,
    /// Who takes part.
    pub people: Vec<Person>,
}

/// The key that signs minutes, manifests and share sheets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// Its user ID.
    pub user_id: String,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// The card it is generated on.
    pub card: CardName,
    /// How long it is valid.
    pub validity: Duration,
    /// Whether the user PIN is asked for at each signature; none when it is left as the card has it.
    pub pin_each_signature: Option<bool>,
    /// Whether its card must prove that it generated the key.
    pub attested: bool,
}

/// A key the organization's trust hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its user ID, without the mark of a rehearsal.
    pub user_id: String,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// How long it is valid; a ceremony can extend it.
    pub validity: Duration,
    /// Where its key comes from, and where it is.
    pub origin: Origin,
    /// How its revocation certificate is shared.
    pub revocations: Sharing,
    /// Whether the user PIN is asked for at each signature, or once for a batch; none when it is left as the card has it.
    pub pin_each_signature: Option<bool>,
}

/// Where a root's key comes from, and where it is (custody rule 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Drawn in locked memory, sealed, loaded on its cards.
    BackedUp {
        /// Its card set: at least two.
        cards: Vec<CardName>,
        /// Names of cards that take the place of lost or broken ones. They are in no ceremony until one is needed.
        spares: Vec<CardName>,
        /// How its backup is shared.
        backup: Sharing,
        /// How it is tried from time to time.
        drill: Drill,
    },
    /// Generated on its one card, and nowhere else. There is another such root with the same user ID at least.
    CardOnly {
        /// The card.
        card: CardName,
    },
}

/// How a backup is tried from time to time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    /// The card that the restored root goes onto for as long as the drill takes. It holds nothing before and after.
    pub card: Option<CardName>,
    /// How long after a drill the next one is due.
    pub every: Duration,
}

/// How long after a drill the next one is due, where the organization does not say.
pub const DRILL_EVERY: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Root {
    /// Its card set.
    #[must_use]
    pub fn cards(&self) -> &[CardName] {
        match &self.origin {
            Origin::BackedUp { cards, .. } => cards,
            Origin::CardOnly { card } => std::slice::from_ref(card),
        }
    }

    /// Names of cards that take the place of those of its set.
    #[must_use]
    pub fn spares(&self) -> &[CardName] {
        match &self.origin {
            Origin::BackedUp { spares, .. } => spares,
            Origin::CardOnly { .. } => &[],
        }
    }

    /// The cards that it may be in service on: its set, and those that take the place of one.
    pub fn own_cards(&self) -> impl Iterator<Item = &CardName> {
        self.cards().iter().chain(self.spares())
    }

    /// The card that drills of its backup are held with.
    #[must_use]
    pub fn drill_card(&self) -> Option<&CardName> {
        match &self.origin {
            Origin::BackedUp { drill, .. } => drill.card.as_ref(),
            Origin::CardOnly { .. } => None,
        }
    }

    /// How long after a drill of its backup the next one is due; none without a backup.
    #[must_use]
    pub fn drill_every(&self) -> Option<Duration> {
        match &self.origin {
            Origin::BackedUp { drill, .. } => Some(drill.every),
            Origin::CardOnly { .. } => None,
        }
    }

    /// How its backup is shared; none for a root that its card alone has.
    #[must_use]
    pub fn backup(&self) -> Option<Sharing> {
        match &self.origin {
            Origin::BackedUp { backup, .. } => Some(*backup),
            Origin::CardOnly { .. } => None,
        }
    }
}

/// Any `threshold` of `shares` shares restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharing {
    /// How many are needed.
    pub threshold: u8,
    /// How many there are.
    pub shares: u8,
}

/// Somebody in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// The roles they take.
    pub roles: Vec<Role>,
    /// The OpenPGP certificate with which they cosign minutes, if they do.
    pub certificate: Option<Fingerprint>,
    /// The OpenPGP certificate to which a copy of each of their shares is encrypted, if they want one.
    pub share_certificate: Option<Fingerprint>,
}

impl Organization {
    /// The person on a seat: the seat's number counts the people with that role, in the order of the file.
    #[must_use]
    pub fn person(&self, seat: Seat) -> Option<&Person> {
        self.people.iter().filter(|p| p.roles.contains(&seat.role)).nth(usize::from(seat.number).checked_sub(1)?)
    }

    /// How many people can take a role.
    #[must_use]
    pub fn count(&self, role: Role) -> usize {
        self.people.iter().filter(|p| p.roles.contains(&role)).count()
    }

    /// The root that a card belongs to, or that it is for in a drill; none for the records card.
    #[must_use]
    pub fn root_of(&self, card: &CardName) -> Option<&RootName> {
        let is_of = |root: &Root| root.own_cards().chain(root.drill_card()).any(|own| own == card);
        self.roots.iter().find(|(_, root)| is_of(root)).map(|(name, _)| name)
    }

    /// Whether a card is there for drills alone.
    #[must_use]
    pub fn is_drill_card(&self, card: &CardName) -> bool {
        self.roots.values().any(|root| root.drill_card() == Some(card))
    }

    /// The algorithm of the key that a card is for.
    #[must_use]
    pub fn algorithm_of(&self, card: &CardName) -> Algorithm {
        let root = self.root_of(card).and_then(|root| self.roots.get(root));
        root.map_or(self.records.algorithm, |root| root.algorithm)
    }

    /// What a card is set up to, under the admin PIN of its maker, before its own PINs are set.
    #[must_use]
    pub fn settings(&self, card: &CardName) -> Settings {
        let of_root = |name| self.roots.get(name).and_then(|root: &Root| root.pin_each_signature);
        let pin_each_signature = match self.root_of(card) {
            Some(root) => of_root(root),
            None if self.records.card == *card => self.records.pin_each_signature,
            None => None,
        };
        Settings { pin_each_signature, ..self.cards.clone() }
    }

    /// Every card, the records card first; those to come and those for drills too.
    pub fn cards(&self) -> impl Iterator<Item = &CardName> {
        std::iter::once(&self.records.card)
            .chain(self.roots.values().flat_map(|root| root.own_cards().chain(root.drill_card())))
    }

    /// The cards that an organization has when its roots are generated.
    pub fn first_cards(&self) -> impl Iterator<Item = &CardName> {
        std::iter::once(&self.records.card).chain(self.roots.values().flat_map(Root::cards))
    }

    /// The root whose key a card is to generate; none for a card that a root is written to, and for the records card.
    #[must_use]
    pub fn generates(&self, card: &CardName) -> Option<&RootName> {
        self.root_of(card).filter(|root| self.is_card_only(root))
    }

    /// Whether a root is on its one card and nowhere else.
    #[must_use]
    pub fn is_card_only(&self, root: &RootName) -> bool {
        self.roots.get(root).is_some_and(|root| matches!(root.origin, Origin::CardOnly { .. }))
    }

    /// Those roots besides a card-only one that stand in for it: card-only ones with the same user ID.
    pub fn equals(&self, root: &RootName) -> impl Iterator<Item = &RootName> {
        let of_card = self.roots.get(root).filter(|_| self.is_card_only(root));
        let user_id = of_card.map(|root| root.user_id.as_str());
        self.roots
            .iter()
            .filter(move |(name, other)| *name != root && Some(other.user_id.as_str()) == user_id)
            .map(|(name, _)| name)
            .filter(move |name| self.is_card_only(name))
    }
}
