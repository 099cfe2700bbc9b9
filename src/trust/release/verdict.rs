//! What is said of a file: link by link, and in one sentence.

use crate::model::control::Control;
use crate::model::fingerprint::Fingerprint;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;

/// How a link of the chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It holds.
    Ok,
    /// It does not, and that decides.
    No,
    /// There is nothing to look at, or an earlier link broke.
    Open,
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is about: `signature`, `delegation`.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// What was seen.
    pub words: Shown,
}

/// Why a file is not good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct No {
    /// The control that refuses.
    pub control: Control,
    /// Why, as the end of a sentence.
    pub words: Shown,
}

impl No {
    pub(super) fn new(control: Control, words: &str) -> Self {
        Self { control, words: Shown::new(words) }
    }
}

/// Why a file is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whoever signed it may sign today.
    Current,
    /// Whoever signed it may sign no more, and the list of past releases names it.
    Past,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Their name on the roster; without one, their user ID.
    pub name: Shown,
    /// The user ID that the root certified.
    pub user_id: Shown,
    /// Their certificate.
    pub fingerprint: Fingerprint,
    /// When they signed.
    pub signed_on: Timestamp,
    /// What they might sign then.
    pub scope: Shown,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// Everything that is said of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The chain, in order.
    pub links: Vec<Link>,
    /// Who signed, as far as the chain holds to a delegation.
    pub who: Option<Who>,
    /// Why it is good, or why not.
    pub verdict: Result<Kind, No>,
    /// The verdict as a sentence.
    pub sentence: Shown,
}
