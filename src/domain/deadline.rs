//! Deadlines (N1, N2): how a term is counted. The [policies](super::policies) say which term applies.
//!
//! Terms are counted in the time zone of the department:
//! * working hours and minutes run only during working hours;
//! * the day of filing is day zero; N working days end at the close of the N-th working day after it;
//! * calendar days end at 24:00 of the last one; if that day is free, the deadline moves to the close of the next
//!   working day;
//! * plain hours and minutes run around the clock.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, CalendarError};
use super::zones::last_day;

pub use super::policies::{Policies, Policy, UnknownPolicy};
pub use super::term::{Term, TermError};

/// One step of the calculation, for `--explain`. Dates and times are local to the department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Counting starts.
    Start {
        /// The moment.
        #[schema(value_type = String)]
        at: DateTime,
        /// The term to count.
        #[schema(value_type = String)]
        term: Term,
    },
    /// Free days, which do not count.
    Free {
        /// The first day.
        #[schema(value_type = String)]
        from: Date,
        /// The last day.
        #[schema(value_type = String)]
        to: Date,
    },
    /// Working time that counts.
    Worked {
        /// The day.
        #[schema(value_type = String)]
        date: Date,
        /// Start.
        #[schema(value_type = String)]
        from: Time,
        /// End.
        #[schema(value_type = String)]
        to: Time,
        /// Minutes left to count after it, rounded up.
        left_minutes: i64,
    },
    /// A working day that counts.
    Day {
        /// The day.
        #[schema(value_type = String)]
        date: Date,
        /// Number of the day, from 1.
        n: u32,
    },
    /// Calendar days that count.
    Days {
        /// The first day.
        #[schema(value_type = String)]
        from: Date,
        /// The last day.
        #[schema(value_type = String)]
        to: Date,
        /// Number of days.
        n: u32,
    },
    /// Time around the clock.
    Clock {
        /// Minutes.
        minutes: i64,
    },
    /// The last day is free: the deadline moves to the next working day.
    Moved {
        /// The free day.
        #[schema(value_type = String)]
        from: Date,
        /// The working day.
        #[schema(value_type = String)]
        to: Date,
    },
    /// The last day is shortened.
    Short {
        /// The day.
        #[schema(value_type = String)]
        date: Date,
        /// End of the working day.
        #[schema(value_type = String)]
        closes: Time,
    },
    /// Time spent waiting for the applicant, which does not count.
    Waited {
        /// Start.
        #[schema(value_type = String)]
        from: DateTime,
        /// End.
        #[schema(value_type = String)]
        to: DateTime,
        /// Minutes that do not count, for terms in hours and minutes; rounded down.
        minutes: Option<i64>,
        /// Days that do not count, for terms in days.
        days: Option<u32>,
    },
    /// Working days that do not count, because the appeal was waiting for the applicant.
    WaitedDays {
        /// The first day.
        #[schema(value_type = String)]
        from: Date,
        /// The last day.
        #[schema(value_type = String)]
        to: Date,
    },
    /// The date was set manually.
    Set {
        /// When it was set.
        #[schema(value_type = String)]
        on: DateTime,
        /// The date.
        #[schema(value_type = String)]
        at: DateTime,
    },
    /// The end.
    End {
        /// The moment; 24:00 is written as 00:00 of the next day.
        #[schema(value_type = String)]
        at: DateTime,
    },
}

/// A deadline and its calculation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Due {
    /// The last moment in time; anything later is overdue.
    pub at: Timestamp,
    /// The calculation.
    pub steps: Vec<Step>,
    /// The deadline lies in a year for which the transfer of days off is not decreed yet.
    pub provisional: bool,
}

/// A period of waiting for the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Start of the period.
    pub from: Timestamp,
    /// End of the period.
    pub until: Timestamp,
}

/// A manually set date that replaces the one calculated from the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetDate {
    /// When the date was set. Earlier pauses are already accounted for.
    pub at: Timestamp,
    /// The date.
    pub due: Timestamp,
}

/// The inputs of a deadline besides the calendar and the time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock<'a> {
    /// The term.
    pub term: Term,
    /// When counting starts.
    pub started_at: Timestamp,
    /// A date that replaces the term.
    pub set: Option<SetDate>,
    /// Pauses, in order and without overlaps.
    pub pauses: &'a [Pause],
}

impl Calendar {
    /// Returns when a term that starts at a moment ends.
    ///
    /// # Errors
    /// [`CalendarError::NoData`] if the term reaches into a year without data.
    pub fn due(&self, term: Term, from: Timestamp, tz: &TimeZone) -> Result<Due, CalendarError> {
        self.count(term, from, &[], tz)
    }

