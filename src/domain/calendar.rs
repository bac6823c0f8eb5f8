//! The production calendar (N1): working days and working hours. Holidays and transferred days off are data, one year
//! at a time. A year without data is an error that names the year, never a guess.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Why a calendar question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The calendar has no data for a year.
    #[error("the production calendar has no data for {year}")]
    NoData {
        /// The year.
        year: i16,
    },
    /// The time does not exist: after the year 9999.
    #[error("the deadline lies beyond all calendars")]
    OutOfRange,
    /// The data of the calendar is inconsistent.
    #[error("the production calendar is wrong: {what}")]
    Invalid {
        /// The inconsistency.
        what: String,
    },
}

impl From<jiff::Error> for CalendarError {
    /// Arithmetic on times fails only at the limits of the representable range.
    fn from(_: jiff::Error) -> Self {
        CalendarError::OutOfRange
    }
}

/// One year of a calendar. Saturdays and Sundays are days off and need not be listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Year {
    /// Source of the data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The transfer of days off is not decreed yet, so deadlines in this year may change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
    /// Public holidays.
    #[serde(default)]
    pub holidays: BTreeSet<Date>,
    /// Days off transferred to this date.
    #[serde(default)]
    pub days_off: BTreeSet<Date>,
    /// Working Saturdays and Sundays.
    #[serde(default)]
    pub working: BTreeSet<Date>,
    /// Shortened working days before a holiday.
    #[serde(default)]
    pub short: BTreeSet<Date>,
}

/// A production calendar with its working hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Start of the working day.
    #[schema(value_type = String)]
    pub opens: Time,
    /// End of the working day.
    #[schema(value_type = String)]
    pub closes: Time,
    /// Start of the break.
    #[schema(value_type = String)]
    pub break_from: Time,
    /// End of the break.
    #[schema(value_type = String)]
    pub break_to: Time,
    /// How much earlier a short day ends, in minutes.
    pub short_by_minutes: u16,
    /// The known years.
    #[schema(value_type = BTreeMap<String, Year>)]
    pub years: BTreeMap<i16, Year>,
}

impl Calendar {
    /// The built-in calendar: Russia, 09:00–18:00 with a break from 13:00 to 14:00.
    #[expect(clippy::expect_used, reason = "built-in data that a test reads")]
    pub fn stock() -> Self {
        serde_json::from_str(crate::stock::CALENDAR).expect("the stock calendar is tested")
    }

    /// Checks loaded data: every date lies in its year, working hours are in order, no day is both working and free.
    ///
    /// # Errors
    /// [`CalendarError::Invalid`] with the inconsistency.
    pub fn validate(&self) -> Result<(), CalendarError> {
        let invalid = |what: String| Err(CalendarError::Invalid { what });
        let short_close = self.short_close();
        if !(self.opens < self.break_from
            && self.break_from <= self.break_to
            && self.break_to < short_close
            && short_close <= self.closes)
        {
            return invalid("the working hours are not in order".into());
        }
        for (year, data) in &self.years {
            let all = [&data.holidays, &data.days_off, &data.working, &data.short];
            for date in all.into_iter().flatten() {
                if date.year() != *year {
                    return invalid(format!("{date} is listed under the year {year}"));
                }
            }
            for date in &data.working {
                if data.holidays.contains(date) || data.days_off.contains(date) {
                    return invalid(format!("{date} is both worked and free"));
                }
            }
            for date in &data.short {
                if !self.is_working(*date)? {
                    return invalid(format!("{date} is short and free"));
                }
            }
        }
        Ok(())
    }

    fn year(&self, date: Date) -> Result<&Year, CalendarError> {
        self.years.get(&date.year()).ok_or(CalendarError::NoData { year: date.year() })
    }

    fn short_close(&self) -> Time {
        self.closes.saturating_sub(SignedDuration::from_mins(self.short_by_minutes.into()))
    }

    /// Returns whether people work on this date.
    pub fn is_working(&self, date: Date) -> Result<bool, CalendarError> {
        let year = self.year(date)?;
        if year.working.contains(&date) {
            return Ok(true);
        }
        Ok(!is_weekend(date) && !year.holidays.contains(&date) && !year.days_off.contains(&date))
    }

    /// Returns whether this is a shortened working day.
    pub fn is_short(&self, date: Date) -> Result<bool, CalendarError> {
        Ok(self.is_working(date)? && self.year(date)?.short.contains(&date))
    }

    /// Returns whether the transfer of days off is not decreed yet for the year of this date.
    pub fn is_provisional(&self, date: Date) -> bool {
        self.years.get(&date.year()).is_some_and(|year| year.provisional)
    }

