//! The command that a reminder names: only one that works at that moment.

use jiff::Timestamp;

use crate::fault::Result;
use crate::service::levels;
use crate::store::appeals::AppealRow;
use crate::store::db::Tx;
use appeal_domain::lifecycle::{self, Action, Who};
use appeal_domain::*;
use appeal_i18n::{Lang, t};

use super::side::Side;

/// What the reader of a reminder can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Take,
    Redirect,
    Answer,
    Decide,
    Reply,
    Confirm,
    Escalate(Level),
    Repeat,
}

/// Returns what the reader can do about a deadline, if anything.
pub async fn next(
    tx: &mut Tx,
    row: &AppealRow,
    deadline: DeadlineKind,
    side: Side,
    now: Timestamp,
) -> Result<Option<Next>> {
    let situation = row.situation();
    let can = |who, action| lifecycle::apply(who, action, &situation).is_ok();
    let first = |steps: &[(Who, Action, Next)]| {
        steps.iter().find(|(who, action, _)| can(*who, *action)).map(|(_, _, next)| *next)
    };
    let take = (Who::Operator, Action::Take, Next::Take);
    let answer = (Who::Operator, Action::Answer, Next::Answer);
    Ok(match side {
        Side::Operator => match deadline {
            DeadlineKind::FirstStatus => first(&[take, answer]),
            DeadlineKind::Redirection => first(&[(Who::Operator, Action::Redirect, Next::Redirect)]),
            _ => first(&[answer, take]),
        },
        Side::Supervisor => first(&[(Who::Supervisor, Action::Change, Next::Decide)]),
        Side::Applicant => match deadline {
            DeadlineKind::Clarification => first(&[(Who::Applicant, Action::Reply, Next::Reply)]),
            DeadlineKind::Confirmation => first(&[(Who::Applicant, Action::Confirm, Next::Confirm)]),
            DeadlineKind::Decision | DeadlineKind::Escalation => {
                // Past the highest level, a repeat appeal remains.
                Some(levels::next(tx, row, now).await?.map_or(Next::Repeat, Next::Escalate))
            }
            DeadlineKind::FirstStatus | DeadlineKind::Registration | DeadlineKind::Redirection => None,
        },
        Side::Onlooker | Side::Former | Side::Helper => None,
    })
}

impl Next {
    /// Says it with its command.
    pub fn text(self, lang: Lang, number: &str) -> String {
        match self {
            Next::Take => t!(lang, "notice-do-take", number),
            Next::Redirect => t!(lang, "notice-do-redirect", number),
            Next::Answer => t!(lang, "notice-do-answer", number),
            Next::Decide => t!(lang, "notice-do-decide", number),
            Next::Reply => t!(lang, "notice-do-reply", number),
            Next::Confirm => t!(lang, "notice-do-confirm", number),
            Next::Escalate(level) => t!(lang, "notice-do-escalate", number, level),
            Next::Repeat => t!(lang, "notice-do-repeat", number),
        }
    }
}
