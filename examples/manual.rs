//! Writes man pages and shell completions, from the one definition of the command line.
//!
//! ```text
//! cargo run --example manual -- DIR
//! ```
//!
//! `DIR/man` gets a page for each verb, `DIR/completions` a file for bash, fish and zsh. Files of an earlier run are
//! written over: they hold nothing but what this program wrote.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap_complete::Shell;
use keyrite::cli::Cli;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let usage = || io::Error::new(io::ErrorKind::InvalidInput, "usage: manual DIR");
    write(&folder.ok_or_else(usage)?)
}

/// Writes everything below `folder`.
///
/// # Errors
/// When a folder cannot be made or a file cannot be written.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let (pages, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&pages)?;
    fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(Cli::command(), &pages)?;
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut Cli::command(), "keyrite", &completions)?;
    }
    Ok(())
}
