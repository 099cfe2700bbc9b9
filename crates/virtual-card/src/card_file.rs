//! The card file: a header that names the card, then its internal and its external flash.
//!
//! | at | bytes | what |
//! | --- | --- | --- |
//! | 0 | 32 | `keyrite virtual card, TEST only\n` |
//! | 32 | 4 | version of this layout, big-endian: 1 |
//! | 36 | 4 | serial of the application id |
//! | 40 | 32 | the hardware key, which the firmware mixes into what it derives from PINs |
//! | 72 | to 4096 | zero |
//! | 4096 | 512 × [`INTERNAL_BLOCKS`] | internal flash: PINs, public keys |
//! | then | 512 × [`EXTERNAL_BLOCKS`] | external flash: data objects, private keys encrypted under the PIN |

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::ErrorKind,
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
};

use littlefs2::fs::Filesystem;
use rand_core::{OsRng, RngCore};

use crate::{error::Error, storage::Flash};

const MAGIC: &[u8; 32] = b"keyrite virtual card, TEST only\n";
const VERSION: [u8; 4] = 1u32.to_be_bytes();
const HEADER: usize = 4096;

/// Blocks of internal flash.
pub(crate) const INTERNAL_BLOCKS: usize = 64;
/// Blocks of external flash.
pub(crate) const EXTERNAL_BLOCKS: usize = 256;

/// Serial in the application id.
pub(crate) type Serial = [u8; 4];

/// An open card file, locked for this process.
pub(crate) struct CardFile {
    pub(crate) serial: Serial,
    pub(crate) hardware_key: [u8; 32],
    pub(crate) internal: Flash<INTERNAL_BLOCKS>,
    pub(crate) external: Flash<EXTERNAL_BLOCKS>,
}

impl CardFile {
    /// Opens the card at `path`; `None` when there is no such file.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Error> {
        let at = |source| Error::CardFile { path: path.to_owned(), source };
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(at)?,
        };
        match file.try_lock() {
            Ok(()) => Self::read(path, file).map(Some),
            Err(TryLockError::WouldBlock) => Err(Error::CardInUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(at(source)),
        }
    }

    fn read(path: &Path, file: File) -> Result<Self, Error> {
        let no_card = |why| Error::NotACard { path: path.to_owned(), why };
        let at = |source| Error::CardFile { path: path.to_owned(), source };
        if file.metadata().map_err(at)?.len() != length() as u64 {
            return Err(no_card("its length is not a card's"));
        }
        let mut header = [0; 72];
        file.read_exact_at(&mut header, 0).map_err(at)?;
        let mut rest = header.as_slice();
        if take(&mut rest) != *MAGIC {
            return Err(no_card("it does not start as a card does"));
        }
        if take(&mut rest) != VERSION {
            return Err(no_card("its layout is of another version"));
        }
        let (serial, hardware_key) = (take(&mut rest), take(&mut rest));
        let file = Arc::new(file);
        let mut internal = Flash::load(&file, HEADER as u64).map_err(at)?;
        let mut external = Flash::load(&file, (HEADER + internal.bytes().len()) as u64).map_err(at)?;
        if !Filesystem::is_mountable(&mut internal) || !Filesystem::is_mountable(&mut external) {
            return Err(no_card("its flash cannot be mounted"));
        }
        Ok(Self { serial, hardware_key, internal, external })
    }
}

/// Bytes of every card file.
const fn length() -> usize {
    HEADER + Flash::<INTERNAL_BLOCKS>::SIZE + Flash::<EXTERNAL_BLOCKS>::SIZE
}

/// Takes the next `N` bytes; zeroes for what is missing.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let mut taken = [0; N];
    if let Some((head, tail)) = rest.split_at_checked(N) {
        taken.copy_from_slice(head);
        *rest = tail;
    }
    taken
}

/// The bytes of a card whose firmware has never run.
pub(crate) fn blank(serial: Option<Serial>) -> littlefs2::io::Result<Vec<u8>> {
    let mut random_serial = Serial::default();
    let mut hardware_key = [0; 32];
    OsRng.fill_bytes(&mut random_serial);
    OsRng.fill_bytes(&mut hardware_key);
    let mut internal = Flash::<INTERNAL_BLOCKS>::erased();
    let mut external = Flash::<EXTERNAL_BLOCKS>::erased();
    Filesystem::format(&mut internal)?;
    Filesystem::format(&mut external)?;
    let mut bytes = [MAGIC.as_slice(), &VERSION, &serial.unwrap_or(random_serial), &hardware_key].concat();
    bytes.resize(HEADER, 0);
    bytes.extend_from_slice(internal.bytes());
    bytes.extend_from_slice(external.bytes());
    Ok(bytes)
}
