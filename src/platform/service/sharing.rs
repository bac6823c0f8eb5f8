//! Sharing an appeal (C3): the applicant lets others see it, comment on it, or represent them, and can stop that.
//! Participants see the appeal since its filing; after removal it does not exist for them.

use serde_json::{Value, json};

use super::access;
use super::change::{self, Change};
use super::context::Ctx;
use crate::fault::{Fault, Result};
use crate::store::db::Tx;
use crate::store::{participants, people};
use appeal_api::{Appeal, Share, ShareWith};
use appeal_domain::*;

/// Maximum number of participants, because each is notified of every change.
const MOST: i64 = 100;

/// Returns the participants; open to everyone who sees the appeal.
pub async fn list(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Vec<Share>> {
    let (row, _) = access::find(tx, ctx, Scope::Read, number).await?;
    participants::of(tx, &row.id).await
}

/// Shares the appeal with a person, or changes their role.
///
/// # Errors
/// 422 for a login without an active account (unknown and blocked ones look the same), for the owner and others who
/// file for the organization, and for the authority's staff who act on the appeal.
pub async fn add(tx: &mut Tx, ctx: &Ctx, number: &str, body: &ShareWith) -> Result<Appeal> {
    let row = access::as_owner(tx, ctx, number).await?;
    if row.status == Status::Draft {
        return Err(Fault::conflict("share-draft").arg("number", row.number).into());
    }
    let login = body.with.trim();
    let refused = |code| Fault::invalid(vec![Finding::error(code, "with").arg("given", login)]);
    let person = match people::caller_by_login(tx, login).await? {
        Some(person) if person.state != AccountState::Blocked => person,
        _ => return Err(refused("participant-unknown")),
    };
    let standing = access::standing(tx, &person, &row).await?;
    if person.person_id == ctx.caller.person_id {
        return Err(refused("participant-self"));
    }
    if standing.owner {
        return Err(refused("participant-owner"));
    }
    if standing.is_authority() {
        return Err(refused("participant-authority"));
    }
    let before = standing.participant;
    if before == Some(body.role) {
        return change::card(tx, ctx, row).await;
    }
    if before.is_none() && participants::count(tx, &row.id).await? >= MOST {
        return Err(Fault::conflict("share-many").arg("limit", MOST.to_string()).into());
    }
    participants::put(tx, &row.id, &person.person_id, body.role, (ctx.now, &ctx.caller.login)).await?;
    let mut change = Change::by(ctx, row);
    change.changed("participant", share_fact(login, before), share_fact(login, Some(body.role)));
    change.tell("login", login);
    change.tell("role", body.role.as_str());
    change.done(tx, ctx, Event::Shared).await
}

/// Stops sharing the appeal with a person.
///
/// # Errors
/// 404 if the person is not a participant.
pub async fn remove(tx: &mut Tx, ctx: &Ctx, number: &str, login: &str) -> Result<Appeal> {
    let row = access::as_owner(tx, ctx, number).await?;
    let person = people::caller_by_login(tx, login).await?.ok_or_else(|| Fault::not_found(login))?;
    let Some(before) = participants::role(tx, &row.id, &person.person_id).await? else {
        return Err(Fault::not_found(login));
    };
    participants::remove(tx, &row.id, &person.person_id).await?;
    let mut change = Change::by(ctx, row);
    change.changed("participant", share_fact(login, Some(before)), Value::Null);
    change.tell("login", login);
    change.tell("role", before.as_str());
    change.done(tx, ctx, Event::Unshared).await
}

fn share_fact(login: &str, role: Option<ParticipantRole>) -> Value {
    role.map_or(Value::Null, |role| json!({ "login": login, "role": role }))
}
