//! What a report counts (O3), and how. An appeal brings its [`Facts`]; a [`Tally`] adds them up.
//!
//! * *Filed*: every appeal filed in the period. Drafts are none.
//! * *Answered*: it has an official answer, whatever became of it since.
//! * *In time* and *overdue* go by the date by which the decision was due. An appeal that went back to work has a new
//!   date, and counts by that one. Undecided and not yet due, cancelled and merged ones are neither.
//! * *Time to the first status* and *to the decision* (the first official answer) are elapsed time from the filing on,
//!   in whole seconds, without the time that waited for the applicant (N2). Nights and holidays are in it: what
//!   working time allows is in the due dates, and these say how long a person waited.
//! * Percentiles are by *nearest rank*: the smallest of the durations that at least so many percent of them do not
//!   exceed. So each is one that occurred; the median of an even number is the lower of the two in the middle.
//! * *Solved* is a share of the outcomes: completed (the applicant said so), closed without a word, or rejected.
//! * *Repeated* are those which are themselves a repeat of an earlier appeal; *escalated* those that ever were.

use jiff::Timestamp;

use super::status::Status;

/// The zone whose days a report is about: the platform's home.
pub const HOME_ZONE: &str = "Europe/Moscow";
/// Days of a report when nobody says.
pub const DEFAULT_DAYS: i64 = 30;

/// What a report needs to know of one appeal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// When it was filed.
    pub filed_at: Timestamp,
    /// When it got its first status after *submitted*.
    pub first_status_at: Option<Timestamp>,
    /// When it got its first official answer.
    pub answered_at: Option<Timestamp>,
    /// When it waited for the applicant; one that goes on has no end.
    pub pauses: Vec<(Timestamp, Option<Timestamp>)>,
    /// The deadline of the decision that counts now.
    pub decision: Option<Decision>,
    /// Its present status.
    pub status: Option<Status>,
    /// It was merged into another one.
    pub merged: bool,
    /// It repeats an earlier one.
    pub repeats: bool,
    /// It was escalated at some time.
    pub escalated: bool,
    /// The applicant's rating, 1 to 5.
    pub score: Option<u8>,
}

/// The deadline of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// When it was or is due.
    pub due_at: Timestamp,
    /// When it came.
    pub met_at: Option<Timestamp>,
    /// Since when its clock stands still.
    pub paused_at: Option<Timestamp>,
}

impl Facts {
    /// True where the decision came by its date.
    pub fn is_in_time(&self) -> bool {
        self.decision.is_some_and(|d| d.met_at.is_some_and(|met| met <= d.due_at))
    }

    /// True where the decision came late, or has not come and is past its date.
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

    /// Seconds from the filing to `end`, without what waited for the applicant.
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

/// The sums of some appeals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Appeals filed.
    pub filed: u64,
    /// Those with an official answer.
    pub answered: u64,
    /// Those decided by their date.
    pub in_time: u64,
    /// Those decided late, or past their date.
    pub overdue: u64,
    /// Seconds to the first status, of those that have one.
    pub first_status: Vec<u64>,
    /// Seconds to the first official answer, of those that have one.
    pub decision: Vec<u64>,
    /// Those that came to an end other than by their applicant or a merger.
    pub outcomes: u64,
    /// Those of them that the applicant called solved.
    pub solved: u64,
    /// Those that repeat an earlier one.
    pub repeated: u64,
    /// Those that were escalated.
    pub escalated: u64,
    /// How many were rated.
    pub ratings: u64,
    /// Sum of the ratings.
    pub scores: u64,
}

impl Tally {
    /// Counts one more appeal, as it stands now.
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

    /// Adds the sums of others.
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

/// The percentile of these values by nearest rank; none of no values. The order of the values is lost.
///
/// `percent` is 1 to 100.
pub fn percentile(values: &mut [u64], percent: usize) -> Option<u64> {
    let rank = (values.len() * percent).div_ceil(100).max(1);
    if rank > values.len() {
        return None;
    }
    Some(*values.select_nth_unstable(rank - 1).1)
}

/// `part` of `whole`, 0 to 1; none of nothing.
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
    fn what_waited_for_the_applicant_does_not_count() {
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
    fn a_clock_that_stands_still_does_not_run_out() {
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
