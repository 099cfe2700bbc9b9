//! Minutes: the readable form of a transcript, bound to its head.

use std::fmt::Write as _;

use crate::format::transcript::{Line, Transcript};
use crate::model::concern::{Compared, Concern};
use crate::model::event::{Event, Intent, Opening, Outcome};
use crate::model::evidence::{EncryptedShare, Evidence, OpenedBag, TakenRelease};
use crate::model::finding::Finding;
use crate::model::fingerprint::Fingerprint;
use crate::model::hash::Hash;
use crate::model::pgp_words;
use crate::model::role::Seat;
use crate::model::shown::Shown;

/// The longest list of requests that stands in the minutes: a signed line has at the most 10,000 characters.
const MOST_LISTED: usize = 9_000;

/// Before the head, in its line.
pub const HEAD: &str = "head          ";

/// Where a sentence begins, after the time and two blanks: lines of a list stand below it.
const MARGIN: usize = 22;

/// The minutes of a transcript up to its present head. ASCII but for names; lines end in LF and have no trailing blanks,
/// so that they survive clearsigning byte for byte (RFC 9580 7.1).
#[must_use]
pub fn text(opening: &Opening, transcript: &Transcript) -> String {
    let mut out = String::new();
    head(&mut out, opening, transcript);
    for line in &transcript.lines {
        if let Some(sentence) = sentence(line) {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{sentence}");
        }
    }
    out
}

fn head(out: &mut String, opening: &Opening, transcript: &Transcript) {
    let _ = writeln!(out, "MINUTES OF CEREMONY {}", opening.ceremony);
    if let Some(mark) = opening.mode.mark() {
        let _ = writeln!(out, "{mark}");
    }
    let _ = writeln!(out, "\n{}\n{}\n", Shown::new(&opening.title), Shown::new(&opening.organization_name));
    let _ = writeln!(out, "program       {}", opening.program);
    let _ = writeln!(out, "  sha256      {}", opening.binary);
    let _ = writeln!(out, "script        {}", opening.script);
    let _ = writeln!(out, "organization  {}", opening.organization);
    let previous = opening.previous_head.map_or_else(|| "none: this is the first".to_owned(), |head| head.to_string());
    let _ = writeln!(out, "head before   {previous}");
    if let Some(closing) = opening.previous_closing {
        let _ = writeln!(out, "closing       {closing}");
    }
    let _ = writeln!(out, "{HEAD}{}", transcript.head);
    let _ = writeln!(out, "lines         {}\n", transcript.lines.len());
    let _ = writeln!(out, "The head in words, as witnesses write them down:\n");
    for row in head_words(transcript.head) {
        let _ = writeln!(out, "  {row}");
    }
    let _ = writeln!(out);
}

/// The head in PGP words, four in a row.
#[must_use]
pub fn head_words(head: Hash) -> Vec<String> {
    pgp_words::words(&head.0).chunks(4).map(|row| row.join(" ")).collect()
}

/// A line of a transcript in words, after its time; none for what says nothing beyond its neighbours.
#[must_use]
pub fn sentence(line: &Line) -> Option<String> {
    words(&line.entry).map(|words| format!("{}  {words}", line.time))
}

fn words(entry: &Event) -> Option<String> {
    Some(match entry {
        Event::Begun { step, act, mend: false } => format!("Step {step}: {act}."),
        Event::Begun { step, act, mend: true } => format!("Before step {step}, mended or done again: {act}."),
        Event::Resumed { step, .. } => format!("Cut off, and went on at step {step}."),
        Event::Confirmed { seat, words, .. } => format!("{seat} confirmed: {}", Shown::new(words)),
        Event::Exception { step, words } => format!("EXCEPTION at step {step}: {}", Shown::new(words)),
        Event::Abandoned { reason } => format!("Given up: {}", Shown::new(reason)),
        Event::Paused { .. } => "Paused.".to_owned(),
        Event::Continued { .. } => "Went on.".to_owned(),
        Event::Intended { intent } => intent_sentence(intent),
        Event::Closed { outcome: Outcome::Done { signatures: 0 }, .. } => "  Done.".to_owned(),
        Event::Closed { outcome: Outcome::Done { signatures }, .. } => format!("  Done: {signatures} signature(s)."),
        Event::Closed { outcome: Outcome::Undone { reason, signatures }, .. } => {
            format!("  Not done ({signatures} signature(s) counted): {}.", Shown::new(reason))
        }
        Event::Closed { outcome: Outcome::Unknown { reason }, .. } => {
            format!("  It is not known whether it was done: {}.", Shown::new(reason))
        }
        Event::Closed { outcome: Outcome::Spoiled { reason }, .. } => format!("  Spoiled: {}.", Shown::new(reason)),
        Event::Noted { evidence } => evidence_sentence(evidence),
        Event::Opened { .. } | Event::Done { .. } | Event::Finished => return None,
    })
}