    /// Returns when a clock expires: its term extended by the time spent waiting for the applicant.
    ///
    /// A pause is counted in the unit of the term: hours and minutes by the (working) time in it, days by the (working)
    /// days after the one on which it began, up to and including the one on which it ended. A pause that began after
    /// the deadline has no effect. A manually set date moves by the pauses after it was set, and ends as the unit of
    /// the term ends.
    ///
    /// # Errors
    /// As [`Calendar::due`].
    pub fn reckon(&self, clock: &Clock<'_>, tz: &TimeZone) -> Result<Due, CalendarError> {
        let begin = clock.set.map_or(clock.started_at, |set| set.at);
        let later = clock
            .pauses
            .iter()
            .map(|pause| Pause { from: pause.from.max(begin), until: pause.until })
            .filter(|pause| pause.from < pause.until);
        let Some(set) = clock.set else {
            let mut counted = Vec::new();
            let mut due = self.count(clock.term, begin, &counted, tz)?;
            for pause in later {
                if pause.from < due.at {
                    counted.push(pause);
                    due = self.count(clock.term, begin, &counted, tz)?;
                }
            }
            return Ok(due);
        };
        let local = |at: Timestamp| at.to_zoned(tz.clone()).datetime();
        let mut steps = vec![
            Step::Start { at: local(clock.started_at), term: clock.term },
            Step::Set { on: local(set.at), at: local(set.due) },
        ];
        let mut at = set.due;
        for pause in later.filter(|pause| pause.from < pause.until) {
            at = self.shift(clock.term, at, pause, tz, &mut steps)?;
        }
        Ok(self.finished(clock.term, at, steps, tz))
    }

    /// The end of a term, given only pauses that began before it.
    fn count(
        &self,
        term: Term,
        from: Timestamp,
        pauses: &[Pause],
        tz: &TimeZone,
    ) -> Result<Due, CalendarError> {
        let start = from.to_zoned(tz.clone()).datetime();
        let mut steps = vec![Step::Start { at: start, term }];
        let (mut days, mut time) = (0, SignedDuration::ZERO);
        for pause in pauses {
            let (more_days, more_time) = self.waited(term, *pause, tz, &mut steps)?;
            days += more_days;
            time += more_time;
        }
        let at = match term {
            Term::WorkingHours(n) => {
                self.add_worked(from, SignedDuration::from_hours(n.into()), pauses, tz, &mut steps)?
            }
            Term::WorkingMinutes(n) => {
                self.add_worked(from, SignedDuration::from_mins(n.into()), pauses, tz, &mut steps)?
            }
            Term::WorkingDays(n) => {
                let total = n.checked_add(days).ok_or(CalendarError::OutOfRange)?;
                self.add_working_days(start.date(), total, pauses, tz, &mut steps)?
            }
            Term::CalendarDays(n) => {
                let total = n.checked_add(days).ok_or(CalendarError::OutOfRange)?;
                self.add_days(start.date(), total, tz, &mut steps)?
            }
            Term::Hours(n) => add_clock(from, SignedDuration::from_hours(n.into()) + time, &mut steps)?,
            Term::Minutes(n) => add_clock(from, SignedDuration::from_mins(n.into()) + time, &mut steps)?,
        };
        Ok(self.finished(term, at, steps, tz))
    }

    /// The time or number of days that a pause removes from a term.
    fn waited(
        &self,
        term: Term,
        pause: Pause,
        tz: &TimeZone,
        steps: &mut Vec<Step>,
    ) -> Result<(u32, SignedDuration), CalendarError> {
        let local = |at: Timestamp| at.to_zoned(tz.clone()).datetime();
        let (from, to) = (local(pause.from), local(pause.until));
        let (first, last) = (from.date(), to.date());
        let (mut days, mut time) = (0, SignedDuration::ZERO);
        match term {
            Term::Hours(_) | Term::Minutes(_) => time = pause.until.duration_since(pause.from),
            Term::WorkingHours(_) | Term::WorkingMinutes(_) => {
                time = self.worked(pause.from, pause.until, tz)?;
            }
            Term::CalendarDays(_) => {
                days = first.until((jiff::Unit::Day, last))?.get_days().unsigned_abs();
            }
            Term::WorkingDays(_) => {
                let mut date = first;
                while date < last {
                    date = date.tomorrow()?;
                    days += u32::from(self.is_working(date)?);
                }
            }
        }
        let in_days = matches!(term, Term::CalendarDays(_) | Term::WorkingDays(_));
        let (minutes, counted) = if in_days { (None, Some(days)) } else { (Some(time.as_mins()), None) };
        steps.push(Step::Waited { from, to, minutes, days: counted });
        Ok((days, time))
    }

    /// Moves a manually set date by a pause. A pause that began after the date does not move it; terms in days move by
    /// whole days only.
    fn shift(
        &self,
        unit: Term,
        due: Timestamp,
        pause: Pause,
        tz: &TimeZone,
        steps: &mut Vec<Step>,
    ) -> Result<Timestamp, CalendarError> {
        if pause.from >= due {
            return Ok(due);
        }
        let (days, time) = self.waited(unit, pause, tz, steps)?;
        let end = || last_day(due.to_zoned(tz.clone()).datetime());
        match unit {
            Term::Hours(_) | Term::Minutes(_) => Ok(due.checked_add(time)?),
            Term::WorkingHours(_) | Term::WorkingMinutes(_) => self.add_worked(due, time, &[], tz, steps),
            Term::WorkingDays(_) | Term::CalendarDays(_) if days == 0 => Ok(due),
            Term::WorkingDays(_) => self.add_working_days(end(), days, &[], tz, steps),
            Term::CalendarDays(_) => self.add_days(end(), days, tz, steps),
        }
    }

