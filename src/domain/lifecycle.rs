//! The life cycle of an appeal as one table (S1, S2). The platform enforces it, the tool shows it, and the
//! documentation draws it.
//!
//! Two things are decided elsewhere: [`escalation`](super::escalation) decides whether a ground permits an escalation,
//! and access control decides which person is the operator or supervisor of an appeal.

use serde::{Deserialize, Serialize};

use super::status::Status;
use super::vocab::Level;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order of the table.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Returns the name used in JSON and in the journal.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// Who makes a move.
    Who {
        /// The applicant, or a participant who represents them.
        Applicant = "applicant",
        /// An operator of the responsible department.
        Operator = "operator",
        /// A supervisor of the level of review.
        Supervisor = "supervisor",
        /// The platform itself, after a deadline has passed.
        Platform = "platform",
    }
}

words! {
    /// A move in the life of an appeal.
    Action {
        /// File a new appeal.
        Create = "create",
        /// Submit a draft.
        Submit = "submit",
        /// Register an appeal on an applicant's behalf.
        Register = "register",
        /// Take an appeal into work.
        Take = "take",
        /// Assign to an expert, or check for compliance.
        Review = "review",
        /// Ask the applicant for clarification.
        Ask = "ask",
        /// Reply to the clarification request.
        Reply = "reply",
        /// The reply deadline has passed.
        ReplyExpired = "reply_expired",
        /// Redirect to another department or authority.
        Redirect = "redirect",
        /// Give the official answer.
        Answer = "answer",
        /// Give the official answer and wait for the applicant's confirmation.
        AnswerAwaiting = "answer_awaiting",
        /// Refuse: an official answer with the decision *refused*.
        Refuse = "refuse",
        /// The applicant confirms that the problem is solved.
        Confirm = "confirm",
        /// The applicant reports that the problem is not solved (`confirm --no`).
        Dispute = "dispute",
        /// The applicant closes an answered appeal.
        Close = "close",
        /// Not confirmed within ten working days.
        AutoClose = "auto_close",
        /// The applicant withdraws the appeal.
        Cancel = "cancel",
        /// The operator merges a duplicate into another appeal.
        Merge = "merge",
        /// The applicant escalates to a higher level.
        Escalate = "escalate",
        /// The supervisor returns the appeal to the department with an instruction.
        Return = "return",
        /// The supervisor upholds the decision.
        Uphold = "uphold",
        /// The supervisor gives a new official answer.
        Change = "change",
    }
}

/// The state of an appeal that the table depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Situation {
    /// Status of the appeal; `None` if it does not exist yet.
    pub status: Option<Status>,
    /// The level of a pending escalation.
    pub escalated: Option<Level>,
    /// The status in which the open clarification request was made.
    pub asked_from: Option<Status>,
    /// Whether there is an official answer, including a refusal.
    pub decided: bool,
}

/// A possible move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OpenMove {
    /// Who may make it.
    pub who: Who,
    /// The move.
    pub action: Action,
    /// The resulting status.
    pub to: Status,
}

/// A move that the table does not permit. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action} by the {who} is not possible {}{}", Place(*.status), Moves(.open))]
pub struct Forbidden {
    /// The attempted move.
    pub action: Action,
    /// Who attempted it.
    pub who: Who,
    /// The current status; `None` if the appeal does not exist.
    pub status: Option<Status>,
    /// The possible moves, and who may make them.
    pub open: Vec<OpenMove>,
}

struct Place(Option<Status>);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(status) => write!(f, "in status {status}"),
            None => f.write_str("before there is an appeal"),
        }
    }
}

struct Moves<'a>(&'a [OpenMove]);

impl std::fmt::Display for Moves<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, open) in self.0.iter().enumerate() {
            let lead = if n == 0 { "; possible: " } else { ", " };
            write!(f, "{lead}{} ({})", open.action, open.who)?;
        }
        Ok(())
    }
}