fn intent_sentence(intent: &Intent) -> String {
    match intent {
        Intent::GenerateKey { card, root: None } => format!("Card {card} is to generate a key."),
        Intent::GenerateKey { card, root: Some(root) } => format!("Card {card} is to generate root {root}."),
        Intent::ImportKey { card, root, fingerprint } => {
            format!("Root {root} {fingerprint} is to go onto card {card}.")
        }
        Intent::SetPins { card } => format!("The PINs of card {card} are to be set."),
        Intent::ChangeCode { card, code, by, .. } if code == by => {
            format!("The {code} of card {card} is to be set anew by the present one.")
        }
        Intent::ChangeCode { card, code, by, .. } => {
            format!("The {code} of card {card} is to be set anew by its {by}.")
        }
        Intent::ResetCard { card } => format!("Card {card} is to be reset."),
        Intent::Sign { card, purpose, items, subject, .. } => {
            format!("Card {card} is to make up to {items} signature(s): {purpose}, {subject}.")
        }
    }
}

fn people_sentence(seats: &[(Seat, String)], certificates: &[(String, Fingerprint)]) -> String {
    let shown: Vec<String> = seats.iter().map(|(seat, name)| format!("{seat} {}", Shown::new(name))).collect();
    let mut sentence = format!("Present: {}.", shown.join(", "));
    for (name, fingerprint) in certificates {
        let _ = write!(sentence, " {} cosigns with {fingerprint}.", Shown::new(name));
    }
    sentence
}

fn bags_sentence(bags: &[OpenedBag]) -> String {
    let shown = bags.iter().map(|OpenedBag { card, number }| match number {
        Some(number) => format!("card {card} from bag {}, as recorded", Shown::new(number)),
        None => format!("card {card}, of which no closing record names a bag"),
    });
    format!("Taken out: {}.", shown.collect::<Vec<_>>().join("; "))
}

/// What a card says of its making, as a sentence of its own; nothing for an older transcript.
fn versions(application: Option<&str>, firmware: Option<&str>) -> String {
    let application = application.map(|version| format!("OpenPGP application {}", Shown::new(version)));
    let firmware = firmware.map(|version| format!("firmware {}", Shown::new(version)));
    let known: Vec<String> = application.into_iter().chain(firmware).collect();
    if known.is_empty() { String::new() } else { format!(" It has {}.", known.join(", ")) }
}

/// What a card's maker has published, as a sentence of its own; nothing where it was not looked at.
fn compared(advisories: Option<&Compared>) -> String {
    let Some(Compared { looked_up, concerns }) = advisories else { return String::new() };
    let each = concerns.iter().map(|Concern { advisory, bearing }| format!("{} {bearing}", Shown::new(advisory)));
    let each: Vec<String> = each.collect();
    let found = if each.is_empty() { "none".to_owned() } else { each.join(", ") };
    format!(" Advisories, looked up on {}: {found}.", Shown::new(looked_up))
}

/// What differs from what a card was set up to, as a sentence of its own.
fn not_as_set_up(changed: &[String]) -> String {
    if changed.is_empty() {
        String::new()
    } else {
        format!(" It is NOT as it was set up, which was: {}.", Shown::new(&changed.join("; ")))
    }
}

