//! The card in a reader of pcscd: a client of vpcd, as vpicc is.

use std::{
    io::{self, Write},
    net::TcpStream,
};

use crate::{
    card::Card,
    error::Error,
    reader::{Answer, Reader},
    wire,
};

/// Puts the card into vpcd's reader until pcscd ends the connection.
pub(crate) fn run(card: Card, host: &str, port: u16) -> Result<(), Error> {
    let at = |source| Error::Vpcd { host: host.to_owned(), port, source };
    let mut stream = TcpStream::connect((host, port)).map_err(at)?;
    stream.set_nodelay(true).map_err(at)?;
    writeln!(io::stdout(), "ready").map_err(Error::Stdout)?;
    converse(&Reader::new(card), &mut stream).map_err(at)
}

fn converse(reader: &Reader, stream: &mut TcpStream) -> io::Result<()> {
    let Some(stay) = reader.insertion() else {
        return Ok(());
    };
    while let Some(message) = wire::read(stream)? {
        match reader.answer(stay, &message) {
            Answer::HangUp => return Ok(()),
            Answer::Message(answer) => wire::write(stream, &answer)?,
            Answer::Nothing => {}
        }
    }
    Ok(())
}
