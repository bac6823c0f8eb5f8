//! When an appeal may be escalated (D2): which grounds hold, which levels are available, and from when.
//!
//! Decisions where the requirements leave room:
//! * levels only rise, and may be skipped: after an escalation with any outcome, including *returned*, only a strictly
//!   higher level is available;
//! * while an escalation is pending, a higher level becomes available when the pending one is past its own due date;
//! * a pending escalation past its due date is a ground for `overdue`, like the due date of the appeal itself.

use jiff::Timestamp;

use super::status::Status;
use super::vocab::{EscalationGrounds, EscalationState, Kind, Level};

/// Levels whose supervisors see all reviews of decisions. Supervisors of other levels see reviews of appeals that were
/// escalated to them.
pub const REVIEWING: [Level; 2] = [Level::Senior, Level::Quality];

/// The facts about an appeal that the rules depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its kind.
    pub kind: Kind,
    /// Its status.
    pub status: Status,
    /// Due date of the decision.
    pub due_at: Option<Timestamp>,
    /// The current time.
    pub now: Timestamp,
    /// All escalations so far, including a pending one.
    pub past: Vec<(Level, EscalationState)>,
    /// Whether one of them was made while quality control was the highest level.
    pub quality_last: bool,
    /// Due date of the pending escalation.
    pub pending_due: Option<Timestamp>,
}

/// Why an escalation is denied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The ground does not hold.
    #[error("the ground does not hold{}", .possible_at.map(|t| format!("; as overdue it is possible after {t}")).unwrap_or_default())]
    NoGround {
        /// After this moment the appeal can be escalated as `overdue`; `None` if waiting does not help. If it lies in
        /// the past, `overdue` is the ground to give.
        possible_at: Option<Timestamp>,
    },
    /// The level is not higher than the previous one.
    #[error("it was already at the level {above}; open: {}", list(.open))]
    NotHigher {
        /// The highest level reached.
        above: Level,
        /// The available levels.
        open: Vec<Level>,
    },
    /// A gratitude, on which nothing is decided.
    #[error("a gratitude cannot be escalated")]
    Gratitude,
    /// A draft or a cancelled appeal.
    #[error("only an appeal that was filed and not cancelled can be escalated")]
    NotFiled,
    /// Another escalation is pending and not overdue.
    #[error("an escalation is pending{}", .until.map(|t| format!(" until {t}")).unwrap_or_default())]
    Pending {
        /// Its due date, after which a higher level becomes available.
        until: Option<Timestamp>,
    },
}

fn list(levels: &[Level]) -> String {
    if levels.is_empty() {
        return "none".to_owned();
    }
    levels.iter().map(|l| l.as_str()).collect::<Vec<_>>().join(", ")
}

/// Returns the levels available after the past escalations, regardless of ground and time.
///
/// Quality control was the highest level in version 0.1. An appeal that was escalated at that time keeps the way there.
pub fn open_levels(facts: &Facts) -> Vec<Level> {
    let reached = |level: Level| facts.past.iter().any(|(past, _)| *past == level);
    let rises = |level: Level| facts.past.iter().all(|(past, _)| level > *past);
    let kept = |level: Level| facts.quality_last && level == Level::Quality && !reached(level);
    Level::ALL.iter().copied().filter(|level| rises(*level) || kept(*level)).collect()
}

/// Returns whether the ground holds.
pub fn holds(grounds: EscalationGrounds, facts: &Facts) -> bool {
    let passed = |due: Option<Timestamp>| due.is_some_and(|due| facts.now > due);
    match grounds {
        EscalationGrounds::Overdue => {
            !facts.status.is_final()
                && (passed(facts.due_at) || (pending(facts) && passed(facts.pending_due)))
        }
        EscalationGrounds::Unsatisfactory => {
            facts.status.is_decided() && facts.status.is_in(Status::ESCALATABLE)
        }
        EscalationGrounds::Critical | EscalationGrounds::SeveralServices => {
            facts.status.is_in(Status::ESCALATABLE)
        }
    }
}

