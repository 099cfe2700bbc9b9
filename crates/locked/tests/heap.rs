//! What is freed is not left behind. The whole memory of this process is searched for it.
#![allow(clippy::expect_used)]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;

use keyrite_locked::Wiping;

#[global_allocator]
static HEAP: Wiping = Wiping;

/// A marked test secret, kept the wrong way round: only `grown` puts it in memory.
const MARK: [u8; 40] = *b"xiferp-tniop-erusaelp TERCES TSET etirye";

/// What is looked for: not the first bytes, where the allocator itself writes into what was freed, and not the last ones, which
/// the shorter blocks never held.
const PART: std::ops::Range<usize> = 16..32;

/// The secret as a prompt reads it: a string that grows by one character after the other.
fn grown() -> String {
    MARK.iter().rev().map(|byte| char::from(*byte)).collect()
}

/// Whether a part of the secret stands somewhere in writable memory.
fn is_left() -> bool {
    // What is looked for is compared byte by byte, from the wrong way round: the search leaves no copy of its own.
    let is_part = |window: &[u8]| window.iter().zip(MARK.iter().rev().skip(PART.start)).all(|(a, b)| a == b);
    let memory = File::open("/proc/self/mem").expect("own memory");
    let maps = BufReader::new(File::open("/proc/self/maps").expect("own mappings"));
    let mut bytes = vec![0; 1 << 16].into_boxed_slice();
    let buffer = bytes.as_ptr() as u64..bytes.as_ptr() as u64 + bytes.len() as u64;
    for line in maps.lines().map(|line| line.expect("a mapping")).filter(|line| line.contains(" rw")) {
        let range = line.split(' ').next().and_then(|range| range.split_once('-')).expect("a range");
        let [mut at, end] = [range.0, range.1].map(|number| u64::from_str_radix(number, 16).expect("an address"));
        while at < end {
            // The buffer itself holds what was just read.
            if buffer.contains(&at) {
                at = buffer.end.min(end);
                continue;
            }
            let until = if at < buffer.start { end.min(buffer.start) } else { end };
            let len = usize::try_from(until - at).expect("a length").min(bytes.len());
            let Ok(read) = memory.read_at(&mut bytes[..len], at) else { break };
            if bytes[..read].windows(PART.len()).any(is_part) {
                return true;
            }
            // What lies across the end of what was read is read once more.
            at = if at + read as u64 == until { until } else { at + (read + 1 - PART.len()) as u64 };
        }
    }
    false
}

#[test]
fn a_freed_secret_is_nowhere() {
    assert!(!is_left(), "before it was made");
    let secret = grown();
    assert!(is_left(), "the search must find what is there");
    drop(secret);
    assert!(!is_left(), "freed, or left behind while it grew");
}
