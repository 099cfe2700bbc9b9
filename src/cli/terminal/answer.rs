//! What counts as an answer.

use crate::model::timestamp::Timestamp;

/// Seconds of a day.
const DAY: u32 = 86_400;
/// The longest half: two of them are no longer than the shortest limit of a card in use, 32 characters.
pub(super) const LONGEST: usize = 16;

/// Why a half will not do; it is not repeated.
pub(super) fn half(typed: &[u8], least: usize) -> Result<(), String> {
    if !typed.iter().all(u8::is_ascii_alphanumeric) {
        return Err("only the letters a to z, A to Z and the digits: every keyboard has them".to_owned());
    }
    if !(least..=LONGEST).contains(&typed.len()) {
        return Err(format!("it has {} characters; {least} to {LONGEST} are allowed", typed.len()));
    }
    Ok(())
}

/// Whether a number or words were typed as they are recorded: blanks, hyphens and capitals differ from hand to hand.
pub(super) fn is_same(typed: &str, recorded: &str) -> bool {
    let bare = |text: &str| -> String {
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
    };
    !bare(typed).is_empty() && bare(typed) == bare(recorded)
}

/// A moment as a witness reads it from a clock: RFC 3339 in UTC, or the time alone, which means the one nearest to `now`.
pub(super) fn time(typed: &str, now: Timestamp) -> Result<Timestamp, String> {
    let typed = typed.trim();
    if has_date(typed) {
        return typed.to_uppercase().parse().map_err(|error| format!("{error}"));
    }
    let second = second(typed).ok_or("not a time such as 10:59:57, in UTC and with its seconds")?;
    let midnight = now.0 - now.0 % DAY;
    [midnight.checked_sub(DAY), Some(midnight), midnight.checked_add(DAY)]
        .into_iter()
        .flatten()
        .filter_map(|day| day.checked_add(second).map(Timestamp))
        .min_by_key(|moment| moment.distance(now))
        .ok_or_else(|| "beyond the calendar".to_owned())
}

/// Whether somebody typed the day too.
pub(super) fn has_date(typed: &str) -> bool {
    typed.contains('-')
}

/// The second of the day.
fn second(typed: &str) -> Option<u32> {
    let fields: Vec<&str> = typed.split(':').collect();
    let [hour, minute, second] = fields[..] else { return None };
    let number = |field: &str, end: u32| {
        let plain = field.len() == 2 && field.bytes().all(|byte| byte.is_ascii_digit());
        field.parse().ok().filter(|number: &u32| plain && *number < end)
    };
    Some(number(hour, 24)? * 3600 + number(minute, 60)? * 60 + number(second, 60)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_alone_is_the_nearest_one() {
        let read = |typed, now: &str| time(typed, now.parse().unwrap()).map(|moment| moment.to_string());
        assert_eq!(read("10:59:57", "2026-11-22T11:00:30Z").unwrap(), "2026-11-22T10:59:57Z");
        assert_eq!(read("23:59:58", "2026-11-22T00:00:01Z").unwrap(), "2026-11-21T23:59:58Z");
        assert_eq!(read("00:00:02", "2026-11-22T23:59:59Z").unwrap(), "2026-11-23T00:00:02Z");
        assert_eq!(read("2026-11-22t10:59:57z", "2026-11-25T00:00:00Z").unwrap(), "2026-11-22T10:59:57Z");
    }

    #[test]
    fn other_times_are_refused() {
        let now = "2026-11-22T11:00:30Z".parse().unwrap();
        for typed in
            ["", "10:59", "10.59.57", "24:00:00", "1:02:03", "+1:02:03", "2026-11-22", "2026-11-22T10:59:57+01:00"]
        {
            assert!(time(typed, now).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_number_is_the_same_however_it_is_spaced() {
        for typed in ["A 004711", "a004711", " A-004711 "] {
            assert!(is_same(typed, "A 004711"), "{typed}");
        }
        for typed in ["", "-", "A 004712", "004711", "A 0047110"] {
            assert!(!is_same(typed, "A 004711"), "{typed}");
        }
    }

    #[test]
    fn a_half_is_short_plain_and_not_repeated() {
        assert!(half(b"1234", 4).is_ok() && half(b"aB34567890123456", 4).is_ok());
        for typed in [&b"123"[..], b"aB345678901234567", b"12 34", b"12\xc3\xa934", b"pass-word"] {
            let why = half(typed, 4).unwrap_err();
            assert!(!why.as_bytes().windows(typed.len()).any(|part| part == typed), "{why}");
        }
    }
}
