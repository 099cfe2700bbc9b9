//! `keyrite release prepare`: what leaves the builder for a signer: one file.

use std::path::PathBuf;

use clap::Args;

use super::ReleaseError;
use super::files::{own_name, show, tell_hash};
use crate::cli::{CliError, Screen};
use crate::format::release::{self, MOST_FILES, file_name};
use crate::model::hash::Hash;
use crate::model::release::{Head, Release, ReleaseFile, ReleaseName};
use crate::model::shown::Shown;
use crate::workstation::files::Readers;
use crate::workstation::sandbox::Writable;
use crate::workstation::{clock, digest, files};

/// Arguments of `prepare`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The files of the release
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The release's name, such as keyrite-1.2
    #[arg(long, value_name = "NAME")]
    name: ReleaseName,
    /// The organization, by the name that its roster has
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// The scope that it is signed in, as the roster says it
    #[arg(long, value_name = "WORDS")]
    scope: String,
    /// The folder for NAME.SHA256SUMS; made when it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// From which commit or place it was built
    #[arg(long, value_name = "WORDS")]
    source: Option<String>,
    /// Who prepared it, a machine for example
    #[arg(long, value_name = "WORDS")]
    prepared_by: Option<String>,
}

impl Arguments {
    pub(super) fn writable(&self) -> Writable {
        Writable::default().and_new(&self.out.join(file_name(&self.name)))
    }

    fn head(&self) -> Result<Head, CliError> {
        let checked = |option, value: &str| match release::is_value(value) {
            true => Ok(value.to_owned()),
            false => Err(CliError::from(ReleaseError::Value { option })),
        };
        Ok(Head {
            organization: checked("--organization", &self.organization)?,
            scope: checked("--scope", &self.scope)?,
            date: clock::now()?,
            source: self.source.as_deref().map(|value| checked("--source", value)).transpose()?,
            prepared_by: self.prepared_by.as_deref().map(|value| checked("--prepared-by", value)).transpose()?,
        })
    }
}

/// Hashes, and writes the manifest.
pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let own = file_name(&arguments.name);
    let path = arguments.out.join(&own);
    let mut release = Release { name: arguments.name.clone(), head: Some(arguments.head()?), files: Vec::new() };
    // Before an hour of hashing: what cannot be written in the end.
    let mut names = Vec::new();
    for file in &arguments.files {
        let name = own_name(file)?;
        if names.contains(&name) || name.as_str() == own {
            return Err(ReleaseError::Twice { file: Shown::new(name.as_str()) }.into());
        }
        names.push(name);
    }
    if names.len() > MOST_FILES {
        return Err(ReleaseError::TooMany { most: MOST_FILES }.into());
    }
    if path.symlink_metadata().is_ok() {
        return Err(crate::workstation::WorkstationError::Exists { path }.into());
    }
    let mut sizes = Vec::new();
    for (path, name) in arguments.files.iter().zip(names) {
        let digested = digest::file(path, &[])?;
        sizes.push(Some(digested.size));
        release.files.push(ReleaseFile { name, hash: digested.sha256 });
    }
    let text = release::write(&release);
    // What a signer reads is what was meant.
    release::read(&own, text.as_bytes())?;
    if arguments.out.symlink_metadata().is_err() {
        files::make_folder(&arguments.out)?;
    }
    files::write_new(&path, text.as_bytes(), Readers::All)?;
    let mut screen = Screen::new();
    show(&mut screen, &release, &sizes)?;
    tell_hash(&mut screen, &own, Hash::of(text.as_bytes()))?;
    screen.line("Hand that file to the signer, and read them these words another way: by telephone.")
}
