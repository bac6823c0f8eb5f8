//! Options of an applicant who disagrees with the answer, or got none (D1, D2): a repeat appeal, and an escalation. The
//! grounds are checked against the facts; a refusal says which grounds apply instead, and when.

use jiff::tz::TimeZone;
use serde_json::json;

use super::access;
use super::change::{self, Change, need_text};
use super::context::Ctx;
use super::enclosures::{self, Side};
use super::filing;
use super::levels;
use super::rules;
use super::steps::{end_clarification, tell_files};
use super::timing::{self, Timing};
use crate::fault::{Fault, Refusal, Result};
use crate::store::appeals::AppealRow;
use crate::store::attachments::Owner;
use crate::store::db::Tx;
use crate::store::talk::{self, EscalationRow};
use crate::store::{catalogue, deadlines, fresh_id, participants};
use appeal_api::*;
use appeal_domain::escalation::{self, Denied, Facts};
use appeal_domain::lifecycle::{Action, Who};
use appeal_domain::*;

/// Files a repeat appeal. Subject, category, fields, participants and contacts are carried over. Returns the new
/// appeal.
///
/// *Overdue* applies if the due date of the answer has passed: now, when it was given, or when the appeal ended without
/// one. *Incomplete* and *unlawful* require an answer, and that the authority is not working on another one; they also
/// apply if the appeal ended without an answer.
///
/// # Errors
/// 409 if the ground does not apply, with those that do.
pub async fn repeat(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Repeat) -> Result<Appeal> {
    let first = access::as_applicant(tx, ctx, number).await?;
    access::confirmed(&ctx.caller)?;
    repeatable(tx, ctx, &first, body.grounds).await?;
    need_text("text", &body.text)?;
    let mut row = AppealRow {
        id: fresh_id(),
        number: String::new(),
        draft_number: None,
        text: body.text.clone(),
        channel: Channel::Account,
        created_at: ctx.now,
        updated_at: ctx.now,
        status_since: ctx.now,
        due_at: None,
        asked_from: None,
        escalated: None,
        decided: false,
        repeat_of: Some(first.number.clone()),
        merged_into: None,
        version: 1,
        journal_seq: 0,
        journal_hash: None,
        ..first.clone()
    };
    // The files of the first appeal are not part of the new one.
    let policy = enclosures::policy_of(catalogue::category(tx, &row.category).await?.as_ref());
    let (enclosed, findings) =
        enclosures::examine(tx, ctx, &body.attachments, &[], &policy, ctx.dry_run).await?;
    if findings.iter().any(Finding::is_error) {
        return Err(Fault::invalid(findings));
    }
    filing::normalize(tx, &mut row).await?;
    let row = filing::file_successor(tx, ctx, row, &enclosed).await?;
    let carried = participants::carry_over(tx, &first.id, &row.id, ctx.now).await?;
    let row = if carried.is_empty() {
        row
    } else {
        let names: Vec<_> =
            carried.iter().map(|share| json!({ "login": share.login, "role": share.role })).collect();
        let mut change = Change::by(ctx, row);
        change.fact("participants", names);
        let logins: Vec<&str> = carried.iter().map(|share| share.login.as_str()).collect();
        change.tell("login", logins.join(", "));
        change.commit(tx, Event::Shared).await?
    };
    let mut change = Change::by(ctx, first);
    change.fact("repeat", json!({ "number": row.number, "grounds": body.grounds }));
    change.tell("repeat", row.number.as_str());
    change.commit(tx, Event::Repeated).await?;
    change::card(tx, ctx, row).await
}

async fn repeatable(tx: &mut Tx, ctx: &Ctx, first: &AppealRow, grounds: RepeatGrounds) -> Result<()> {
    if first.status == Status::Draft {
        let number = first.draft_number.as_ref().unwrap_or(&first.number);
        return Err(no_grounds("repeat-draft").arg("number", number).into());
    }
    if first.kind == Kind::Gratitude {
        return Err(Fault::conflict("repeat-gratitude").into());
    }
    let missed = timing::missed(tx, first, ctx.now).await?
        // It ended without an answer, after the due date.
        || first.status.is_final() && !first.decided && first.due_at.is_some_and(|due| due < first.status_since);
    let undecided = !first.status.is_decided();
    let waits = first.status == Status::ClarificationRequired;
    let soon = first.due_at.filter(|_| undecided && !waits);
    let message = match grounds {
        RepeatGrounds::Overdue if missed => return Ok(()),
        RepeatGrounds::Overdue if waits => "repeat-waits",
        RepeatGrounds::Overdue if soon.is_some() => "repeat-not-overdue",
        RepeatGrounds::Overdue if first.decided => "repeat-in-time",
        RepeatGrounds::Overdue => "repeat-ended",
        RepeatGrounds::Incomplete | RepeatGrounds::Unlawful => {
            let answered = talk::last_answer_id(tx, &first.id).await?.is_some();
            match (answered, undecided) {
                (true, false) => return Ok(()),
                // The answer was disputed, or is being reviewed at a higher level.
                (true, true) => "repeat-in-work",
                (false, true) if missed => "repeat-overdue",
                (false, true) if soon.is_some() => "repeat-unanswered",
                (false, true) => "repeat-unanswered-waits",
                // A final appeal can be repeated; without an answer, everything is missing.
                (false, false) => return Ok(()),
            }
        }
    };
    let refusal = no_grounds(message).arg("number", &first.number).arg("grounds", grounds.as_str());
    let zone = timing::due_zone(tx, first).await?;
    Err(possible(refusal, soon.filter(|_| !missed), &zone).into())
}

