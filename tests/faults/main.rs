//! The file system says no, or the machine dies, at every distinct place of the scripts' whole runs, and at random ones of each.
//!
//! strace makes one system call of keyrite fail (no space, input/output error) or kills keyrite at it. Then the same command
//! runs again without a fault. Nothing is left half written, nothing that was written is changed afterwards, no success is
//! told without its artefact, and whatever ended a run said so in words.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

#[path = "../support/engineer.rs"]
mod engineer;
#[path = "../support/gpg.rs"]
mod gpg;
mod judge;
#[path = "../support/stage.rs"]
mod stage;
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use judge::Verdict;
use keyrite::workstation::randomness;
use stage::{DELEGATION, ROOT_GENERATION, Stage};
use trace::{Call, Fault, Trace};

/// A script, and what must lie there before it runs.
struct Script {
    file: &'static str,
    /// Random points, beside one for every distinct place.
    random: usize,
    prepare: fn() -> (Stage, Option<PathBuf>),
}

/// The service of a card that is well: as people train for it.
const fn service(file: &'static str) -> Script {
    Script { file, random: 50, prepare: || (Stage::with_root(), None) }
}

const CARD_ONLY_GENERATION: &str = "ceremony/card-only/root-generation.toml";

const SCRIPTS: [Script; 11] = [
    Script { file: ROOT_GENERATION, random: 150, prepare: || (Stage::empty(), None) },
    Script {
        file: DELEGATION,
        random: 150,
        prepare: || {
            let stage = Stage::with_root();
            let bundle = engineer::good_bundle(&stage);
            (stage, Some(bundle))
        },
    },
    service("ceremony/card-pins.toml"),
    service("ceremony/card-unblock.toml"),
    service("ceremony/card-reload.toml"),
    service("ceremony/card-retire.toml"),
    Script { file: CARD_ONLY_GENERATION, random: 50, prepare: || (Stage::empty(), None) },
    Script {
        file: "ceremony/card-only/delegation.toml",
        random: 50,
        prepare: || {
            let stage = Stage::empty();
            stage.run(CARD_ONLY_GENERATION, None).done();
            let request = engineer::request_to("packages-1");
            let bundle = engineer::bundle(&stage, "delegate", &[("anna.request.asc", &request)]);
            (stage, Some(bundle))
        },
    },
    Script { random: 10, ..service("ceremony/card-replacement.toml") },
    Script { random: 10, ..service("ceremony/restore-drill.toml") },
    Script { random: 10, ..service("ceremony/reshare.toml") },
];

/// A system call, and what happens at it.
#[derive(Clone)]
struct Point {
    call: Call,
    fault: Fault,
}

/// What every script asks of the system, in their order: traced once.
fn traces() -> &'static [Trace] {
    static TRACED: OnceLock<Vec<Trace>> = OnceLock::new();
    let traced = |script: &Script| {
        let (stage, bundle) = (script.prepare)();
        let trace = Trace::of(&stage, script.file, bundle.as_deref());
        trace.assert_synced_before_told();
        trace
    };
    TRACED.get_or_init(|| SCRIPTS.iter().map(traced).collect())
}

/// One call for each distinct place that no script before this one has, with each fault that it can have. A place is first
/// reached in the same act by every script that has it: once is enough, and the random points see it everywhere. A kill where
/// something is only read is left to the random points too: it is a kill before the next write.
fn distinct(traces: &[Trace], script: usize) -> Vec<Point> {
    let name = |call: &Call| (call.name.clone(), call.place.clone());
    let swept: BTreeSet<_> = traces[..script].iter().flat_map(|trace| &trace.calls).map(name).collect();
    let mut places = BTreeMap::new();
    for call in traces[script].calls.iter().filter(|call| !swept.contains(&name(call))) {
        places.entry(name(call)).or_insert(call);
    }
    let faults = |call: &Call| {
        let faults = Fault::of(call);
        let only_reads = !faults.contains(&Fault::NoSpace);
        faults.into_iter().filter(move |fault| !(only_reads && *fault == Fault::Killed))
    };
    let points = places.values().flat_map(|call| faults(call).map(|fault| Point { call: (*call).clone(), fault }));
    points.collect()
}

