//! What was written before a ceremony: its script and the organization, read once.

use std::path::{Path, PathBuf};

use super::CeremonyError;
use crate::format::FormatError;
use crate::format::place::Source;
use crate::format::script::Script;
use crate::format::{organization, script};
use crate::model::hash::Hash;
use crate::model::organization::Organization;
use crate::workstation::files;

/// The largest script or organization.
const LARGEST: u64 = 1024 * 1024;

/// A script and its organization, as their files were when they were read.
pub struct Written {
    script: Source,
    source: Source,
    organization: Organization,
}

impl Written {
    /// Reads both; the organization from the file that is named, or from `organization.toml` beside the script.
    ///
    /// # Errors
    /// A file that cannot be read, or an organization that is none.
    pub fn read(script: &Path, organization: Option<&Path>) -> Result<Self, CeremonyError> {
        let beside: PathBuf = script.with_file_name("organization.toml");
        let script = source(script)?;
        // Its own faults come before those of a file beside it.
        script::read(&script)?;
        let source = source(organization.unwrap_or(&beside))?;
        let organization = organization::read(&source)?;
        Ok(Self { script, source, organization })
    }

    /// The script.
    ///
    /// # Errors
    /// Its faults, each at its place.
    pub fn script(&self) -> Result<Script<'_>, CeremonyError> {
        Ok(script::read(&self.script)?)
    }

    /// The name of the script's file.
    #[must_use]
    pub fn script_file(&self) -> &str {
        self.script.file()
    }

    /// The organization.
    #[must_use]
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// A fault at the first text, of the script or of the organization, that has this character.
    #[must_use]
    pub fn fault_at(&self, character: char, message: &str) -> Option<FormatError> {
        [&self.script, &self.source]
            .into_iter()
            .find_map(|source| source.place_of_character(character).map(|place| source.fault(place, message)))
    }

    /// SHA-256 of the organization's file.
    #[must_use]
    pub fn organization_sha256(&self) -> Hash {
        Hash::of(self.source.text().as_bytes())
    }
}

/// A file that somebody wrote.
///
/// # Errors
/// When it cannot be read as text.
pub fn source(path: &Path) -> Result<Source, CeremonyError> {
    Ok(Source::new(&path.to_string_lossy(), &files::read_named(path, LARGEST)?)?)
}
