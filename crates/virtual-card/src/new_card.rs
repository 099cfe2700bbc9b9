//! A card's file is opened, or made when there is none.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::{
    card_file::{CardFile, Serial, blank},
    error::Error,
    firmware,
};

/// GET DATA of the application related data: the first question that makes the firmware set its PINs.
const FIRST_APDU: [u8; 5] = [0x00, 0xCA, 0x00, 0x6E, 0x00];

/// Opens the card at `path`; makes a new one there when there is none.
pub(crate) fn open_or_make(path: &Path, serial: Option<Serial>) -> Result<CardFile, Error> {
    let card = match CardFile::open(path)? {
        Some(card) => card,
        None => {
            make(path, serial)?;
            let vanished = || Error::CardFile { path: path.to_owned(), source: ErrorKind::NotFound.into() };
            CardFile::open(path)?.ok_or_else(vanished)?
        }
    };
    match serial {
        Some(wanted) if wanted != card.serial => {
            Err(Error::OtherSerial { path: path.to_owned(), has: card.serial, wanted })
        }
        _ => Ok(card),
    }
}

/// Makes a new card: whole under another name, then linked, so that no half card and no overwritten file can be.
fn make(path: &Path, serial: Option<Serial>) -> Result<(), Error> {
    let at = |source| Error::CardFile { path: path.to_owned(), source };
    let unfinished = Unfinished::beside(path);
    let bytes = blank(serial).map_err(|_| at(ErrorKind::Other.into()))?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished.0).map_err(at)?;
    file.write_all(&bytes).map_err(at)?;
    set_pins(&unfinished.0)?;
    match fs::hard_link(&unfinished.0, path) {
        // Another process was faster: its card is the one.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other.map_err(at),
    }
}

/// Lets the firmware set its PINs: a card killed while it does that would want a factory reset.
fn set_pins(path: &Path) -> Result<(), Error> {
    if let Some(mut card) = CardFile::open(path)? {
        let failed = |_| Error::CardFile { path: path.to_owned(), source: ErrorKind::Other.into() };
        firmware::powered(&mut card, |execute| execute(&FIRST_APDU)).map_err(failed)?;
    }
    Ok(())
}

/// A file that goes when this goes.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".unfinished-{}", std::process::id()));
        Self(name.into())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It is not there when it could not be made.
        fs::remove_file(&self.0).ok();
    }
}
