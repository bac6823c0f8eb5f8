//! Who may see an appeal, and who may do what with it. What a person may not see does not exist for them.

use super::context::Ctx;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::store::appeals::{self, AppealRow};
use crate::store::co_executors;
use crate::store::db::Tx;
use crate::store::{participants, reviews, talk, visibility};
use appeal_api::code;
use appeal_domain::*;

/// What a person is to an appeal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Filed it, or files for the organization in whose name it was filed.
    pub owner: bool,
    /// Takes part in it (C3).
    pub participant: Option<ParticipantRole>,
    /// Operator of the responsible department.
    pub operator: bool,
    /// Supervisor of a level it was escalated to at any time.
    pub supervisor: bool,
    /// Co-executor, by their department or as an expert (O1): sees all, comments, decides nothing.
    pub involved: bool,
    /// Supervisor of the level of the pending escalation.
    pub decides: bool,
    /// Supervisor who looks after the reviews of decisions (D3), and this one was reviewed.
    pub reviewer: bool,
    /// Administrator: sees everything, decides nothing.
    pub admin: bool,
}

impl Standing {
    /// May see the appeal at all.
    pub fn sees(&self) -> bool {
        self.owner || self.participant.is_some() || self.is_authority()
    }

    /// One of the authority's people here: sees what is internal.
    pub fn is_authority(&self) -> bool {
        self.operator || self.supervisor || self.involved || self.reviewer || self.admin
    }

    /// Speaks for the applicant.
    pub fn is_applicant(&self) -> bool {
        self.owner || self.participant == Some(ParticipantRole::Represent)
    }
}

/// 403 for a blocked account (P2), and for a token without the scope.
pub fn admit(caller: &Caller, scope: Scope) -> Result<()> {
    usable(caller)?;
    caller.need(scope)
}

/// 403, with the reason, for a blocked account (P2).
pub fn usable(caller: &Caller) -> Result<()> {
    if caller.state != AccountState::Blocked {
        return Ok(());
    }
    let refusal = Fault::refuse(403, code::ACCOUNT_BLOCKED);
    Err(match &caller.blocked_reason {
        Some(reason) => refusal.message("account-blocked-because").arg("reason", reason),
        None => refusal,
    }
    .into())
}

/// What the caller is to this appeal.
pub async fn standing(tx: &mut Tx, caller: &Caller, row: &AppealRow) -> Result<Standing> {
    let owner = row.applicant_id == caller.person_id;
    if row.status == Status::Draft {
        return Ok(Standing { owner, ..Standing::default() });
    }
    let owner = owner || row.organization.as_ref().is_some_and(|inn| caller.organizations.contains(inn));
    let participant = participants::role(tx, &row.id, &caller.person_id).await?;
    let operator = caller.role == Role::Operator
        && row.department.as_ref().is_some_and(|code| caller.departments.contains(code));
    let mut supervisor = false;
    if caller.role == Role::Supervisor {
        let levels = talk::levels(tx, &row.id).await?;
        supervisor = levels.iter().any(|level| caller.levels.contains(level));
    }
    let reviewer = visibility::sees_reviews(caller) && reviews::exists(tx, &row.id).await?;
    let involved = co_executors::has(tx, caller, &row.id).await?;
    let decides = supervisor && row.escalated.is_some_and(|level| caller.levels.contains(&level));
    let admin = caller.role == Role::Admin;
    Ok(Standing { owner, participant, operator, supervisor, involved, decides, reviewer, admin })
}

/// Reads a number as it was typed.
///
/// # Errors
/// 422: it is no number, or mistyped (F9).
pub fn number(given: &str) -> Result<AppealRef> {
    given.parse().map_err(|error: NumberError| {
        let mut refusal = match &error {
            NumberError::Mistyped { .. } => Fault::refuse(422, code::NUMBER_MISTYPED),
            NumberError::Malformed { .. } => Fault::refuse(422, code::INVALID).message("number-malformed"),
        };
        refusal.findings.push(Finding::error(error.code(), "number").arg("given", given));
        refusal.arg("number", given).into()
    })
}

