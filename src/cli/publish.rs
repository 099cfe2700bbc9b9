//! `keyrite publish`: everything for the web server, out of the newest bundle and a copy of the register.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, Screen};
use crate::ceremony::publish::{self, Published};
use crate::ceremony::records::book::Book;
use crate::ceremony::records::copy;
use crate::model::hash::Hash;
use crate::model::shown::Shown;
use crate::publication::BaseUrl;
use crate::workstation::files;
use crate::workstation::register::Register;
use crate::workstation::sandbox::Writable;

/// Arguments.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The outgoing bundle of the last ceremony that wrote one
    #[arg(long, value_name = "DIR")]
    bundle: PathBuf,
    /// The register, or a copy of it
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// The new folder, for the web server
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where that folder will be reached: https://, a host and a path
    #[arg(long, value_name = "URL")]
    base_url: Option<BaseUrl>,
}

impl Arguments {
    /// Where it writes: the lock of the register, and the new folder.
    #[must_use]
    pub fn writable(&self) -> Writable {
        Writable::below(&self.register).and_new(&self.out)
    }
}

/// Does it.
///
/// # Errors
/// A bundle that is not the newest, or not what the records key signed; minutes that are not what they should be; a folder that is
/// there already.
pub fn run(arguments: &Arguments) -> Result<(), CliError> {
    let register = Register::open(&arguments.register)?;
    copy::must_be_possible(register.root(), &arguments.out)?;
    let book = Book::open(&register)?;
    let published = publish::derive(&book, &arguments.bundle, arguments.base_url.clone())?;
    files::write_public_folder(&arguments.out, &published.files)?;
    told(&published)
}

fn told(published: &Published) -> Result<(), CliError> {
    let Published { files, state, direct } = published;
    let mut screen = Screen::new();
    if let Some(mark) = state.mode.mark() {
        screen.line(mark)?;
    }
    screen.line(&format!("{}, as of {}, ceremony {}", Shown::new(&state.organization), state.as_of, state.ceremony))?;
    for root in &state.roots {
        screen.line(&format!("{}  {}", root.name, root.fingerprint.groups()))?;
    }
    screen.line(&format!(
        "{} delegation(s) in force, {} over; {} revocation(s); minutes of {} ceremonies",
        state.now.len(),
        state.earlier.len(),
        state.revocations.len(),
        state.minutes.len()
    ))?;
    for domain in &state.directories {
        let method = if direct.as_ref() == Some(domain) { "direct and advanced method" } else { "advanced method" };
        screen.line(&format!("Web Key Directory of {domain}: {method}"))?;
    }
    let page = files.get("index.html").map(|page| Hash::of(page).to_string()).unwrap_or_default();
    screen.line(&format!("{} files written, each read again", files.len()))?;
    screen.line(&format!("{page}  index.html"))
}
