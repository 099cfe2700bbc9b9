//! How long a ceremony takes for many requests, apart from its card and from gpg.
//!
//! ```text
//! cargo bench --bench requests              1,000 requests
//! cargo bench --bench requests -- 100
//! ```
//!
//! Prints keyrite's own processor seconds, those of the card and of gpg beside it, wall seconds, and how often something was synced to
//! the disk. Exit: 0 when keyrite itself took less than 30 s for 1,000 requests, and no more for each of another number.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

#[path = "../../tests/support/measured.rs"]
mod measured;
#[path = "../../tests/support/signers.rs"]
mod signers;
#[path = "../../tests/support/stage.rs"]
mod stage;

use std::process::{Command, ExitCode};

use measured::measured;
use signers::{Signer, bundle};
use stage::{DELEGATION, ROOT_GENERATION, Stage};

/// The bar, for 1,000.
const SECONDS: f64 = 30.0;

fn main() -> ExitCode {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_u32);
    let stage = Stage::empty();
    stage.run(ROOT_GENERATION, None).done();
    let signers: Vec<Signer> = (0..count).map(|number| Signer::new(&format!("s{number}"))).collect();
    let incoming = bundle(&stage.folder().join("incoming"), &signers);
    let traced = stage.rehearse(DELEGATION, Some(&incoming));
    // Counting what is synced slows it down: only where somebody asks for it.
    let counts = stage.folder().join("synced");
    let mut run = Command::new("strace");
    run.args(["--seccomp-bpf", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o"]).arg(&counts);
    run.arg(traced.get_program()).args(traced.get_args()).env("TMPDIR", stage.folder()).env_remove("RUST_BACKTRACE");
    let plain = std::env::var_os("KEYRITE_BENCH_STRACE").is_none();
    let ran = measured(if plain { &traced } else { &run });
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(stage.past().history.delegations.len(), signers.len());
    let bar = SECONDS * f64::from(count) / 1_000.0;
    println!(
        "{count} requests: keyrite itself {:.2} s, card and gpg {:.2} s, wall {:.2} s",
        ran.own,
        ran.cpu - ran.own,
        ran.wall
    );
    if !plain {
        let synced = std::fs::read_to_string(counts).unwrap().lines().filter(|line| line.contains("sync(")).count();
        println!("synced {synced} times");
    }
    println!("{} {bar} s", if ran.own < bar { "under" } else { "NOT under" });
    if ran.own < bar { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
