//! The roster as a file.
//!
//! ```toml
//! keyrite-roster = 1
//! organization   = "Acme Builds"
//! serial         = 1
//!
//! [policy]
//! longest-days = 400
//! stale-days   = 30
//! algorithms   = ["ed25519", "nist-p256"]
//! kept         = ["card"]
//!
//! [condition.source-host]
//! what         = "member of the organization on the source host, with a second factor"
//! recheck-days = 180
//!
//! [signer.ann]
//! since    = "2026-11-01"
//! user-ids = ["Ann Signer <ann@acme.example>"]
//! may      = { packages = ["all packages"] }
//! # Only for an intermediate, who makes signers of this domain without a ceremony:
//! vouches  = { packages = "acme.example" }
//!
//! [signer.ann.met.source-host]
//! evidence = "list of members, printed"
//! by       = "Bo Castellan"
//! on       = "2026-11-01"
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::FormatError;
use super::place::Source;
use crate::model::day::Day;
use crate::model::domain::Domain;
use crate::model::name::{ConditionName, RootName, SignerName};
use crate::model::roster::{Condition, Kept, KeyKind, Met, Roster, Signer, SignerPolicy};

/// The one version of the format.
pub const VERSION: u32 = 1;

/// What a file may hold: more than the largest organization has, and no more than people read.
const MOST_SIGNERS: usize = 2000;
const MOST_CONDITIONS: usize = 32;
const MOST_USER_IDS: usize = 16;
const MOST_SCOPES: usize = 64;
/// The longest line of each kind.
const LONGEST_NAME: usize = 80;
const LONGEST_USER_ID: usize = 120;
/// A scope stands in a notation of the certification.
const LONGEST_SCOPE: usize = 200;
const LONGEST_WORDS: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    keyrite_roster: Spanned<u32>,
    organization: Spanned<String>,
    serial: Spanned<u32>,
    policy: PolicyTable,
    #[serde(default)]
    condition: BTreeMap<ConditionName, Spanned<ConditionTable>>,
    #[serde(default)]
    signer: BTreeMap<SignerName, Spanned<SignerTable>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PolicyTable {
    longest_days: Spanned<u32>,
    stale_days: Spanned<u32>,
    algorithms: Spanned<Vec<KeyKind>>,
    kept: Spanned<Vec<Kept>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ConditionTable {
    what: Spanned<String>,
    recheck_days: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct SignerTable {
    since: Day,
    user_ids: Spanned<Vec<Spanned<String>>>,
    may: BTreeMap<RootName, Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    vouches: BTreeMap<RootName, Spanned<Domain>>,
    #[serde(default)]
    met: BTreeMap<ConditionName, Spanned<MetTable>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct MetTable {
    evidence: Spanned<String>,
    by: Spanned<String>,
    on: Spanned<Day>,
    recheck: Option<Spanned<Day>>,
}

/// Reads a roster.
///
/// # Errors
/// A fault with file, line and column.
pub fn read(source: &Source) -> Result<Roster, FormatError> {
    let file: File = source.read()?;
    if *file.keyrite_roster.get_ref() != VERSION {
        let message = format!("keyrite-roster is {}, where {VERSION} is expected", file.keyrite_roster.get_ref());
        return Err(source.fault(file.keyrite_roster.span(), &message));
    }
    let whole = || 0..source.text().len();
    at_most(source, whole(), file.condition.len(), MOST_CONDITIONS, "conditions")?;
    at_most(source, whole(), file.signer.len(), MOST_SIGNERS, "signers")?;
    let conditions = file
        .condition
        .iter()
        .map(|(name, table)| Ok((name.clone(), condition(source, table.get_ref())?)))
        .collect::<Result<BTreeMap<_, _>, FormatError>>()?;
    let mut signers = BTreeMap::new();
    let mut known: BTreeMap<String, SignerName> = BTreeMap::new();
    for (name, table) in &file.signer {
        let signer = signer(source, name, table, &conditions)?;
        for user_id in &signer.user_ids {
            if let Some(other) = known.insert(user_id.clone(), name.clone()) {
                let message = format!("signers {other} and {name} have the same user ID");
                return Err(source.fault(table.get_ref().user_ids.span(), &message));
            }
        }
        signers.insert(name.clone(), signer);
    }
    Ok(Roster {
        organization: source.line(&file.organization, LONGEST_NAME)?,
        serial: bounded(source, &file.serial, 1, 1_000_000, "a serial")?,
        policy: policy(source, &file.policy)?,
        conditions,
        signers,
    })
}

fn policy(source: &Source, table: &PolicyTable) -> Result<SignerPolicy, FormatError> {
    Ok(SignerPolicy {
        longest: bounded(source, &table.longest_days, 1, 1100, "a number of days")?,
        stale: bounded(source, &table.stale_days, 1, 366, "a number of days")?,
        algorithms: set(source, &table.algorithms, "no key at all would be accepted")?,
        kept: set(source, &table.kept, "no key at all would be accepted")?,
    })
}

fn condition(source: &Source, table: &ConditionTable) -> Result<Condition, FormatError> {
    Ok(Condition {
        what: source.line(&table.what, LONGEST_WORDS)?,
        recheck_days: bounded(source, &table.recheck_days, 1, 1100, "a number of days")?,
    })
}

fn signer(
    source: &Source,
    name: &SignerName,
    table: &Spanned<SignerTable>,
    conditions: &BTreeMap<ConditionName, Condition>,
) -> Result<Signer, FormatError> {
    let SignerTable { since, user_ids, may, vouches, met } = table.get_ref();
    let mut roots = BTreeMap::new();
    for (root, scopes) in may {
        roots.insert(root.clone(), lines(source, scopes, LONGEST_SCOPE, MOST_SCOPES)?);
    }
    let mut domains = BTreeMap::new();
    for (root, domain) in vouches {
        if !may.contains_key(root) {
            return Err(source.fault(domain.span(), &format!("nothing of root {root} may be delegated to {name}")));
        }
        domains.insert(root.clone(), domain.get_ref().clone());
    }
    let mut seen = BTreeMap::new();
    for (name, table) in met {
        let condition = conditions
            .get(name)
            .ok_or_else(|| source.fault(table.span(), &format!("there is no [condition.{name}] in this file")))?;
        seen.insert(name.clone(), self::met(source, table.get_ref(), condition)?);
    }
    let user_ids = lines(source, user_ids, LONGEST_USER_ID, MOST_USER_IDS)?;
    Ok(Signer { since: *since, user_ids, may: roots, vouches: domains, met: seen })
}

fn met(source: &Source, table: &MetTable, condition: &Condition) -> Result<Met, FormatError> {
    let on = *table.on.get_ref();
    let latest = on.plus(condition.recheck_days);
    let recheck = table.recheck.as_ref().map_or(latest, |recheck| *recheck.get_ref());
    if let Some(place) = table.recheck.as_ref().filter(|_| recheck < on || recheck > latest) {
        let message = format!("this must be from {on} to {latest}: [condition] says after how many days");
        return Err(source.fault(place.span(), &message));
    }
    Ok(Met {
        evidence: source.line(&table.evidence, LONGEST_WORDS)?,
        by: source.line(&table.by, LONGEST_NAME)?,
        on,
        recheck,
    })
}

/// A few lines, each once.
fn lines(
    source: &Source,
    values: &Spanned<Vec<Spanned<String>>>,
    longest: usize,
    most: usize,
) -> Result<BTreeSet<String>, FormatError> {
    if values.get_ref().is_empty() {
        return Err(source.fault(values.span(), "at least one must stand here"));
    }
    at_most(source, values.span(), values.get_ref().len(), most, "values")?;
    let mut all = BTreeSet::new();
    for value in values.get_ref() {
        if !all.insert(source.line(value, longest)?) {
            return Err(source.fault(value.span(), "this stands here twice"));
        }
    }
    Ok(all)
}

fn set<T: Ord + Copy>(source: &Source, values: &Spanned<Vec<T>>, empty: &str) -> Result<BTreeSet<T>, FormatError> {
    let all: BTreeSet<T> = values.get_ref().iter().copied().collect();
    match (all.is_empty(), all.len() == values.get_ref().len()) {
        (true, _) => Err(source.fault(values.span(), empty)),
        (false, false) => Err(source.fault(values.span(), "something stands here twice")),
        (false, true) => Ok(all),
    }
}

fn bounded<T>(source: &Source, value: &Spanned<T>, least: T, most: T, what: &str) -> Result<T, FormatError>
where
    T: PartialOrd + Copy + std::fmt::Display,
{
    let number = *value.get_ref();
    if number < least || number > most {
        return Err(source.fault(value.span(), &format!("this must be {what} from {least} to {most}")));
    }
    Ok(number)
}

fn at_most(
    source: &Source,
    place: std::ops::Range<usize>,
    count: usize,
    most: usize,
    what: &str,
) -> Result<(), FormatError> {
    if count <= most {
        return Ok(());
    }
    Err(source.fault(place.start..place.start, &format!("{count} {what}, where {most} are the most")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::roster::Unmet;

    const GOOD: &str = r#"
keyrite-roster = 1
organization   = "Acme Builds"
serial         = 3
[policy]
longest-days = 400
stale-days   = 30
algorithms   = ["ed25519", "rsa"]
kept         = ["card"]
[condition.source-host]
what         = "member of the organization on the source host"
recheck-days = 180
[condition.releasers]
what         = "member of the releasers group"
recheck-days = 365
[signer.ann]
since    = "2026-11-01"
user-ids = ["Ann Signer <ann@acme.example>", "Ann <ann@example.org>"]
may      = { packages = ["all packages"] }
[signer.ann.met.source-host]
evidence = "list of members, printed"
by       = "Bo"
on       = "2026-11-01"
"#;

    fn roster(text: &str) -> Result<Roster, FormatError> {
        read(&Source::new("roster.toml", text.as_bytes()).unwrap())
    }

    #[test]
    fn conditions_are_met_for_a_time() {
        let roster = roster(GOOD).unwrap();
        let ann = &roster.signers[&"ann".parse().unwrap()];
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(ann.met[&"source-host".parse().unwrap()].recheck, day("2026-04-30").plus(365));
        let releasers = Unmet::Never("releasers".parse().unwrap());
        assert_eq!(roster.unmet(ann, day("2027-04-30")), std::slice::from_ref(&releasers));
        let overdue = Unmet::Overdue("source-host".parse().unwrap(), day("2027-04-30"));
        assert_eq!(roster.unmet(ann, day("2027-05-01")), [releasers, overdue]);
    }

    #[test]
    fn each_fault_is_named_with_its_line() {
        for (from, to, words) in [
            ("keyrite-roster = 1", "keyrite-roster = 2", "roster.toml:2:18: keyrite-roster is 2, where 1 is expected"),
            ("serial         = 3", "serial         = 0", "this must be a serial from 1 to 1000000"),
            ("longest-days = 400", "longest-days = 4000", "this must be a number of days from 1 to 1100"),
            ("[\"ed25519\", \"rsa\"]", "[]", "no key at all would be accepted"),
            ("[\"ed25519\", \"rsa\"]", "[\"rsa\", \"rsa\"]", "something stands here twice"),
            ("\"rsa\"", "\"dsa\"", "unknown value `dsa`"),
            ("on       = \"2026-11-01\"", "on       = \"2026-11-31\"", "not a day such as 2026-11-22"),
            (".met.source-host", ".met.images", "there is no [condition.images] in this file"),
            ("by       = \"Bo\"", "by       = \"\"", "1 to 80 printable characters"),
            (
                "by       = \"Bo\"",
                "by       = \"Bo\"\nrecheck = \"2027-05-01\"",
                "this must be from 2026-11-01 to 2027-04-30",
            ),
            ("\"Ann <ann@example.org>\"", "\"Ann Signer <ann@acme.example>\"", "this stands here twice"),
            ("Ann <ann", "Ann\u{202e} <ann", "printable characters"),
            ("[\"all packages\"]", "[]", "at least one must stand here"),
            ("may      =", "vouches = { packages = \"acme\" }\nmay =", "not a domain such as example.org"),
            (
                "may      =",
                "vouches = { images = \"acme.example\" }\nmay =",
                "nothing of root images may be delegated to ann",
            ),
            ("stale-days   = 30", "stale-days   = 30\nstale = 3", "unknown key `stale`"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let error = roster(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(words), "{words}: {error}");
        }
        let twice =
            format!("{GOOD}[signer.bo]\nsince = \"2026-11-01\"\nuser-ids = [\"Ann <ann@example.org>\"]\nmay = {{}}\n");
        assert!(roster(&twice).unwrap_err().to_string().contains("signers ann and bo have the same user ID"));
    }
}
