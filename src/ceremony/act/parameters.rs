//! The parameters that many acts share.

use serde::Deserialize;

use crate::model::name::{CardName, RootName};
use crate::model::organization::{Organization, Root};

/// An act without parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// An act on a root.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct OfRoot {
    pub(super) root: RootName,
}

/// An act on a card.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct OfCard {
    pub(super) card: CardName,
}

/// An act on a root with one of its cards.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct OfRootCard {
    pub(super) root: RootName,
    pub(super) card: CardName,
}

/// An act on several cards.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct OfCards {
    pub(super) cards: Vec<CardName>,
}

/// Says when the organization has no such root.
pub(super) fn unknown_root(root: &RootName, organization: &Organization) -> Vec<String> {
    if organization.roots.contains_key(root) {
        Vec::new()
    } else {
        vec![format!("organization.toml has no root {root}")]
    }
}

/// Says when the organization has no such card.
pub(super) fn unknown_card(card: &CardName, organization: &Organization) -> Vec<String> {
    if organization.cards().any(|known| known == card) {
        Vec::new()
    } else {
        vec![format!("organization.toml has no card {card}")]
    }
}

/// Says which cards the organization does not have, and which are named more than once.
pub(super) fn faulty_cards(cards: &[CardName], organization: &Organization) -> Vec<String> {
    let mut faults: Vec<String> = cards.iter().flat_map(|card| unknown_card(card, organization)).collect();
    let twice = cards.iter().enumerate().filter(|(at, card)| cards.iter().take(*at).any(|other| other == *card));
    faults.extend(twice.map(|(_, card)| format!("card {card} is named more than once")));
    faults
}

/// Says when a card is not one of the root's.
pub(super) fn foreign_card(root: &RootName, card: &CardName, organization: &Organization) -> Vec<String> {
    match organization.roots.get(root) {
        Some(planned) if planned.drill_card() == Some(card) => {
            only_for_drills(card, organization).into_iter().collect()
        }
        Some(planned) if !planned.own_cards().any(|own| own == card) => {
            vec![format!("card {card} is not in the card set of root {root}")]
        }
        Some(_) => Vec::new(),
        None => unknown_root(root, organization),
    }
}

/// Says when the organization has no such root, and when it is on its card alone, of which `why` says what that means here.
pub(super) fn not_backed_up(root: &RootName, organization: &Organization, why: &str) -> Vec<String> {
    if organization.is_card_only(root) {
        vec![format!("root {root} is card-only: {why}")]
    } else {
        unknown_root(root, organization)
    }
}

/// The roots that are drawn and sealed.
pub(super) fn backed_up(organization: &Organization) -> impl Iterator<Item = &RootName> {
    organization.roots.keys().filter(|root| !organization.is_card_only(root))
}

/// Says when a card is there for drills alone: what makes others cards in service is not for it.
pub(super) fn only_for_drills(card: &CardName, organization: &Organization) -> Option<String> {
    let is_one = organization.is_drill_card(card);
    is_one.then(|| {
        format!("card {card} is the drill card: prove-drill and erase-drill-card are for it, and it never serves")
    })
}

/// The roots whose backup can be tried.
pub(super) fn drilled(organization: &Organization) -> impl Iterator<Item = &RootName> {
    organization.roots.iter().filter(|(_, root)| root.drill_card().is_some()).map(|(name, _)| name)
}

/// Says when the backup of a root cannot be tried.
pub(super) fn no_drill_card(root: &RootName, organization: &Organization) -> Vec<String> {
    let faults = not_backed_up(root, organization, "it has no backup that could be tried");
    if !faults.is_empty() || organization.roots.get(root).and_then(Root::drill_card).is_some() {
        return faults;
    }
    vec![format!("root {root} has no drill card: name one in organization.toml, drill = {{ card = \"...\" }}")]
}

/// Each root with each of its cards.
pub(super) fn root_cards(organization: &Organization) -> impl Iterator<Item = OfRootCard> {
    organization
        .roots
        .iter()
        .flat_map(|(root, set)| set.own_cards().map(|card| OfRootCard { root: root.clone(), card: card.clone() }))
}