/// Calls drawn from all of them, each with a fault that it can have. The seed is told, so that they can be drawn again.
fn random(trace: &Trace, Script { file: script, random, .. }: &Script) -> Vec<Point> {
    let seed = match std::env::var("KEYRITE_FAULT_SEED") {
        Ok(seed) => seed.parse().expect("a number"),
        Err(_) => u64::from_be_bytes(randomness::kernel(8).unwrap()[..].try_into().unwrap()),
    };
    println!("{script}: the random points are drawn with KEYRITE_FAULT_SEED={seed}");
    let mut state = seed;
    let mut draw = |below: usize| {
        // SplitMix64: enough to pick points.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below as u64).unwrap()
    };
    (0..*random)
        .map(|_| {
            let call = trace.calls[draw(trace.calls.len())].clone();
            let faults = Fault::of(&call);
            let fault = faults[draw(faults.len())];
            Point { call, fault }
        })
        .collect()
}

/// Plays every point; gives what went wrong, and how often a fault ended the run.
fn play(script: &Script, points: &[Point]) -> (Vec<String>, usize) {
    let (next, ended, missed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (stage, bundle) = (script.prepare)();
                    match judge::judge(&stage, script.file, bundle.as_deref(), &point.call, point.fault) {
                        Ok(Verdict::Ended) => drop(ended.fetch_add(1, Ordering::Relaxed)),
                        Ok(Verdict::Borne) => {}
                        Ok(Verdict::Missed) => drop(missed.fetch_add(1, Ordering::Relaxed)),
                        Err(why) => {
                            let place = format!("{} {} ({})", point.call.name, point.call.place, point.call.number);
                            wrong.lock().unwrap().push(format!("{:?} at {place}: {why}", point.fault));
                        }
                    }
                }
            });
        }
    });
    let missed = missed.into_inner();
    assert!(missed * 50 < points.len(), "{missed} of {} faults did not happen", points.len());
    (wrong.into_inner().unwrap(), ended.into_inner())
}

fn every_place(number: usize) {
    let (script, trace) = (&SCRIPTS[number], &traces()[number]);
    let mut points = distinct(traces(), number);
    println!("{}: {} calls, {} faults at places of its own", script.file, trace.calls.len(), points.len());
    assert!(trace.calls.len() > 500 && (number > 0 || points.len() > 400), "strace shows less than it should");
    points.extend(random(trace, script));
    let (wrong, ended) = play(script, &points);
    println!("{}: {ended} of {} faults ended the run", script.file, points.len());
    assert!(wrong.is_empty(), "{} of {} points:\n{}", wrong.len(), points.len(), wrong.join("\n"));
    assert!(ended > points.len() / 2, "only {ended} of {} faults ended a run: they do not hit", points.len());
}

#[test]
fn root_generation_bears_every_fault() {
    every_place(0);
}

#[test]
fn delegation_bears_every_fault() {
    every_place(1);
}

#[test]
fn a_change_of_pins_bears_every_fault() {
    every_place(2);
}

#[test]
fn an_unblocked_card_bears_every_fault() {
    every_place(3);
}

#[test]
fn a_reloaded_card_bears_every_fault() {
    every_place(4);
}

#[test]
fn a_retired_card_bears_every_fault() {
    every_place(5);
}

#[test]
fn the_generation_of_card_only_roots_bears_every_fault() {
    every_place(6);
}

#[test]
fn a_delegation_by_a_card_only_root_bears_every_fault() {
    every_place(7);
}

#[test]
fn a_lost_card_that_is_replaced_bears_every_fault() {
    every_place(8);
}

#[test]
fn a_drill_bears_every_fault() {
    every_place(9);
}

#[test]
fn a_resharing_bears_every_fault() {
    every_place(10);
}

/// Whatever is shipped is swept: no script is forgotten here.
#[test]
fn every_shipped_script_is_swept() {
    for folder in ["ceremony", "ceremony/card-only"] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_str().unwrap();
            if name.ends_with(".toml") && !name.ends_with("organization.toml") {
                assert!(SCRIPTS.iter().any(|script| script.file == name), "{name} is not swept");
            }
        }
    }
}