    /// Returns when the working day ends.
    pub fn close(&self, date: Date) -> Result<Time, CalendarError> {
        Ok(if self.is_short(date)? { self.short_close() } else { self.closes })
    }

    /// Returns the first working day after a date.
    pub fn next_working_day(&self, date: Date) -> Result<Date, CalendarError> {
        let mut next = date.tomorrow()?;
        while !self.is_working(next)? {
            next = next.tomorrow()?;
        }
        Ok(next)
    }

    /// Returns why a day is free, or `None` for a working day.
    pub fn free(&self, date: Date) -> Result<Option<Free>, CalendarError> {
        if self.is_working(date)? {
            return Ok(None);
        }
        let year = self.year(date)?;
        Ok(Some(if year.holidays.contains(&date) {
            Free::Holiday
        } else if year.days_off.contains(&date) {
            Free::Moved
        } else {
            Free::Weekend
        }))
    }

    /// Adds missing years of a range by the rules of the Labour Code: with the holidays of the nearest known year; a
    /// holiday on a weekend moves to the next working day (except January holidays, which the Government transfers);
    /// the day before a holiday is shortened. Such a year is provisional.
    pub fn foresee(&mut self, years: std::ops::RangeInclusive<i16>) {
        let known: Vec<i16> = self.years.keys().copied().collect();
        for number in years {
            let nearest = known.iter().rev().find(|y| **y <= number).or_else(|| known.first());
            let Some(model) = nearest.and_then(|y| self.years.get(y)) else { continue };
            if self.years.contains_key(&number) {
                continue;
            }
            let holidays: BTreeSet<Date> =
                model.holidays.iter().filter_map(|d| Date::new(number, d.month(), d.day()).ok()).collect();
            self.years.insert(number, by_the_code(holidays));
        }
    }

    /// Returns the working hours of a date: none on a free day, otherwise before and after the break.
    pub fn shifts(&self, date: Date) -> Result<Vec<(Time, Time)>, CalendarError> {
        if !self.is_working(date)? {
            return Ok(Vec::new());
        }
        Ok(vec![(self.opens, self.break_from), (self.break_to, self.close(date)?)])
    }

    /// Returns the working time between two moments.
    pub fn worked(
        &self,
        from: Timestamp,
        until: Timestamp,
        tz: &TimeZone,
    ) -> Result<SignedDuration, CalendarError> {
        let mut sum = SignedDuration::ZERO;
        let mut date = from.to_zoned(tz.clone()).date();
        while from < until && tz.to_timestamp(date.at(0, 0, 0, 0))? < until {
            for (opens, closes) in self.shifts(date)? {
                let begin = tz.to_timestamp(date.to_datetime(opens))?.max(from);
                let end = tz.to_timestamp(date.to_datetime(closes))?.min(until);
                if begin < end {
                    sum += end.duration_since(begin);
                }
            }
            date = date.tomorrow()?;
        }
        Ok(sum)
    }
}