/// The target of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// A fixed status.
    Status(Status),
    /// The status in which clarification was requested; `under_review` while an escalation is pending, because only its
    /// supervisor can have asked; `in_progress` if that status is not known.
    AskedFrom,
}

/// One row of the life-cycle table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Who may make the move.
    pub who: Who,
    /// The move.
    pub action: Action,
    /// Statuses in which the move is possible; empty if there is no appeal yet.
    pub from: &'static [Status],
    /// Requires a pending escalation (`Some(true)`), requires none (`Some(false)`), or either (`None`).
    pub escalated: Option<bool>,
    /// The same for an official answer.
    pub decided: Option<bool>,
    /// The target status.
    pub to: To,
}

impl Row {
    const fn new(who: Who, action: Action, from: &'static [Status], to: To) -> Self {
        Self { who, action, from, escalated: None, decided: None, to }
    }

    const fn unless_escalated(self) -> Self {
        Self { escalated: Some(false), ..self }
    }

    const fn if_escalated(self) -> Self {
        Self { escalated: Some(true), ..self }
    }

    const fn if_decided(self, decided: bool) -> Self {
        Self { decided: Some(decided), ..self }
    }

    /// Returns the target status, if the row applies to the situation.
    fn target(&self, s: &Situation) -> Option<Status> {
        let from = match s.status {
            None => self.from.is_empty(),
            Some(status) => self.from.contains(&status),
        };
        let escalated = self.escalated.is_none_or(|wanted| wanted == s.escalated.is_some());
        let decided = self.decided.is_none_or(|wanted| wanted == s.decided);
        (from && escalated && decided).then(|| match self.to {
            To::Status(status) => status,
            To::AskedFrom if s.escalated.is_some() => Status::UnderReview,
            To::AskedFrom => s
                .asked_from
                .filter(|status| status.is_in(Status::WITH_AUTHORITY))
                .unwrap_or(Status::InProgress),
        })
    }
}

use Status::{
    Answered, AwaitingConfirmation, Cancelled, ClarificationRequired, Closed, Completed, Draft, InProgress,
    Redirected, Rejected, Submitted, UnderReview,
};

/// The appeal does not exist yet.
const NOTHING: &[Status] = &[];
/// The life-cycle table. While an escalation is pending, operators cannot make any move, but supervisors can.
pub const TABLE: &[Row] = {
    use self::To::{AskedFrom, Status as To};
    use Action::*;
    use Who::*;
    &[
        Row::new(Applicant, Create, NOTHING, To(Submitted)),
        Row::new(Applicant, Submit, &[Draft], To(Submitted)),
        Row::new(Operator, Register, NOTHING, To(Submitted)).unless_escalated(),
        Row::new(Operator, Take, &[Submitted, Redirected, UnderReview], To(InProgress)).unless_escalated(),
        Row::new(Operator, Review, &[InProgress], To(UnderReview)).unless_escalated(),
        Row::new(Operator, Ask, Status::WITH_AUTHORITY, To(ClarificationRequired)).unless_escalated(),
        Row::new(Supervisor, Ask, Status::WITH_AUTHORITY, To(ClarificationRequired)),
        Row::new(Applicant, Reply, &[ClarificationRequired], AskedFrom),
        Row::new(Platform, ReplyExpired, &[ClarificationRequired], AskedFrom),
        Row::new(Operator, Redirect, Status::UNDECIDED, To(Redirected)).unless_escalated(),
        Row::new(Operator, Answer, Status::IN_WORK, To(Answered)).unless_escalated(),
        Row::new(Operator, AnswerAwaiting, Status::IN_WORK, To(AwaitingConfirmation)).unless_escalated(),
        Row::new(Operator, Refuse, Status::UNDECIDED, To(Rejected)).unless_escalated(),
        Row::new(Applicant, Confirm, Status::WITH_APPLICANT, To(Completed)),
        Row::new(Applicant, Dispute, Status::WITH_APPLICANT, To(InProgress)),
        Row::new(Applicant, Close, Status::WITH_APPLICANT, To(Closed)),
        Row::new(Platform, AutoClose, Status::WITH_APPLICANT, To(Closed)),
        Row::new(Applicant, Cancel, Status::UNDECIDED, To(Cancelled)).if_decided(false),
        Row::new(Operator, Merge, Status::OPEN, To(Closed)).unless_escalated(),
        Row::new(Applicant, Escalate, Status::ESCALATABLE, To(UnderReview)),
        Row::new(Supervisor, Return, &[UnderReview], To(InProgress)).if_escalated(),
        Row::new(Supervisor, Uphold, &[UnderReview], To(Answered)).if_escalated().if_decided(true),
        Row::new(Supervisor, Change, &[UnderReview], To(Answered)).if_escalated(),
    ]
};

