//! The calculation of a deadline as text: each step of the domain as a line in the reader's language, with times in the
//! time zone of the calculation.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;

use crate::store::deadlines::DeadlineRow;
use appeal_api::DeadlineStep;
use appeal_domain::calendar::{Calendar, Free};
use appeal_domain::deadline::{Due, Step, Term};
use appeal_domain::zones::last_day;
use appeal_i18n::{Lang, t};

/// Formats the steps of a calculation.
pub struct Explainer<'a> {
    pub lang: Lang,
    pub calendar: &'a Calendar,
    /// IANA name of the time zone.
    pub zone_name: &'a str,
    pub zone: &'a TimeZone,
    /// When the appeal was filed.
    pub filed_at: Timestamp,
}

impl Explainer<'_> {
    /// Returns the lines of a deadline. `due` is its calculation with the current calendar.
    pub fn lines(&self, row: &DeadlineRow, due: &Due) -> Vec<DeadlineStep> {
        let mut lines = Vec::new();
        for step in &due.steps {
            if matches!(step, Step::End { .. }) {
                self.waiting(row, &mut lines);
            }
            lines.push(self.line(row, step));
            if let (Step::Start { at, term }, None) = (step, row.set)
                && matches!(term, Term::WorkingDays(_) | Term::CalendarDays(_))
            {
                let day = self.day(at.date());
                lines.push(DeadlineStep {
                    from: Some(at.date().to_string()),
                    to: Some(at.date().to_string()),
                    days: Some(0),
                    ..self.step("day_zero", &[("day", &day)])
                });
            }
        }
        if due.at != row.due_at {
            let (kept, now) = (self.end(self.local(row.due_at)), self.end(self.local(due.at)));
            lines.push(DeadlineStep {
                at: Some(row.due_at),
                ..self.step("kept", &[("kept", &kept), ("now", &now)])
            });
        }
        if due.provisional {
            let year = last_day(self.local(due.at)).year().to_string();
            lines.push(self.step("provisional", &[("year", &year)]));
        }
        if let Some(met) = row.met_at {
            let at = self.moment(self.local(met));
            let id = if met <= row.due_at { "met" } else { "met-late" };
            let line = self.step(id, &[("at", &at)]);
            lines.push(DeadlineStep { code: "met".to_owned(), at: Some(met), ..line });
        }
        lines
    }

    /// Adds the line of a stopped clock.
    fn waiting(&self, row: &DeadlineRow, lines: &mut Vec<DeadlineStep>) {
        if let Some(paused) = row.paused_at {
            let local = self.local(paused);
            lines.push(DeadlineStep {
                at: Some(paused),
                from: Some(local.to_string()),
                ..self.step("paused", &[("from", &self.moment(local))])
            });
        }
    }

    fn line(&self, row: &DeadlineRow, step: &Step) -> DeadlineStep {
        match step {
            Step::Start { at, term } => {
                let id = if row.started_at == self.filed_at { "filed" } else { "start" };
                let term = self.term(*term);
                let line = self.step(
                    id,
                    &[("at", self.moment(*at).as_str()), ("zone", self.zone_name), ("term", &term)],
                );
                DeadlineStep { code: "start".to_owned(), at: Some(row.started_at), ..line }
            }
            Step::Free { from, to } => {
                let why = self.why_free(*from, *to);
                let span = self.days(*from, *to);
                self.between("free", from, to, &[("days", &span), ("why", &why)])
            }
            Step::Worked { date, from, to, left_minutes } => {
                let minutes = to.duration_since(*from).as_mins();
                let (counted, left) = (self.span(minutes), self.span(*left_minutes));
                let (day, begin, end) = (self.day(*date), clock(*from), clock(*to));
                let args: [(&str, &str); 5] =
                    [("day", &day), ("from", &begin), ("to", &end), ("counted", &counted), ("left", &left)];
                let id = if *left_minutes > 0 { "worked" } else { "worked-last" };
                DeadlineStep {
                    code: "worked".to_owned(),
                    minutes: Some(minutes),
                    left_minutes: Some(*left_minutes),
                    ..self.between(id, &date.to_datetime(*from), &date.to_datetime(*to), &args)
                }
            }
            Step::Day { date, n } => {
                let number = n.to_string();
                let moved = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
                let id = if moved { "day-moved" } else { "day" };
                let line = self.between(id, date, date, &[("day", &self.day(*date)), ("n", &number)]);
                DeadlineStep { code: "day".to_owned(), n: Some(*n), days: Some(1), ..line }
            }
            Step::Days { from, to, n } => {
                let number = n.to_string();
                let span = self.days(*from, *to);
                let line = self.between("days", from, to, &[("days", &span), ("n", &number)]);
                DeadlineStep { days: Some(*n), ..line }
            }
            Step::Clock { minutes } => {
                let line = self.step("clock", &[("span", &self.span(*minutes))]);
                DeadlineStep { minutes: Some(*minutes), ..line }
            }
            Step::Moved { from, to } => {
                let (day, why, next) = (self.day(*from), self.why_free(*from, *from), self.day(*to));
                self.between("moved", from, to, &[("day", &day), ("why", &why), ("next", &next)])
            }
            Step::Short { date, closes } => {
                let (day, at) = (self.day(*date), clock(*closes));
                self.between("short", date, date, &[("day", &day), ("at", &at)])
            }
            Step::Waited { from, to, minutes, days } => {
                let span = match (minutes, days) {
                    (Some(minutes), _) => self.span(*minutes),
                    (None, days) => {
                        let unit = if matches!(row.term, Term::WorkingDays(_)) { "wd" } else { "d" };
                        self.count(unit, days.unwrap_or_default())
                    }
                };
                let (begin, end) = (self.moment(*from), self.moment(*to));
                let line =
                    self.between("waited", from, to, &[("from", &begin), ("to", &end), ("span", &span)]);
                DeadlineStep { minutes: *minutes, days: *days, ..line }
            }
            Step::WaitedDays { from, to } => {
                self.between("waited_days", from, to, &[("days", &self.days(*from, *to))])
            }
            Step::Set { on, at } => self.set(row, *on, *at),
            Step::End { at } => {
                let line = self.step("end", &[("at", &self.end(*at)), ("zone", self.zone_name)]);
                DeadlineStep { at: self.zone.to_timestamp(*at).ok(), to: Some(at.to_string()), ..line }
            }
        }
    }

    /// A manually set date; an extension includes the previous date and the reason.
    fn set(&self, row: &DeadlineRow, on: DateTime, at: DateTime) -> DeadlineStep {
        let (since, date) = (self.moment(on), self.end(at));
        let line = match row.extended_from {
            Some(before) => {
                let before = self.end(self.local(before));
                let reason = row.reason.as_deref().unwrap_or_default();
                self.step(
                    "extended",
                    &[("on", &since), ("at", &date), ("before", &before), ("reason", reason)],
                )
            }
            None => self.step("set", &[("on", &since), ("at", &date)]),
        };
        DeadlineStep { at: self.zone.to_timestamp(at).ok(), from: Some(on.to_string()), ..line }
    }

    fn step(&self, id: &str, args: &[(&str, &str)]) -> DeadlineStep {
        let text = t(self.lang, &format!("deadline-step-{}", id.replace('_', "-")), args);
        DeadlineStep { code: id.to_owned(), text, ..DeadlineStep::default() }
    }

    fn between(
        &self,
        id: &str,
        from: &impl ToString,
        to: &impl ToString,
        args: &[(&str, &str)],
    ) -> DeadlineStep {
        DeadlineStep { from: Some(from.to_string()), to: Some(to.to_string()), ..self.step(id, args) }
    }

    fn local(&self, at: Timestamp) -> DateTime {
        at.to_zoned(self.zone.clone()).datetime()
    }

    /// Formats a date.
    fn day(&self, date: Date) -> String {
        let weekday =
            t(self.lang, &format!("deadline-weekday-{}", date.weekday().to_monday_one_offset()), &[]);
        let month = t(self.lang, &format!("deadline-month-{}", date.month()), &[]);
        let (day, year) = (date.day().to_string(), date.year().to_string());
        t!(self.lang, "deadline-date", weekday, day, month, year)
    }

    fn days(&self, from: Date, to: Date) -> String {
        if from == to {
            return self.day(from);
        }
        t!(self.lang, "deadline-dates", from = self.day(from), to = self.day(to))
    }

    /// Formats a moment.
    fn moment(&self, at: DateTime) -> String {
        format!("{} {}", self.day(at.date()), clock(at.time()))
    }

    /// Formats the end of a term; midnight is 24:00 of the day that ends.
    fn end(&self, at: DateTime) -> String {
        let time = if at.time() == Time::midnight() { "24:00".to_owned() } else { clock(at.time()) };
        format!("{} {time}", self.day(last_day(at)))
    }

    fn why_free(&self, from: Date, to: Date) -> String {
        let mut reasons: Vec<Free> = Vec::new();
        let mut date = from;
        while date <= to {
            if let Ok(Some(why)) = self.calendar.free(date)
                && !reasons.contains(&why)
            {
                reasons.push(why);
            }
            match date.tomorrow() {
                Ok(next) => date = next,
                Err(_) => break,
            }
        }
        let words: Vec<String> = reasons
            .into_iter()
            .map(|why| match why {
                Free::Weekend => t!(self.lang, "deadline-free-weekend"),
                Free::Moved => t!(self.lang, "deadline-free-moved"),
                Free::Holiday => t!(self.lang, "deadline-free-holiday"),
            })
            .collect();
        words.join(", ")
    }

    fn term(&self, term: Term) -> String {
        self.count(term.unit(), term.count())
    }

    fn count(&self, unit: &str, n: u32) -> String {
        t(self.lang, &format!("deadline-count-{unit}"), &[("n", &n.to_string())])
    }

    /// Formats a number of minutes.
    fn span(&self, minutes: i64) -> String {
        let (hours, minutes) = (minutes / 60, minutes % 60);
        match (hours, minutes) {
            (0, _) => t!(self.lang, "deadline-span-minutes", minutes),
            (_, 0) => t!(self.lang, "deadline-span-hours", hours),
            _ => t!(self.lang, "deadline-span-both", hours, minutes),
        }
    }
}

fn clock(time: Time) -> String {
    let seconds = if time.second() == 0 { String::new() } else { format!(":{:02}", time.second()) };
    format!("{:02}:{:02}{seconds}", time.hour(), time.minute())
}