/// Why a day is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Free {
    /// A Saturday or Sunday.
    Weekend,
    /// A transferred day off.
    Moved,
    /// A public holiday.
    Holiday,
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Builds a year from holidays by articles 95 and 112 of the Labour Code.
fn by_the_code(holidays: BTreeSet<Date>) -> Year {
    let mut days_off = BTreeSet::new();
    for holiday in holidays.iter().filter(|d| is_weekend(**d) && d.month() != 1) {
        let mut next = *holiday;
        while is_weekend(next) || holidays.contains(&next) || days_off.contains(&next) {
            match next.tomorrow() {
                Ok(tomorrow) => next = tomorrow,
                Err(_) => break,
            }
        }
        days_off.insert(next);
    }
    let mut short: BTreeSet<Date> = holidays.iter().filter_map(|d| d.yesterday().ok()).collect();
    // New Year's Eve precedes the holidays of the next year.
    short.extend(holidays.first().and_then(|d| Date::new(d.year(), 12, 31).ok()));
    let year = holidays.first().map(|d| d.year());
    short.retain(|d| {
        Some(d.year()) == year && !is_weekend(*d) && !holidays.contains(d) && !days_off.contains(d)
    });
    Year { provisional: true, holidays, days_off, short, ..Year::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn the_stock_calendar_is_sound() {
        let calendar = Calendar::stock();
        calendar.validate().unwrap();
        let back: Calendar = serde_json::from_str(&serde_json::to_string(&calendar).unwrap()).unwrap();
        assert_eq!(back, calendar);
    }

    /// Published by the Ministry of Labour: 247 working days and 1972 hours of a forty-hour week in each of these years.
    #[test]
    fn the_years_have_the_published_norm() {
        let calendar = Calendar::stock();
        for year in [2025, 2026, 2027] {
            let (mut days, mut minutes) = (0, 0);
            let mut day = date(year, 1, 1);
            while day.year() == year {
                if calendar.is_working(day).unwrap() {
                    days += 1;
                }
                for (from, to) in calendar.shifts(day).unwrap() {
                    minutes += to.duration_since(from).as_mins();
                }
                day = day.tomorrow().unwrap();
            }
            assert_eq!((days, minutes), (247, 1972 * 60), "{year}");
        }
    }

    #[test]
    fn moved_and_short_days_are_known() {
        let calendar = Calendar::stock();
        for free in [
            date(2025, 11, 3),
            date(2025, 12, 31),
            date(2026, 1, 9),
            date(2026, 5, 11),
            date(2026, 12, 31),
            date(2027, 2, 22),
            date(2027, 11, 5),
            date(2027, 12, 31),
        ] {
            assert!(!calendar.is_working(free).unwrap(), "{free}");
        }
        assert!(calendar.is_short(date(2027, 2, 20)).unwrap(), "a worked Saturday before a holiday");
        assert!(calendar.is_working(date(2025, 11, 1)).unwrap(), "a worked Saturday");
        assert_eq!(calendar.close(date(2025, 11, 1)).unwrap(), time(17, 0, 0, 0));
        assert_eq!(calendar.close(date(2026, 11, 2)).unwrap(), time(18, 0, 0, 0));
        assert_eq!(calendar.next_working_day(date(2025, 12, 30)), Ok(date(2026, 1, 12)));
        assert!(!calendar.is_provisional(date(2027, 5, 5)));
    }

    #[test]
    fn a_year_nobody_loaded_is_foreseen_by_the_labour_code() {
        let stock = Calendar::stock();
        let mut calendar = stock.clone();
        calendar.years.remove(&2027);
        calendar.foresee(2020..=2040);
        assert_eq!(calendar.years[&2026], stock.years[&2026], "what is known stays");
        let foreseen = &calendar.years[&2027];
        // The decree moves 2 and 3 January and the Saturday of 20 February; the code alone does not.
        assert_eq!(foreseen.days_off, [date(2027, 5, 3), date(2027, 5, 10), date(2027, 6, 14)].into());
        let short = [(2, 22), (4, 30), (6, 11), (11, 3), (12, 31)];
        assert_eq!(foreseen.short, short.map(|(month, day)| date(2027, month, day)).into());
        calendar.validate().unwrap();
        // Saturday 23 February 2030 moves to Monday; the Fridays before weekends are not shortened.
        assert!(!calendar.is_working(date(2030, 2, 25)).unwrap());
        assert!(!calendar.is_short(date(2032, 3, 5)).unwrap());
        assert!(calendar.is_short(date(2030, 2, 22)).unwrap() && calendar.is_provisional(date(2030, 2, 22)));
    }

    #[test]
    fn free_days_have_a_reason() {
        let calendar = Calendar::stock();
        let why = |y, m, d| calendar.free(date(y, m, d)).unwrap();
        assert_eq!(why(2026, 11, 7), Some(Free::Weekend));
        assert_eq!(why(2026, 11, 4), Some(Free::Holiday));
        assert_eq!(why(2025, 11, 3), Some(Free::Moved));
        assert_eq!(why(2025, 11, 1), None);
    }

    #[test]
    fn a_year_without_data_is_named() {
        let calendar = Calendar::stock();
        assert_eq!(calendar.is_working(date(2031, 5, 5)), Err(CalendarError::NoData { year: 2031 }));
        assert_eq!(calendar.next_working_day(date(2027, 12, 31)), Err(CalendarError::NoData { year: 2028 }));
    }

    #[test]
    fn contradictory_data_is_refused() {
        let with = |change: fn(&mut Calendar)| {
            let mut calendar = Calendar::stock();
            change(&mut calendar);
            calendar.validate()
        };
        assert!(with(|_| {}).is_ok());
        assert!(with(|c| c.closes = time(8, 0, 0, 0)).is_err());
        assert!(with(|c| c.short_by_minutes = 300).is_err());
        for wrong in [
            (|y| y.holidays.insert(date(2025, 1, 1))) as fn(&mut Year) -> bool,
            |y| y.working.insert(date(2026, 1, 1)),
            |y| y.short.insert(date(2026, 1, 1)),
        ] {
            let mut calendar = Calendar::stock();
            wrong(calendar.years.get_mut(&2026).unwrap());
            assert!(matches!(calendar.validate(), Err(CalendarError::Invalid { .. })));
        }
    }
}
