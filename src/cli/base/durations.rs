//! Durations (`90s`, `15m`, `2h`, `3d`) and points in time (`2026-11-01`, `7d` before now, RFC 3339) as typed.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil};

use crate::cli::base::failure::lang;
use appeal_i18n::t;

/// Reads `90s`, `15m`, `2h` or `3d`.
///
/// # Errors
/// It has another form: no unit, a fraction, or it is too long.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let wrong = || t!(lang(), "value-duration", value = text);
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let digits = text.strip_suffix(unit).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    // At most 100 years, so that sums of times do not overflow.
    count
        .checked_mul(seconds)
        .filter(|s| *s <= 100 * 366 * 86_400)
        .map(Duration::from_secs)
        .ok_or_else(|| t!(lang(), "value-duration-long", value = text))
}

/// A point in time as typed; its meaning depends on the current time and time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A local date; it means midnight.
    Date(civil::Date),
    /// A date with a time of day, local.
    Local(civil::DateTime),
    /// A moment with its offset.
    At(Timestamp),
    /// A duration: before now in a filter, after now for a due date.
    Span(Duration),
}

/// Parses a point in time; the value parser of `--since`, `--until`, `--due`, `--to`.
///
/// # Errors
/// The text matches none of the forms.
pub fn when(text: &str) -> Result<When, String> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(When::At(at));
    }
    if let Ok(span) = duration(text) {
        return Ok(When::Span(span));
    }
    if text.len() == 10
        && let Ok(date) = text.parse::<civil::Date>()
    {
        return Ok(When::Date(date));
    }
    if text.len() > 10
        && let Ok(local) = text.parse::<civil::DateTime>()
    {
        return Ok(When::Local(local));
    }
    Err(t!(lang(), "value-when", value = text))
}

impl When {
    /// Returns the moment; a duration counts back from now. For filters.
    ///
    /// # Errors
    /// A time outside the calendar.
    pub fn back(self, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
        self.moment(zone, |span| now.checked_sub(span))
    }

    /// Returns the moment; a duration counts forward from now. For due dates and expiries.
    ///
    /// # Errors
    /// A time outside the calendar.
    pub fn ahead(self, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
        self.moment(zone, |span| now.checked_add(span))
    }

    /// A date that includes the whole day, so that the limit is the start of the next one.
    ///
    /// # Errors
    /// The last day of the calendar.
    pub fn through(self) -> Result<When, String> {
        match self {
            When::Date(date) => date.tomorrow().map(When::Date).map_err(outside),
            other => Ok(other),
        }
    }

    fn moment(
        self,
        zone: &TimeZone,
        shifted: impl FnOnce(SignedDuration) -> Result<Timestamp, jiff::Error>,
    ) -> Result<Timestamp, String> {
        let local = |local| zone.to_zoned(local).map(|zoned| zoned.timestamp());
        let moment = match self {
            When::At(at) => Ok(at),
            When::Date(date) => local(date.to_datetime(civil::Time::midnight())),
            When::Local(at) => local(at),
            When::Span(span) => SignedDuration::try_from(span).and_then(shifted),
        };
        moment.map_err(outside)
    }
}

/// What to say of a time that the calendar does not have.
pub fn outside(_: jiff::Error) -> String {
    t!(lang(), "value-when-outside")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moscow() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(3))
    }

    fn now() -> Timestamp {
        "2026-11-10T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn durations_are_read() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("2h", 7200), ("3d", 259_200), ("0s", 0)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "5", "s", "1.5h", "-5m", "+5m", "5 m", "5w", "м", "5М", "99999999999999999999d", "99999999d"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_date_is_its_local_midnight() {
        let at = when("2026-11-01").unwrap().back(now(), &moscow()).unwrap();
        assert_eq!(at.to_string(), "2026-10-31T21:00:00Z");
    }

    #[test]
    fn a_span_counts_back_or_ahead() {
        let span = when("7d").unwrap();
        assert_eq!(span.back(now(), &moscow()).unwrap().to_string(), "2026-11-03T12:00:00Z");
        assert_eq!(span.ahead(now(), &moscow()).unwrap().to_string(), "2026-11-17T12:00:00Z");
    }

    #[test]
    fn times_with_and_without_an_offset() {
        let at = |text: &str| when(text).unwrap().back(now(), &moscow()).unwrap().to_string();
        assert_eq!(at("2026-11-01T14:30:00+05:00"), "2026-11-01T09:30:00Z");
        assert_eq!(at("2026-11-01T14:30:00Z"), "2026-11-01T14:30:00Z");
        assert_eq!(at("2026-11-01T14:30"), "2026-11-01T11:30:00Z");
        assert_eq!(at("2026-11-01 14:30"), "2026-11-01T11:30:00Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "yesterday", "2026-13-01", "2026-02-30", "01.11.2026", "2026-11"] {
            assert!(when(text).is_err(), "{text}");
        }
    }
}
