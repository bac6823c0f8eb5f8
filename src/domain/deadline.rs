//! Deadlines (N1, N2): terms, how they are counted, and the policies that say which term holds.
//!
//! How it is counted, in the department's time zone:
//! * working hours and minutes run only while people work;
//! * the day of filing is day zero, and N working days end at the close of the N-th working day after it;
//! * calendar days end at 24:00 of the last one, and move to the next working day's close when that is a free day;
//! * plain hours and minutes run round the clock.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::calendar::{Calendar, CalendarError};
use super::vocab::{Channel, DeadlineKind};

/// A span of time in the unit in which it is counted. As text: `12wh`, `30wm`, `5wd`, `30d`, `24h`, `5m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Term {
    /// Hours in which people work.
    WorkingHours(u32),
    /// Minutes in which people work.
    WorkingMinutes(u32),
    /// Working days.
    WorkingDays(u32),
    /// Calendar days.
    CalendarDays(u32),
    /// Hours round the clock.
    Hours(u32),
    /// Minutes round the clock.
    Minutes(u32),
}

impl Term {
    const fn parts(self) -> (u32, &'static str) {
        match self {
            Term::WorkingHours(n) => (n, "wh"),
            Term::WorkingMinutes(n) => (n, "wm"),
            Term::WorkingDays(n) => (n, "wd"),
            Term::CalendarDays(n) => (n, "d"),
            Term::Hours(n) => (n, "h"),
            Term::Minutes(n) => (n, "m"),
        }
    }

    /// How many.
    pub const fn count(self) -> u32 {
        self.parts().0
    }

    /// The unit as it is written: `wh`, `wm`, `wd`, `d`, `h`, `m`.
    pub const fn unit(self) -> &'static str {
        self.parts().1
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}{}", self.count(), self.unit()))
    }
}

/// A text that is not a term.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a term; terms are a number from 1 and a unit: 12wh, 30wm, 5wd, 30d, 24h, 5m")]
pub struct TermError(pub String);

impl FromStr for Term {
    type Err = TermError;

    fn from_str(s: &str) -> Result<Self, TermError> {
        let wrong = || TermError(s.to_owned());
        let unit_at = s.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (count, unit) = s.split_at(unit_at);
        let count: u32 = count.parse().map_err(|_| wrong())?;
        if count == 0 {
            return Err(wrong());
        }
        match unit {
            "wh" => Ok(Term::WorkingHours(count)),
            "wm" => Ok(Term::WorkingMinutes(count)),
            "wd" => Ok(Term::WorkingDays(count)),
            "d" => Ok(Term::CalendarDays(count)),
            "h" => Ok(Term::Hours(count)),
            "m" => Ok(Term::Minutes(count)),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One step of the arithmetic, for `--explain`. Dates and times are local to the department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "platform", derive(utoipa::ToSchema))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Counting starts: the moment, and the term.
    Start {
        /// The moment.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        at: DateTime,
        /// What is counted.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        term: Term,
    },
    /// Days that are not worked and do not count.
    Free {
        /// The first of them.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        from: Date,
        /// The last of them.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        to: Date,
    },
    /// Working time that counts.
    Worked {
        /// The day.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        date: Date,
        /// From when.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        from: Time,
        /// Until when.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        to: Time,
        /// Minutes still to count after it, rounded up.
        left_minutes: i64,
    },
    /// A working day that counts.
    Day {
        /// The day.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        date: Date,
        /// Which one it is, from 1.
        n: u32,
    },
    /// Calendar days that count.
    Days {
        /// The first of them.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        from: Date,
        /// The last of them.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        to: Date,
        /// How many.
        n: u32,
    },
    /// Time round the clock.
    Clock {
        /// Minutes.
        minutes: i64,
    },
    /// The last day is free: the deadline moves to the next working day.
    Moved {
        /// The free day.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        from: Date,
        /// The working day.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        to: Date,
    },
    /// The day on which it ends is a short one.
    Short {
        /// The day.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        date: Date,
        /// When it closes.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        closes: Time,
    },
    /// The end.
    End {
        /// The moment; 24:00 is written as 00:00 of the next day.
        #[cfg_attr(feature = "platform", schema(value_type = String))]
        at: DateTime,
    },
}

/// A deadline and how it was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "platform", derive(utoipa::ToSchema))]
pub struct Due {
    /// The last moment in time: later is overdue.
    #[cfg_attr(feature = "platform", schema(value_type = String))]
    pub at: Timestamp,
    /// How it was counted.
    pub steps: Vec<Step>,
    /// It lies in a year whose moved days are not decreed yet.
    pub provisional: bool,
}

impl Calendar {
    /// When a term that starts at a moment ends.
    ///
    /// # Errors
    /// [`CalendarError::NoData`] when it reaches into a year that the calendar does not know.
    pub fn due(&self, term: Term, from: Timestamp, tz: &TimeZone) -> Result<Due, CalendarError> {
        let start = from.to_zoned(tz.clone()).datetime();
        let mut steps = vec![Step::Start { at: start, term }];
        let at = match term {
            Term::WorkingHours(n) => {
                self.add_worked(from, SignedDuration::from_hours(n.into()), tz, &mut steps)?
            }
            Term::WorkingMinutes(n) => {
                self.add_worked(from, SignedDuration::from_mins(n.into()), tz, &mut steps)?
            }
            Term::WorkingDays(n) => self.add_working_days(start.date(), n, tz, &mut steps)?,
            Term::CalendarDays(n) => self.add_days(start.date(), n, tz, &mut steps)?,
            Term::Hours(n) => add_clock(from, i64::from(n) * 60, &mut steps)?,
            Term::Minutes(n) => add_clock(from, n.into(), &mut steps)?,
        };
        Ok(self.finished(at, steps, tz))
    }

