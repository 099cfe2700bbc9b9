//! `keyrite ceremony run`: a ceremony that counts, on real cards and with people at this terminal.

use std::path::{Path, PathBuf};

use clap::Args;
use keyrite_locked::Hardening;

use super::papers::Sheet;
use super::{CliError, Press, Terminal};
use crate::ceremony::dialogue::Dialogue;
use crate::ceremony::records::copy;
use crate::ceremony::run::{self, Finished, Setting};
use crate::ceremony::scene::{Bundles, Programs};
use crate::ceremony::screen;
use crate::ceremony::written::Written;
use crate::model::mode::Mode;
use crate::model::shown::Shown;
use crate::workstation::card::Rack;
use crate::workstation::files;
use crate::workstation::fitness::{Own, Probe};
use crate::workstation::printer::Printer;
use crate::workstation::register::Register;
use crate::workstation::runtime::Folder;
use crate::workstation::sandbox::{Sandbox, Writable};
use crate::workstation::stock::gpg;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The script
    #[arg(value_name = "FILE")]
    pub script: PathBuf,
    /// The organization; by default organization.toml beside the script
    #[arg(long, value_name = "FILE")]
    pub organization: Option<PathBuf>,
    /// The register; made when it is not there
    #[arg(long, value_name = "DIR")]
    pub register: PathBuf,
    /// A new folder for a copy of the register when all is done, on another medium; once for each copy
    #[arg(long, value_name = "DIR", required = true)]
    pub copy: Vec<PathBuf>,
    /// The incoming bundle: requests, or certificates to which shares are copied
    #[arg(long, value_name = "DIR")]
    pub bundle: Option<PathBuf>,
    /// The folder in which a bundle that leaves the room is written, and copies of shares
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// A printer for share sheets, such as /dev/usb/lp0: a device that takes PDF as it is. Without one they are copied by hand
    #[arg(long, value_name = "DEVICE")]
    pub printer: Option<PathBuf>,
    /// The size of its paper
    #[arg(long, value_enum, default_value_t, requires = "printer")]
    pub size: Sheet,
    /// The same with everything marked as not for use, on a register of its own and on cards that are reset afterwards
    #[arg(long)]
    pub dress_rehearsal: bool,
    /// At the end, reset every card that the register knows: after the last ceremony of a dress rehearsal
    #[arg(long, requires = "dress_rehearsal")]
    pub reset_cards: bool,
}

impl Arguments {
    /// How much the ceremony counts.
    #[must_use]
    pub fn mode(&self) -> Mode {
        if self.dress_rehearsal { Mode::DressRehearsal } else { Mode::Production }
    }

    /// Opens the printer: before the sandbox, which would not let it be opened.
    ///
    /// # Errors
    /// When it is not there, or is no device.
    pub fn press(&self) -> Result<Option<Press>, CliError> {
        let press = |path: &PathBuf| Ok(Press::new(Printer::open(path)?, self.size.into())?);
        self.printer.as_ref().map(press).transpose()
    }

    /// Makes the register's folder, and one for what lives no longer than the ceremony; says where it writes.
    ///
    /// # Errors
    /// When a folder cannot be made, or a copy's is there already.
    pub fn prepare(&self) -> Result<(Folder, Writable), CliError> {
        files::make_folder(&self.register)?;
        self.copy.iter().try_for_each(|to| copy::must_be_possible(&self.register, to))?;
        let runtime = Folder::of(&self.register)?;
        let mut writable = Writable::below(&self.register);
        writable.below.push(runtime.path().to_owned());
        writable.below.extend(self.out.clone());
        writable.emptied.extend(runtime.path().parent().map(Path::to_owned));
        Ok((runtime, self.copy.iter().fold(writable, |writable, to| writable.and_new(to))))
    }
}

/// What the machine gives.
pub struct Machine<'a> {
    /// keyrite's own file.
    pub keyrite: PathBuf,
    /// What it granted this process.
    pub hardening: Hardening,
    /// What the kernel granted this process.
    pub sandbox: Sandbox,
    /// The folder for what lives no longer than the ceremony.
    pub runtime: &'a Folder,
    /// The card readers.
    pub rack: &'a mut dyn Rack,
    /// The printer for share sheets.
    pub press: Option<Press>,
}

/// Runs it, or goes on with it, and copies the register.
///
/// # Errors
/// Whatever stops the ceremony, and a copy that cannot be made.
pub fn run(arguments: &Arguments, mut machine: Machine<'_>) -> Result<(), CliError> {
    let mut terminal = Terminal::open(None)?.printing(machine.press.take());
    let register = Register::open_or_create(&arguments.register)?;
    // With the register locked nobody else is writing here.
    files::sweep(&arguments.register);
    files::sweep(machine.runtime.path());
    let finished = perform(arguments, machine, &register, &mut terminal)?;
    terminal.tell("");
    for line in screen::over(&finished) {
        terminal.tell(&line);
    }
    let mut failed = None;
    for to in &arguments.copy {
        let path = Shown::new(&to.to_string_lossy()).to_string();
        match copy::copy(&register, to) {
            Ok((_, files)) => {
                terminal.tell(&format!("The register is copied to {path}: {files} files, each compared by its hash."));
            }
            Err(error) => {
                terminal.tell(&format!("NO COPY at {path}: {error}"));
                terminal.tell("Mend that, and: keyrite register copy");
                failed = failed.or(Some(error));
            }
        }
    }
    for line in screen::afterwards(arguments.mode(), arguments.reset_cards) {
        terminal.tell(line);
    }
    failed.map_or(Ok(()), |error| Err(error.into()))
}

fn perform(
    arguments: &Arguments,
    machine: Machine<'_>,
    register: &Register,
    dialogue: &mut dyn Dialogue,
) -> Result<Finished, CliError> {
    let written = Written::read(&arguments.script, arguments.organization.as_deref())?;
    let (script, organization, mode) = (written.script()?, written.organization(), arguments.mode());
    for line in screen::heading(mode, &script.header, organization) {
        dialogue.tell(&line);
    }
    let setting = Setting {
        organization,
        organization_sha256: written.organization_sha256(),
        mode,
        register,
        rack: machine.rack,
        dialogue,
        programs: &Programs { keyrite: machine.keyrite, gpg: gpg::find(machine.runtime.path()) },
        bundles: &Bundles { incoming: arguments.bundle.clone(), outgoing: arguments.out.clone() },
        probe: Probe::new(Path::new("/"), Own::look(machine.hardening, machine.sandbox)),
        observer: None,
        clears: arguments.reset_cards,
    };
    Ok(run::run(&script, setting)?)
}