fn no_grounds(message: &str) -> Refusal {
    Fault::refuse(409, code::NO_GROUNDS).message(message)
}

/// Adds when it will be possible: for programs, and in the department's time zone for people.
fn possible(refusal: Refusal, at: Option<jiff::Timestamp>, zone: &TimeZone) -> Refusal {
    match at {
        Some(at) => refusal.arg("possible_at", at.to_string()).arg("possible", zones::due_in(at, zone)),
        None => refusal,
    }
}

/// Escalates the appeal to a higher level. It keeps its number and the answering department; the department of the
/// level reviews it, with a separate due date.
pub async fn escalate(tx: &mut Tx, ctx: &Ctx, number: &str, body: &Escalate) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    let past = talk::escalations(tx, &row.id).await?;
    let pending = past.iter().find(|e| e.state == EscalationState::Pending);
    if pending.is_some_and(|e| e.level == body.level && e.grounds == body.grounds && e.reason == body.reason)
    {
        return change::card(tx, ctx, row).await;
    }
    let facts = levels::facts(tx, &row, &past, ctx.now).await?;
    let mut change = Change::by(ctx, row);
    if let Err(denied) = escalation::check(body.level, body.grounds, &facts) {
        let zone = timing::due_zone(tx, &change.row).await?;
        return Err(refused(&mut change, body.grounds, &facts, denied, &zone));
    }
    change.apply(Who::Applicant, Action::Escalate)?;
    need_text("reason", &body.reason)?;
    let enclosed = enclosures::check(tx, ctx, &change.row, Side::Applicant, &body.attachments).await?;
    end_clarification(tx, &mut change, "dropped").await?;
    talk::end_escalation(tx, &change.row.id, EscalationState::Superseded, None, ctx.now).await?;
    deadlines::drop_open(tx, &change.row.id, Some(DeadlineKind::Confirmation)).await?;
    let regions = rules::regions(tx).await?;
    let department =
        catalogue::review_department(tx, body.level, change.row.region.as_deref(), &regions).await?;
    let department = department.map(|d| d.code);
    // The due date is calculated in the time zone of the reviewing department.
    let mut there = change.row.clone();
    there.department = department.clone().or(there.department);
    let timing = Timing::of(tx, &there).await?;
    change.row.due_at = timing.start(tx, &change.row, DeadlineKind::Escalation, ctx.now, None).await?;
    change.row.escalated = Some(body.level);
    // An escalated appeal is no longer part of the one it was merged into.
    change.row.merged_into = None;
    let row = EscalationRow {
        id: fresh_id(),
        level: body.level,
        grounds: body.grounds,
        reason: body.reason.clone(),
        state: EscalationState::Pending,
        due_at: change.row.due_at,
        department,
        quality_last: false,
    };
    talk::add_escalation(tx, &change.row.id, &row, ctx.now).await?;
    let owner = Owner { kind: "escalation", id: Some(&row.id), internal: false };
    let files = enclosures::keep(tx, ctx, &change.row, owner, &enclosed).await?;
    change.fact(
        "escalation",
        json!({
            "id": row.id, "grounds": body.grounds, "reason": body.reason, "department": row.department,
        }),
    );
    tell_files(&mut change, files);
    change.tell("level", body.level.as_str());
    if let Some(due) = row.due_at {
        change.tell("due_at", due.to_string());
    }
    change.done(tx, ctx, Event::Escalated).await
}

fn refused(
    change: &mut Change,
    grounds: EscalationGrounds,
    facts: &Facts,
    denied: Denied,
    zone: &TimeZone,
) -> Fault {
    let words = |levels: &[Level]| levels.iter().map(|l| l.as_str()).collect::<Vec<_>>().join(", ");
    match denied {
        Denied::NotFiled => match change.apply(Who::Applicant, Action::Escalate) {
            Err(fault) => fault,
            Ok(()) => no_grounds("escalate-too-early-never").into(),
        },
        Denied::Gratitude => Fault::conflict("escalate-gratitude").into(),
        Denied::NoGround { possible_at } => {
            let later = possible_at.filter(|at| *at >= facts.now);
            let message = match facts.status {
                _ if later.is_some() => "escalate-too-early",
                Status::ClarificationRequired => "escalate-waits",
                status if status.is_decided() => "escalate-decided",
                _ => "escalate-too-early-never",
            };
            let holding: Vec<&str> = EscalationGrounds::ALL
                .iter()
                .filter(|grounds| escalation::holds(**grounds, facts))
                .map(|grounds| grounds.as_str())
                .collect();
            let refusal =
                no_grounds(message).arg("grounds", grounds.as_str()).arg("holding", holding.join(", "));
            possible(refusal, later, zone).into()
        }
        Denied::Pending { until: Some(until) } => {
            possible(no_grounds("escalation-pending"), Some(until), zone).into()
        }
        Denied::Pending { until: None } => no_grounds("escalation-pending-never").into(),
        Denied::NotHigher { above, open } if open.is_empty() => {
            Fault::conflict("escalation-highest").arg("above", above.as_str()).into()
        }
        Denied::NotHigher { above, open } => Fault::conflict("escalation-not-higher")
            .arg("above", above.as_str())
            .arg("open", words(&open))
            .into(),
    }
}
