//! Times as people type them: one grammar for flags, batch cells, record files and answers to questions.
//!
//! * days: `2026-11-01`, `01.11.2026`, `1 ноября 2026`, `1 November 2026`, `today`, `вчера`, `monday`;
//! * months: `2026-11`, `ноябрь 2026`;
//! * a day with a time: `14:30`, `14:30:05`, and a zone: `+03:00`, `UTC+3`, `MSK`, `Europe/Moscow`;
//! * spans: `90s`, `15m`, `2h`, `3d`, `2w`, `1h30m`; and `now`.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::zones;

/// Longest span: sums of times do not overflow.
const SPAN_MAX: i64 = 100 * 366 * 86_400;

/// A time as typed. Its meaning may depend on the current time, on the time zone, and on whether it lies behind or
/// ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    Now,
    /// A whole day.
    Day(Day),
    /// A whole month: its first day.
    Month(Date),
    /// A day with a time, local or in a zone.
    Moment(Day, Time, Option<TimeZone>),
    /// A moment with its offset, in the form of RFC 3339.
    At(Timestamp),
    /// A duration from now.
    Span(Span),
}

/// A day as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    Date(Date),
    /// So many days after today.
    FromToday(i32),
    /// The last or the next such day.
    Weekday(Weekday),
}

/// A duration as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// In seconds, days and weeks included.
    pub seconds: i64,
    /// The number of days, if it has whole days alone.
    pub days: Option<i32>,
}

/// The direction in which spans and days of the week are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Before now: filters, and when a problem occurred.
    Back,
    /// After now: due dates.
    Ahead,
}

/// The time lies outside of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("outside of the calendar")]
pub struct Outside;

impl From<jiff::Error> for Outside {
    /// Arithmetic on times fails only at the limits of the representable range.
    fn from(_: jiff::Error) -> Self {
        Outside
    }
}

