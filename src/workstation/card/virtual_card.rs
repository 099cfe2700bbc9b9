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
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
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
                SmartcardError::Error(format!("no answer within {} seconds", TIMEOUT.as_secs()))
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
