//! Definitions of the numbers in a report (O3, N2). An appeal contributes its [`Facts`]; a [`Tally`] adds them up.
//!
//! * *Filed*: every appeal filed in the period, excluding drafts.
//! * *Answered*: appeals with an official answer, whatever happened afterwards.
//! * *In time* and *overdue* are relative to the due date of the decision. An appeal that was returned to work has a
//!   new due date, which is the one that counts. Appeals that are undecided and not yet due, cancelled or merged are
//!   neither.
//! * *Time to first status* and *time to decision* (the first official answer) are elapsed seconds since the filing,
//!   excluding time spent waiting for the applicant. They include nights and holidays: due dates account for working
//!   time, these numbers show how long a person waited.
//! * Percentiles use *nearest rank*: the smallest duration such that at least the given percentage of durations do not
//!   exceed it. Each percentile is a duration that occurred; the median of an even number of durations is the lower of
//!   the two middle ones.
//! * *Solved* is a share of the outcomes: completed (confirmed by the applicant), closed without confirmation, or
//!   rejected.
//! * *Repeated* appeals are repeats of an earlier appeal; *escalated* ones were escalated at least once.

use jiff::Timestamp;

use super::status::Status;

/// The time zone of report periods: the platform's home.
pub const HOME_ZONE: &str = "Europe/Moscow";
/// Default length of a report, in days.
pub const DEFAULT_DAYS: i64 = 30;

/// The facts about an appeal that a report depends on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Time of filing.
    pub filed_at: Timestamp,
    /// Time of the first status after *submitted*.
    pub first_status_at: Option<Timestamp>,
    /// Time of the first official answer.
    pub answered_at: Option<Timestamp>,
    /// Periods of waiting for the applicant; a current one has no end.
    pub pauses: Vec<(Timestamp, Option<Timestamp>)>,
    /// The deadline of the decision that currently counts.
    pub decision: Option<Decision>,
    /// The current status.
    pub status: Option<Status>,
    /// Whether the appeal was merged into another one.
    pub merged: bool,
    /// Whether the appeal repeats an earlier one.
    pub repeats: bool,
    /// Whether the appeal was ever escalated.
    pub escalated: bool,
    /// The applicant's rating, from 1 to 5.
    pub score: Option<u8>,
}

/// The deadline of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The due date.
    pub due_at: Timestamp,
    /// When the decision was made.
    pub met_at: Option<Timestamp>,
    /// When the clock was stopped.
    pub paused_at: Option<Timestamp>,
}

impl Facts {
    /// Returns whether the decision was made by its due date.
    pub fn is_in_time(&self) -> bool {
        self.decision.is_some_and(|d| d.met_at.is_some_and(|met| met <= d.due_at))
    }

    /// Returns whether the decision was late, or is outstanding past its due date.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let Some(decision) = self.decision else { return false };
        match decision.met_at {
            Some(met) => met > decision.due_at,
            None => {
                let undecided = self.status.is_some_and(Status::is_undecided);
                undecided && decision.paused_at.unwrap_or(now) > decision.due_at
            }
        }
    }

    /// Seconds from the filing to `end`, excluding time spent waiting for the applicant.
    fn seconds_to(&self, end: Timestamp) -> u64 {
        let (from, to) = (self.filed_at.as_microsecond(), end.as_microsecond());
        let waited: i64 = self
            .pauses
            .iter()
            .map(|(start, stop)| {
                let stop = stop.map_or(to, |stop| stop.as_microsecond()).min(to);
                (stop - start.as_microsecond().max(from)).max(0)
            })
            .sum();
        u64::try_from((to - from - waited) / 1_000_000).unwrap_or(0)
    }
}

/// Totals over a set of appeals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Appeals filed.
    pub filed: u64,
    /// Appeals with an official answer.
    pub answered: u64,
    /// Appeals decided by the due date.
    pub in_time: u64,
    /// Appeals decided late, or undecided after the due date.
    pub overdue: u64,
    /// Seconds to the first status, for appeals that have one.
    pub first_status: Vec<u64>,
    /// Seconds to the first official answer, for appeals that have one.
    pub decision: Vec<u64>,
    /// Appeals with an outcome; excludes cancelled and merged appeals.
    pub outcomes: u64,
    /// Appeals the applicant confirmed as solved.
    pub solved: u64,
    /// Appeals that repeat an earlier one.
    pub repeated: u64,
    /// Appeals escalated at least once.
    pub escalated: u64,
    /// Number of ratings.
    pub ratings: u64,
    /// Sum of the ratings.
    pub scores: u64,
}

