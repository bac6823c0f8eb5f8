//! Registering an appeal received by phone, e-mail, chat or in person on the applicant's behalf (F12). It is filed by
//! the same rules as any other appeal, with the operator as the actor and the deadlines of its channel.

use super::access;
use super::context::Ctx;
use super::filing::{self, Check, Filing};
use crate::caller::{Caller, scopes_of};
use crate::fault::{Fault, Result};
use crate::store::appeals::AppealRow;
use crate::store::db::Tx;
use crate::store::people;
use appeal_api::{Appeal, RegisterAppeal, Similar};
use appeal_domain::*;

/// Registers the appeal.
pub async fn register(tx: &mut Tx, ctx: &Ctx, body: &RegisterAppeal) -> Result<Appeal> {
    let (applicant, mut row) = begin(tx, ctx, body).await?;
    let check = check(body, &applicant, false);
    let (enclosed, findings) = filing::examine(tx, ctx, &row, &check).await?;
    filing::refuse(findings, body.appeal.strict)?;
    filing::normalize(tx, &mut row).await?;
    filing::file(tx, ctx, row, &enclosed, Filing::REGISTER).await
}

/// Returns all findings about the appeal, and similar ones. Saves nothing.
pub async fn dry_run(tx: &mut Tx, ctx: &Ctx, body: &RegisterAppeal) -> Result<(Vec<Finding>, Vec<Similar>)> {
    let (applicant, row) = begin(tx, ctx, body).await?;
    let (_, findings) = filing::examine(tx, ctx, &row, &check(body, &applicant, true)).await?;
    let similar = super::similar::among_own(tx, ctx, &row).await?;
    Ok((findings, similar))
}

fn check<'a>(body: &'a RegisterAppeal, applicant: &'a Caller, dry_run: bool) -> Check<'a> {
    Check { files: &body.appeal.attachments, dry_run, applicant: Some(applicant), ..Check::default() }
}

/// Checks who may register it and for whom, and creates the row.
async fn begin(tx: &mut Tx, ctx: &Ctx, body: &RegisterAppeal) -> Result<(Caller, AppealRow)> {
    if ctx.caller.role != Role::Operator {
        return Err(Fault::forbidden("forbidden-register"));
    }
    access::admit(&ctx.caller, Scope::Operate)?;
    access::confirmed(&ctx.caller)?;
    let mut findings = Vec::new();
    if body.channel == Channel::Account {
        findings.push(Finding::error("channel-account", "channel"));
    }
    if body.appeal.draft {
        findings.push(Finding::error("register-draft", "draft"));
    }
    let login = body.applicant.trim();
    let applicant = people::caller_by_login(tx, login).await?;
    let wrong = match &applicant {
        None => Some("applicant-unknown"),
        Some(person) if person.person_id == ctx.caller.person_id => Some("applicant-self"),
        Some(person) if person.state == AccountState::Blocked => Some("applicant-blocked"),
        // The operator has identified the applicant, so no confirmed account is required; but the account must be able
        // to file.
        Some(person) if !scopes_of(person.role).contains(&Scope::File) => Some("applicant-role"),
        Some(_) => None,
    };
    findings.extend(wrong.map(|code| Finding::error(code, "for").arg("given", login)));
    let (Some(applicant), true) = (applicant, findings.is_empty()) else {
        return Err(Fault::invalid(findings));
    };
    let mut row = filing::row_of(&applicant, ctx.now, &body.appeal);
    row.channel = body.channel;
    Ok((applicant, row))
}
