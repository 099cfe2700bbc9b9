//! `keyrite-virtual-card`: parse, run, report, exit code.

use std::{panic::catch_unwind, process::ExitCode};

use clap::Parser;
use keyrite_virtual_card::{cli::Cli, report};
use rustix::{fs::Mode, process::umask};

/// The exit code of a bug (EX_SOFTWARE).
const BUG: u8 = 70;

fn main() -> ExitCode {
    // Card file and socket are for this user only, from the moment they exist.
    umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
    report::panics_as_one_line();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Help goes to stdout with 0, a wrong command line to stderr with 2.
            usage.print().ok();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    match catch_unwind(|| cli.run()) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            report::error(&error);
            ExitCode::from(error.exit_code())
        }
        // The panic hook has said it.
        Err(_) => ExitCode::from(BUG),
    }
}
