//! Cards for the eye, in lines that fit a screen.

use super::report::{Advised, Card, Reader, Recorded, Report, SlotLine};
use crate::ceremony::screen;
use crate::model::fingerprint::Fingerprint;
use crate::workstation::card::Origin;

/// The report; `in_full` with what stands behind each advisory.
pub(super) fn lines(report: &Report, in_full: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for Reader { reader, words, card, .. } in &report.readers {
        lines.extend(screen::labelled("", &format!("{reader}: {words}"), screen::WIDTH));
        for line in card.iter().flat_map(|card| of_card(card, &report.age, in_full)) {
            lines.extend(set_in(&line));
        }
    }
    lines
}

fn of_card(card: &Card, age: &str, in_full: bool) -> Vec<String> {
    let firmware =
        card.firmware.as_ref().map_or("firmware not told".to_owned(), |version| format!("firmware {version}"));
    let mut lines = vec![format!("OpenPGP application {}, {firmware}", card.application)];
    lines.extend(card.holder.iter().map(|holder| format!("cardholder {holder}")));
    lines.extend(card.url.iter().map(|url| format!("URL {url}")));
    lines.extend(card.slots.iter().map(of_slot));
    lines.extend(card.orphan.iter().map(|cause| format!("SIG holds half a key: {cause}")));
    let (user, reset_code, admin) = (card.tries.user, card.tries.reset_code, card.tries.admin);
    lines.push(format!("tries left: user PIN {user}, reset code {reset_code}, admin PIN {admin}"));
    lines.push(if card.pin_each_signature {
        "the user PIN holds for one signature".to_owned()
    } else {
        "the user PIN holds for several signatures".to_owned()
    });
    if card.hashed_pins {
        lines.push("it takes its codes as hashes of them (KDF)".to_owned());
    }
    lines.push(format!("{} signature(s) with the key in SIG", card.signatures));
    lines.extend(card.register.iter().map(of_register));
    lines.extend(of_advisories(card, age, in_full));
    lines
}

fn of_slot(slot: &SlotLine) -> String {
    let SlotLine { slot: name, algorithm, key, fingerprint, origin, touch } = slot;
    let touch = touch.map_or(String::new(), |touch| format!(", touch {touch}"));
    if !key {
        return format!("{name}  {algorithm:<11} empty{touch}");
    }
    let origin = match origin {
        Some(Origin::Generated) => "generated",
        Some(Origin::Imported) => "imported",
        Some(Origin::Unknown) | None => "origin not told",
    };
    format!("{name}  {algorithm:<11} {}  {origin}{touch}", fingerprint.map_or("no fingerprint".to_owned(), short))
}

/// The last sixteen digits: what gpg calls the key ID.
fn short(fingerprint: Fingerprint) -> String {
    let groups = fingerprint.groups();
    groups.split_whitespace().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ")
}

fn of_register(recorded: &Recorded) -> String {
    let Recorded { card, root, state, signatures, as_recorded } = recorded;
    let root = root.as_ref().map_or(String::new(), |root| format!(" of root {root}"));
    let same = if *as_recorded { "as the card" } else { "NOT as the card" };
    format!("register: card {card}{root}, {state}, {signatures} signature(s): {same}")
}

fn of_advisories(card: &Card, age: &str, in_full: bool) -> Vec<String> {
    if card.serial.is_test() {
        return vec!["advisories: none are made for test cards".to_owned()];
    }
    if card.advisories.is_empty() {
        return vec![format!("advisories: none is known ({age})")];
    }
    let mut lines = vec![format!("advisories ({age}):")];
    for Advised { advisory, bearing, broken, remedy, source } in &card.advisories {
        lines.push(format!("  {advisory} {bearing}: {broken}"));
        if in_full {
            lines.push(format!("    {remedy}"));
            lines.push(format!("    {source}"));
        }
    }
    lines
}

