//! Moments in UTC, in whole seconds, as OpenPGP has them.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Seconds since 1970-01-01T00:00:00Z; ends in 2106, as OpenPGP's own field does (RFC 9580 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u32);

/// Not `2026-11-22T10:59:57Z`.
#[derive(Debug, thiserror::Error)]
#[error("not a moment in UTC such as 2026-11-22T10:59:57Z")]
pub struct NotATimestamp;

impl Timestamp {
    /// This many seconds later; the end of the calendar at the latest.
    #[must_use]
    pub fn plus(self, later: Duration) -> Self {
        Self(u32::try_from(u64::from(self.0).saturating_add(later.as_secs())).unwrap_or(u32::MAX))
    }

    /// The distance to `other`, whichever is later.
    #[must_use]
    pub fn distance(self, other: Self) -> Duration {
        Duration::from_secs(u64::from(self.0.abs_diff(other.0)))
    }

    /// The calendar date, `2026-11-22`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl From<Timestamp> for SystemTime {
    fn from(moment: Timestamp) -> Self {
        Self::UNIX_EPOCH + Duration::from_secs(moment.0.into())
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = NotATimestamp;

    fn try_from(moment: SystemTime) -> Result<Self, NotATimestamp> {
        let since = moment.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| NotATimestamp)?;
        u32::try_from(since.as_secs()).map(Self).map_err(|_| NotATimestamp)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0.into()) {
            Ok(moment) => write!(f, "{moment:.0}"),
            Err(_) => f.write_str("a moment out of range"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        if text.len() != 20 || !text.ends_with('Z') {
            return Err(NotATimestamp);
        }
        let moment: jiff::Timestamp = text.parse().map_err(|_| NotATimestamp)?;
        u32::try_from(moment.as_second()).map(Self).map_err(|_| NotATimestamp)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for seconds in [0, 1, 1_795_258_797, u32::MAX] {
            let text = Timestamp(seconds).to_string();
            assert_eq!(text.parse::<Timestamp>().expect("own output").0, seconds, "{text}");
        }
        assert_eq!(Timestamp(1_795_258_797).to_string(), "2026-11-21T10:59:57Z");
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["2026-11-22", "2026-11-22T10:59:57+00:00", "2026-11-22T10:59:57.5Z", "1969-12-31T23:59:59Z", ""] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
