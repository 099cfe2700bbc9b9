//! A ceremony is cut off at every journal line and around every command that changes a card, and goes on from each.
//!
//! After each resume: the same root, once any card was to be loaded with it; exactly one certification per request;
//! counters that equal the transcripts; every file as recorded.
#![allow(unreachable_pub, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod kill;
#[path = "../support/organization.rs"]
mod organization;
mod points;
#[path = "../support/signers.rs"]
mod signers;
mod stage;
#[path = "../support/stage.rs"]
mod support;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyrite::model::evidence::Sealed;
use keyrite::model::history::RootRecord;
use keyrite::model::room;
use keyrite::workstation::register::Past;
use points::Points;
use stage::Stage;

/// Resumes from every point and gives the points that did not end well.
fn resume_all(points: &[points::Point], check: impl Fn(&points::Point) -> Result<(), String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let failed = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match check(point) {
                        Ok(()) => drop(std::fs::remove_dir_all(&point.scratch)),
                        Err(error) => failed.lock().unwrap().push(format!("{}: {error}", point.name)),
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

fn assert_none(failed: &[String], points: usize) {
    assert!(failed.is_empty(), "{} of {points} points did not end well:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn root_generation_goes_on_from_every_point() {
    let stage = Stage::new("root");
    let mut points = Points::collect(&stage, Path::new("ceremony/root-generation.toml"), None);
    // The last point is a finished ceremony, and says so.
    let finished = points.pop().unwrap();
    let refused = stage.run_at(&finished.scratch, Path::new("ceremony/root-generation.toml"), None).unwrap_err();
    assert!(refused.contains("is finished"), "{refused}");
    assert!(points.len() > 150, "only {} points: the observer or the tap is deaf", points.len());
    let failed = resume_all(&points, |point| {
        let before = point.past();
        stage.run_at(&point.scratch, Path::new("ceremony/root-generation.toml"), None)?;
        let after = stage::past(&point.scratch);
        let root = "packages".parse().unwrap();
        let fingerprint = after.history.roots[&root].fingerprint;
        if let Some(meant) = points::meant_for_a_card(&before)
            && meant != fingerprint
        {
            return Err(format!("root {meant} became {fingerprint}"));
        }
        stage.well_ended(&point.scratch)
    });
    assert_none(&failed, points.len());
}

#[test]
fn card_only_roots_go_on_from_every_point() {
    let stage = Stage::new("alone");
    let script = Path::new("ceremony/card-only/root-generation.toml");
    let mut points = Points::collect(&stage, script, None);
    points.pop();
    assert!(points.len() > 150, "only {} points: the observer or the tap is deaf", points.len());
    let resets = AtomicUsize::new(0);
    let failed = resume_all(&points, |point| {
        let before = points::generated(&point.past());
        stage.run_at(&point.scratch, script, None)?;
        let after = stage::past(&point.scratch);
        // A root whose certificate was noted is that root for ever; one that was not is on no card any more.
        for (root, fingerprint) in before {
            if after.history.roots[&root].fingerprint != fingerprint {
                return Err(format!("root {root} {fingerprint} is another one"));
            }
        }
        let kept = points::generated(&after);
        let holds = |fingerprint| after.history.cards.values().any(|card| card.holds == Some(fingerprint));
        if kept.len() != 2 || !kept.iter().all(|(_, fingerprint)| holds(*fingerprint)) {
            return Err(format!("{} roots were generated", kept.len()));
        }
        let lines = after.last.iter().flat_map(|last| &last.lines);
        resets.fetch_add(lines.filter(|line| points::resets(line)).count(), Ordering::Relaxed);
        // What a cut left is no offence.
        stage.register_check(&point.scratch)?;
        stage.well_ended(&point.scratch)
    });
    assert_none(&failed, points.len());
    // Cuts between a key and its certificate, on each of the three cards.
    assert!(resets.into_inner() > 20, "few cards were reset");
}

#[test]
fn delegation_goes_on_from_every_point() {
    delegates_from_every_point("delegation", "ceremony", "packages");
}

#[test]
fn delegation_by_a_card_only_root_goes_on_from_every_point() {
    delegates_from_every_point("delegation-1", "ceremony/card-only", "packages-1");
}

#[test]
fn releases_are_taken_in_from_every_point() {
    let (stage, script) = (Stage::new("releases"), Path::new("ceremony/delegation.toml"));
    stage.run(Path::new("ceremony/root-generation.toml"), None).unwrap();
    stage.run(script, Some(&stage.request("anna", "packages"))).unwrap();
    let bundle = stage.release("anna");
    let mut points = Points::collect(&stage, script, Some(&bundle));
    points.pop();
    assert!(points.len() > 40, "only {} points: the observer or the tap is deaf", points.len());
    let failed = resume_all(&points, |point| {
        let signed_unrecorded = stage.unrecorded_signatures(point)?;
        stage.run_at(&point.scratch, script, Some(&bundle))?;
        let after = stage::past(&point.scratch);
        let taken = after.last.iter().flat_map(|last| &last.lines).filter(|line| points::takes_releases(line)).count();
        if taken != 1 || after.history.releases.as_ref().map(|list| list.number) != Some(1) {
            return Err(format!("the list was signed {taken} times"));
        }
        // The list and its signature, the manifest and its signature.
        let files = std::fs::read_dir(point.scratch.join("register/releases")).unwrap().count();
        if files != 4 {
            return Err(format!("{files} files for one release"));
        }
        let logged = points::signatures_closed_after(&after, point.lines);
        if logged < signed_unrecorded {
            return Err(format!("{signed_unrecorded} signatures before the cut, {logged} logged after it"));
        }
        stage.register_check(&point.scratch)?;
        stage.well_ended(&point.scratch)
    });
    assert_none(&failed, points.len());
}

fn delegates_from_every_point(name: &str, scripts: &str, root: &str) {
    let (stage, scripts) = (Stage::new(name), Path::new(scripts));
    let script = &scripts.join("delegation.toml");
    stage.run(&scripts.join("root-generation.toml"), None).unwrap();
    let bundle = stage.request("anna", root);
    let mut points = Points::collect(&stage, script, Some(&bundle));
    // The last point is a finished ceremony: whoever runs the script again asks for what was answered.
    let finished = points.pop().unwrap();
    let refused = stage.run_at(&finished.scratch, script, Some(&bundle)).unwrap_err();
    assert!(refused.contains("REQUEST-3"), "{refused}");
    assert!(points.len() > 40, "only {} points: the observer or the tap is deaf", points.len());
    let failed = resume_all(&points, |point| {
        let signed_unrecorded = stage.unrecorded_signatures(point)?;
        stage.run_at(&point.scratch, script, Some(&bundle))?;
        let after = stage::past(&point.scratch);
        if after.history.delegations.len() != 1 {
            return Err(format!("{} delegations for one request", after.history.delegations.len()));
        }
        let opened = after.last.iter().flat_map(|last| &last.lines).filter(|line| points::opens_bags(line)).count();
        if opened != 1 {
            return Err(format!("the bags were compared {opened} times"));
        }
        let files = std::fs::read_dir(point.scratch.join("register/delegations").join(root)).unwrap().count();
        if files != 1 {
            return Err(format!("{files} files for one delegation"));
        }
        let logged = points::signatures_closed_after(&after, point.lines);
        if logged < signed_unrecorded {
            return Err(format!(
                "{signed_unrecorded} signatures were made before the cut, {logged} are logged after it"
            ));
        }
        stage.well_ended(&point.scratch)
    });
    assert_none(&failed, points.len());
}

/// A card-service goes on from every point, and wherever a command of the card was cut, the card serves afterwards. Gives how
/// often a cut left open what the card has.
fn serves_from_every_point(name: &str, script: &str, least: usize, may_reset: bool) -> usize {
    let stage = Stage::new(name);
    let script = Path::new(script);
    stage.run(Path::new("ceremony/root-generation.toml"), None).unwrap();
    let holds = |past: &Past| past.history.cards.values().map(|c| c.holds).collect::<Vec<_>>();
    let held = holds(&stage::past(&stage.scratch()));
    let bundle = stage.request("anna", "packages");
    let mut points = Points::collect(&stage, script, None);
    points.pop();
    assert!(points.len() > least, "only {} points: the observer or the tap is deaf", points.len());
    let in_doubt = AtomicUsize::new(0);
    let failed = resume_all(&points, |point| {
        stage.run_at(&point.scratch, script, None)?;
        stage.well_ended(&point.scratch)?;
        let after = stage::past(&point.scratch);
        let lines = after.last.iter().flat_map(|last| &last.lines);
        in_doubt.fetch_add(lines.clone().filter(|line| points::leaves_open(line)).count(), Ordering::Relaxed);
        if holds(&after) != held || (!may_reset && lines.clone().any(points::resets)) {
            return Err("a card was reset".to_owned());
        }
        if after.history.cards.values().any(|card| !card.doubtful.is_empty()) {
            return Err("a code is in doubt at the end".to_owned());
        }
        if point.name.contains(" INS ") {
            stage.run_at(&point.scratch, Path::new("ceremony/delegation.toml"), Some(&bundle))?;
            stage.well_ended(&point.scratch)?;
        }
        Ok(())
    });
    assert_none(&failed, points.len());
    in_doubt.into_inner()
}

#[test]
fn a_card_that_is_loaded_anew_goes_on_from_every_point() {
    assert_eq!(serves_from_every_point("replace", "ceremony/card-reload.toml", 80, true), 0);
}

#[test]
fn changed_pins_go_on_from_every_point() {
    // Before and after each code was set.
    assert!(serves_from_every_point("pins", "ceremony/card-pins.toml", 50, false) > 6);
}

#[test]
fn an_unblocked_card_goes_on_from_every_point() {
    assert!(serves_from_every_point("unblock", "ceremony/card-unblock.toml", 30, false) > 2);
}

#[test]
fn a_card_that_is_set_up_goes_on_from_every_command() {
    let stage = Stage::new("set-up");
    let script = organization::beside(stage.folder(), organization::EVERY_SETTING).join("root-generation.toml");
    let mut points = Points::collect(&stage, &script, None);
    // All cards are set up by the same act: one of them is cut.
    let begun = r#""intent":"set-pins","card":"records""#;
    points.retain(|point| point.name.contains(begun) || point.name.contains("card-settings"));
    assert!(points.len() > 16, "only {} points: the observer or the tap is deaf", points.len());
    let wanted = stage::past(&stage.scratch()).history.cards;
    let failed = resume_all(&points, |point| {
        stage.run_at(&point.scratch, &script, None)?;
        stage.well_ended(&point.scratch)?;
        let cards = stage::past(&point.scratch).history.cards;
        match cards.iter().find(|(name, card)| card.settings != wanted[*name].settings || card.settings.is_empty()) {
            Some((name, card)) => Err(format!("card {name} is set up to {:?}", card.settings)),
            None => Ok(()),
        }
    });
    assert_none(&failed, points.len());
}

/// A card that is retired goes from every point, and is blank wherever the ceremony was cut.
#[test]
fn a_card_that_is_retired_goes_from_every_point() {
    let stage = Stage::new("retire");
    let script = Path::new("ceremony/card-retire.toml");
    stage.run(Path::new("ceremony/root-generation.toml"), None).unwrap();
    let mut points = Points::collect(&stage, script, None);
    points.pop();
    assert!(points.len() > 30, "only {} points: the observer or the tap is deaf", points.len());
    let failed = resume_all(&points, |point| {
        stage.run_at(&point.scratch, script, None)?;
        stage.well_ended(&point.scratch)?;
        let past = stage::past(&point.scratch);
        let card = past.history.cards.get(&"packages-a".parse().unwrap()).cloned().ok_or("the card is forgotten")?;
        if (card.state, card.holds, card.signatures) != (room::Card::Retired, None, 0) {
            return Err(format!("it ends as {card:?}"));
        }
        Ok(())
    });
    assert_none(&failed, points.len());
}

/// What is done to a backup goes on from every point: at the end one share set is in force, and it restores the root.
fn tends_from_every_point(
    name: &str,
    script: &str,
    least: usize,
    check: impl Fn(&Past, &Past) -> Result<(), String> + Sync,
) {
    let stage = Stage::new(name);
    let script = Path::new(script);
    stage.run(Path::new("ceremony/root-generation.toml"), None).unwrap();
    let begun = stage::past(&stage.scratch());
    let mut points = Points::collect(&stage, script, None);
    points.pop();
    assert!(points.len() > least, "only {} points: the observer or the tap is deaf", points.len());
    let failed = resume_all(&points, |point| {
        stage.run_at(&point.scratch, script, None)?;
        stage.well_ended(&point.scratch)?;
        stage.register_check(&point.scratch)?;
        check(&begun, &stage::past(&point.scratch))
    });
    assert_none(&failed, points.len());
}

fn root(past: &Past) -> &RootRecord {
    &past.history.roots[&"packages".parse().unwrap()]
}

#[test]
fn a_drill_goes_on_from_every_point() {
    tends_from_every_point("drill", "ceremony/restore-drill.toml", 80, |begun, after| {
        // The register knows the cards that it knew, each with the key that it had; the drill card is not one of them.
        let known = |past: &Past| -> Vec<_> {
            past.history.cards.iter().map(|(name, card)| (name.clone(), card.state, card.holds)).collect()
        };
        if known(begun) != known(after) {
            return Err(format!("cards: {:?}", known(after)));
        }
        let lots = after.last.iter().flat_map(|last| &last.lines).filter(|line| points::draws_lots(line)).count();
        if lots != 1 {
            return Err(format!("lots were drawn {lots} times"));
        }
        let care = &root(after).care;
        if care.drill.is_none() || care.failed.is_some() || care.bags.len() != 3 {
            return Err(format!("it ends as {care:?}"));
        }
        Ok(())
    });
}

#[test]
fn a_resharing_goes_on_from_every_point() {
    tends_from_every_point("reshare", "ceremony/reshare.toml", 60, |begun, after| {
        let (old, new) = (&root(begun).sealed[&Sealed::Key], &root(after).sealed[&Sealed::Key]);
        let care = &root(after).care;
        if old == new || care.replaced != [old.clone()] || care.at_large.is_some() || care.void.contains(&new.set) {
            return Err(format!("set {} is in force after {}, {care:?}", new.set, old.set));
        }
        Ok(())
    });
}

#[test]
fn a_replaced_card_goes_on_from_every_point() {
    tends_from_every_point("replacement", "ceremony/card-replacement.toml", 60, |begun, after| {
        let state = |card: &str| after.history.cards[&card.parse().unwrap()].state;
        if (state("packages-a"), state("packages-c")) != (room::Card::Retired, room::Card::InService) {
            return Err(format!("{} and {}", state("packages-a"), state("packages-c")));
        }
        if root(begun) != root(after) { Err("the root is another one".to_owned()) } else { Ok(()) }
    });
}
