//! `organization.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;

use super::FormatError;
use super::place::Source;
use crate::model::algorithm::Algorithm;
use crate::model::control::Control;
use crate::model::fingerprint::Fingerprint;
use crate::model::mode::Mode;
use crate::model::name::{CardName, RootName};
use crate::model::organization::{self, DRILL_EVERY, Drill, Organization, Person, Records, Root, Sharing};
use crate::model::role::Role;
use crate::model::settings::{self, HOLDER_MAX, Settings, Touch, URL_MAX};
use crate::model::usb::{NotAUsbId, UsbId};

const DAY: u64 = 24 * 60 * 60;
/// How many witnesses agree to what is delegated, where the organization does not say.
const AGREEING: u8 = 2;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    name: toml::Spanned<String>,
    policy_uri: Option<toml::Spanned<String>>,
    records: RecordsTable,
    roots: BTreeMap<RootName, toml::Spanned<RootTable>>,
    cards: Option<CardsTable>,
    randomness: Option<RandomnessTable>,
    delegation: Option<DelegationTable>,
    workstation: Option<WorkstationTable>,
    #[serde(rename = "person")]
    people: Vec<PersonTable>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RecordsTable {
    user_id: toml::Spanned<String>,
    algorithm: Option<toml::Spanned<Algorithm>>,
    card: CardName,
    validity_years: toml::Spanned<u32>,
    pin_each_signature: Option<bool>,
    attestation: Option<Attestation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Attestation {
    Required,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RootTable {
    user_id: toml::Spanned<String>,
    algorithm: toml::Spanned<Algorithm>,
    origin: toml::Spanned<Origin>,
    validity_years: toml::Spanned<u32>,
    cards: toml::Spanned<Vec<CardName>>,
    spare_cards: Option<toml::Spanned<Vec<CardName>>>,
    backup: Option<toml::Spanned<SharingTable>>,
    drill: Option<toml::Spanned<DrillTable>>,
    revocation: toml::Spanned<SharingTable>,
    pin_each_signature: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Origin {
    BackedUp,
    CardOnly,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct SharingTable {
    threshold: u8,
    shares: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct DrillTable {
    card: CardName,
    every_days: Option<toml::Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CardsTable {
    touch: Option<Touch>,
    kdf: Option<bool>,
    holder: Option<toml::Spanned<String>>,
    url: Option<toml::Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RandomnessTable {
    dice: toml::Spanned<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct DelegationTable {
    witnesses: toml::Spanned<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WorkstationTable {
    usb: Vec<toml::Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PersonTable {
    name: toml::Spanned<String>,
    roles: Vec<Role>,
    certificate: Option<toml::Spanned<String>>,
    share_certificate: Option<toml::Spanned<String>>,
}

impl PersonTable {
    /// Their certificates, whatever they are for.
    fn certificates(&self) -> impl Iterator<Item = &toml::Spanned<String>> {
        self.certificate.iter().chain(&self.share_certificate)
    }
}

/// Reads an organization.
///
/// # Errors
/// A fault with file, line and column: a key that is unknown or missing, or a value out of its bounds.
pub fn read(source: &Source) -> Result<Organization, FormatError> {
    if let Some(place) = source.place_of("step") {
        return Err(
            source.fault(place, "this is a ceremony script, and not an organization: look which file was named")
        );
    }
    let file: File = source.read()?;
    let organization = Organization {
        name: source.line(&file.name, 80)?,
        policy_uri: file.policy_uri.as_ref().map(|uri| source.line(uri, 200)).transpose()?,
        records: Records {
            user_id: source.line(&file.records.user_id, 200)?,
            algorithm: file.records.algorithm.as_ref().map_or(Ok(Algorithm::Ed25519), |one| algorithm(source, one))?,
            card: file.records.card,
            validity: years(source, &file.records.validity_years)?,
            pin_each_signature: file.records.pin_each_signature,
            attested: matches!(file.records.attestation, Some(Attestation::Required)),
        },
        roots: file
            .roots
            .iter()
            .map(|(name, table)| Ok((name.clone(), root(source, table)?)))
            .collect::<Result<_, FormatError>>()?,
        cards: file.cards.as_ref().map(|table| cards(source, table)).transpose()?.unwrap_or_default(),
        dice: file.randomness.as_ref().map(|table| dice(source, &table.dice)).transpose()?,
        agreeing: file.delegation.as_ref().map_or(Ok(AGREEING), |table| witnesses(source, &table.witnesses))?,
        usb: file.workstation.as_ref().map(|table| usb(source, &table.usb)).transpose()?,
        people: file.people.iter().map(|table| person(source, table)).collect::<Result<_, FormatError>>()?,
    };
    cards_once(source, &organization, &file.roots)?;
    equal_roots(source, &organization, &file.roots)?;
    people_once(source, &file.people)?;
    Ok(organization)
}

fn root(source: &Source, spanned: &toml::Spanned<RootTable>) -> Result<Root, FormatError> {
    let table = spanned.get_ref();
    Ok(Root {
        user_id: source.line(&table.user_id, 200)?,
        algorithm: algorithm(source, &table.algorithm)?,
        validity: years(source, &table.validity_years)?,
        origin: origin(source, spanned)?,
        revocations: sharing(source, &table.revocation)?,
        pin_each_signature: table.pin_each_signature,
    })
}

fn cards(source: &Source, table: &CardsTable) -> Result<Settings, FormatError> {
    let stored = |value: &Option<toml::Spanned<String>>, longest: usize| {
        let Some(value) = value else { return Ok(None) };
        let text = value.get_ref();
        if text.is_empty() || !settings::is_storable(text, longest) {
            let message = format!("a card stores 1 to {longest} printable ASCII characters here");
            return Err(source.fault(value.span(), &message));
        }
        // Cards of rehearsals are known by it (MODE-1).
        if [Mode::Rehearsal, Mode::DressRehearsal].iter().any(|mode| mode.mark() == Some(text)) {
            return Err(source.fault(value.span(), "this is the mark of a rehearsal's cards"));
        }
        Ok(Some(text.clone()))
    };
    Ok(Settings {
        pin_each_signature: None,
        touch: table.touch,
        kdf: table.kdf,
        holder: stored(&table.holder, HOLDER_MAX)?,
        url: stored(&table.url, URL_MAX)?,
    })
}

/// Two cards and a backup, or one card and none.
fn origin(source: &Source, spanned: &toml::Spanned<RootTable>) -> Result<organization::Origin, FormatError> {
    let RootTable { origin, cards, spare_cards, backup, drill, .. } = spanned.get_ref();
    if let Origin::CardOnly = origin.get_ref() {
        let more = spare_cards.as_ref().map(toml::Spanned::span).or(drill.as_ref().map(toml::Spanned::span));
        if let Some(place) = more {
            let message =
                "a card-only root is on its one card alone: no other card takes its place, and nothing is tried";
            return Err(source.fault(place, message));
        }
    }
    match (origin.get_ref(), cards.get_ref().as_slice(), backup) {
        (Origin::BackedUp, [] | [_], _) => {
            Err(source.fault(cards.span(), "a root needs two cards or more: one card alone can be lost"))
        }
        (Origin::BackedUp, _, None) => {
            Err(source.fault(spanned.span(), "missing key `backup`: a root of this origin is sealed for its custodians"))
        }
        (Origin::BackedUp, cards, Some(backup)) => {
            Ok(organization::Origin::BackedUp {
                cards: cards.to_vec(),
                spares: spare_cards.as_ref().map(|cards| cards.get_ref().clone()).unwrap_or_default(),
                backup: sharing(source, backup)?,
                drill: self::drill(source, drill.as_ref().map(toml::Spanned::get_ref))?,
            })
        }
        (Origin::CardOnly, _, Some(backup)) => {
            Err(source.fault(backup.span(), "a card-only root has no backup: nobody can read its key from its card"))
        }
        (Origin::CardOnly, [card], None) => Ok(organization::Origin::CardOnly { card: card.clone() }),
        (Origin::CardOnly, _, None) => Err(source.fault(
            cards.span(),
            "a card-only root has exactly one card, which generates it: for another card name another root with the same user-id",
        )),
    }
}

fn drill(source: &Source, table: Option<&DrillTable>) -> Result<Drill, FormatError> {
    let every = table.and_then(|table| table.every_days.as_ref());
    Ok(Drill {
        card: table.map(|table| table.card.clone()),
        every: every.map_or(Ok(DRILL_EVERY), |every| days(source, every, 1..=1100))?,
    })
}

/// A card-only root is as good as lost with its card: there must be another one, which the same people trust.
fn equal_roots(
    source: &Source,
    organization: &Organization,
    tables: &BTreeMap<RootName, toml::Spanned<RootTable>>,
) -> Result<(), FormatError> {
    let alone = |name: &&RootName| organization.is_card_only(name) && organization.equals(name).next().is_none();
    match tables.iter().find(|(name, _)| alone(name)) {
        None => Ok(()),
        Some((name, table)) => {
            let message = format!(
                "root {name} is card-only, and no other card-only root has this user-id: one card alone can be lost"
            );
            Err(source.fault(table.get_ref().user_id.span(), &message))
        }
    }
}

/// What is strong enough for as long as a key may be valid.
fn algorithm(source: &Source, value: &toml::Spanned<Algorithm>) -> Result<Algorithm, FormatError> {
    match value.get_ref() {
        Algorithm::Rsa2048 => Err(source
            .fault(value.span(), "2048 bits are too short for a key that is valid for years: take rsa3072 or rsa4096")),
        strong => Ok(*strong),
    }
}

fn person(source: &Source, table: &PersonTable) -> Result<Person, FormatError> {
    let parse = |text: &toml::Spanned<String>| {
        // One spelling, as gpg writes it: people compare it, and so does the next reader of the file.
        let parsed: Option<Fingerprint> = text.get_ref().parse().ok();
        parsed.filter(|fingerprint| fingerprint.to_string() == *text.get_ref()).ok_or_else(|| {
            let message =
                "this must be the whole fingerprint of an OpenPGP v4 key: 40 digits of 0-9 and A-F, no spaces";
            source.fault(text.span(), message)
        })
    };
    let holds = |role: &Role| matches!(role, Role::Custodian | Role::RevocationHolder);
    if let Some(certificate) = table.share_certificate.as_ref().filter(|_| !table.roles.iter().any(holds)) {
        let message = "shares are held by custodians and revocation holders, and this person is neither";
        return Err(source.fault(certificate.span(), message));
    }
    Ok(Person {
        name: source.line(&table.name, 80)?,
        roles: table.roles.clone(),
        certificate: table.certificate.as_ref().map(parse).transpose()?,
        share_certificate: table.share_certificate.as_ref().map(parse).transpose()?,
    })
}

fn sharing(source: &Source, table: &toml::Spanned<SharingTable>) -> Result<Sharing, FormatError> {
    let SharingTable { threshold, shares } = *table.get_ref();
    if !(2..=16).contains(&threshold) || !(threshold..=16).contains(&shares) {
        let message = format!("{threshold} of {shares} shares: 2 <= threshold <= shares <= 16 must hold");
        return Err(source.fault(table.span(), &message));
    }
    Ok(Sharing { threshold, shares })
}

fn dice(source: &Source, value: &toml::Spanned<u16>) -> Result<u16, FormatError> {
    if (100..=1000).contains(value.get_ref()) {
        return Ok(*value.get_ref());
    }
    Err(source.fault(value.span(), "this must be 100 to 1000 throws: a hundred give 258 bits"))
}

fn witnesses(source: &Source, value: &toml::Spanned<u8>) -> Result<u8, FormatError> {
    if (1..=8).contains(value.get_ref()) {
        return Ok(*value.get_ref());
    }
    Err(source.fault(value.span(), "this must be 1 to 8 witnesses, who agree beside the leader"))
}

fn usb(source: &Source, values: &[toml::Spanned<String>]) -> Result<BTreeSet<UsbId>, FormatError> {
    let mut devices = BTreeSet::new();
    for value in values {
        let device =
            value.get_ref().parse().map_err(|error: NotAUsbId| source.fault(value.span(), &error.to_string()))?;
        if !devices.insert(device) {
            return Err(source.fault(value.span(), "this device stands here twice"));
        }
    }
    Ok(devices)
}

fn years(source: &Source, value: &toml::Spanned<u32>) -> Result<Duration, FormatError> {
    if !(1..=20).contains(value.get_ref()) {
        return Err(source.fault(value.span(), "a key is valid for 1 to 20 years: a bounded life is the only brake"));
    }
    Ok(Duration::from_secs(u64::from(*value.get_ref()) * 365 * DAY))
}

fn days(
    source: &Source,
    value: &toml::Spanned<u32>,
    bounds: std::ops::RangeInclusive<u32>,
) -> Result<Duration, FormatError> {
    if !bounds.contains(value.get_ref()) {
        let message = format!("this must be {} to {} days", bounds.start(), bounds.end());
        return Err(source.fault(value.span(), &message));
    }
    Ok(Duration::from_secs(u64::from(*value.get_ref()) * DAY))
}

/// Somebody who stands here twice would be counted as two people (CUSTODY-1).
fn people_once(source: &Source, people: &[PersonTable]) -> Result<(), FormatError> {
    for (at, person) in people.iter().enumerate() {
        if people.iter().take(at).any(|other| other.name.get_ref() == person.name.get_ref()) {
            let message = "this person stands here twice: list all their roles in one [[person]]";
            return Err(source.refusal(Control::TwoPeople, person.name.span(), message));
        }
        let before = || people.iter().take(at).flat_map(PersonTable::certificates);
        let is_another = |own: &&toml::Spanned<String>| before().any(|other| other.get_ref() == own.get_ref());
        if let Some(certificate) = person.certificates().find(is_another) {
            let message = "this certificate is another person's too: one key stands for one person";
            return Err(source.refusal(Control::TwoPeople, certificate.span(), message));
        }
    }
    Ok(())
}

/// A card belongs to one key.
fn cards_once(
    source: &Source,
    organization: &Organization,
    tables: &BTreeMap<RootName, toml::Spanned<RootTable>>,
) -> Result<(), FormatError> {
    let mut seen = vec![&organization.records.card];
    for table in tables.values().map(toml::Spanned::get_ref) {
        let set = table.cards.get_ref().iter().map(|card| (card, table.cards.span()));
        let spares = table.spare_cards.iter().flat_map(|cards| cards.get_ref().iter().map(|card| (card, cards.span())));
        let drill = table.drill.iter().map(|drill| (&drill.get_ref().card, drill.span()));
        for (card, place) in set.chain(spares).chain(drill) {
            if seen.contains(&card) {
                let message = format!("card {card} is named twice: a card holds one key");
                return Err(source.fault(place, &message));
            }
            seen.push(card);
        }
    }
    Ok(())
}