fn evidence_sentence(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Machine { findings, .. } => {
            let shown = findings.iter().map(|Finding { id, colour, words }| {
                format!("\n{:MARGIN$}{colour:<6}{}: {}.", "", Shown::new(id), Shown::new(words))
            });
            format!("The machine was looked at:{}", shown.collect::<String>())
        }
        Evidence::NetworkAppeared { ways } => {
            format!("The machine got a network after it was checked: {}.", Shown::new(&ways.join("; ")))
        }
        Evidence::People { seats, certificates } => people_sentence(seats, certificates),
        Evidence::Clock { skew, witnesses } => format!("{} clocks agree within {skew} s.", witnesses.len()),
        Evidence::BagsOpened { bags } => bags_sentence(bags),
        Evidence::CardPresented { card, serial, application, firmware, advisories, report } => {
            let versions = versions(application.as_deref(), firmware.as_deref());
            let tested = report.as_ref().map_or(String::new(), |report| {
                format!(" Its model was tested: {} {}.", Shown::new(&report.path), report.sha256)
            });
            format!("Card {card} has serial {serial}.{versions}{}{tested}", compared(advisories.as_ref()))
        }
        Evidence::CardSeen { card, serial, signatures, application, firmware, advisories, changed } => {
            let versions = versions(application.as_deref(), firmware.as_deref());
            let (compared, changed) = (compared(advisories.as_ref()), not_as_set_up(changed));
            let recognized = format!("Card {card}, serial {serial}, was recognized with {signatures} signature(s).");
            format!("{recognized}{versions}{compared}{changed}")
        }
        Evidence::CardAttested { card, firmware, defect, statement, .. } => {
            let believed = match (firmware, defect) {
                (Some(firmware), None) => format!("as its maker signs: firmware {}", Shown::new(firmware)),
                (_, defect) => {
                    format!("which is NOT BELIEVED: {}", Shown::new(defect.as_deref().unwrap_or("no reason")))
                }
            };
            format!("Card {card} says that it generated its key, {believed}. {} {}.", statement.path, statement.sha256)
        }
        Evidence::CardSettings { card, settings } => {
            format!("Card {card} is set up: {}.", Shown::new(&settings.in_words().join("; ")))
        }
        Evidence::RecordsKey { card, fingerprint, certificate } => {
            format!("Records key {fingerprint} on card {card}: {} {}.", certificate.path, certificate.sha256)
        }
        Evidence::DiceThrown { throws } => format!("{throws} throws of a die are mixed into what is drawn."),
        Evidence::ProfileTried { root } => format!("The structure of root {root} was tried with a throwaway key."),
        Evidence::RootDrawn { root, fingerprint, certificate } => {
            format!("Root {root} {fingerprint} was drawn: {} {}.", certificate.path, certificate.sha256)
        }
        Evidence::RootGenerated { root, card, fingerprint, certificate } => {
            format!(
                "Root {root} {fingerprint} was generated by card {card}: {} {}.",
                certificate.path, certificate.sha256
            )
        }
        Evidence::RootAbandoned { root, fingerprint } => {
            format!("Root {root} {fingerprint} was lost before it was sealed.")
        }
        Evidence::Sealed { root, sealed, set, message, .. } => {
            format!("The {sealed} of root {root} is sealed, share set {set}: {} {}.", message.path, message.sha256)
        }
        Evidence::PinsGone { card } => format!("Card {card} has lost the PINs that its holders set."),
        Evidence::CardTested { card } => format!("Card {card} signed its challenge."),
        Evidence::CardRetired { card, how } => format!("Card {card} is retired: {how}."),
        Evidence::RootForgotten { root } => format!("Root {root} left the machine's memory."),
        Evidence::RootRestored { root, set, shares, .. } => {
            format!("Root {root} was restored from shares {} of set {set}.", numbers(shares))
        }
        Evidence::LotsDrawn { .. }
        | Evidence::DrillFailed { .. }
        | Evidence::DrillProved { .. }
        | Evidence::DrillCardErased { .. }
        | Evidence::SheetBagged { .. }
        | Evidence::DrillHeld { .. }
        | Evidence::SetBegun { .. }
        | Evidence::SharesEncrypted { .. }
        | Evidence::Resealed { .. }
        | Evidence::SetReplaced { .. }
        | Evidence::ShareDestroyed { .. }
        | Evidence::SharesAccounted { .. } => backup_sentence(evidence),
        Evidence::BackupProved { root, card } => format!("The backup of root {root} is proved by card {card}."),
        Evidence::RequestsRead { requests } if requests.is_empty() => "No request came in.".to_owned(),
        Evidence::RequestsRead { requests } => {
            let shown: Vec<String> = requests.iter().map(|(id, file)| format!("{id} {}", file.sha256)).collect();
            let list = shown.join(", ");
            // A signed line has an end; the transcript, which the minutes bind by its head, has every hash.
            match list.len() {
                0..=MOST_LISTED => format!("Requests: {list}."),
                _ => format!("Requests: {}, which the transcript lists with their hashes.", requests.len()),
            }
        }
        Evidence::RosterTaken { serial, roster, review, .. } => {
            format!(
                "Roster {serial} is in force: {} {}; its review {review} was confirmed.",
                roster.path, roster.sha256
            )
        }
        Evidence::Reviewed { review, text } => format!("The review {} {review} was confirmed.", text.path),
        Evidence::Certified { request, signer, fingerprint, vouches, expires, certificate, .. } => format!(
            "Request {request}: {} {fingerprint} is delegated until {}{}: {} {}.",
            Shown::new(signer),
            expires.date(),
            vouches.as_ref().map_or(String::new(), |domain| format!(", and vouches for others at {domain}")),
            certificate.path,
            certificate.sha256
        ),
        Evidence::AllAnswered => "Every request was answered.".to_owned(),
        Evidence::ReleasesTaken { number, list, releases, review, .. } => {
            let manifest = |taken: &TakenRelease| format!("{} {}", taken.release, taken.manifest.sha256);
            format!(
                "List {number} of past releases was signed: {} {}; its review {review} was confirmed. Taken in: {}.",
                list.path,
                list.sha256,
                releases.iter().map(manifest).collect::<Vec<_>>().join(", ")
            )
        }
        Evidence::NoReleases => "No release came in that the list of past releases does not have.".to_owned(),
        Evidence::BundleWritten { folder, manifest } => format!("Outgoing bundle {folder}, manifest {manifest}."),
        Evidence::MinutesSigned { minutes, .. } => format!("Minutes {} were signed.", minutes.path),
    }
}

