//! A new roster as a change against the one in force, in words.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Error;
use super::words::Page;
use crate::model::day::Day;
use crate::model::hash::Hash;
use crate::model::roster::{Condition, Roster, Signer, SignerPolicy};
use crate::model::shown::Shown;

/// The difference between two rosters, put into words. Equal differences give equal words.
pub struct RosterReview {
    text: String,
}

/// What a part of a roster says, a sentence each.
type Sentences = BTreeSet<String>;

impl RosterReview {
    /// Puts the roster `after`, whose file has this SHA-256, against the one in force. `day` is the present.
    ///
    /// # Errors
    /// [`Error::Organization`] and [`Error::Serial`].
    pub fn new(
        organization: &str,
        before: Option<&Roster>,
        after: &Roster,
        sha256: Hash,
        day: Day,
    ) -> Result<Self, Error> {
        if after.organization != organization {
            let (found, expected) = (Shown::new(&after.organization), Shown::new(organization));
            return Err(Error::Organization { found, expected });
        }
        let expected = before.map_or(1, |before| before.serial.saturating_add(1));
        if after.serial != expected {
            return Err(Error::Serial { found: after.serial, expected });
        }
        let mut page = Page::default();
        head(&mut page, before, after, sha256);
        let changes = changes(before, after);
        if changes.is_empty() {
            page.line("Nothing in it is different.");
        }
        for (title, gone, come) in changes {
            page.wrapped("", "    ", &title);
            gone.iter().for_each(|words| page.wrapped("  - ", "    ", words));
            come.iter().for_each(|words| page.wrapped("  + ", "    ", words));
        }
        page.line("");
        notes(&mut page, before, after, day);
        Ok(Self { text: page.into_text() })
    }

    /// The words. Text from outside is escaped; everything else is ASCII.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of the words: what people confirm.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.text.as_bytes())
    }
}

fn head(page: &mut Page, before: Option<&Roster>, after: &Roster, sha256: Hash) {
    page.line(if before.is_none() { "THE FIRST ROSTER" } else { "ROSTER CHANGED" });
    page.line("");
    page.entry("organization", &after.organization);
    page.entry("serial", &after.serial.to_string());
    page.entry("file", &format!("SHA-256 {}", sha256.groups()));
    page.line("");
}

/// What is different, part by part: its title, what is not said any more, and what is said from now on.
fn changes(before: Option<&Roster>, after: &Roster) -> Vec<(String, Sentences, Sentences)> {
    let (old, new) = (before.map(parts).unwrap_or_default(), parts(after));
    let titles: BTreeSet<&Part> = old.keys().chain(new.keys()).collect();
    let nothing = Sentences::new();
    titles
        .into_iter()
        .filter_map(|part| {
            let (was, is) = (old.get(part), new.get(part));
            let title = part.title(was.is_some(), is.is_some());
            let (was, is) = (was.unwrap_or(&nothing), is.unwrap_or(&nothing));
            (was != is).then(|| (title, was - is, is - was))
        })
        .collect()
}

/// A part of a roster, in the order of the page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Policy,
    Condition(String),
    Signer(String),
}

impl Part {
    fn title(&self, was: bool, is: bool) -> String {
        match (self, was, is) {
            (Self::Policy, _, _) => "POLICY".to_owned(),
            (Self::Condition(name), false, _) => format!("NEW CONDITION {name}"),
            (Self::Condition(name), _, false) => format!("CONDITION {name} IS DROPPED"),
            (Self::Condition(name), true, true) => format!("CONDITION {name} IS ANOTHER"),
            (Self::Signer(name), false, _) => format!("NEW SIGNER {name}"),
            (Self::Signer(name), _, false) => format!("SIGNER {name} LEAVES THE ROSTER"),
            (Self::Signer(name), true, true) => format!("SIGNER {name}"),
        }
    }
}

fn parts(roster: &Roster) -> BTreeMap<Part, Sentences> {
    let conditions = roster.conditions.iter().map(|(name, it)| (Part::Condition(name.to_string()), of_condition(it)));
    let signers = roster.signers.iter().map(|(name, it)| (Part::Signer(name.to_string()), of_signer(it)));
    std::iter::once((Part::Policy, of_policy(&roster.policy))).chain(conditions).chain(signers).collect()
}

fn of_policy(policy: &SignerPolicy) -> Sentences {
    let listed = |names: Vec<&str>| names.join(", ");
    [
        format!("a delegation lasts {} days at the most", policy.longest),
        format!("a request is answered within {} days", policy.stale),
        format!("signing keys: {}", listed(policy.algorithms.iter().map(|kind| kind.name()).collect())),
        format!("keys are kept on: {}", listed(policy.kept.iter().map(|kept| kept.name()).collect())),
    ]
    .into()
}

fn of_condition(Condition { what, recheck_days }: &Condition) -> Sentences {
    [format!("{what}; looked at again after {recheck_days} days")].into()
}

fn of_signer(signer: &Signer) -> Sentences {
    let user_ids = signer.user_ids.iter().map(|user_id| format!("user ID {user_id}"));
    let scopes = signer.may.iter().flat_map(|(root, scopes)| {
        scopes.iter().map(move |scope| format!("may have a delegation of root {root} for: {scope}"))
    });
    let vouches = signer
        .vouches
        .iter()
        .map(|(root, domain)| format!("may vouch for others at {domain} under root {root}, without a ceremony"));
    let met = signer.met.iter().map(|(name, met)| {
        format!("{name}: {}, seen by {} on {}, again by {}", met.evidence, met.by, met.on, met.recheck)
    });
    std::iter::once(format!("since {}", signer.since)).chain(user_ids).chain(scopes).chain(vouches).chain(met).collect()
}

/// What people should know and a difference does not say.
fn notes(page: &mut Page, before: Option<&Roster>, after: &Roster, day: Day) {
    let (old, new) = (before.map(|before| &before.signers), &after.signers);
    let same = old.map_or(0, |old| new.iter().filter(|(name, signer)| old.get(*name) == Some(signer)).count());
    page.entry("unchanged", &format!("{same} signer(s)"));
    for name in old.into_iter().flatten().map(|(name, _)| name).filter(|name| !new.contains_key(*name)) {
        let words = format!(
            "{name} is left out of current.gpg from now on; whoever trusts the root by gpg takes {name}'s signatures until \
             the delegation ends"
        );
        page.entry("note", &words);
    }
    for (name, signer) in new {
        for unmet in after.unmet(signer, day) {
            page.entry("note", &format!("{name} gets no delegation now: {unmet}"));
        }
    }
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