    /// Moves a deadline by a pause (N2): time that waits for the applicant does not count.
    ///
    /// The shift is made in the unit of the term: hours and minutes by the time (or the working time) between the two
    /// moments, working days by the working days after the day on which the pause began up to the day on which it
    /// ended, calendar days likewise; then the deadline ends as its unit ends. A pause that began when the deadline
    /// had passed, or that ended on the day it began, does not move a deadline counted in days.
    ///
    /// # Errors
    /// As [`Calendar::due`].
    pub fn extend_by_pause(
        &self,
        unit: Term,
        due: Timestamp,
        paused: (Timestamp, Timestamp),
        tz: &TimeZone,
    ) -> Result<Due, CalendarError> {
        let (from, until) = paused;
        let local = |at: Timestamp| at.to_zoned(tz.clone()).datetime();
        let mut steps = vec![Step::Start { at: local(due), term: unit }];
        if from >= due || until <= from {
            return Ok(self.finished(due, steps, tz));
        }
        let (first, last) = (local(from).date(), local(until).date());
        let at = match unit {
            Term::Hours(_) | Term::Minutes(_) => {
                let pause = until.duration_since(from);
                steps.push(Step::Clock { minutes: pause.as_mins() });
                due.checked_add(pause)?
            }
            Term::WorkingHours(_) | Term::WorkingMinutes(_) => {
                let pause = self.worked(from, until, tz)?;
                self.add_worked(due, pause, tz, &mut steps)?
            }
            Term::WorkingDays(_) => {
                let mut days = 0;
                let mut date = first;
                while date < last {
                    date = date.tomorrow()?;
                    days += u32::from(self.is_working(date)?);
                }
                if days == 0 {
                    due
                } else {
                    self.add_working_days(last_day(local(due))?, days, tz, &mut steps)?
                }
            }
            Term::CalendarDays(_) => {
                let days = first.until((jiff::Unit::Day, last))?.get_days().unsigned_abs();
                if days == 0 { due } else { self.add_days(last_day(local(due))?, days, tz, &mut steps)? }
            }
        };
        Ok(self.finished(at, steps, tz))
    }

    fn finished(&self, at: Timestamp, mut steps: Vec<Step>, tz: &TimeZone) -> Due {
        let end = at.to_zoned(tz.clone()).datetime();
        steps.push(Step::End { at: end });
        Due { at, steps, provisional: self.is_provisional(end.date()) }
    }

    fn add_worked(
        &self,
        from: Timestamp,
        amount: SignedDuration,
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
                if begin >= end {
                    continue;
                }
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
            date = date.tomorrow()?;
        }
    }

