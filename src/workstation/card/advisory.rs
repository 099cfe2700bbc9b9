//! What makers have published of faults in their cards, as far as it touches the OpenPGP application.
//!
//! docs/cards.md has the same table; a test holds both together. A row that no source supports is not here.

use super::serial::Serial;
use super::survey::Origin;
use crate::model::algorithm::Algorithm;
use crate::model::concern::Bearing;
use crate::model::timestamp::Timestamp;

/// The age at which the table wants to be looked up again, in days.
const OLD: u32 = 365;

/// When all rows were last looked up.
pub const LOOKED_UP: Timestamp = day(2026, 11, 22);

/// A fault that a maker has published.
#[derive(Debug, PartialEq, Eq)]
pub struct Advisory {
    /// Its name.
    pub id: &'static str,
    /// Its number in the common list.
    pub cve: &'static str,
    /// The maker, as in the serial.
    pub manufacturer: u16,
    /// What is affected, in the maker's words.
    pub devices: &'static str,
    /// The first firmware that is affected, as GET VERSION tells it.
    pub first: [u8; 3],
    /// The last one.
    pub last: [u8; 3],
    /// What is broken.
    pub broken: &'static str,
    /// Which keys that touches.
    pub touches: Touches,
    /// What it means for the keys of keyrite: the records key and card-only roots are generated on their cards, other roots are
    /// written to theirs.
    pub keyrite: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// When it was published.
    pub published: Timestamp,
    /// Where.
    pub source: &'static str,
}

/// Keys that an advisory touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touches {
    /// All.
    EveryKey,
    /// ECDSA keys.
    Ecdsa,
    /// Keys that the card generated, and all ECDSA keys.
    GeneratedOrEcdsa,
    /// RSA keys that the card generated.
    GeneratedRsa,
    /// None that keyrite has provided with PINs.
    NoneOfKeyrite,
}

/// What a key is, as far as advisories tell keys apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardKey {
    /// Its algorithm.
    pub kind: Kind,
    /// Where it comes from. [`Origin::Unknown`] counts as generated.
    pub origin: Origin,
}

/// Families of algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On a NIST curve or another one for ECDSA.
    Ecdsa,
    /// Ed25519.
    Ed25519,
    /// RSA.
    Rsa,
}

impl From<Algorithm> for Kind {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Ed25519 => Self::Ed25519,
            Algorithm::NistP256 | Algorithm::NistP384 | Algorithm::NistP521 => Self::Ecdsa,
            Algorithm::Rsa2048 | Algorithm::Rsa3072 | Algorithm::Rsa4096 => Self::Rsa,
        }
    }
}

/// An advisory about a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The advisory.
    pub advisory: &'static Advisory,
    /// What it means for the key.
    pub bearing: Bearing,
}

/// Midnight of a day, in UTC. (Days from the civil calendar, counted from March.)
const fn day(year: u32, month: u32, day: u32) -> Timestamp {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Timestamp((days - 719_468) * 86_400)
}

const YUBICO: u16 = 0x0006;

