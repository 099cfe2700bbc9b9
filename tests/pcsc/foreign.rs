//! A card that has one answer to everything: this test program, started again to be one.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use crate::readers::Readers;

/// Names the port of the slot in which [`card`] is. Without it, it does nothing.
const PORT: &str = "KEYRITE_TEST_FOREIGN_CARD";

/// What [`card`] says.
const STATUS: &str = "KEYRITE_TEST_FOREIGN_STATUS";

/// "Application not found" (ISO 7816-4), which is what a card says that is no OpenPGP card.
pub(crate) const NOT_FOUND: u16 = 0x6a82;
/// Success, and no data: no card says that to everything.
pub(crate) const NOTHING: u16 = 0x9000;

/// A card for a slot that answers each command with this status.
pub(crate) fn program(slot: usize, status: u16) -> Command {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "foreign::card", "--ignored", "--nocapture"]);
    again.env(PORT, Readers::port(slot)).env(STATUS, status.to_string());
    again
}

#[test]
#[ignore = "other tests start it, in a process of its own"]
fn card() {
    let Ok(port) = std::env::var(PORT) else { return };
    let [sw1, sw2] = std::env::var(STATUS).unwrap().parse::<u16>().unwrap().to_be_bytes();
    let mut slot = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
    let mut length = [0; 2];
    while slot.read_exact(&mut length).is_ok() {
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        slot.read_exact(&mut message).unwrap();
        let answer: &[u8] = match message.as_slice() {
            // GET ATR.
            [4] => &[0, 11, 0x3b, 0x95, 0x13, 0x81, 0x01, 0x80, 0x73, 0xff, 0x01, 0x00, 0x0b],
            [_] => continue,
            _ => &[0, 2, sw1, sw2],
        };
        slot.write_all(answer).unwrap();
    }
}
