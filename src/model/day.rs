//! Days of the calendar, as people write them into files.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::timestamp::Timestamp;

/// A day in UTC: `2026-11-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Timestamp);

/// Not `2026-11-22`.
#[derive(Debug, thiserror::Error)]
#[error("not a day such as 2026-11-22")]
pub struct NotADay;

impl Day {
    /// The day of a moment.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        Self(Timestamp(moment.0 - moment.0 % 86_400))
    }

    /// Its first moment.
    #[must_use]
    pub fn begins(self) -> Timestamp {
        self.0
    }

    /// So many days later; the end of the calendar at the latest.
    #[must_use]
    pub fn plus(self, days: u32) -> Self {
        Self::of(self.0.plus(Duration::from_secs(u64::from(days) * 86_400)))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.date())
    }
}

impl FromStr for Day {
    type Err = NotADay;

    /// One spelling: it is compared as text.
    fn from_str(text: &str) -> Result<Self, NotADay> {
        let day: Timestamp = format!("{text}T00:00:00Z").parse().map_err(|_| NotADay)?;
        if day.date() == text { Ok(Self(day)) } else { Err(NotADay) }
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_spelling() {
        let day: Day = "2026-11-22".parse().unwrap();
        assert_eq!(day.to_string(), "2026-11-22");
        assert_eq!(day.plus(10).to_string(), "2026-12-02");
        assert_eq!(Day::of(day.begins().plus(Duration::from_secs(86_399))), day);
        for bad in
            ["", "2026-11-31", "2026-1-2", "26-11-22", " 2026-11-22", "2026-11-22 ", "2026-11-22T00", "+2026-11-22"]
        {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
    }
}
