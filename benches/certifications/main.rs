//! How long keyrite takes to read and verify published keys, beside gpg on the same keys in the same run.
//!
//! ```text
//! cargo bench --bench certifications             1,000 and 10,000 certificates
//! cargo bench --bench certifications -- 500 2000
//! ```
//!
//! Prints processor and wall seconds of both, and their ratios. Exit: 0 when keyrite takes at the most 0.12 of gpg's wall time for the
//! larger number, and at the most 11 times as much for ten times as many.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

#[path = "../../tests/support/gpg.rs"]
mod gpg;
#[path = "../../tests/support/measured.rs"]
mod measured;
#[path = "../../tests/support/signers.rs"]
mod signers;

use std::path::Path;
use std::process::{Command, ExitCode};

use gpg::Home;
use measured::{Measured, measured};
use signers::Root;

/// The bars.
const OF_GPG: f64 = 0.12;
const TIMES_FOR_TEN: f64 = 11.0;
/// The best of so many runs counts.
const RUNS: usize = 3;

fn main() -> ExitCode {
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let counts = if asked.is_empty() { vec![1_000, 10_000] } else { asked };
    let root = Root::new();
    let mut times = Vec::new();
    let mut good = true;
    for count in &counts {
        let home = Home::new();
        let keys = home.write("keys.txt", &root.keys(*count));
        let ours = best(|| keyrite(&home, &root, &keys, *count));
        let gpgs = best(|| check_sigs(&home, &root, *count));
        let (cpu, wall) = (ours.cpu / gpgs.cpu, ours.wall / gpgs.wall);
        println!("{count} certifications: keyrite {:.3} s ({:.3} s wall, {} KiB)", ours.cpu, ours.wall, ours.size);
        println!("    gpg --check-sigs {:.3} s ({:.3} s wall, {} KiB)", gpgs.cpu, gpgs.wall, gpgs.size);
        println!("    ratio {cpu:.3} ({wall:.3} wall): {} {OF_GPG} wall", under(wall <= OF_GPG));
        // What a user waits for, on two threads; with few keys, the start of the program is most of it.
        good &= wall <= OF_GPG || Some(count) != counts.last();
        times.push((*count, ours.cpu));
    }
    if let [(few, short), .., (many, long)] = times[..] {
        let (grown, more) = (long / short, f64::from(u32::try_from(many / few).unwrap()));
        let bar = TIMES_FOR_TEN * more / 10.0;
        println!("{grown:.1} times the time for {more} times as many: {} {bar}", under(grown <= bar));
        good &= grown <= bar;
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn under(is_under: bool) -> &'static str {
    if is_under { "at most" } else { "NOT at most" }
}

fn best(run: impl Fn() -> Measured) -> Measured {
    (0..RUNS).map(|_| run()).min_by(|a, b| a.cpu.total_cmp(&b.cpu)).expect("one")
}

/// keyrite, from the file to the last line.
fn keyrite(home: &Home, root: &Root, keys: &str, count: usize) -> Measured {
    let certificate = home.write("root.asc", &root.certificate());
    let mut list = Command::new(env!("CARGO_BIN_EXE_keyrite"));
    // Errors that nobody sees would collect backtraces.
    list.env_remove("RUST_BACKTRACE").args(["delegation", "list", "--keys", keys, "--root", &certificate]);
    let ran = measured(&list);
    assert_eq!((ran.code, ran.err.trim()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains(&format!("\n{count} certificate(s): {count} in force")), "{}", &ran.out[..400]);
    ran
}

/// gpg, which has the keys already.
fn check_sigs(home: &Home, root: &Root, count: usize) -> Measured {
    let ring = home.path().join("pubring.kbx");
    if !Path::new(&ring).exists() {
        let quick = ["--no-auto-check-trustdb", "--import-options", "fast-import", "--import"];
        for file in ["root.asc", "keys.txt"] {
            home.gpg(&[&quick[..], &[file]].concat(), b"");
        }
    }
    let mut check = Command::new("gpg");
    check.args(["--batch", "--no-tty", "--no-auto-check-trustdb", "--with-colons", "--check-sigs"]);
    check.env("GNUPGHOME", home.path());
    let ran = measured(&check);
    let by_root = format!(":{}:", root.key_id());
    let good = ran.out.lines().filter(|line| line.starts_with("sig:!:") && line.contains(&by_root)).count();
    // The root's own, too: its direct-key signature and that of its user ID.
    assert!(good >= count, "gpg finds {good} good signatures by the root: {}", ran.err);
    ran
}