    fn finished(&self, term: Term, at: Timestamp, mut steps: Vec<Step>, tz: &TimeZone) -> Due {
        let end = at.to_zoned(tz.clone()).datetime();
        steps.push(Step::End { at: end });
        let by_calendar = !matches!(term, Term::Hours(_) | Term::Minutes(_));
        Due { at, steps, provisional: by_calendar && self.is_provisional(end.date()) }
    }

    fn add_worked(
        &self,
        from: Timestamp,
        amount: SignedDuration,
        pauses: &[Pause],
        tz: &TimeZone,
        steps: &mut Vec<Step>,
    ) -> Result<Timestamp, CalendarError> {
        let mut left = amount;
        if left <= SignedDuration::ZERO {
            return Ok(from);
        }
        let mut date = from.to_zoned(tz.clone()).date();
        loop {
            let shifts = self.shifts(date)?;
            if shifts.is_empty() {
                free(steps, date);
            }
            for (opens, closes) in shifts {
                let begin = tz.to_timestamp(date.to_datetime(opens))?.max(from);
                let end = tz.to_timestamp(date.to_datetime(closes))?;
                for (begin, end) in outside(begin, end, pauses) {
                    let counted = end.duration_since(begin).min(left);
                    let stop = begin.checked_add(counted)?;
                    left -= counted;
                    steps.push(Step::Worked {
                        date,
                        from: begin.to_zoned(tz.clone()).time(),
                        to: stop.to_zoned(tz.clone()).time(),
                        left_minutes: (left.as_secs() + 59) / 60,
                    });
                    if left <= SignedDuration::ZERO {
                        return Ok(stop);
                    }
                }
            }
            date = date.tomorrow()?;
        }
    }

    /// Counts working days, including those that the pauses remove.
    fn add_working_days(
        &self,
        zero: Date,
        days: u32,
        pauses: &[Pause],
        tz: &TimeZone,
        steps: &mut Vec<Step>,
    ) -> Result<Timestamp, CalendarError> {
        let day = |at: Timestamp| at.to_zoned(tz.clone()).date();
        let away: Vec<(Date, Date)> = pauses.iter().map(|p| (day(p.from), day(p.until))).collect();
        let mut date = zero;
        let (mut n, mut waited) = (0, 0);
        while n + waited < days {
            date = date.tomorrow()?;
            if !self.is_working(date)? {
                free(steps, date);
            } else if away.iter().any(|(first, last)| *first < date && date <= *last) {
                waited += 1;
                match steps.last_mut() {
                    Some(Step::WaitedDays { to, .. }) => *to = date,
                    _ => steps.push(Step::WaitedDays { from: date, to: date }),
                }
            } else {
                n += 1;
                steps.push(Step::Day { date, n });
            }
        }
        self.closing(date, tz, steps)
    }

    fn add_days(
        &self,
        zero: Date,
        days: u32,
        tz: &TimeZone,
        steps: &mut Vec<Step>,
    ) -> Result<Timestamp, CalendarError> {
        let last = zero.checked_add(Span::new().try_days(days)?)?;
        steps.push(Step::Days { from: zero.tomorrow()?, to: last, n: days });
        if self.is_working(last)? {
            return Ok(tz.to_timestamp(last.tomorrow()?.at(0, 0, 0, 0))?);
        }
        let next = self.next_working_day(last)?;
        steps.push(Step::Moved { from: last, to: next });
        self.closing(next, tz, steps)
    }

    /// The end of a working day.
    fn closing(&self, date: Date, tz: &TimeZone, steps: &mut Vec<Step>) -> Result<Timestamp, CalendarError> {
        let closes = self.close(date)?;
        if self.is_short(date)? {
            steps.push(Step::Short { date, closes });
        }
        Ok(tz.to_timestamp(date.to_datetime(closes))?)
    }
}

/// The parts of a period that lie outside of all pauses.
fn outside(begin: Timestamp, end: Timestamp, pauses: &[Pause]) -> Vec<(Timestamp, Timestamp)> {
    let mut parts = Vec::with_capacity(1);
    let mut at = begin;
    for pause in pauses {
        if pause.from.min(end) > at {
            parts.push((at, pause.from.min(end)));
        }
        at = at.max(pause.until);
    }
    if at < end {
        parts.push((at, end));
    }
    parts
}

fn add_clock(
    from: Timestamp,
    time: SignedDuration,
    steps: &mut Vec<Step>,
) -> Result<Timestamp, CalendarError> {
    steps.push(Step::Clock { minutes: time.as_mins() });
    Ok(from.checked_add(time)?)
}

/// Appends a free day to the run of free days at the end of the steps.
fn free(steps: &mut Vec<Step>, date: Date) {
    match steps.last_mut() {
        Some(Step::Free { to, .. }) => *to = date,
        _ => steps.push(Step::Free { from: date, to: date }),
    }
}

#[cfg(test)]
mod tests;
