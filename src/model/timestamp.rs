//! Moments and lengths of time, as they are stored and as they are written on the wire.

use std::fmt;

use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

const MILLISECONDS_Z: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A moment: milliseconds since the Unix epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first and the last moment that can be written (RFC 3339 knows the years 0 to 9999).
    pub const EARLIEST: Self = Self(-62_167_219_200_000);
    pub const LATEST: Self = Self(253_402_300_799_999);

    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, as JWT claims count (RFC 7519 section 2, NumericDate).
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment moved by `seconds`, which may be negative.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// The beginning of this moment's minute.
    #[must_use]
    pub const fn minute(self) -> Self {
        Self(self.0 - self.0.rem_euclid(60_000))
    }

    /// This moment's day, in UTC.
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(86_400_000))
    }

    /// Reads an RFC 3339 date and time with a zone. One that is in the year 10000 in UTC, or before
    /// the year 0, could not be written again, so it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let millis = i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).ok()?;
        Some(Self(millis)).filter(|at| (Self::EARLIEST..=Self::LATEST).contains(at))
    }
}

/// `2024-01-17T14:27:04.383Z`; a moment beyond what can be written is written as the last one, so
/// that every reader of a list gets a date.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(millis) = (*self).clamp(Self::EARLIEST, Self::LATEST);
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
            .ok()
            .and_then(|moment| moment.format(MILLISECONDS_Z).ok());
        f.write_str(&text.ok_or(fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A day in UTC; written `2024-01-17`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(i64);

impl Day {
    /// This day moved by `days`, which may be negative.
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    pub fn parse(text: &str) -> Option<Self> {
        let begin = Timestamp::parse(&format!("{text}T00:00:00Z"))?;
        Some(begin.day())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begin = Timestamp(self.0.saturating_mul(86_400_000)).to_string();
        f.write_str(begin.split('T').next().unwrap_or_default())
    }
}

/// Reads a length of time such as `90s`, `10m`, `24h` or `90d`; the answer is in seconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u32 = digits.parse().ok()?;
    i64::from(count).checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_with_milliseconds_and_z_and_read_back() {
        let moment = Timestamp::from_millis(1_705_501_624_383);
        assert_eq!(moment.to_string(), "2024-01-17T14:27:04.383Z");
        assert_eq!(Timestamp::parse("2024-01-17T14:27:04.383Z"), Some(moment));
        assert_eq!(
            Timestamp::parse("2024-01-17T17:27:04.383+03:00"),
            Some(moment)
        );
        assert_eq!(Timestamp::parse("2024-01-17"), None);
    }

    #[test]
    fn every_moment_that_is_read_can_be_written() {
        let last = "9999-12-31T23:59:59.999Z";
        assert_eq!(Timestamp::parse(last), Some(Timestamp::LATEST));
        assert_eq!(Timestamp::LATEST.to_string(), last);
        let first = "0000-01-01T00:00:00.000Z";
        assert_eq!(Timestamp::parse(first), Some(Timestamp::EARLIEST));
        assert_eq!(Timestamp::EARLIEST.to_string(), first);
        for beyond in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+00:01"] {
            assert_eq!(Timestamp::parse(beyond), None, "{beyond}");
        }
        let far = [i64::MAX, i64::MIN].map(|millis| Timestamp::from_millis(millis).to_string());
        assert_eq!(far, [last, first]);
    }

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let moment = Timestamp::from_millis(1_705_501_624_383);
        assert_eq!(moment.minute().to_string(), "2024-01-17T14:27:00.000Z");
        let day = moment.day();
        assert_eq!(day.to_string(), "2024-01-17");
        assert_eq!(Day::parse("2024-01-17"), Some(day));
        assert_eq!(day.plus(-17).to_string(), "2023-12-31");
        let midnight = Timestamp::parse("2024-01-18T00:00:00Z").unwrap();
        assert_eq!(midnight.day(), day.plus(1));
        assert_eq!(midnight.plus_seconds(-1).day(), day);
        assert_eq!(Day::parse("2024-1-17"), None);
    }

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(parse_duration("90s"), Some(90));
        assert_eq!(parse_duration("10m"), Some(600));
        assert_eq!(parse_duration("24h"), Some(86_400));
        assert_eq!(parse_duration("90d"), Some(7_776_000));
        for wrong in ["", "10", "m", "-1m", "1.5h", "1w", "1 m", "٣m", "+5h"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }
}
