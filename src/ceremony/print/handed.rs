//! What changes hands in a ceremony, as the contracts of its acts say: cards, halves of codes, shares.

use super::Printed;
use crate::ceremony::dialogue::{Choice, Half};
use crate::ceremony::{codes, sealing};
use crate::model::code::Code;
use crate::model::evidence::Sealed;
use crate::model::name::{CardName, RootName};
use crate::model::organization::{Organization, Sharing};
use crate::model::role::Seat;
use crate::model::room::{Backup, Card, Chosen, Contract, Fact, Hand, Reshare};

/// Something that is sealed, and shared among its holders.
pub struct Sealing {
    /// The root.
    pub root: RootName,
    /// What of it is sealed.
    pub sealed: Sealed,
    /// Among how many.
    pub sharing: Sharing,
}

impl Sealing {
    /// What an act seals that leaves this fact; none when it seals nothing.
    #[must_use]
    pub fn of(fact: &Fact, organization: &Organization) -> Option<Self> {
        let (root, sealed) = match fact {
            Fact::Backup(root, Backup::Sealed) | Fact::Reshare(root, Reshare::Sealed) => (root, Sealed::Key),
            Fact::Revocation(root, Backup::Sealed) => (root, Sealed::Revocation),
            _ => return None,
        };
        Some(Self { root: root.clone(), sealed, sharing: sealing::sharing(root, sealed, organization)? })
    }

    /// Whose the shares are, in the order of their numbers.
    pub(super) fn holders(&self) -> impl Iterator<Item = Seat> {
        sealing::holders(self.sealed, self.sharing.shares)
    }
}

impl Printed<'_> {
    /// What each step needs and leaves, in their order.
    pub(super) fn contracts(&self) -> impl Iterator<Item = Contract> {
        self.script.steps.iter().map(|step| step.act.contract(self.organization))
    }

    fn leaves(&self) -> Vec<Fact> {
        self.contracts().flat_map(|contract| contract.leaves).collect()
    }

    /// The cards that come to the table and leave it, in the order of the organization.
    pub(super) fn cards(&self) -> Vec<CardName> {
        let leaves = self.leaves();
        let comes = |card: &&CardName| leaves.contains(&Fact::Hand((*card).clone(), Hand::Here));
        let goes = |card: &&CardName| leaves.contains(&Fact::Card((*card).clone(), Card::Retired));
        self.organization.cards().filter(|card| comes(card) && !goes(card)).cloned().collect()
    }

    /// The halves of codes that are chosen, by their holders.
    pub(super) fn halves(&self) -> Vec<Half> {
        let mut halves: Vec<Half> = self
            .leaves()
            .into_iter()
            .flat_map(|fact| match fact {
                Fact::Card(card, Card::Pinned) => {
                    [Code::User, Code::Admin, Code::Reset].map(|code| (card.clone(), code)).into()
                }
                Fact::Code(card, code, Chosen::Anew) => vec![(card, code)],
                _ => Vec::new(),
            })
            .flat_map(|(card, code)| <[Half; 2]>::from(codes::halves(&card, code, Choice::New)))
            .collect();
        halves.sort_by(|one, other| (one.seat, &one.card, one.code).cmp(&(other.seat, &other.card, other.code)));
        halves.dedup();
        halves
    }

    /// What is sealed.
    pub(super) fn sealings(&self) -> Vec<Sealing> {
        self.leaves().iter().filter_map(|fact| Sealing::of(fact, self.organization)).collect()
    }
}
