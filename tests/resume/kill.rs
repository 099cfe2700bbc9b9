//! Real kills: SIGKILL at random moments, then the same command again.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keyrite::model::hash::Hash;
use keyrite::workstation::randomness;

use sequoia_openpgp::parse::Parse as _;

use crate::signers::{Signer, bundle};
use crate::stage::{Stage, copy, keyrite, virtual_card};

/// How often keyrite is killed in all.
const KILLS: u32 = 20;
/// How often in a batch.
const BATCH_KILLS: u32 = 12;

#[test]
fn twenty_kills_at_random_moments() {
    let stage = Stage::new("kill");
    virtual_card();
    let bundle = stage.request("anna", "packages");
    // How long the two ceremonies take undisturbed: kills fall anywhere in it.
    let whole = Stage::new("whole");
    let started = Instant::now();
    run(&whole, "ceremony/root-generation.toml", None, None);
    let long = started.elapsed();
    let started = Instant::now();
    run(&whole, "ceremony/delegation.toml", Some(&bundle), None);
    let short = started.elapsed();

    let mut kills = 0;
    let mut rounds = Vec::new();
    while kills < KILLS {
        let round = Stage::new("round");
        let before = kills;
        kills += until_done(&round, "ceremony/root-generation.toml", None, long);
        kills += until_done(&round, "ceremony/delegation.toml", Some(&bundle), short);
        round.well_ended(&round.scratch()).unwrap();
        assert_eq!(crate::stage::past(&round.scratch()).history.delegations.len(), 1);
        rounds.push(kills - before);
        assert!(rounds.len() < 60, "kills do not hit: {rounds:?}");
    }
}

#[test]
fn a_batch_of_three_goes_on_after_kills_with_one_certification_each() {
    let first = Stage::new("batch");
    virtual_card();
    let signers = ["ann", "bea", "cas"].map(Signer::new);
    let bundle = bundle(&first.folder().join("incoming"), &signers);
    first.run(Path::new("ceremony/root-generation.toml"), None).unwrap();
    let stage = |name| {
        let stage = Stage::new(name);
        copy(&first.scratch(), &stage.scratch());
        stage
    };
    let whole = stage("whole");
    let started = Instant::now();
    run(&whole, "ceremony/delegation.toml", Some(&bundle), None);
    let long = started.elapsed();

    let (mut kills, mut rounds) = (0, 0);
    while kills < BATCH_KILLS {
        let round = stage("round");
        kills += until_done(&round, "ceremony/delegation.toml", Some(&bundle), long);
        round.well_ended(&round.scratch()).unwrap();
        let delegations = crate::stage::past(&round.scratch()).history.delegations;
        let mut requests: Vec<_> = delegations.iter().map(|delegation| delegation.request.as_str()).collect();
        requests.sort_unstable();
        assert_eq!(requests, ["2026-11-ann", "2026-11-bea", "2026-11-cas"]);
        let files = std::fs::read_dir(round.scratch().join("register/delegations/packages")).unwrap();
        assert_eq!(files.count(), 3);
        // What the card signed more than that was told to nobody, and is accounted for: well_ended compares its counter.
        for delegation in delegations {
            let path = round.scratch().join("register").join(&delegation.certificate.path);
            let cert = sequoia_openpgp::Cert::from_bytes(&std::fs::read(path).unwrap()).unwrap();
            assert_eq!(cert.userids().map(|user_id| user_id.certifications().count()).sum::<usize>(), 1);
        }
        rounds += 1;
        assert!(rounds < 40, "kills do not hit: {kills} in {rounds} rounds");
    }
}

/// Runs a ceremony, killed at random moments, until it is done; gives the number of kills.
fn until_done(stage: &Stage, script: &str, bundle: Option<&Path>, whole: Duration) -> u32 {
    let mut kills = 0;
    loop {
        let after = whole.mul_f64(f64::from(random()) / f64::from(u16::MAX));
        // Not for ever: after some kills it may finish.
        let after = (kills < 4).then_some(after);
        if run(stage, script, bundle, after) {
            return kills;
        }
        kills += 1;
        // The kill may fall between the last line and the end of the process: then it is over.
        if finished(&stage.scratch(), script) {
            return kills;
        }
    }
}

/// Whether the last ceremony is the one of this script, and over.
fn finished(scratch: &Path, script: &str) -> bool {
    if !scratch.join("register/transcripts").is_dir() {
        return false;
    }
    let current = crate::stage::past(scratch).history.current;
    let sha256 = Hash::of(&std::fs::read(script).unwrap());
    current.finished && current.opening.is_some_and(|opening| opening.script == sha256)
}

fn random() -> u16 {
    let bytes = randomness::kernel(2).unwrap();
    u16::from_be_bytes([bytes[0], bytes[1]])
}

/// Runs keyrite; kills it after a while. Whether it ended by itself, which must be well.
fn run(stage: &Stage, script: &str, bundle: Option<&Path>, kill_after: Option<Duration>) -> bool {
    let mut command = Command::new(keyrite());
    command.args(["ceremony", "rehearse", script, "--scratch"]).arg(stage.scratch());
    command.args(bundle.iter().flat_map(|bundle| [Path::new("--bundle"), bundle]));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    if let Some(after) = kill_after {
        std::thread::sleep(after);
        let _ = child.kill();
    }
    let output = child.wait_with_output().unwrap();
    let killed = std::os::unix::process::ExitStatusExt::signal(&output.status) == Some(9);
    assert!(killed || output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    !killed
}
