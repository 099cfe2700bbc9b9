//! `keyrite delegation list --register` and `show`: what the transcripts say was delegated.

use std::path::Path;

use serde::Serialize;

use super::{Show, VERSION, print_json};
use crate::ceremony::rosters;
use crate::cli::{CliError, Screen};
use crate::model::domain::Domain;
use crate::model::evidence::Artefact;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::history::{DelegationRecord, History};
use crate::model::roster::Roster;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::delegation::Review;
use crate::workstation::clock;
use crate::workstation::register::Register;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    version: u32,
    delegations: Vec<One<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct One<'a> {
    signer: &'a str,
    root: &'a str,
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    vouches: Option<&'a Domain>,
    user_id: &'a str,
    fingerprint: Fingerprint,
    from: Timestamp,
    until: Timestamp,
    state: State,
    request: &'a str,
    request_sha256: Hash,
    ceremony: &'a str,
    /// Below the register.
    certificate: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_sha256: Option<Hash>,
    /// Of `show` alone: how the fingerprint was compared with its owner, in the words that were read aloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<String>,
}

/// What is true of a delegation now.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// Its time is not over, and its signer is on the roster.
    InForce,
    /// Its time is not over, but the roster has its signer no longer.
    NotOnRoster,
    /// Its time is over.
    Over,
}

impl State {
    fn of(record: &DelegationRecord, roster: Option<&Roster>, now: Timestamp) -> Self {
        let listed = |roster: &Roster| roster.signers.keys().any(|signer| signer.as_str() == record.signer);
        match roster {
            _ if record.expires <= now => Self::Over,
            Some(roster) if !listed(roster) => Self::NotOnRoster,
            _ => Self::InForce,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::InForce => "in force",
            Self::NotOnRoster => "in force, BUT ITS SIGNER IS NOT ON THE ROSTER",
            Self::Over => "over",
        }
    }
}

/// Every delegation, oldest first.
pub(super) fn list(register: &Path, json: bool) -> Result<(), CliError> {
    let register = Register::open(register)?;
    let history = register.past()?.history;
    let found = every(&register, &history)?;
    if json {
        return print_json(&Report { version: VERSION, delegations: found });
    }
    let mut screen = Screen::new();
    for one in &found {
        let One { signer, root, scope, until, state, request, .. } = one;
        screen.line(&format!("{}: {} of root {root}, {}", Shown::new(signer), Shown::new(scope), state.words()))?;
        screen.line(&format!("    {} to {}, request {request}", one.from.date(), until.date()))?;
        screen.line(&format!("    {}", one.fingerprint.groups()))?;
    }
    let in_force = found.iter().filter(|one| one.state != State::Over).count();
    screen.line(&format!("{} delegation(s), {in_force} in force", found.len()))
}

/// Those that answer a request, or are of a key.
pub(super) fn show(arguments: &Show) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    let history = register.past()?.history;
    let key = arguments.which.parse::<Fingerprint>().ok();
    let mut found = every(&register, &history)?;
    found.retain(|one| one.request == arguments.which || Some(one.fingerprint) == key);
    if found.is_empty() {
        return Err(CliError::NoDelegation { which: Shown::new(&arguments.which) });
    }
    for one in &mut found {
        one.compared = compared(&register, one)?;
    }
    if arguments.json {
        return print_json(&Report { version: VERSION, delegations: found });
    }
    let mut screen = Screen::new();
    found.iter().try_for_each(|one| one.show(&mut screen))
}

fn every<'a>(register: &Register, history: &'a History) -> Result<Vec<One<'a>>, CliError> {
    let (roster, now) = (rosters::in_force(register, history)?, clock::now()?);
    let one = |record: &'a DelegationRecord| One {
        signer: &record.signer,
        root: record.root.as_str(),
        scope: &record.scope,
        vouches: record.vouches.as_ref(),
        user_id: &record.user_id,
        fingerprint: record.fingerprint,
        from: record.from,
        until: record.expires,
        state: State::of(record, roster.as_ref(), now),
        request: record.request.as_str(),
        request_sha256: record.request_sha256,
        ceremony: &record.ceremony,
        certificate: &record.certificate.path,
        review_sha256: record.review,
        compared: None,
    };
    Ok(history.delegations.iter().map(one).collect())
}

/// From the words that people confirmed, which the register keeps under their own hash.
fn compared(register: &Register, one: &One<'_>) -> Result<Option<String>, CliError> {
    let Some(sha256) = one.review_sha256 else { return Ok(None) };
    let words = register.read(&Artefact { path: format!("reviews/{sha256}.txt"), sha256 })?;
    Ok(Review::compared_by(&String::from_utf8_lossy(&words), one.request))
}

impl One<'_> {
    fn show(&self, screen: &mut Screen) -> Result<(), CliError> {
        let Self { root, request, ceremony, certificate, .. } = self;
        let rows = [
            ("signer", Shown::new(self.signer).to_string()),
            ("state", self.state.words().to_owned()),
            ("root", (*root).to_owned()),
            ("scope", Shown::new(self.scope).to_string()),
            ("as", Shown::new(self.user_id).to_string()),
            ("with key", self.fingerprint.groups()),
            (
                "compared",
                self.compared.as_deref().map_or("no words of a review".to_owned(), |c| Shown::new(c).to_string()),
            ),
            ("from", self.from.to_string()),
            ("until", self.until.to_string()),
            ("request", (*request).to_owned()),
            ("", format!("sha256 {}", self.request_sha256)),
            ("ceremony", (*ceremony).to_owned()),
            ("review", self.review_sha256.map_or("unknown".to_owned(), |sha256| format!("sha256 {sha256}"))),
            ("certificate", (*certificate).to_owned()),
        ];
        for (name, value) in rows {
            screen.line(&format!("{name:<14}{value}"))?;
        }
        if let Some(domain) = self.vouches {
            screen.line(&format!("{:<14}for others at {domain}, as an intermediate", "vouches"))?;
        }
        screen.line("")
    }
}