impl When {
    /// Reads a time; `None` if the text is not a time.
    pub fn read(text: &str) -> Option<When> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(When::At(at));
        }
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        match words[..] {
            ["now" | "сейчас"] => return Some(When::Now),
            [word] => {
                if let Some(span) = Span::read(word) {
                    return Some(When::Span(span));
                }
                if let Some(month) = month_of_digits(word) {
                    return Some(When::Month(month));
                }
            }
            [month, year] => {
                if let Some(month) = month_of_words(month, year) {
                    return Some(When::Month(month));
                }
            }
            _ => {}
        }
        let (day, clock) = day(&words)?;
        match clock[..] {
            [] => Some(When::Day(day)),
            _ => with_clock(day, &clock),
        }
    }

    /// Returns whether it means another time when it is read on another day.
    pub fn is_relative(&self) -> bool {
        match self {
            When::Now | When::Span(_) => true,
            When::Day(day) | When::Moment(day, ..) => !matches!(day, Day::Date(_)),
            When::Month(_) | When::At(_) => false,
        }
    }

    /// Returns when it begins: a day or a month with its first moment.
    ///
    /// # Errors
    /// It lies outside of the calendar.
    pub fn start(&self, direction: Direction, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, Outside> {
        match self {
            When::Now => Ok(now),
            When::At(at) => Ok(*at),
            When::Day(day) => Ok(zone.to_timestamp(day.date(direction, now, zone)?.at(0, 0, 0, 0))?),
            When::Month(first) => Ok(zone.to_timestamp(first.at(0, 0, 0, 0))?),
            When::Moment(day, time, own) => {
                let zone = own.as_ref().unwrap_or(zone);
                Ok(zone.to_timestamp(day.date(direction, now, zone)?.to_datetime(*time))?)
            }
            When::Span(span) => {
                let length = SignedDuration::from_secs(span.seconds);
                Ok(match direction {
                    Direction::Back => now.checked_sub(length)?,
                    Direction::Ahead => now.checked_add(length)?,
                })
            }
        }
    }

    /// Returns when it ends: a day or a month with the first moment after it; a span of days ahead with the last of
    /// them.
    ///
    /// # Errors
    /// It lies outside of the calendar.
    pub fn end(&self, direction: Direction, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, Outside> {
        let after = match (self, direction) {
            (When::Day(day), _) => day.date(direction, now, zone)?.tomorrow()?,
            (When::Month(first), _) => first.checked_add(1.month())?,
            (When::Span(Span { days: Some(days), .. }), Direction::Ahead) => {
                Day::FromToday(*days).date(direction, now, zone)?.tomorrow()?
            }
            _ => return self.start(direction, now, zone),
        };
        Ok(zone.to_timestamp(after.at(0, 0, 0, 0))?)
    }

    /// Returns the day of a whole day, or of a span of whole days.
    ///
    /// # Errors
    /// It lies outside of the calendar.
    pub fn whole_day(
        &self,
        direction: Direction,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Option<Date>, Outside> {
        match self {
            When::Day(day) => day.date(direction, now, zone).map(Some),
            When::Span(Span { days: Some(days), .. }) => {
                let days = if direction == Direction::Back { -days } else { *days };
                Day::FromToday(days).date(direction, now, zone).map(Some)
            }
            When::Now | When::Month(_) | When::Moment(..) | When::At(_) | When::Span(_) => Ok(None),
        }
    }

    /// Returns it in the form of ISO 8601, in which it means the same on every day: a month, a day, or a time, without
    /// an offset if none was typed. Relative times lie behind.
    ///
    /// # Errors
    /// It lies outside of the calendar.
    pub fn fixed(&self, now: Timestamp, zone: &TimeZone) -> Result<String, Outside> {
        if let Some(day) = self.whole_day(Direction::Back, now, zone)? {
            return Ok(day.to_string());
        }
        let exact = |at: Timestamp, zone: &TimeZone| {
            at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
        };
        Ok(match self {
            When::Month(first) => first.strftime("%Y-%m").to_string(),
            When::Moment(day, time, None) => {
                day.date(Direction::Back, now, zone)?.to_datetime(*time).to_string()
            }
            When::Moment(_, _, Some(own)) => exact(self.start(Direction::Back, now, zone)?, own),
            _ => exact(self.start(Direction::Back, now, zone)?, zone),
        })
    }
}

impl Day {
    fn date(self, direction: Direction, now: Timestamp, zone: &TimeZone) -> Result<Date, Outside> {
        let today = now.to_zoned(zone.clone()).date();
        Ok(match (self, direction) {
            (Day::Date(date), _) => date,
            (Day::FromToday(days), _) => today.checked_add(i64::from(days).days())?,
            (Day::Weekday(day), Direction::Back) => {
                today.checked_sub(i64::from(today.weekday().since(day)).days())?
            }
            (Day::Weekday(day), Direction::Ahead) => {
                let days = today.weekday().until(day);
                today.checked_add(i64::from(if days == 0 { 7 } else { days }).days())?
            }
        })
    }
}

impl Span {
    /// Reads `90s`, `15m`, `2h`, `3d`, `2w`, `1h30m`; `None` if the text is not a duration or too long.
    pub fn read(text: &str) -> Option<Span> {
        let (mut seconds, mut days, mut whole) = (0_i64, 0_i64, true);
        let mut last = i64::MAX;
        let mut rest = text;
        while !rest.is_empty() {
            let at = rest.find(|c: char| !c.is_ascii_digit())?;
            let count: i64 = rest[..at].parse().ok()?;
            let mut after = rest[at..].chars();
            let unit = match after.next()? {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                'd' => 86_400,
                'w' => 7 * 86_400,
                _ => return None,
            };
            // Units fall, so that `30m1h` is not taken for something else.
            if unit >= last {
                return None;
            }
            last = unit;
            seconds = seconds.checked_add(count.checked_mul(unit)?)?;
            if unit >= 86_400 {
                days = days.checked_add(count.checked_mul(unit / 86_400)?)?;
            } else {
                whole = false;
            }
            rest = after.as_str();
        }
        if text.is_empty() || seconds > SPAN_MAX {
            return None;
        }
        Some(Span { seconds, days: if whole { Some(i32::try_from(days).ok()?) } else { None } })
    }
}

/// The day at the beginning, and the words after it.
fn day<'a>(words: &[&'a str]) -> Option<(Day, Vec<&'a str>)> {
    let first = *words.first()?;
    if let Some(day) = named_day(first) {
        return Some((day, words[1..].to_vec()));
    }
    if let [day, month, year, ..] = words[..]
        && let Some(date) = date_of_words(day, month, year).or_else(|| date_of_words(month, day, year))
    {
        let year_word = usize::from(matches!(words.get(3), Some(&("г." | "г" | "года"))));
        return Some((Day::Date(date), words[3 + year_word..].to_vec()));
    }
    let (date, clock) = match first.split_once('t') {
        Some((date, clock)) => (date, Some(clock)),
        None => (first, None),
    };
    let date = Day::Date(iso_date(date).or_else(|| dotted_date(date))?);
    Some((date, clock.into_iter().chain(words[1..].iter().copied()).collect()))
}

fn named_day(word: &str) -> Option<Day> {
    Some(match word {
        "today" | "сегодня" => Day::FromToday(0),
        "yesterday" | "вчера" => Day::FromToday(-1),
        "tomorrow" | "завтра" => Day::FromToday(1),
        "позавчера" => Day::FromToday(-2),
        "послезавтра" => Day::FromToday(2),
        "monday" | "понедельник" => Day::Weekday(Weekday::Monday),
        "tuesday" | "вторник" => Day::Weekday(Weekday::Tuesday),
        "wednesday" | "среда" => Day::Weekday(Weekday::Wednesday),
        "thursday" | "четверг" => Day::Weekday(Weekday::Thursday),
        "friday" | "пятница" => Day::Weekday(Weekday::Friday),
        "saturday" | "суббота" => Day::Weekday(Weekday::Saturday),
        "sunday" | "воскресенье" => Day::Weekday(Weekday::Sunday),
        _ => return None,
    })
}

