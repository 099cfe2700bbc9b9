//! `keyrite init`: a folder to begin with.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, Screen};
use crate::model::shown::Shown;
use crate::workstation::WorkstationError;
use crate::workstation::files::{self, Readers};

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder; made when it is not there, and otherwise empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// What is shipped, as it stands in the repository.
const FILES: [(&str, &str); 3] = [
    ("organization.toml", include_str!("../../ceremony/organization.toml")),
    ("root-generation.toml", include_str!("../../ceremony/root-generation.toml")),
    ("delegation.toml", include_str!("../../ceremony/delegation.toml")),
];

/// Writes the example organization and the shipped scripts, to be changed.
///
/// # Errors
/// When something is in the folder already, or it cannot be written.
pub fn run(arguments: &Arguments) -> Result<(), CliError> {
    let folder = &arguments.folder;
    files::make_folder(folder)?;
    if std::fs::read_dir(folder).map_err(WorkstationError::io("list", folder))?.next().is_some() {
        return Err(WorkstationError::Exists { path: folder.clone() }.into());
    }
    let mut screen = Screen::new();
    for (name, text) in FILES {
        files::write_new(&folder.join(name), text.as_bytes(), Readers::All)?;
        screen.line(&Shown::new(&folder.join(name).to_string_lossy()).to_string())?;
    }
    let folder = Shown::new(&folder.to_string_lossy()).to_string();
    screen.line("")?;
    screen.line("Make them yours, the organization first. Then:")?;
    screen.line(&format!("    keyrite ceremony check {folder}/root-generation.toml {folder}/delegation.toml"))?;
    screen.line(&format!("    keyrite plan {folder}/root-generation.toml"))?;
    screen.line(&format!("    keyrite ceremony rehearse {folder}/root-generation.toml --scratch {folder}/rehearsal"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::control::Control;
    use crate::model::fault::Fault;

    #[test]
    fn writes_what_is_shipped_and_overwrites_nothing() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("own");
        run(&Arguments { folder: folder.clone() }).unwrap();
        for (name, _) in FILES {
            let shipped = std::fs::read(format!("ceremony/{name}")).unwrap();
            assert_eq!(std::fs::read(folder.join(name)).unwrap(), shipped, "{name}");
        }
        std::fs::remove_file(folder.join("organization.toml")).unwrap();
        let refused = run(&Arguments { folder: folder.clone() }).unwrap_err();
        assert_eq!(refused.control(), Some(Control::NoOverwrite));
        assert!(!folder.join("organization.toml").exists());
    }
}
