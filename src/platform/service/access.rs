//! Access control: who may see an appeal, and who may do what with it. An appeal that a person may not see does not
//! exist for them.

use super::context::Ctx;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::store::appeals::{self, AppealRow};
use crate::store::co_executors;
use crate::store::db::Tx;
use crate::store::{participants, reviews, talk, visibility};
use appeal_api::code;
use appeal_domain::*;

/// The relation of a person to an appeal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Filed it, or files on behalf of the organization it was filed for.
    pub owner: bool,
    /// Role as a participant.
    pub participant: Option<ParticipantRole>,
    /// Operator of the responsible department.
    pub operator: bool,
    /// Supervisor of a level it was escalated to at any time.
    pub supervisor: bool,
    /// Co-executor, through their department or as an expert: sees everything and comments, but does not decide.
    pub involved: bool,
    /// Supervisor of the level of the pending escalation.
    pub decides: bool,
    /// Supervisor who handles reviews of decisions, and this decision was reviewed.
    pub reviewer: bool,
    /// Administrator: sees everything, but does not decide.
    pub admin: bool,
}

impl Standing {
    /// Returns whether the person may see the appeal.
    pub fn sees(&self) -> bool {
        self.owner || self.participant.is_some() || self.is_authority()
    }

    /// Returns whether the person is on the authority's side of this appeal and sees internal content.
    pub fn is_authority(&self) -> bool {
        self.operator || self.supervisor || self.involved || self.reviewer || self.admin
    }

    /// Returns whether the person represents the applicant.
    pub fn is_applicant(&self) -> bool {
        self.owner || self.participant == Some(ParticipantRole::Represent)
    }
}

/// Fails with 403 for a blocked account, and for a token without the scope.
pub fn admit(caller: &Caller, scope: Scope) -> Result<()> {
    usable(caller)?;
    caller.need(scope)
}

/// Fails with 403 and the reason for a blocked account.
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

/// Returns the caller's relation to this appeal.
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

/// Parses a number as typed.
///
/// # Errors
/// 422: not a number, or mistyped.
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

/// Returns the appeal, if the caller may see it.
///
/// # Errors
/// 404 if it does not exist or is not visible; the two look the same. 403 if it is visible, but the token does not have
/// the scope.
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

/// Returns the appeal for an action of its applicant. Any action on a filed appeal reaches an authority and therefore
/// requires a confirmed account; drafts do not.
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

/// Returns the appeal for an action of operators of the responsible department.
pub async fn as_operator(tx: &mut Tx, ctx: &Ctx, given: &str) -> Result<AppealRow> {
    // The scope is checked last, so that an applicant learns who may make the move.
    let (row, standing) = find(tx, ctx, Scope::Read, given).await?;
    if !standing.operator {
        return Err(Fault::forbidden("forbidden-operator"));
    }
    ctx.caller.need(Scope::Operate)?;
    confirmed(&ctx.caller)?;
    Ok(row)
}

/// Returns the appeal for an action of a supervisor of its level.
pub async fn as_supervisor(tx: &mut Tx, ctx: &Ctx, given: &str) -> Result<AppealRow> {
    let (row, standing) = find(tx, ctx, Scope::Read, given).await?;
    // If no escalation is pending, the table refuses the move; at another level, the person is refused.
    if !(standing.decides || standing.supervisor && row.escalated.is_none()) {
        return Err(Fault::forbidden("forbidden-supervisor"));
    }
    ctx.caller.need(Scope::Operate)?;
    confirmed(&ctx.caller)?;
    Ok(row)
}

/// Returns the appeal for an action of its owner only; representatives are refused.
pub async fn as_owner(tx: &mut Tx, ctx: &Ctx, given: &str) -> Result<AppealRow> {
    let (row, standing) = find(tx, ctx, Scope::File, given).await?;
    if !standing.owner {
        return Err(Fault::forbidden("forbidden-share"));
    }
    confirmed(&ctx.caller)?;
    Ok(row)
}

/// Returns the appeal for the handling of the review of its decision. The person who rated it may not revise it.
pub async fn as_reviewer(tx: &mut Tx, ctx: &Ctx, given: &str) -> Result<AppealRow> {
    let (row, standing) = find(tx, ctx, Scope::Read, given).await?;
    if !(standing.supervisor || standing.reviewer) || standing.is_applicant() {
        return Err(Fault::forbidden("forbidden-reviewer"));
    }
    ctx.caller.need(Scope::Operate)?;
    confirmed(&ctx.caller)?;
    Ok(row)
}

/// Fails with 403 unless the account is confirmed. Required before anything is sent to an authority, or by one.
pub fn confirmed(caller: &Caller) -> Result<()> {
    usable(caller)?;
    if caller.state == AccountState::ConfirmationRequired {
        return Err(Fault::refuse(403, code::ACCOUNT_UNCONFIRMED).into());
    }
    Ok(())
}