/// Every row, the oldest first.
pub const ADVISORIES: &[Advisory] = &[
    Advisory {
        id: "YSA-2015-1",
        cve: "CVE-2015-3298",
        manufacturer: YUBICO,
        devices: "YubiKey NEO, OpenPGP applet before 1.0.10",
        first: [0, 0, 0],
        last: [1, 0, 9],
        broken: "it signs without the right user PIN",
        touches: Touches::EveryKey,
        keyrite: "every key",
        remedy: "take another card",
        published: day(2015, 4, 14),
        source: "https://developers.yubico.com/ykneo-openpgp/SecurityAdvisory%202015-04-14.html",
    },
    Advisory {
        id: "YSA-2017-01",
        cve: "CVE-2017-15361",
        manufacturer: YUBICO,
        devices: "YubiKey 4 before 4.3.5",
        first: [4, 2, 0],
        last: [4, 3, 4],
        broken: "RSA keys that it generates can be factored (ROCA)",
        touches: Touches::GeneratedRsa,
        keyrite: "a records key or a card-only root on RSA, which its card generates",
        remedy: "never generate RSA keys on it; take another card",
        published: day(2017, 10, 16),
        source: "https://www.yubico.com/support/security-advisories/ysa-2017-01/",
    },
    Advisory {
        id: "YSA-2019-02",
        cve: "none",
        manufacturer: YUBICO,
        devices: "YubiKey FIPS (4 Series) 4.4.2 and 4.4.4",
        first: [4, 4, 2],
        last: [4, 4, 4],
        broken: "its first random values after power-up are partly predictable: keys it generates, ECDSA signatures",
        touches: Touches::GeneratedOrEcdsa,
        keyrite: "the records key and card-only roots, which their cards generate, and every key on a NIST curve",
        remedy: "take another card",
        published: day(2019, 6, 13),
        source: "https://www.yubico.com/support/security-advisories/ysa-2019-02/",
    },
    Advisory {
        id: "YSA-2020-05",
        cve: "CVE-2020-15000",
        manufacturer: YUBICO,
        devices: "YubiKey 5 Series 5.2.0 to 5.2.6",
        first: [5, 2, 0],
        last: [5, 2, 6],
        broken: "a reset code that is allowed tries and was never set has a known value, which sets a new user PIN",
        touches: Touches::NoneOfKeyrite,
        keyrite: "none: set-pins sets a reset code",
        remedy: "let the reset code be set by keyrite; allow it no tries before",
        published: day(2020, 7, 8),
        source: "https://www.yubico.com/support/security-advisories/ysa-2020-05/",
    },
    Advisory {
        id: "YSA-2024-03",
        cve: "CVE-2024-45678",
        manufacturer: YUBICO,
        devices: "YubiKey 5 Series before 5.7.0",
        first: [5, 0, 0],
        last: [5, 6, u8::MAX],
        broken: "who has it in hands for a while, with laboratory equipment, gets its ECDSA keys (EUCLEAK)",
        touches: Touches::Ecdsa,
        keyrite: "every key on a NIST curve: the attack is on ECDSA",
        remedy: "keep it in its bag; take a card with firmware 5.7 or later where there is a choice",
        published: day(2024, 9, 3),
        source: "https://www.yubico.com/support/security-advisories/ysa-2024-03/",
    },
];

/// What is published of a card that is for `key`, with what it means for that key.
///
/// A card that does not tell its firmware gives [`Bearing::Unknown`] for each row of its maker that touches such a key.
#[must_use]
pub fn advisories(serial: Serial, firmware: Option<&str>, key: CardKey) -> Vec<Found> {
    let of_maker = ADVISORIES.iter().filter(|advisory| advisory.manufacturer == serial.manufacturer);
    let firmware = firmware.and_then(numbers);
    let bearing = |advisory: &Advisory| match (firmware, advisory.touches.key(key)) {
        (Some(firmware), touched) if (advisory.first..=advisory.last).contains(&firmware) => {
            Some(if touched { Bearing::Breaks } else { Bearing::Spares })
        }
        (None, true) => Some(Bearing::Unknown),
        _ => None,
    };
    of_maker.filter_map(|advisory| Some(Found { advisory, bearing: bearing(advisory)? })).collect()
}

/// How many days ago the table was looked up; none before that, by a clock that is wrong.
#[must_use]
pub fn age(now: Timestamp) -> u32 {
    now.0.saturating_sub(LOOKED_UP.0) / 86_400
}

/// The table's age in words, with a note when it is old.
#[must_use]
pub fn age_in_words(now: Timestamp) -> String {
    let days = age(now);
    let note = if days > OLD { "; that is more than a year: look for newer ones" } else { "" };
    format!("looked up on {}, {days} day(s) ago{note}", LOOKED_UP.date())
}

impl Touches {
    fn key(self, key: CardKey) -> bool {
        let generated = key.origin != Origin::Imported;
        match self {
            Self::EveryKey => true,
            Self::Ecdsa => key.kind == Kind::Ecdsa,
            Self::GeneratedOrEcdsa => generated || key.kind == Kind::Ecdsa,
            Self::GeneratedRsa => generated && key.kind == Kind::Rsa,
            Self::NoneOfKeyrite => false,
        }
    }
}