/// Returns the status a move leads to.
///
/// [`Action::Return`], [`Action::Uphold`], [`Action::Change`] and [`Action::Cancel`] end a pending escalation;
/// [`Action::Escalate`] starts one. The caller must record that.
///
/// # Errors
/// [`Forbidden`] with the possible moves, if the table does not have this one.
pub fn apply(who: Who, action: Action, s: &Situation) -> Result<Status, Forbidden> {
    TABLE
        .iter()
        .filter(|row| row.who == who && row.action == action)
        .find_map(|row| row.target(s))
        .ok_or_else(|| Forbidden { action, who, status: s.status, open: open_moves(s) })
}

/// Returns every move possible in the situation, in the order of the table.
pub fn open_moves(s: &Situation) -> Vec<OpenMove> {
    TABLE
        .iter()
        .filter_map(|row| row.target(s).map(|to| OpenMove { who: row.who, action: row.action, to }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the requirements, restated in a different shape: by situation instead of by row.
    fn expected(who: Who, action: Action, s: &Situation) -> Option<Status> {
        let escalated = s.escalated.is_some();
        let Some(status) = s.status else {
            return match (who, action) {
                (Who::Applicant, Action::Create) => Some(Submitted),
                (Who::Operator, Action::Register) if !escalated => Some(Submitted),
                _ => None,
            };
        };
        if who == Who::Operator && escalated {
            return None;
        }
        let back = match s.asked_from {
            _ if escalated => UnderReview,
            Some(from @ (Submitted | Redirected | InProgress | UnderReview)) => from,
            _ => InProgress,
        };
        let name = format!("{}/{}", who.as_str(), action.as_str());
        if name == "applicant/escalate" {
            return (!matches!(status, Draft | Cancelled)).then_some(UnderReview);
        }
        match (status, name.as_str()) {
            (Draft, "applicant/submit") => Some(Submitted),
            (Submitted | Redirected, "operator/take") => Some(InProgress),
            (InProgress, "operator/review") => Some(UnderReview),
            (InProgress, "operator/answer") => Some(Answered),
            (InProgress, "operator/answer_awaiting") => Some(AwaitingConfirmation),
            (Submitted | Redirected | InProgress, "operator/ask" | "supervisor/ask") => {
                Some(ClarificationRequired)
            }
            (Submitted | Redirected | InProgress | ClarificationRequired, "operator/redirect") => {
                Some(Redirected)
            }
            (Submitted | Redirected | InProgress | ClarificationRequired, "operator/refuse") => {
                Some(Rejected)
            }
            (Submitted | Redirected | InProgress | ClarificationRequired, "operator/merge") => Some(Closed),
            (Submitted | Redirected | InProgress | ClarificationRequired, "applicant/cancel") => {
                (!s.decided).then_some(Cancelled)
            }
            (UnderReview, "applicant/cancel") if !s.decided => Some(Cancelled),
            (UnderReview, "operator/take") => Some(InProgress),
            (UnderReview, "operator/ask" | "supervisor/ask") => Some(ClarificationRequired),
            (UnderReview, "operator/redirect") => Some(Redirected),
            (UnderReview, "operator/answer") => Some(Answered),
            (UnderReview, "operator/answer_awaiting") => Some(AwaitingConfirmation),
            (UnderReview, "operator/refuse") => Some(Rejected),
            (UnderReview, "supervisor/return") if escalated => Some(InProgress),
            (UnderReview, "supervisor/uphold") if escalated && s.decided => Some(Answered),
            (UnderReview, "supervisor/change") if escalated => Some(Answered),
            (ClarificationRequired, "applicant/reply" | "platform/reply_expired") => Some(back),
            (ClarificationRequired, "operator/answer") => Some(Answered),
            (ClarificationRequired, "operator/answer_awaiting") => Some(AwaitingConfirmation),
            (Answered | AwaitingConfirmation, "applicant/confirm") => Some(Completed),
            (Answered | AwaitingConfirmation, "applicant/dispute") => Some(InProgress),
            (Answered | AwaitingConfirmation, "applicant/close" | "platform/auto_close") => Some(Closed),
            _ => None,
        }
    }

    fn situations() -> Vec<Situation> {
        let statuses = || std::iter::once(None).chain(Status::ALL.into_iter().map(Some));
        let levels = || std::iter::once(None).chain(Level::ALL.iter().copied().map(Some));
        let mut all = Vec::new();
        for status in statuses() {
            for escalated in levels() {
                for asked_from in statuses() {
                    for decided in [false, true] {
                        all.push(Situation { status, escalated, asked_from, decided });
                    }
                }
            }
        }
        all
    }

    #[test]
    fn every_cell_matches_the_requirements() {
        let mut allowed = 0;
        for s in situations() {
            let before = s;
            let open = open_moves(&s);
            for &who in Who::ALL {
                for &action in Action::ALL {
                    match (apply(who, action, &s), expected(who, action, &s)) {
                        (Ok(to), Some(wanted)) => {
                            allowed += 1;
                            assert_eq!(to, wanted, "{who} {action} from {s:?}");
                            assert!(open.contains(&OpenMove { who, action, to }), "{who} {action} is listed");
                        }
                        (Err(forbidden), None) => {
                            assert_eq!(
                                forbidden,
                                Forbidden { action, who, status: s.status, open: open.clone() }
                            );
                            assert!(!open.iter().any(|m| m.who == who && m.action == action));
                        }
                        (got, wanted) => panic!("{who} {action} from {s:?}: {got:?}, not {wanted:?}"),
                    }
                    assert_eq!(s, before, "nothing is changed by asking");
                }
            }
        }
        assert!(allowed > 0);
    }

    #[test]
    fn no_move_is_listed_twice() {
        for s in situations() {
            let open = open_moves(&s);
            for (n, a) in open.iter().enumerate() {
                assert!(
                    !open[n + 1..].iter().any(|b| a.who == b.who && a.action == b.action),
                    "{a:?} in {s:?}"
                );
            }
        }
    }

    #[test]
    fn a_final_appeal_can_only_be_escalated_and_a_cancelled_one_not_even_that() {
        for status in Status::ALL.into_iter().filter(|s| s.is_final()) {
            let open = open_moves(&Situation { status: Some(status), decided: true, ..Default::default() });
            let actions: Vec<_> = open.iter().map(|m| m.action).collect();
            let wanted: &[Action] = if status == Cancelled { &[] } else { &[Action::Escalate] };
            assert_eq!(actions, wanted, "{status}");
        }
    }

    #[test]
    fn an_operator_of_an_escalated_appeal_only_watches() {
        let s =
            Situation { status: Some(UnderReview), escalated: Some(Level::Regional), ..Default::default() };
        let error = apply(Who::Operator, Action::Answer, &s).unwrap_err();
        assert!(error.open.iter().all(|m| m.who != Who::Operator));
        assert_eq!(
            error.to_string(),
            "answer by the operator is not possible in status under_review; possible: ask (supervisor), \
             cancel (applicant), escalate (applicant), return (supervisor), change (supervisor)"
        );
    }

    #[test]
    fn words_on_the_wire_are_the_words_in_the_journal() {
        for &action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
        }
        for &who in Who::ALL {
            assert_eq!(serde_json::to_value(who).unwrap(), who.as_str());
        }
    }
}
