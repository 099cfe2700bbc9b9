//! The person at the reader: eject, insert, stop.

use std::{
    io::{self, ErrorKind},
    os::unix::net::UnixStream,
    path::Path,
};

use crate::{error::Error, wire};

/// Tells the card process at `socket` one of [`wire::EJECT`], [`wire::INSERT`] and [`wire::STOP`].
pub(crate) fn tell(socket: &Path, code: u8) -> Result<(), Error> {
    ask(socket, code).map_err(|source| Error::NoAnswer { path: socket.to_owned(), source })
}

fn ask(socket: &Path, code: u8) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    wire::write(&mut stream, &[code])?;
    match wire::read(&mut stream)?.as_deref() {
        Some([wire::DONE]) => Ok(()),
        Some(_) => Err(ErrorKind::InvalidData.into()),
        None => Err(ErrorKind::UnexpectedEof.into()),
    }
}
