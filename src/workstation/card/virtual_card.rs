//! The card that `keyrite-virtual-card` serves on a Unix socket.
//!
//! Messages are vpcd's: a big-endian `u16` length and so many bytes; one byte is a control code, more are an APDU.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use card_backend::{CardBackend, CardCaps, CardTransaction, PinType, SmartcardError};
use zeroize::Zeroizing;

/// A virtual card answers within milliseconds; only generating RSA keys takes seconds.
const TIMEOUT: Duration = Duration::from_secs(30);

const RESET: u8 = 0x02;
const GET_ATR: u8 = 0x04;

/// A connection to a virtual card. Power is cut when it begins and when it ends, so no verified PIN crosses it.
pub struct VirtualBackend {
    stream: UnixStream,
    /// A message was cut short: nothing after it can be told apart.
    broken: bool,
}

impl VirtualBackend {
    /// Connects to the card and resets it: whoever talked to it before may have left a PIN verified.
    ///
    /// # Errors
    /// Of the socket; `NotFound` when there is no card in the reader.
    pub fn connect(socket: &Path) -> io::Result<Self> {
        Self::connect_within(socket, TIMEOUT)
    }

    fn connect_within(socket: &Path, timeout: Duration) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        let mut this = Self { stream, broken: false };
        // The answer to GET ATR says that a card is there; RESET itself has none.
        let atr = this.say(&[RESET]).and_then(|()| this.say(&[GET_ATR])).and_then(|()| this.hear());
        match atr {
            Ok(_) => Ok(this),
            Err(error) if is_removal(&error) => {
                Err(io::Error::new(ErrorKind::NotFound, "there is no card in the reader"))
            }
            Err(error) if is_timeout(&error) => Err(io::Error::new(error.kind(), "another program holds the card")),
            Err(error) => Err(error),
        }
    }

    fn say(&mut self, payload: &[u8]) -> io::Result<()> {
        let length = u16::try_from(payload.len()).map_err(|_| ErrorKind::InvalidInput)?;
        // May hold a PIN or a private key.
        let mut message = Zeroizing::new(Vec::with_capacity(2 + payload.len()));
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(payload);
        self.stream.write_all(&message)
    }

    fn hear(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 2];
        self.stream.read_exact(&mut length)?;
        let mut payload = vec![0; usize::from(u16::from_be_bytes(length))];
        self.stream.read_exact(&mut payload)?;
        Ok(payload)
    }

    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, SmartcardError> {
        if self.broken {
            return Err(SmartcardError::NotTransacted);
        }
        self.say(command).and_then(|()| self.hear()).map_err(|error| {
            self.broken = true;
            if is_removal(&error) {
                SmartcardError::NotTransacted
            } else if is_timeout(&error) {
                SmartcardError::Error("no answer in time".to_owned())
            } else {
                SmartcardError::Error(error.to_string())
            }
        })
    }
}

impl Drop for VirtualBackend {
    /// Closing alone would leave the card powered and its PINs verified. What cannot be sent to a card that is gone
    /// need not be.
    fn drop(&mut self) {
        let _ = self.say(&[RESET]);
    }
}

/// Whether the other end closed, as it does when the card is pulled.
fn is_removal(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)
}

/// A socket that timed out says `WouldBlock` on Linux.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

impl CardBackend for VirtualBackend {
    fn limit_card_caps(&self, card_caps: CardCaps) -> CardCaps {
        card_caps
    }

    fn transaction(
        &mut self,
        _reselect_application: Option<&[u8]>,
    ) -> Result<Box<dyn CardTransaction + Send + Sync + '_>, SmartcardError> {
        Ok(Box::new(VirtualTransaction(self)))
    }
}

/// The connection is the transaction: another one waits until it closes.
struct VirtualTransaction<'a>(&'a mut VirtualBackend);

impl CardTransaction for VirtualTransaction<'_> {
    fn transmit(&mut self, cmd: &[u8], _buf_size: usize) -> Result<Vec<u8>, SmartcardError> {
        self.0.exchange(cmd)
    }

    fn feature_pinpad_verify(&self) -> bool {
        false
    }

    fn feature_pinpad_modify(&self) -> bool {
        false
    }

    fn pinpad_verify(&mut self, _pin: PinType, _caps: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        Err(SmartcardError::Error("a virtual card has no pin pad".to_owned()))
    }

    fn pinpad_modify(&mut self, _pin: PinType, _caps: &Option<CardCaps>) -> Result<Vec<u8>, SmartcardError> {
        Err(SmartcardError::Error("a virtual card has no pin pad".to_owned()))
    }

    fn was_reset(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    /// A card that gives its ATR, reads one command and then does what `then` does.
    fn played(then: impl FnOnce(UnixStream) + Send + 'static) -> Result<Vec<u8>, SmartcardError> {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("s");
        let listener = UnixListener::bind(&socket).expect("bound");
        let card = std::thread::spawn(move || {
            let mut stream = listener.accept().expect("a connection").0;
            stream.read_exact(&mut [0; 6]).expect("RESET and GET ATR");
            stream.write_all(&[0, 1, 0x3b]).expect("the ATR");
            stream.read_exact(&mut [0; 6]).expect("a command");
            then(stream);
        });
        let mut backend = VirtualBackend::connect_within(&socket, Duration::from_millis(200)).expect("connected");
        let answer = backend.exchange(&[0, 0x84, 0, 0]);
        assert!(answer.is_ok() || backend.exchange(&[0, 0x84, 0, 0]).is_err(), "goes on after a broken message");
        drop(backend);
        card.join().expect("the card's thread");
        answer
    }

    #[test]
    fn an_answer_is_taken_whole_or_not_at_all() {
        let say = |bytes: &'static [u8]| move |mut stream: UnixStream| stream.write_all(bytes).expect("said");
        assert_eq!(played(say(&[0, 2, 0x90, 0])).expect("an answer"), [0x90, 0]);
        for cut in [&[][..], &[0], &[0, 2], &[0, 2, 0x90]] {
            assert!(matches!(played(say(cut)), Err(SmartcardError::NotTransacted)), "{cut:x?}");
        }
    }

    #[test]
    fn silence_ends() {
        let silent = |mut stream: UnixStream| {
            let _ = stream.read(&mut [0; 16]);
        };
        assert!(matches!(played(silent), Err(SmartcardError::Error(text)) if text.contains("in time")));
    }
}