/// What a drill or a resharing did to a root's backup.
fn backup_sentence(evidence: &Evidence) -> String {
    match evidence {
        Evidence::LotsDrawn { root, set, order } => {
            let custodians = "custodians are asked for their shares";
            format!("Drill of root {root}, set {set}: by lot, {custodians} in the order {}.", numbers(order))
        }
        Evidence::DrillFailed { root, set, reason } => {
            format!("The DRILL of root {root}, set {set}, FAILED: {}.", Shown::new(reason))
        }
        Evidence::DrillProved { root, card, set } => {
            format!("Set {set} restores root {root}: card {card} signed with it, and is in service for nothing.")
        }
        Evidence::DrillCardErased { card, serial, .. } => {
            format!("Drill card {card}, serial {serial}, was reset and is empty.")
        }
        Evidence::SheetBagged { root, set, share, bag } => {
            format!("Share {share} of root {root}, set {set}, is in bag {}.", Shown::new(bag))
        }
        Evidence::DrillHeld { root, next, .. } => {
            format!("The drill of root {root} was held; the next is due by {}.", next.date())
        }
        Evidence::SetBegun { root, set } => {
            format!("Sheets of set {set} of root {root} are handed out; it is not in force yet.")
        }
        Evidence::SharesEncrypted { root, set, folder, shares } => {
            let shown = |one: &EncryptedShare| format!("share {} to {} ({})", one.share, one.certificate, one.sha256);
            let shares: Vec<String> = shares.iter().map(shown).collect();
            format!(
                "Copies of shares of set {set} of root {root} left the room in {folder}, encrypted: {}.",
                shares.join(", ")
            )
        }
        Evidence::Resealed { root, set, message, .. } => {
            let file = format!("{} {}", message.path, message.sha256);
            format!("Root {root} is sealed anew, share set {set}, not in force yet: {file}.")
        }
        Evidence::SetReplaced { root, old, new, shares } => format!(
            "Root {root} was restored from shares {} of set {new}, which is in force. Set {old} is OUT OF FORCE.",
            numbers(shares)
        ),
        Evidence::ShareDestroyed { root, set, share } => {
            format!("Share {share} of set {set} of root {root} was destroyed.")
        }
        Evidence::SharesAccounted { root, set, missing, .. } if missing.is_empty() => {
            format!("Every share of set {set} of root {root} is destroyed.")
        }
        Evidence::SharesAccounted { root, set, missing, threshold } => {
            let rotate = if missing.len() < usize::from(*threshold) { "" } else { " THE ROOT MUST BE ROTATED." };
            let missing = numbers(missing);
            format!("Of set {set} of root {root}, {threshold} shares open the message; MISSING: {missing}.{rotate}")
        }
        _ => String::new(),
    }
}

fn numbers(numbers: &[u8]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::concern::Bearing;

    #[test]
    fn what_a_maker_has_published_is_a_sentence() {
        let with = |concerns| Compared { looked_up: "2026-11-22".to_owned(), concerns };
        let concern = Concern { advisory: "YSA-2024-03".to_owned(), bearing: Bearing::Spares };
        assert_eq!(compared(None), "");
        assert_eq!(compared(Some(&with(Vec::new()))), " Advisories, looked up on 2026-11-22: none.");
        let said = " Advisories, looked up on 2026-11-22: YSA-2024-03 is not known to concern this key.";
        assert_eq!(compared(Some(&with(vec![concern]))), said);
    }
}
