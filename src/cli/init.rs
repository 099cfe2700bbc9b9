//! `keyrite init`: a folder to begin with.

use std::path::PathBuf;

use clap::Args;

use super::shipped::{BACKED_UP, CARD_ONLY};
use super::{CliError, Screen};
use crate::model::shown::Shown;
use crate::workstation::files;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder, which is new
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// For roots without a backup, each on a card of its own
    #[arg(long)]
    pub card_only: bool,
}

/// Writes an example organization and the shipped scripts for it, to be changed.
///
/// # Errors
/// When the folder is there already, or cannot be written: then nothing is.
pub fn run(arguments: &Arguments) -> Result<(), CliError> {
    let (folder, shipped) = (&arguments.folder, if arguments.card_only { CARD_ONLY } else { BACKED_UP });
    let contents = shipped.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    files::write_new_folder(folder, &[], &contents.collect())?;
    let mut screen = Screen::new();
    for (name, _) in shipped {
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
    use crate::ceremony::lint;
    use crate::ceremony::written::Written;
    use crate::model::control::Control;
    use crate::model::fault::Fault;

    #[test]
    fn writes_what_is_shipped_and_overwrites_nothing() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("own");
        run(&Arguments { folder: folder.clone(), card_only: false }).unwrap();
        for (name, _) in BACKED_UP {
            let shipped = std::fs::read(format!("ceremony/{name}")).unwrap();
            assert_eq!(std::fs::read(folder.join(name)).unwrap(), shipped, "{name}");
        }
        std::fs::remove_file(folder.join("organization.toml")).unwrap();
        let refused = run(&Arguments { folder: folder.clone(), card_only: false }).unwrap_err();
        assert_eq!(refused.control(), Some(Control::NoOverwrite));
        assert!(!folder.join("organization.toml").exists());
    }

    /// Whatever is written lints against the organization that is written beside it.
    #[test]
    fn what_is_written_for_card_only_roots_fits_together() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("own");
        run(&Arguments { folder: folder.clone(), card_only: true }).unwrap();
        for (name, _) in
            CARD_ONLY.iter().filter(|(name, _)| !["organization.toml", "incoming/roster.toml"].contains(name))
        {
            let written = Written::read(&folder.join(name), None).unwrap();
            lint::lint(&written.script().unwrap(), written.organization(), None).map(drop).unwrap();
        }
    }
}
