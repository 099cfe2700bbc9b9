//! Every place where a kill can cut the card's writes, one after the other.
#![allow(clippy::expect_used)]

use std::sync::{Arc, Mutex};

use crate::{card_file::CardFile, firmware::powered, storage::Flash};

const SELECT: &[u8] = &[0x00, 0xA4, 0x04, 0x00, 6, 0xD2, 0x76, 0x00, 0x01, 0x24, 0x01];
const APPLICATION_DATA: &[u8] = &[0x00, 0xCA, 0x00, 0x6E, 0x00, 0x00, 0x00];
const VERIFY_ADMIN: &[u8] = b"\x00\x20\x00\x83\x0812345678";
const VERIFY_SIGN: &[u8] = b"\x00\x20\x00\x81\x06123456";
const WRONG_PIN: &[u8] = b"\x00\x20\x00\x81\x06654321";
/// Algorithm attributes of SIG: Ed25519.
const ED25519: &[u8] = &[0x00, 0xDA, 0x00, 0xC1, 10, 0x16, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01];
const GENERATE: &[u8] = &[0x00, 0x47, 0x80, 0x00, 0x02, 0xB6, 0x00, 0x00];
const PUBLIC_KEY: &[u8] = &[0x00, 0x47, 0x81, 0x00, 0x02, 0xB6, 0x00, 0x00];
const SIGN: &[u8] = &[0x00, 0x2A, 0x9E, 0x9A, 4, 1, 2, 3, 4, 0x00];
/// "Referenced data not found": the slot is empty.
const NO_KEY: [u8; 2] = [0x6A, 0x88];

#[derive(Clone, Copy)]
enum Chip {
    External,
    Internal,
}

type Log = Arc<Mutex<Vec<(Chip, usize, Vec<u8>)>>>;

/// The bytes of both chips.
#[derive(Clone)]
struct Chips {
    internal: Vec<u8>,
    external: Vec<u8>,
}

impl Chips {
    fn apply(&mut self, chip: Chip, offset: usize, data: &[u8]) {
        let memory = match chip {
            Chip::External => &mut self.external,
            Chip::Internal => &mut self.internal,
        };
        memory[offset..offset + data.len()].copy_from_slice(data);
    }

    /// A card of these bytes, whose writes go to `log`.
    fn card(&self, log: &Log) -> CardFile {
        let into = |chip| {
            let log = Arc::clone(log);
            move |offset, data: &[u8]| {
                log.lock().expect("no panic while it was held").push((chip, offset, data.to_vec()));
                Ok(())
            }
        };
        CardFile {
            serial: [0, 0, 0, 1],
            hardware_key: [5; 32],
            internal: Flash::before(self.internal.clone(), into(Chip::Internal)),
            external: Flash::before(self.external.clone(), into(Chip::External)),
        }
    }
}

/// A formatted card whose PINs are set, as every card is before its file appears.
fn fresh() -> Chips {
    let mut card =
        CardFile { serial: [0, 0, 0, 1], hardware_key: [5; 32], internal: Flash::erased(), external: Flash::erased() };
    littlefs2::fs::Filesystem::format(&mut card.internal).expect("format");
    littlefs2::fs::Filesystem::format(&mut card.external).expect("format");
    powered(&mut card, |execute| execute(APPLICATION_DATA)).expect("power");
    Chips { internal: card.internal.bytes().to_vec(), external: card.external.bytes().to_vec() }
}

/// What the APDUs write, one write after the other.
fn writes_of(chips: &Chips, apdus: &[&[u8]]) -> Vec<(Chip, usize, Vec<u8>)> {
    let log = Log::default();
    powered(&mut chips.card(&log), |execute| {
        for apdu in apdus {
            let done = execute(apdu).ends_with(&[0x90, 0x00]);
            assert_eq!(done, *apdu != WRONG_PIN, "{apdu:02X?}");
        }
    })
    .expect("power");
    std::mem::take(&mut *log.lock().expect("no panic while it was held"))
}

/// Whatever was written last, the card mounts, knows its PINs, and its slot is empty or signs.
#[test]
fn a_cut_between_any_two_writes_leaves_a_card() {
    let mut chips = fresh();
    // Many rounds, so that littlefs has to move what it keeps.
    let round = [VERIFY_ADMIN, ED25519, GENERATE, VERIFY_SIGN, SIGN, WRONG_PIN, VERIFY_SIGN, GENERATE];
    let writes = writes_of(&chips, &round.repeat(20));
    assert!(writes.len() > 500, "{}", writes.len());
    for (number, (chip, offset, data)) in writes.iter().enumerate() {
        chips.apply(*chip, *offset, data);
        powered(&mut chips.card(&Log::default()), |execute| {
            for apdu in [SELECT, APPLICATION_DATA, VERIFY_SIGN] {
                assert!(execute(apdu).ends_with(&[0x90, 0x00]), "{apdu:02X?} after write {number}");
            }
            let sound = execute(PUBLIC_KEY) == NO_KEY || execute(SIGN).ends_with(&[0x90, 0x00]);
            // Generated or not: the default, RSA-2048, has an empty slot too.
            assert!(sound, "after write {number}");
        })
        .expect("power");
    }
}