impl Tally {
    /// Adds an appeal in its current state.
    pub fn add(&mut self, facts: &Facts, now: Timestamp) {
        self.filed += 1;
        self.answered += u64::from(facts.answered_at.is_some());
        self.in_time += u64::from(facts.is_in_time());
        self.overdue += u64::from(facts.is_overdue(now));
        self.first_status.extend(facts.first_status_at.map(|at| facts.seconds_to(at)));
        self.decision.extend(facts.answered_at.map(|at| facts.seconds_to(at)));
        let ended = match facts.status {
            Some(Status::Completed | Status::Rejected) => true,
            Some(Status::Closed) => !facts.merged,
            _ => false,
        };
        self.outcomes += u64::from(ended);
        self.solved += u64::from(facts.status == Some(Status::Completed));
        self.repeated += u64::from(facts.repeats);
        self.escalated += u64::from(facts.escalated);
        self.ratings += u64::from(facts.score.is_some());
        self.scores += u64::from(facts.score.unwrap_or(0));
    }

    /// Adds the totals of another tally.
    pub fn merge(&mut self, other: &Tally) {
        self.filed += other.filed;
        self.answered += other.answered;
        self.in_time += other.in_time;
        self.overdue += other.overdue;
        self.first_status.extend_from_slice(&other.first_status);
        self.decision.extend_from_slice(&other.decision);
        self.outcomes += other.outcomes;
        self.solved += other.solved;
        self.repeated += other.repeated;
        self.escalated += other.escalated;
        self.ratings += other.ratings;
        self.scores += other.scores;
    }
}

/// Returns the percentile of the values by nearest rank, or `None` if there are no values. Reorders the values.
///
/// `percent` is from 1 to 100.
pub fn percentile(values: &mut [u64], percent: usize) -> Option<u64> {
    let rank = (values.len() * percent).div_ceil(100).max(1);
    if rank > values.len() {
        return None;
    }
    Some(*values.select_nth_unstable(rank - 1).1)
}

/// Returns `part` divided by `whole`, from 0 to 1; `None` if `whole` is 0.
#[allow(clippy::cast_precision_loss)] // counts of appeals are far below 2^53
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        assert_eq!(percentile(&mut [], 50), None);
        assert_eq!(percentile(&mut [7], 95), Some(7));
        assert_eq!(percentile(&mut [4, 1, 3, 2], 50), Some(2));
        let mut hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(percentile(&mut hundred, 95), Some(95));
        assert_eq!(percentile(&mut hundred, 100), Some(100));
        let mut few: Vec<u64> = (1..=19).collect();
        assert_eq!(percentile(&mut few, 95), Some(19));
    }

    proptest! {
        #[test]
        fn a_percentile_is_the_smallest_that_enough_do_not_exceed(
            values in proptest::collection::vec(0u64..50, 1..200), percent in 1usize..=100,
        ) {
            let got = percentile(&mut values.clone(), percent).unwrap();
            let below = |limit: u64| values.iter().filter(|v| **v <= limit).count() * 100;
            prop_assert!(values.contains(&got));
            prop_assert!(below(got) >= values.len() * percent);
            prop_assert!(got == 0 || below(got - 1) < values.len() * percent);
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn waiting_for_the_applicant_does_not_count_in_reports() {
        let facts = Facts {
            filed_at: at(0),
            pauses: vec![(at(100), Some(at(400))), (at(900), Some(at(2000))), (at(3000), None)],
            ..Facts::default()
        };
        assert_eq!(facts.seconds_to(at(50)), 50);
        assert_eq!(facts.seconds_to(at(200)), 100);
        assert_eq!(facts.seconds_to(at(1000)), 600);
        assert_eq!(facts.seconds_to(at(9999)), 1600);
    }

    #[test]
    fn a_stopped_clock_does_not_expire() {
        let decision = |paused_at| Some(Decision { due_at: at(10), met_at: None, paused_at });
        let mut facts =
            Facts { status: Some(Status::InProgress), decision: decision(None), ..Facts::default() };
        assert!(!facts.is_overdue(at(10)) && facts.is_overdue(at(11)));
        facts.decision = decision(Some(at(9)));
        assert!(!facts.is_overdue(at(99)));
        facts.decision = decision(Some(at(11)));
        assert!(facts.is_overdue(at(99)));
        facts.status = Some(Status::Cancelled);
        assert!(!facts.is_overdue(at(99)));
    }
}