/// A number of one to `most` digits.
fn number(text: &str, most: usize) -> Option<i8> {
    let fits = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn year(text: &str) -> Option<i16> {
    let fits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn iso_date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

fn dotted_date(text: &str) -> Option<Date> {
    let (day, rest) = text.split_once('.')?;
    let (month, of_year) = rest.split_once('.')?;
    Date::new(year(of_year)?, number(month, 2)?, number(day, 2)?).ok()
}

fn date_of_words(day: &str, name: &str, of_year: &str) -> Option<Date> {
    let day = number(day.trim_end_matches(','), 2)?;
    Date::new(year(of_year.trim_end_matches(','))?, month(name)?, day).ok()
}

fn month_of_digits(text: &str) -> Option<Date> {
    let (of_year, month) = text.split_once('-')?;
    if month.len() != 2 {
        return None;
    }
    Date::new(year(of_year)?, number(month, 2)?, 1).ok()
}

fn month_of_words(name: &str, of_year: &str) -> Option<Date> {
    Date::new(year(of_year)?, month(name)?, 1).ok()
}

/// The number of a month by its name: in Russian in both cases, in English in full or by three letters.
fn month(name: &str) -> Option<i8> {
    const NAMES: [[&str; 4]; 12] = [
        ["january", "jan", "январь", "января"],
        ["february", "feb", "февраль", "февраля"],
        ["march", "mar", "март", "марта"],
        ["april", "apr", "апрель", "апреля"],
        ["may", "may", "май", "мая"],
        ["june", "jun", "июнь", "июня"],
        ["july", "jul", "июль", "июля"],
        ["august", "aug", "август", "августа"],
        ["september", "sep", "сентябрь", "сентября"],
        ["october", "oct", "октябрь", "октября"],
        ["november", "nov", "ноябрь", "ноября"],
        ["december", "dec", "декабрь", "декабря"],
    ];
    let place = NAMES.iter().position(|names| names.contains(&name))?;
    i8::try_from(place + 1).ok()
}

/// The day with the time and the zone that these words say.
fn with_clock(day: Day, words: &[&str]) -> Option<When> {
    let words = match words {
        ["в" | "at", rest @ ..] => rest,
        words => words,
    };
    let (first, rest) = words.split_first()?;
    let at = first.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(first.len());
    let (time, attached) = first.split_at(at);
    let zone = match (attached, rest) {
        ("", []) => None,
        ("", [zone]) => Some(zone_of(zone)?),
        (zone, []) => Some(zone_of(zone)?),
        _ => return None,
    };
    // The end of a day is shown as 24:00.
    if let ("24:00" | "24:00:00", Some(next)) = (time, next(day)) {
        return Some(When::Moment(next, Time::midnight(), zone));
    }
    Some(When::Moment(day, clock(time)?, zone))
}

fn next(day: Day) -> Option<Day> {
    match day {
        Day::Date(date) => date.tomorrow().ok().map(Day::Date),
        Day::FromToday(days) => Some(Day::FromToday(days + 1)),
        Day::Weekday(_) => None,
    }
}

fn clock(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, parts.next()?);
    let two = |text: &str| if text.len() == 2 { number(text, 2) } else { None };
    let second = parts.next();
    if parts.next().is_some() {
        return None;
    }
    let (second, nanosecond) = match second {
        None => (0, 0),
        Some(second) => {
            let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
            let digits = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
            let fraction: String = fraction.chars().chain("000000000".chars()).take(9).collect();
            (two(second)?, if digits { fraction.parse().ok()? } else { return None })
        }
    };
    Time::new(hour, two(minute)?, second, nanosecond).ok()
}

/// The zone of `z`, `utc`, `msk`, `+03:00`, `utc+3`, `europe/moscow`.
fn zone_of(text: &str) -> Option<TimeZone> {
    match text {
        "z" | "utc" | "gmt" => return Some(TimeZone::UTC),
        "msk" | "мск" => return zones::zone("Europe/Moscow").ok(),
        _ => {}
    }
    let offset = text.strip_prefix("utc").or_else(|| text.strip_prefix("gmt")).unwrap_or(text);
    let sign = match offset.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return zones::zone(text).ok(),
    };
    let digits = &offset[1..];
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let seconds = i32::from(number(hours, 2)?) * 3600 + i32::from(number(minutes, 2)?) * 60;
    Offset::from_seconds(sign * seconds).ok().map(TimeZone::fixed)
}

/// Returns whether a text that says when a problem occurred names a time later than the end of today anywhere on
/// Earth. A text that is no time is not later.
pub fn is_later(text: &str, now: Timestamp) -> bool {
    let zone = TimeZone::fixed(jiff::tz::offset(14));
    let Some(when) = When::read(text).filter(|when| !when.is_relative()) else { return false };
    let today = now.to_zoned(zone.clone()).date();
    // A time without a zone is the applicant's local time, which is not known here.
    let date: Option<Date> = match &when {
        When::Day(Day::Date(date)) | When::Moment(Day::Date(date), _, None) | When::Month(date) => {
            Some(*date)
        }
        _ => {
            let at = when.start(Direction::Back, now, &zone).ok();
            at.map(|at| DateTime::from(at.to_zoned(zone)).date())
        }
    };
    date.is_some_and(|date| date > today)
}

#[cfg(test)]
mod tests;
