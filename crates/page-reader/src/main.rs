//! `keyrite-page-reader`: parse, run, report, exit code.

use std::process::ExitCode;

use clap::Parser;
use keyrite_page_reader::{cli::Cli, report};

/// A page may be a share: what the decoders free is wiped.
#[global_allocator]
static HEAP: keyrite_locked::Wiping = keyrite_locked::Wiping;

fn main() -> ExitCode {
    report::panics_silently();
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
