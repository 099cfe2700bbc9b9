//! The protocol of the card's socket: vpcd's own, and three codes more.
//!
//! Each message is its length (`u16`, big-endian) and its payload. What the payload is, its length says:
//!
//! | payload | meaning | answer |
//! | --- | --- | --- |
//! | `00` | power off: what the card held in RAM is gone | none |
//! | `01` | power on | none |
//! | `02` | reset: as power off, then on | none |
//! | `04` | get ATR | the ATR |
//! | `10` | a person pulls the card | `00` |
//! | `11` | a person puts the card back | `00` |
//! | `12` | the process ends | `00` |
//! | two bytes or more | a command APDU | the response APDU: data, then SW1 SW2 |
//!
//! An empty payload or another one-byte payload closes the connection.
//!
//! - A card has power from the start of its process, and again right after each power off: a client may send APDUs at once.
//! - Closing a connection does not cut the card's power. The verified PINs stay verified for whoever connects next,
//!   and a SELECT does not clear them; only a power off, a reset or an eject does.
//! - One connection at a time talks to the card: from its first message that is not `10`, `11` or `12`, until it closes.
//!   Messages of another one wait until then. If that one is closed while it waits, they are not executed.
//! - While the card is out, a connection is closed at its first message to the card, without an answer. An eject closes
//!   all other connections. An APDU that was being executed then still runs to its end, and nobody sees the answer.
//! - After a panic of the firmware, every APDU is answered by `6F00` until the next power off, reset or eject.
//! - Commands may be chained or of extended length. A response longer than the command's Le is given in parts (`61xx`,
//!   GET RESPONSE), so a client of extended length, asking for 65536 bytes, never sees `61xx`.
//!
//! Source: <https://frankmorgner.github.io/vsmartcard/virtualsmartcard/api.html>

use std::io::{self, ErrorKind, Read, Write};

/// Power off.
pub const POWER_OFF: u8 = 0x00;
/// Power on.
pub const POWER_ON: u8 = 0x01;
/// Reset.
pub const RESET: u8 = 0x02;
/// Get ATR.
pub const GET_ATR: u8 = 0x04;
/// A person pulls the card.
pub const EJECT: u8 = 0x10;
/// A person puts the card back.
pub const INSERT: u8 = 0x11;
/// The process ends.
pub const STOP: u8 = 0x12;
/// The answer to [`EJECT`], [`INSERT`] and [`STOP`].
pub const DONE: u8 = 0x00;

/// Reads one message's payload; `None` when the peer closed between two messages.
///
/// # Errors
/// Whatever reading gives; `UnexpectedEof` when the peer closed inside a message.
pub fn read(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    loop {
        match from.read(&mut length[..1]) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    from.read_exact(&mut length[1..])?;
    let mut payload = vec![0; usize::from(u16::from_be_bytes(length))];
    from.read_exact(&mut payload)?;
    Ok(Some(payload))
}

/// Writes one message.
///
/// # Errors
/// Whatever writing gives; `InvalidInput` when the payload is longer than 65535 bytes.
pub fn write(to: &mut impl Write, payload: &[u8]) -> io::Result<()> {
    let length = u16::try_from(payload.len()).map_err(|_| ErrorKind::InvalidInput)?;
    let mut message = Vec::with_capacity(2 + payload.len());
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(payload);
    to.write_all(&message)?;
    to.flush()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for payload in [vec![], vec![GET_ATR], vec![0; 65535]] {
            let mut wire = Vec::new();
            write(&mut wire, &payload).unwrap();
            assert_eq!(read(&mut wire.as_slice()).unwrap(), Some(payload));
        }
    }

    #[test]
    fn an_end_inside_a_message_is_an_error() {
        assert_eq!(read(&mut [].as_slice()).unwrap(), None);
        for part in [&[0][..], &[0, 2], &[0, 2, 1]] {
            assert_eq!(read(&mut &*part).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }
    }

    #[test]
    fn a_payload_that_is_too_long_is_refused() {
        assert!(write(&mut Vec::new(), &[0; 65536]).is_err());
    }
}
