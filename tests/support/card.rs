//! A virtual card of a test's own.
#![allow(dead_code, reason = "each test program needs some of this")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use card_backend::CardBackend as _;
use keyrite::workstation::card::VirtualBackend;

use crate::stage::virtual_card;

/// A virtual card's process; it ends with the test.
pub(crate) struct Card {
    process: Child,
    pub(crate) socket: PathBuf,
}

impl Card {
    /// A new card in a file of that name, or the one that is there.
    pub(crate) fn start(folder: &Path, name: &str, serial: &str) -> Self {
        let socket = folder.join(name);
        let mut process = Command::new(virtual_card())
            .args(["serve", "--serial", serial, "--idle-exit", "120", "--card"])
            .arg(folder.join(format!("{name}.card")))
            .arg("--socket")
            .arg(&socket)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self { process, socket }
    }

    /// What it answers to GET DATA for the application related data (DO 6E), whole.
    pub(crate) fn related_data(&self) -> Vec<u8> {
        let mut card = VirtualBackend::connect(&self.socket).unwrap();
        let mut tx = card.transaction(None).unwrap();
        tx.transmit(&[0x00, 0xa4, 0x04, 0x00, 6, 0xd2, 0x76, 0x00, 0x01, 0x24, 0x01, 0x00], 256).unwrap();
        let answer = tx.transmit(&[0x00, 0xca, 0x00, 0x6e, 0x00, 0x00, 0x00], 4096).unwrap();
        assert!(answer.ends_with(&[0x90, 0x00]), "{answer:x?}");
        answer
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        let stop = UnixStream::connect(&self.socket).and_then(|mut stream| {
            stream.write_all(&[0, 1, 0x12])?;
            stream.read_exact(&mut [0; 3])
        });
        if stop.is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
