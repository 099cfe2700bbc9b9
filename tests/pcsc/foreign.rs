//! A card that is no OpenPGP card: this test program, started again to be one.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use crate::readers::Readers;

/// Names the port of the slot in which [`card`] is. Without it, it does nothing.
const PORT: &str = "KEYRITE_TEST_FOREIGN_CARD";

/// Such a card, for a slot.
pub(crate) fn program(slot: usize) -> Command {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "foreign::card", "--ignored", "--nocapture"]).env(PORT, Readers::port(slot));
    again
}

#[test]
#[ignore = "other tests start it, in a process of its own"]
fn card() {
    let Ok(port) = std::env::var(PORT) else { return };
    let mut slot = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
    let mut length = [0; 2];
    while slot.read_exact(&mut length).is_ok() {
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        slot.read_exact(&mut message).unwrap();
        let answer: &[u8] = match message.as_slice() {
            // GET ATR.
            [4] => &[0, 11, 0x3b, 0x95, 0x13, 0x81, 0x01, 0x80, 0x73, 0xff, 0x01, 0x00, 0x0b],
            [_] => continue,
            // "Application not found" (ISO 7816-4).
            _ => &[0, 2, 0x6a, 0x82],
        };
        slot.write_all(answer).unwrap();
    }
}