/// Below its reader; what is too long goes on a little further in.
fn set_in(line: &str) -> Vec<String> {
    screen::hanging(line, 4)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::history::{CardRecord, History};
    use crate::model::room;
    use crate::model::settings::Settings;
    use crate::model::shown::Shown;
    use crate::workstation::card::{
        Holds, KeyView, LOOKED_UP, Place, Portrait, Seen, Serial, Slot, SlotView, Survey, Tries, Versions,
    };

    fn yubikey(firmware: Option<&str>) -> Seen {
        let serial = Serial { manufacturer: 6, number: 0x0a0b_0c0d };
        let fingerprint = Fingerprint([0xab; 20]);
        let slot = |name, key| SlotView { name, algorithm: "RSA-2048".to_owned(), key, touch: Some("on, fixed") };
        let portrait = Portrait {
            survey: Survey {
                serial,
                slot: Slot::Empty,
                tries: Tries { user: 3, reset_code: 0, admin: 2 },
                signatures: 7,
                pin_once: true,
                holder: Some("Anna\u{1b}[2J".to_owned()),
            },
            versions: Versions { application: "3.4".to_owned(), firmware: firmware.map(str::to_owned) },
            slots: [
                slot("SIG", None),
                slot("DEC", Some(KeyView { fingerprint: Some(fingerprint), origin: Origin::Imported })),
                slot("AUT", Some(KeyView { fingerprint: None, origin: Origin::Unknown })),
            ],
            url: "example.org/root.asc".to_owned(),
            hashed_pins: true,
        };
        let reader =
            Shown::new("A reader with a name that goes on for much longer than a screen is wide, and on 00 00");
        Seen { place: Place { reader, holds: Holds::Card(serial) }, portrait: Some(Ok(portrait)) }
    }

    fn shown(firmware: Option<&str>, in_full: bool) -> String {
        let record = CardRecord {
            serial: "0006:0A0B0C0D".to_owned(),
            state: room::Card::Blank,
            holds: None,
            signatures: 0,
            doubtful: BTreeSet::new(),
            settings: Settings::default(),
        };
        let name = "packages-a".parse().expect("a name");
        let history = History { cards: [(name, record)].into(), ..History::default() };
        let lines = lines(&Report::new(&[yubikey(firmware)], Some(&history), LOOKED_UP), in_full);
        let broad = |line: &&String| line.chars().count() > screen::WIDTH && !line.contains("https://");
        assert_eq!(lines.iter().find(broad), None);
        lines.join("\n")
    }

    #[test]
    fn a_card_with_a_history_is_shown_on_a_screen() {
        let said = shown(Some("5.2.4"), true);
        for line in [
            "    OpenPGP application 3.4, firmware 5.2.4",
            "    cardholder Anna\\u{1b}[2J",
            "    URL example.org/root.asc",
            "    SIG  RSA-2048    empty, touch on, fixed",
            "    the user PIN holds for one signature",
            "    DEC  RSA-2048    ABAB ABAB ABAB ABAB  imported, touch on, fixed",
            "    AUT  RSA-2048    no fingerprint  origin not told, touch on, fixed",
            "    register: card packages-a, blank, 0 signature(s): NOT as the card",
            "    advisories (looked up on 2026-11-22, 0 day(s) ago):",
            "        https://www.yubico.com/support/security-advisories/ysa-2020-05/",
        ] {
            assert!(said.lines().any(|shown| shown == line), "{line}\n{said}");
        }
        assert!(said.contains("      YSA-2024-03 is not known to concern this key: "), "{said}");
        assert!(!shown(Some("5.2.4"), false).contains("https://"));
        assert!(shown(Some("5.7.1"), true).contains("    advisories: none is known (looked up on 2026-11-22"));
        let unknown = shown(None, false);
        assert!(
            unknown.contains("firmware not told") && unknown.contains("YSA-2015-1 may concern this key"),
            "{unknown}"
        );
    }
}