/// The appeal, if the caller may see it.
///
/// # Errors
/// 404 where it is not there or not visible: the two look the same. 403 where the token's scope does not cover what is
/// wanted of an appeal that can be seen.
pub async fn find(tx: &mut Tx, ctx: &Ctx, scope: Scope, given: &str) -> Result<(AppealRow, Standing)> {
    usable(&ctx.caller)?;
    let number = number(given)?;
    let missing = || Fault::not_found(number.to_string());
    let row = appeals::by_number(tx, &number).await?.ok_or_else(missing)?;
    let standing = standing(tx, &ctx.caller, &row).await?;
    if !standing.sees() {
        return Err(missing());
    }
    ctx.caller.need(scope)?;
    Ok((row, standing))
}

/// The appeal, for something that only its applicant does. Whatever is done to a filed one is sent to an authority, so
/// the account has to be confirmed; drafts are prepared without (P2).
pub async fn as_applicant(tx: &mut Tx, ctx: &Ctx, given: &str) -> Result<AppealRow> {
    let (row, standing) = find(tx, ctx, Scope::File, given).await?;
    if !standing.is_applicant() {
        return Err(Fault::forbidden("forbidden-applicant"));
    }
    if row.status != Status::Draft {
        confirmed(&ctx.caller)?;
    }
    Ok(row)
}

/// The appeal, for something that only operators of the responsible department do.
pub async fn as_operator(tx: &mut Tx, ctx: &Ctx, given: &str) -> Result<AppealRow> {
    // The scope is asked last, so that an applicant hears whose move it is.
    let (row, standing) = find(tx, ctx, Scope::Read, given).await?;
    if !standing.operator {
        return Err(Fault::forbidden("forbidden-operator"));
    }
    ctx.caller.need(Scope::Operate)?;
    confirmed(&ctx.caller)?;
    Ok(row)
}

/// The appeal, for something that only a supervisor of its level does.
pub async fn as_supervisor(tx: &mut Tx, ctx: &Ctx, given: &str) -> Result<AppealRow> {
    let (row, standing) = find(tx, ctx, Scope::Read, given).await?;
    // While nothing is pending the table refuses the move; at another's level the person is refused.
    if !(standing.decides || standing.supervisor && row.escalated.is_none()) {
        return Err(Fault::forbidden("forbidden-supervisor"));
    }
    ctx.caller.need(Scope::Operate)?;
    confirmed(&ctx.caller)?;
    Ok(row)
}

/// The appeal, for something that its applicant does alone: who represents them does not.
pub async fn as_owner(tx: &mut Tx, ctx: &Ctx, given: &str) -> Result<AppealRow> {
    let (row, standing) = find(tx, ctx, Scope::File, given).await?;
    if !standing.owner {
        return Err(Fault::forbidden("forbidden-share"));
    }
    confirmed(&ctx.caller)?;
    Ok(row)
}

/// The appeal, for what supervisors do about the review of its decision (D3). Nobody revises what they rated.
pub async fn as_reviewer(tx: &mut Tx, ctx: &Ctx, given: &str) -> Result<AppealRow> {
    let (row, standing) = find(tx, ctx, Scope::Read, given).await?;
    if !(standing.supervisor || standing.reviewer) || standing.is_applicant() {
        return Err(Fault::forbidden("forbidden-reviewer"));
    }
    ctx.caller.need(Scope::Operate)?;
    confirmed(&ctx.caller)?;
    Ok(row)
}

/// 403 unless the account is confirmed: it is asked before anything is sent to an authority, or by one (P2).
pub fn confirmed(caller: &Caller) -> Result<()> {
    usable(caller)?;
    if caller.state == AccountState::ConfirmationRequired {
        return Err(Fault::refuse(403, code::ACCOUNT_UNCONFIRMED).into());
    }
    Ok(())
}
