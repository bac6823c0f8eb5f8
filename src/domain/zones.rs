//! Time zones by name, and the moments of deadlines as people read them.
//!
//! The zone data is built in, so that a deadline is the same on every machine, also on one without zone files.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A name that no time zone has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a time zone; names are such as Europe/Moscow")]
pub struct UnknownZone(pub String);

/// Returns the time zone with this IANA name.
///
/// # Errors
/// There is no such zone.
pub fn zone(name: &str) -> Result<TimeZone, UnknownZone> {
    ZONES.get(name).map_err(|_| UnknownZone(name.to_owned()))
}

/// Returns the day that a deadline belongs to: midnight ends the day before.
pub fn due_on(at: Timestamp, zone: &TimeZone) -> Date {
    last_day(at.to_zoned(zone.clone()).datetime())
}

/// Returns the day that a local time belongs to as the end of a term: midnight ends the day before.
pub fn last_day(at: DateTime) -> Date {
    let date = at.date();
    if at.time() == Time::midnight() { date.yesterday().unwrap_or(date) } else { date }
}

/// Formats a moment: `2026-12-28 18:00`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Formats the end of a term: as [`moment`], but one that ends a day as `2026-12-28 24:00`.
pub fn due(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    if local.time() == Time::midnight() {
        format!("{} 24:00", due_on(at, zone))
    } else {
        local.strftime("%Y-%m-%d %H:%M").to_string()
    }
}

/// Formats the end of a term with its time zone, for readers who may be in another one: `2026-12-28 24:00 (UTC+3)`.
pub fn due_in(at: Timestamp, zone: &TimeZone) -> String {
    format!("{} ({})", due(at, zone), offset(at, zone))
}

/// Formats the offset of a time zone from UTC at a moment: `UTC+3`, `UTC-3:30`.
pub fn offset(at: Timestamp, zone: &TimeZone) -> String {
    let seconds = zone.to_offset(at).seconds();
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    let sign = if seconds < 0 { '-' } else { '+' };
    match (hours, minutes) {
        (0, 0) => "UTC".to_owned(),
        (_, 0) => format!("UTC{sign}{hours}"),
        _ => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn zones_are_built_in() {
        let moscow = zone("Europe/Moscow").unwrap();
        assert_eq!(moscow.to_offset(at("2026-12-01T00:00:00Z")), jiff::tz::offset(3));
        assert_eq!(zone("Mars/Olympus"), Err(UnknownZone("Mars/Olympus".to_owned())));
    }

    #[test]
    fn a_moment_that_ends_a_day_belongs_to_that_day() {
        let moscow = zone("Europe/Moscow").unwrap();
        let midnight = at("2026-12-28T21:00:00Z");
        assert_eq!(due(midnight, &moscow), "2026-12-28 24:00");
        assert_eq!(due_on(midnight, &moscow).to_string(), "2026-12-28");
        let close = at("2026-12-28T15:00:00Z");
        assert_eq!(due(close, &moscow), "2026-12-28 18:00");
        assert_eq!(due_on(close, &moscow).to_string(), "2026-12-28");
        assert_eq!(due(at("2026-12-28T21:01:00Z"), &moscow), "2026-12-29 00:01");
    }

    #[test]
    fn a_year_ends_on_its_last_day() {
        let moscow = zone("Europe/Moscow").unwrap();
        assert_eq!(due(at("2026-12-31T21:00:00Z"), &moscow), "2026-12-31 24:00");
    }

    #[test]
    fn offsets_are_counted_from_utc() {
        let in_zone = |name: &str| offset(at("2026-12-28T21:00:00Z"), &zone(name).unwrap());
        assert_eq!(in_zone("Europe/Moscow"), "UTC+3");
        assert_eq!(in_zone("Asia/Kolkata"), "UTC+5:30");
        assert_eq!(in_zone("America/St_Johns"), "UTC-3:30");
        assert_eq!(in_zone("UTC"), "UTC");
    }
}