    fn add_working_days(
        &self,
        zero: Date,
        days: u32,
        tz: &TimeZone,
        steps: &mut Vec<Step>,
    ) -> Result<Timestamp, CalendarError> {
        let mut date = zero;
        let mut n = 0;
        while n < days {
            date = date.tomorrow()?;
            if self.is_working(date)? {
                n += 1;
                steps.push(Step::Day { date, n });
            } else {
                free(steps, date);
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

    /// The close of a working day.
    fn closing(&self, date: Date, tz: &TimeZone, steps: &mut Vec<Step>) -> Result<Timestamp, CalendarError> {
        let closes = self.close(date)?;
        if self.is_short(date)? {
            steps.push(Step::Short { date, closes });
        }
        Ok(tz.to_timestamp(date.to_datetime(closes))?)
    }
}

fn add_clock(from: Timestamp, minutes: i64, steps: &mut Vec<Step>) -> Result<Timestamp, CalendarError> {
    steps.push(Step::Clock { minutes });
    Ok(from.checked_add(SignedDuration::from_mins(minutes))?)
}

/// Adds a free day to the run of free days at the end of the steps.
fn free(steps: &mut Vec<Step>, date: Date) {
    match steps.last_mut() {
        Some(Step::Free { to, .. }) => *to = date,
        _ => steps.push(Step::Free { from: date, to: date }),
    }
}

/// The day that a deadline ends; midnight ends the day before.
fn last_day(due: DateTime) -> Result<Date, CalendarError> {
    Ok(if due.time() == Time::midnight() { due.date().yesterday()? } else { due.date() })
}

/// A set of terms, one a step; a step that is not named is left to the set it refines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "platform", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// From filing to the first status after *submitted*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "platform", schema(value_type = Option<String>))]
    pub first_status: Option<Term>,
    /// From arrival to registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "platform", schema(value_type = Option<String>))]
    pub registration: Option<Term>,
    /// From filing to the official answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "platform", schema(value_type = Option<String>))]
    pub decision: Option<Term>,
    /// From registration to passing it on to whom it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "platform", schema(value_type = Option<String>))]
    pub redirection: Option<Term>,
    /// For the applicant's reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "platform", schema(value_type = Option<String>))]
    pub clarification: Option<Term>,
    /// For the outcome of an escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "platform", schema(value_type = Option<String>))]
    pub escalation: Option<Term>,
    /// From the answer until it closes by itself (S6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "platform", schema(value_type = Option<String>))]
    pub confirmation: Option<Term>,
}

impl Policy {
    /// The term of a step.
    pub const fn term(&self, kind: DeadlineKind) -> Option<Term> {
        match kind {
            DeadlineKind::FirstStatus => self.first_status,
            DeadlineKind::Registration => self.registration,
            DeadlineKind::Decision => self.decision,
            DeadlineKind::Redirection => self.redirection,
            DeadlineKind::Clarification => self.clarification,
            DeadlineKind::Escalation => self.escalation,
            DeadlineKind::Confirmation => self.confirmation,
        }
    }

    /// This policy where it says something, else the other.
    pub fn or(self, other: Self) -> Self {
        Self {
            first_status: self.first_status.or(other.first_status),
            registration: self.registration.or(other.registration),
            decision: self.decision.or(other.decision),
            redirection: self.redirection.or(other.redirection),
            clarification: self.clarification.or(other.clarification),
            escalation: self.escalation.or(other.escalation),
            confirmation: self.confirmation.or(other.confirmation),
        }
    }
}

/// A category names a policy that the platform does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no deadline policy '{0}'")]
pub struct UnknownPolicy(pub String);

/// All deadline policies of a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "platform", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// What holds where nothing else says otherwise.
    pub default: Policy,
    /// By name; categories refer to them (F3).
    #[serde(default)]
    pub policies: BTreeMap<String, Policy>,
    /// By channel. They come before those of the category: what came by a channel keeps its deadlines (F12).
    #[serde(default)]
    #[cfg_attr(feature = "platform", schema(value_type = BTreeMap<String, Policy>))]
    pub channels: BTreeMap<Channel, Policy>,
}

impl Policies {
    /// The stock policies.
    #[expect(clippy::expect_used, reason = "built-in data that a test reads")]
    pub fn stock() -> Self {
        serde_json::from_str(include_str!("policies.json")).expect("the stock policies are tested")
    }

    /// The terms of an appeal that came by a channel, in a category that names a policy or none.
    ///
    /// # Errors
    /// [`UnknownPolicy`] when there is none of that name.
    pub fn terms(&self, channel: Channel, policy: Option<&str>) -> Result<Policy, UnknownPolicy> {
        let of_category = match policy {
            Some(name) => *self.policies.get(name).ok_or_else(|| UnknownPolicy(name.to_owned()))?,
            None => Policy::default(),
        };
        let of_channel = self.channels.get(&channel).copied().unwrap_or_default();
        Ok(of_channel.or(of_category).or(self.default))
    }
}

#[cfg(test)]
#[path = "deadline_tests.rs"]
mod tests;
