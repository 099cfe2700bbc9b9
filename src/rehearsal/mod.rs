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

use crate::ceremony::CeremonyError;
use crate::ceremony::run::{self, Finished, Setting};
use crate::ceremony::scene::{Bundles, Programs};
use crate::format::place::Source;
use crate::format::{organization, script};
use crate::model::hash::Hash;
use crate::model::mode::Mode;
use crate::workstation::card::{SharedTap, VirtualRack};
use crate::workstation::files;
use crate::workstation::journal::Observer;
use crate::workstation::register::Register;
use crate::workstation::stock::gpg;

/// The largest script or organization.
const LARGEST: u64 = 1024 * 1024;

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
    /// Passes on what the cards are told; tests cut there.
    pub tap: Option<SharedTap>,
    /// Told after each line of the transcript.
    pub observer: Option<Observer>,
}

impl Rehearsal {
    /// Runs a script, or goes on with it, and stops the virtual cards when it is over. When it is cut off, the cards keep
    /// their power for a while, as in life.
    ///
    /// # Errors
    /// Whatever stops the ceremony.
    pub fn run(
        self,
        script_file: &Path,
        organization_file: &Path,
        incoming: Option<PathBuf>,
        out: &mut dyn Write,
    ) -> Result<Finished, CeremonyError> {
        let script_source = read(script_file)?;
        let script = script::read(&script_source)?;
        let organization_source = read(organization_file)?;
        let organization = organization::read(&organization_source)?;
        let register = Register::open_or_create(&self.scratch.join("register"))?;
        let mut cards = Cards::start(&self.virtual_card, &self.scratch, organization.cards())?;
        let sockets: BTreeMap<_, _> = cards.sockets();
        let mut rack = VirtualRack::new(Mode::Rehearsal, sockets);
        if let Some(tap) = self.tap {
            rack = rack.tapped(tap);
        }
        let mut cast = Cast::new(&self.scratch, out);
        cast.open(&script.header.title, &organization.name);
        let setting = Setting {
            organization: &organization,
            organization_sha256: Hash::of(organization_source.text().as_bytes()),
            mode: Mode::Rehearsal,
            register: &register,
            rack: &mut rack,
            dialogue: &mut cast,
            programs: &Programs { keyrite: self.keyrite, gpg: gpg::find() },
            bundles: &Bundles { incoming, outgoing: self.scratch.join("bundles") },
            hardening: self.hardening,
            observer: self.observer,
        };
        let finished = run::run(&script, setting)?;
        cast.close(&finished);
        cards.stop()?;
        Ok(finished)
    }
}

fn read(path: &Path) -> Result<Source, CeremonyError> {
    Ok(Source::new(&path.to_string_lossy(), &files::read_named(path, LARGEST)?)?)
}
