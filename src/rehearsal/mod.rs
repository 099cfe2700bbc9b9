//! Floor 4: rehearsals: virtual cards, a cast that answers, and pockets with marked test secrets.
//!
//! ```text
//! SCRATCH/register/   what a real register would hold
//! SCRATCH/cards/      one file per virtual card
//! SCRATCH/pockets/    what the people of a rehearsal hold: test secrets, marked as such
//! SCRATCH/bundles/    what is carried in and out
//! ```

mod cards;
mod cast;
mod pockets;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use keyrite_locked::Hardening;

pub use cards::Cards;
pub use cast::Cast;
pub use pockets::Pockets;

use crate::ceremony::CeremonyError;
use crate::ceremony::dialogue::Dialogue;
use crate::ceremony::run::{self, Finished, Setting};
use crate::ceremony::scene::{Bundles, Programs};
use crate::ceremony::screen;
use crate::ceremony::written::Written;
use crate::model::mode::Mode;
use crate::workstation::card::{SharedTap, VirtualRack};
use crate::workstation::fitness::{Own, Probe};
use crate::workstation::journal::Observer;
use crate::workstation::register::Register;
use crate::workstation::runtime::Folder;
use crate::workstation::sandbox::{Sandbox, Writable};
use crate::workstation::stock::gpg;
use crate::workstation::{WorkstationError, files};

/// A rehearsal's folders and programs.
pub struct Rehearsal {
    /// The scratch folder.
    pub scratch: PathBuf,
    /// keyrite.
    pub keyrite: PathBuf,
    /// keyrite-virtual-card.
    pub virtual_card: PathBuf,
    /// What the machine granted this process.
    pub hardening: Hardening,
    /// What the kernel granted this process.
    pub sandbox: Sandbox,
    /// Passes on what the cards are told; tests cut there.
    pub tap: Option<SharedTap>,
    /// Told after each line of the transcript.
    pub observer: Option<Observer>,
}

impl Rehearsal {
    /// Makes the folders in which the cards of a rehearsal lie and listen, and says where it writes. Parts of the scratch
    /// folder may be links to other disks. Of the temporary files it needs that one folder, which is removed at the end.
    ///
    /// # Errors
    /// When a folder cannot be made.
    pub fn prepare(scratch: &Path) -> Result<(Folder, Writable), WorkstationError> {
        let cards = scratch.join("cards");
        files::make_folder(&cards)?;
        let runtime = Folder::of(&cards)?;
        let parts = ["register", "pockets", "bundles"].map(|part| scratch.join(part));
        let below = [scratch.to_owned(), cards, runtime.path().to_owned()].into_iter().chain(parts).collect();
        let emptied = runtime.path().parent().map(Path::to_owned).into_iter().collect();
        Ok((runtime, Writable { below, emptied }))
    }

    /// Runs a script with the cast, or goes on with it, and takes the virtual cards out when it ends. When it is killed,
    /// they keep their power for a while, as in life.
    ///
    /// # Errors
    /// Whatever stops the ceremony.
    pub fn run(
        self,
        script_file: &Path,
        organization_file: Option<&Path>,
        incoming: Option<PathBuf>,
        out: &mut dyn Write,
    ) -> Result<Finished, CeremonyError> {
        let mut cast = Cast::new(&self.scratch, out);
        self.with(&mut cast, "Virtual cards, and a cast that answers.", script_file, organization_file, incoming)
    }

    /// The same with people who answer.
    ///
    /// # Errors
    /// Whatever stops the ceremony.
    pub fn run_by_hand(
        self,
        script_file: &Path,
        organization_file: Option<&Path>,
        incoming: Option<PathBuf>,
        people: &mut dyn Dialogue,
    ) -> Result<Finished, CeremonyError> {
        self.with(people, "Virtual cards, and people who answer.", script_file, organization_file, incoming)
    }

    fn with(
        self,
        dialogue: &mut dyn Dialogue,
        stage: &str,
        script_file: &Path,
        organization_file: Option<&Path>,
        incoming: Option<PathBuf>,
    ) -> Result<Finished, CeremonyError> {
        let written = Written::read(script_file, organization_file)?;
        let (script, organization) = (written.script()?, written.organization());
        let register = Register::open_or_create(&self.scratch.join("register"))?;
        // With the register locked nobody else is writing here.
        files::sweep(&self.scratch);
        let mut cards = Cards::start(&self.virtual_card, &self.scratch, organization.cards())?;
        files::sweep(cards.readers());
        let sockets: BTreeMap<_, _> = cards.sockets();
        let mut rack = VirtualRack::new(Mode::Rehearsal, sockets);
        if let Some(tap) = self.tap {
            rack = rack.tapped(tap);
        }
        for line in screen::heading(Mode::Rehearsal, &script.header, organization) {
            dialogue.tell(&line);
        }
        dialogue.tell(&format!("{stage} Test secrets lie in pockets/."));
        let setting = Setting {
            organization,
            organization_sha256: written.organization_sha256(),
            mode: Mode::Rehearsal,
            register: &register,
            rack: &mut rack,
            dialogue: &mut *dialogue,
            programs: &Programs { keyrite: self.keyrite, gpg: gpg::find(cards.readers()) },
            bundles: &Bundles { incoming, outgoing: Some(self.scratch.join("bundles")) },
            probe: Probe::new(Path::new("/"), Own::look(self.hardening, self.sandbox)),
            observer: self.observer,
            clears: false,
        };
        let result = run::run(&script, setting);
        // Whoever ends in good order, well or not, takes the cards out; a kill leaves them their power, as in life.
        cards.stop()?;
        let finished = result?;
        dialogue.tell("");
        for line in screen::over(&finished) {
            dialogue.tell(&line);
        }
        Ok(finished)
    }
}