fn pending(facts: &Facts) -> bool {
    facts.past.iter().any(|(_, state)| *state == EscalationState::Pending)
}

/// Decides whether the appeal may be escalated to a level on a ground.
///
/// # Errors
/// [`Denied`] with what is possible instead, and when.
pub fn check(level: Level, grounds: EscalationGrounds, facts: &Facts) -> Result<(), Denied> {
    if !facts.status.is_in(Status::ESCALATABLE) {
        return Err(Denied::NotFiled);
    }
    if facts.kind == Kind::Gratitude {
        return Err(Denied::Gratitude);
    }
    if pending(facts) && facts.pending_due.is_none_or(|due| facts.now <= due) {
        return Err(Denied::Pending { until: facts.pending_due });
    }
    let open = open_levels(facts);
    if !open.contains(&level) {
        let above = facts.past.iter().map(|(reached, _)| *reached).max().unwrap_or(level);
        return Err(Denied::NotHigher { above, open });
    }
    if !holds(grounds, facts) {
        let possible_at = if facts.status.is_final() { None } else { facts.due_at };
        return Err(Denied::NoGround { possible_at });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use EscalationGrounds::*;
    use EscalationState::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn facts(status: Status) -> Facts {
        Facts {
            kind: Kind::Complaint,
            status,
            due_at: Some(at(0)),
            now: at(-10),
            past: Vec::new(),
            quality_last: false,
            pending_due: None,
        }
    }

    #[test]
    fn too_early_says_when_it_becomes_possible() {
        let f = facts(Status::InProgress);
        let early = Err(Denied::NoGround { possible_at: Some(at(0)) });
        assert_eq!(check(Level::Senior, Overdue, &f), early);
        assert_eq!(
            check(Level::Senior, Overdue, &Facts { now: at(0), ..f.clone() }),
            early,
            "due is not overdue"
        );
        assert_eq!(check(Level::Senior, Unsatisfactory, &f), early, "there is no answer yet");
        assert_eq!(check(Level::Senior, Overdue, &Facts { now: at(1), ..f }), Ok(()));
    }

    #[test]
    fn a_final_appeal_is_never_overdue() {
        for status in [Status::Completed, Status::Rejected, Status::Closed] {
            let f = Facts { now: at(99), ..facts(status) };
            assert_eq!(check(Level::Senior, Overdue, &f), Err(Denied::NoGround { possible_at: None }));
            assert_eq!(check(Level::Senior, Unsatisfactory, &f), Ok(()));
        }
    }

    #[test]
    fn drafts_and_cancelled_appeals_cannot_be_escalated_on_any_ground() {
        for status in [Status::Draft, Status::Cancelled] {
            for &grounds in EscalationGrounds::ALL {
                let f = Facts { now: at(99), ..facts(status) };
                assert_eq!(check(Level::Quality, grounds, &f), Err(Denied::NotFiled));
            }
        }
    }

    #[test]
    fn whatever_it_came_to_only_a_higher_level_is_open() {
        for state in [Returned, Upheld, Changed, Superseded] {
            let f = Facts { past: vec![(Level::Regional, state)], ..facts(Status::Answered) };
            assert_eq!(check(Level::Federal, Critical, &f), Ok(()), "{state}");
            for level in [Level::Senior, Level::Quality, Level::Regional] {
                let refused = check(level, Critical, &f).unwrap_err();
                let Denied::NotHigher { above, open } = refused else { panic!("{refused}") };
                assert_eq!(above, Level::Regional);
                assert_eq!(open, [Level::Federal, Level::Ombudsman], "{state}");
            }
        }
    }

    #[test]
    fn the_highest_level_leaves_none_open() {
        let f = Facts { past: vec![(Level::Ombudsman, Upheld)], ..facts(Status::Answered) };
        assert_eq!(
            check(Level::Ombudsman, Critical, &f),
            Err(Denied::NotHigher { above: Level::Ombudsman, open: vec![] })
        );
    }

    #[test]
    fn a_gratitude_is_not_escalated() {
        let f = Facts { kind: Kind::Gratitude, now: at(99), ..facts(Status::Submitted) };
        for &grounds in EscalationGrounds::ALL {
            assert_eq!(check(Level::Senior, grounds, &f), Err(Denied::Gratitude));
        }
    }

    #[test]
    fn quality_control_comes_before_the_region() {
        let f = Facts { past: vec![(Level::Quality, Upheld)], ..facts(Status::Answered) };
        assert_eq!(open_levels(&f), [Level::Regional, Level::Federal, Level::Ombudsman]);
    }

    #[test]
    fn quality_control_stays_open_where_it_was_the_highest_level() {
        let after = |past: &[Level]| {
            let past = past.iter().map(|level| (*level, Upheld)).collect();
            open_levels(&Facts { past, quality_last: true, ..facts(Status::Answered) })
        };
        assert_eq!(after(&[Level::Ombudsman]), [Level::Quality]);
        assert_eq!(after(&[Level::Regional]), [Level::Quality, Level::Federal, Level::Ombudsman]);
        assert_eq!(after(&[Level::Federal, Level::Quality]), [Level::Ombudsman]);
        assert_eq!(after(&[Level::Ombudsman, Level::Quality]), []);
    }

    #[test]
    fn a_pending_escalation_blocks_until_it_is_itself_overdue() {
        let f = Facts {
            past: vec![(Level::Senior, Pending)],
            pending_due: Some(at(100)),
            now: at(100),
            ..facts(Status::UnderReview)
        };
        let blocked = Err(Denied::Pending { until: Some(at(100)) });
        assert_eq!(check(Level::Federal, Critical, &f), blocked);
        let late = Facts { now: at(101), ..f };
        assert_eq!(check(Level::Federal, Overdue, &late), Ok(()));
        assert!(matches!(check(Level::Senior, Overdue, &late), Err(Denied::NotHigher { .. })));
        let no_due = Facts { due_at: None, ..late };
        assert_eq!(check(Level::Federal, Overdue, &no_due), Ok(()), "its own due date is ground enough");
    }

    proptest! {
        /// Whatever happened before, a permitted level is above every decided one.
        #[test]
        fn levels_never_fall(
            past in prop::collection::vec((0usize..5, 1usize..4), 0..6),
            level in 0usize..5,
            ground in 0usize..4,
            status in 0usize..12,
            now in -5i64..5,
            quality_last: bool,
        ) {
            let past: Vec<_> =
                past.into_iter().map(|(l, s)| (Level::ALL[l], EscalationState::ALL[s])).collect();
            let level = Level::ALL[level];
            let grounds = EscalationGrounds::ALL[ground];
            let f = Facts { past: past.clone(), quality_last, now: at(now), ..facts(Status::ALL[status]) };
            match check(level, grounds, &f) {
                Ok(()) => {
                    let rises = past.iter().all(|(l, _)| level > *l);
                    let kept = quality_last && level == Level::Quality;
                    prop_assert!(rises || kept && past.iter().all(|(l, _)| *l != level));
                    prop_assert!(holds(grounds, &f));
                }
                Err(Denied::NotHigher { open, .. }) => {
                    prop_assert!(!open.contains(&level));
                    for l in open {
                        let refused = matches!(check(l, grounds, &f), Err(Denied::NotHigher { .. }));
                        prop_assert!(!refused);
                    }
                }
                Err(Denied::NoGround { .. }) => prop_assert!(!holds(grounds, &f)),
                Err(Denied::NotFiled) => prop_assert!(!f.status.is_in(Status::ESCALATABLE)),
                Err(Denied::Pending { .. } | Denied::Gratitude) => prop_assert!(false, "{f:?}"),
            }
        }
    }
}