/// `5.7.1` as numbers; of more than three, the first three.
fn numbers(version: &str) -> Option<[u8; 3]> {
    let parts: Vec<u8> = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: CardKey = CardKey { kind: Kind::Ed25519, origin: Origin::Generated };
    const IMPORTED: CardKey = CardKey { kind: Kind::Ed25519, origin: Origin::Imported };

    fn yubikey(firmware: Option<&str>, key: CardKey) -> Vec<(&'static str, Bearing)> {
        let serial = Serial { manufacturer: YUBICO, number: 1 };
        advisories(serial, firmware, key).into_iter().map(|found| (found.advisory.id, found.bearing)).collect()
    }

    fn key(kind: Kind, origin: Origin) -> CardKey {
        CardKey { kind, origin }
    }

    #[test]
    fn each_range_has_its_borders() {
        for (id, inside, outside) in [
            ("YSA-2015-1", &["0.0.1", "1.0.9"][..], &["1.0.10", "3.1.0"][..]),
            ("YSA-2017-01", &["4.2.0", "4.2.6", "4.3.4"], &["4.1.9", "4.3.5", "4.4.5"]),
            ("YSA-2019-02", &["4.4.2", "4.4.4"], &["4.4.1", "4.4.5"]),
            ("YSA-2020-05", &["5.2.0", "5.2.6"], &["5.1.2", "5.2.7"]),
            ("YSA-2024-03", &["5.0.0", "5.6.9", "5.6.99"], &["4.4.5", "5.7.0", "5.7.4"]),
        ] {
            let has = |version| yubikey(Some(version), GENERATED).iter().any(|(found, _)| *found == id);
            assert!(inside.iter().all(|version| has(version)), "{id}");
            assert!(!outside.iter().any(|version| has(version)), "{id}");
        }
        assert!(yubikey(Some("5.7.1"), GENERATED).is_empty());
    }

    #[test]
    fn what_a_row_means_depends_on_the_key() {
        use Bearing::{Breaks, Spares};
        for key in [GENERATED, IMPORTED] {
            assert_eq!(yubikey(Some("1.0.9"), key), [("YSA-2015-1", Breaks)]);
            assert_eq!(yubikey(Some("4.3.4"), key), [("YSA-2017-01", Spares)]);
            assert_eq!(yubikey(Some("5.6.0"), key), [("YSA-2024-03", Spares)]);
        }
        assert_eq!(yubikey(Some("5.2.4"), GENERATED), [("YSA-2020-05", Spares), ("YSA-2024-03", Spares)]);
        assert_eq!(yubikey(Some("4.4.4"), GENERATED), [("YSA-2019-02", Breaks)]);
        assert_eq!(yubikey(Some("4.4.4"), IMPORTED), [("YSA-2019-02", Spares)]);
        assert_eq!(yubikey(Some("4.3.4"), key(Kind::Rsa, Origin::Generated)), [("YSA-2017-01", Breaks)]);
        assert_eq!(yubikey(Some("4.3.4"), key(Kind::Rsa, Origin::Unknown)), [("YSA-2017-01", Breaks)]);
        assert_eq!(yubikey(Some("4.3.4"), key(Kind::Rsa, Origin::Imported)), [("YSA-2017-01", Spares)]);
        assert_eq!(yubikey(Some("5.6.0"), key(Kind::Ecdsa, Origin::Imported)), [("YSA-2024-03", Breaks)]);
    }

    #[test]
    fn a_firmware_that_is_not_told_is_not_silence() {
        for unknown in [None, Some("5"), Some("5.a.1"), Some(""), Some("5.300.0")] {
            let rows = yubikey(unknown, GENERATED);
            assert_eq!(rows, [("YSA-2015-1", Bearing::Unknown), ("YSA-2019-02", Bearing::Unknown)], "{unknown:?}");
            assert_eq!(yubikey(unknown, IMPORTED), [("YSA-2015-1", Bearing::Unknown)]);
        }
        for other in [0x0000, 0x0005, 0x000f, 0xfffe, 0xffff] {
            assert!(advisories(Serial { manufacturer: other, number: 1 }, None, GENERATED).is_empty(), "{other:x}");
        }
    }

    #[test]
    fn the_age_of_the_table_is_said() {
        assert_eq!(LOOKED_UP.date(), "2026-11-22");
        assert_eq!((day(1970, 1, 1).0, day(2000, 2, 29).date().as_str()), (0, "2000-02-29"));
        let after = |days: u32| age_in_words(Timestamp(LOOKED_UP.0 + days * 86_400));
        assert_eq!(after(365), "looked up on 2026-11-22, 365 day(s) ago");
        assert!(after(366).ends_with("366 day(s) ago; that is more than a year: look for newer ones"));
        assert_eq!(age(Timestamp(0)), 0);
    }

    #[test]
    fn rows_are_whole() {
        for row in ADVISORIES {
            assert!(
                row.first <= row.last && row.published < LOOKED_UP && row.source.starts_with("https://"),
                "{row:?}"
            );
            assert!(row.published.date().starts_with(&row.id[4..8]), "{row:?}");
        }
        assert!(ADVISORIES.is_sorted_by_key(|row| row.published));
    }
}
