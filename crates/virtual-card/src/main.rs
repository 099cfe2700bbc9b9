//! `keyrite-virtual-card`: parse, run, report, exit code.

use std::process::ExitCode;

use clap::Parser;
use keyrite_virtual_card::{cli::Cli, report};
use rustix::{fs::Mode, process::umask};

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
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
