//! The card behind a Unix socket.

use std::{
    fs,
    io::{self, BufRead, BufReader, ErrorKind, Write},
    os::unix::{
        fs::FileTypeExt,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use crate::{
    card::Card,
    error::Error,
    lobby::{Guest, Lobby},
    reader::{Answer, Insertion, Reader},
    wire,
};

/// How long to wait when no connection can be accepted (too many open files).
const BREATH: Duration = Duration::from_millis(50);

/// What all connections share.
struct Server {
    reader: Reader,
    lobby: Lobby,
    /// Held by the one connection that talks to the card.
    seat: Mutex<()>,
}

/// The right to talk to the card, for one stay of it.
struct Seat<'a> {
    _held: MutexGuard<'a, ()>,
    stay: Insertion,
}

/// The listening socket; its file goes when this goes.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Makes the socket; replaces one that a dead process left.
    pub(crate) fn listen(path: &Path) -> Result<Self, Error> {
        let at = |source| Error::Socket { path: path.to_owned(), source };
        let listener = match UnixListener::bind(path) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                remove_dead(path)?;
                UnixListener::bind(path).map_err(at)?
            }
            other => other.map_err(at)?,
        };
        Ok(Self { listener, path: path.to_owned() })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // One that is left is replaced by the next process.
        fs::remove_file(&self.path).ok();
    }
}

fn remove_dead(path: &Path) -> Result<(), Error> {
    let at = |source| Error::Socket { path: path.to_owned(), source };
    if !fs::symlink_metadata(path).map_err(at)?.file_type().is_socket() {
        return Err(Error::NotASocket { path: path.to_owned() });
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(at),
        Err(error) => Err(at(error)),
        Ok(_) => Err(Error::SocketInUse { path: path.to_owned() }),
    }
}

/// Serves the card until it is told to stop, or nobody has been connected for `idle`.
pub(crate) fn run(card: Card, socket: &Socket, idle: Option<Duration>) -> Result<(), Error> {
    let at = |source| Error::Socket { path: socket.path.clone(), source };
    let listener = socket.listener.try_clone().map_err(at)?;
    let server = Arc::new(Server { reader: Reader::new(card), lobby: Lobby::new(), seat: Mutex::new(()) });
    writeln!(io::stdout(), "ready").map_err(Error::Stdout)?;
    let doorman = Arc::clone(&server);
    thread::spawn(move || accept(&listener, &doorman));
    server.lobby.wait(idle);
    // Waits for the APDU the card is at, and lets no further one in.
    server.reader.eject();
    Ok(())
}

fn accept(listener: &UnixListener, server: &Arc<Server>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            thread::sleep(BREATH);
            continue;
        };
        let server = Arc::clone(server);
        // A connection that broke is a connection that ended.
        thread::spawn(move || server.converse(&stream).ok());
    }
}

impl Server {
    /// One connection, from its first message to its end.
    fn converse(&self, stream: &UnixStream) -> io::Result<()> {
        let guest = self.lobby.enter(stream)?;
        let mut input = BufReader::new(stream);
        let mut output = stream;
        let mut seat = None;
        while let Some(message) = wire::read(&mut input)? {
            if self.person(&guest, &message) {
                let answered = wire::write(&mut output, &[wire::DONE]);
                if message == [wire::STOP] {
                    self.lobby.close();
                }
                answered?;
                continue;
            }
            if seat.is_none() {
                seat = self.sit(&mut input)?;
            }
            let Some(seat) = &seat else {
                return Ok(());
            };
            match self.reader.answer(seat.stay, &message) {
                Answer::HangUp => return Ok(()),
                Answer::Message(answer) => wire::write(&mut output, &answer)?,
                Answer::Nothing => {}
            }
        }
        Ok(())
    }

    /// Does what a person does to the card; false when the message is for the card itself.
    fn person(&self, guest: &Guest<'_>, message: &[u8]) -> bool {
        match message {
            [wire::EJECT] => {
                guest.drop_others();
                self.reader.eject();
                // Who connected between the two.
                guest.drop_others();
            }
            [wire::INSERT] => self.reader.insert(),
            [wire::STOP] => {}
            _ => return false,
        }
        true
    }

    /// Waits for the others to leave the card; `None` when there is no card, or the peer left meanwhile.
    fn sit(&self, input: &mut BufReader<&UnixStream>) -> io::Result<Option<Seat<'_>>> {
        let seat = self.seat.lock().unwrap_or_else(PoisonError::into_inner);
        if !still_there(input)? {
            return Ok(None);
        }
        Ok(self.reader.insertion().map(|stay| Seat { _held: seat, stay }))
    }
}

/// Whether the peer's end is still open. What is read ahead stays in the buffer.
fn still_there(input: &mut BufReader<&UnixStream>) -> io::Result<bool> {
    input.get_ref().set_nonblocking(true)?;
    let there = match input.fill_buf() {
        Ok(ahead) => Ok(!ahead.is_empty()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(true),
        Err(error) => Err(error),
    };
    input.get_ref().set_nonblocking(false)?;
    there
}
